/**
 * The verification job: is everything that is kept as it was written? Mends what can be had again, when asked to.
 * Owns the outcome, and its row in the history.
 */
import { isDamage } from "../archive/findings.ts";
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { RunTrigger } from "../catalog/runs.ts";
import { counted } from "../model/counted.ts";
import { ShutDown } from "../model/errors.ts";
import { asMaintenance, type MaintenanceSummary } from "./maintenance.ts";
import type { Verified, VerifyOptions, VerifyParts } from "./verified.ts";
import { verifyTree } from "./verify-tree.ts";

/** Closing it ends a verification that is under way. */
export interface VerifyJob extends AsyncDisposable {
  /**
   * Verifies now, or joins a verification that is under way with the same `repair`; waits for another one to end.
   * @throws {StoreFailed} when the archive can't be listed
   */
  verify(trigger: RunTrigger, options?: VerifyOptions): Promise<Ended>;
}

type Ended = { run: MaintenanceRun; verified: Verified };

export function createVerifyJob(parts: VerifyParts): VerifyJob {
  const stopping = new AbortController();
  let underWay: { repair: boolean; ended: Promise<Ended> } | undefined;

  async function run(
    trigger: RunTrigger,
    options: VerifyOptions,
    before: Promise<unknown> | undefined,
  ): Promise<Ended> {
    await before?.catch(() => {}); // whoever asked for it hears of it
    const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
    const work = () => verifyTree(parts, { ...options, signal });
    const { run, result } = await asMaintenance("VERIFY", trigger, parts, work, summarize);
    for (const finding of result.findings)
      if (isDamage(finding)) parts.log.warn({ finding }, "verification found damage");
    return { run, verified: result };
  }

  return {
    verify(trigger, options = {}) {
      const repair = options.repair ?? false;
      if (underWay?.repair === repair) return underWay.ended;
      const mine = { repair, ended: run(trigger, options, underWay?.ended) };
      underWay = mine;
      return mine.ended.finally(() => {
        if (underWay === mine) underWay = undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new ShutDown("The program is stopping; the verification was ended"));
      await underWay?.ended.catch(() => {});
    },
  };
}

/** What the history and the command say of it. */
export function summarize({
  days,
  pictures,
  records,
  bytes,
  damaged,
  repaired,
  findings,
}: Verified): MaintenanceSummary {
  const remarks = findings.length - damaged;
  const left = damaged - repaired;
  const isAsked = !findings.some(({ kind }) => kind === "BACKUP_UNAVAILABLE");
  const all = days === 0 ? "There is nothing to verify" : "All is whole";
  const whole = isAsked ? all : "All that is here is whole, but the backup can't be asked what is gone";
  const mended = repaired > 0 ? `, ${repaired} of them mended` : "";
  return {
    problems: left > 0,
    summary: `${damaged === 0 ? whole : `Found ${damaged} damaged${mended}`}: ${counted(pictures, "picture")} and ${counted(records, "record")} of ${counted(days, "day")}; ${counted(remarks, "remark")}`,
    counts: { days, pictures, records, bytes, damaged, repaired, remarks, ...(!isAsked && { unasked: 1 }) },
  };
}
