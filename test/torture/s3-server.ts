/**
 * A server of its own process on a bucket: the whole program, with a lease as short as a test needs it, that says on
 * standard output what it takes itself for: `ready URL`, `leads AT_MS EPOCH` again and again while it leads, and
 * `ran DUE_MS OUTCOME` for each run of its schedule.
 *
 *     s3-server.ts LEADER_TTL_MS ENVIRONMENT_AS_JSON
 */
import { writeSync } from "node:fs";
import { pino } from "pino";
import { openApp, openServer } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";

const [leaderTtlMs = "", environment = ""] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

const parsed = parseConfig(JSON.parse(environment));
const config = { ...parsed, s3: { ...parsed.s3, leaderTtlMs: Number(leaderTtlMs) } };
const log = pino({ level: config.log.level }, pino.destination(2));
const app = await openApp(config, { clock: Date.now, log });
const { archiveNow } = app.job;
let leadership: Awaited<ReturnType<typeof openServer>>["leadership"];
const job: typeof app.job = {
  ...app.job,
  async archiveNow(trigger, options) {
    // When it begins it may be the next one's time, where the store was slow to be told of it.
    const dueMs = leadership?.lastRun()?.dueMs ?? Date.now();
    const result = await archiveNow(trigger, options);
    say(`ran ${dueMs} ${result.outcome}`);
    return result;
  },
};
const server = await openServer({ ...app, job }, config);
({ leadership } = server);
setInterval(() => {
  // A clock that the processes of a machine share, which Deno's `hrtime` isn't; read first, so that a stop in between
  // can't make it later than the answer.
  const atMs = performance.timeOrigin + performance.now();
  if (leadership?.isLeader()) say(`leads ${atMs} ${leadership.epoch()}`);
}, 20);
say(`ready ${server.url}`);
process.once("SIGTERM", async () => {
  await server[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
  process.exit(0);
});
