import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { decode, encode } from "fast-png";
import { describe, test } from "vitest";
import { digitize } from "../../src/digitizer/digitize.ts";
import { PlotRejected } from "../../src/model/errors.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { createPlotPainter, type DrawnSample, type PlotDrawing } from "../../src/source/demo/draw-plot.ts";
import { blotted, type Blot } from "../support/blotted.ts";
import { lossyCopy } from "../support/lossy-copy.ts";
import { thisRuntime } from "../support/runtimes.ts";
import { sharedPath } from "../support/shared-path.ts";
import { draw } from "./drawn.ts";

const painter = await createPlotPainter();
const CADENCE_MS = 600_000;
const HOUR_MS = 3_600_000;
const WEEK = 1008;
/** On the axis of the published plot. */
const DECADES_PER_PX = 2 / 273;
const START_MS = Date.parse("2025-05-06T00:30:00Z");

/** Tremor that jitters around a level, with a rise of some hours; the same for the same seed. */
function tremor(seed: number, { startMs = START_MS, count = WEEK, levelMv = 0.4, peakMv = 5 } = {}): DrawnSample[] {
  let state = seed * 104_729 + 11;
  const chance = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
  const peakAt = count * (0.2 + 0.6 * chance());
  return Array.from({ length: count }, (_, k) => {
    const rise = Math.exp(-(((k - peakAt) / 20) ** 2));
    const decades = Math.log10(levelMv) + rise * Math.log10(peakMv / levelMv) + 0.12 * (chance() + chance() - 1);
    return { timeMs: startMs + k * CADENCE_MS, rmsMv: Number((10 ** decades).toPrecision(6)) };
  });
}

interface Errors {
  /** Of all samples that were drawn and found, in decades. */
  median: number;
  p95: number;
  /** Share of the drawn samples found, and how many were found that weren't drawn. */
  found: number;
  invented: number;
}
function compare({ samples }: Digitization, drawn: readonly DrawnSample[]): Errors {
  const own = new Map(samples.map(({ timeMs, rmsMv }) => [timeMs, rmsMv]));
  const errors: number[] = [];
  for (const { timeMs, rmsMv } of drawn) {
    const read = own.get(timeMs);
    if (read === undefined) continue;
    own.delete(timeMs);
    errors.push(Math.abs(Math.log10(read / rmsMv)));
  }
  errors.sort((a, b) => a - b);
  const at = (share: number): number => errors[Math.floor(share * errors.length)] ?? Infinity;
  return { median: at(0.5), p95: at(0.95), found: errors.length / drawn.length, invented: own.size };
}
const iso = (timeMs: number | undefined): string => new Date(timeMs ?? NaN).toISOString();

describe("digitize", () => {
  const drawn = tremor(3);
  const reading = digitize(painter.draw({ samples: drawn }));

  test("reads station, title and window", () => {
    assert.equal(reading.station, "ECBD");
    assert.equal(reading.title, "ECBD - RMS (UTC Time)");
    assert.equal(iso(reading.window?.startMs), "2025-05-06T00:30:00.000Z");
    assert.equal(iso(reading.window?.endMs), "2025-05-13T00:20:00.000Z");
    assert.deepEqual(reading.problems, []);
  });

  for (const { name, levelMv } of [
    { name: "perfectly level", levelMv: () => 0.4 },
    { name: "level on a decade", levelMv: () => 1 },
    { name: "nearly level", levelMv: (k: number) => (k % 7 === 3 ? 0.403 : 0.4) },
    { name: "level but for one spike", levelMv: (k: number) => (k === 500 ? 3 : 0.4) },
    { name: "level for more than half of the week", levelMv: (k: number) => (k < 600 ? 0.4 : 0.3 + 0.1 * (k % 5)) },
  ])
    test(`reads a series that is ${name}`, () => {
      const samples = Array.from({ length: WEEK }, (_, k) => ({
        timeMs: START_MS + k * CADENCE_MS,
        rmsMv: levelMv(k),
      }));
      const found = digitize(painter.draw({ samples }));
      const { p95, ...rest } = compare(found, samples);
      assert.deepEqual({ found: rest.found, invented: rest.invented }, { found: 1, invented: 0 });
      assert.ok(p95 < 0.51 * DECADES_PER_PX, `95 % within ${p95} decades`);
      assert.deepEqual({ trusted: found.trusted, joins: found.joins }, { trusted: true, joins: [] });
    });

  for (const { name, ground } of [
    { name: "cream", ground: [255, 255, 240] },
    { name: "pale blue", ground: [235, 242, 255] },
    { name: "pale green", ground: [240, 252, 240] },
  ])
    test(`reads the same on a ${name} ground`, () => {
      const { data, width, height } = decode(painter.draw({ samples: drawn }));
      const tinted = data.map((value, at) => Math.round((value * ground[at % 3]!) / 255));
      const { median, found, invented } = compare(
        digitize(encode({ data: tinted, width, height, channels: 3 })),
        drawn,
      );
      assert.ok(median < 0.3 / 136.5, `median ${median * 136.5} px`);
      assert.deepEqual([found, invented], [1, 0]);
    });

  for (const { name, lineColour, quality } of [
    { name: "of medium quality", lineColour: undefined, quality: 85 },
    { name: "of low quality", lineColour: undefined, quality: 75 },
    { name: "of a line as bright as can be", lineColour: [0, 255, 0] as [number, number, number], quality: 90 },
    { name: "of high quality, of such a line", lineColour: [0, 255, 0] as [number, number, number], quality: 95 },
  ])
    test(`reads a lossy copy ${name}`, () => {
      const picture = painter.draw({ samples: drawn, ...(lineColour === undefined ? {} : { lineColour }) });
      const { data, width, height } = decode(picture);
      const copied = lossyCopy(Uint8Array.from(data), width, height, quality);
      const read = digitize(encode({ data: copied, width, height, channels: 3 }));
      const { median, p95, found, invented } = compare(read, drawn);
      assert.ok(median < 0.5 / 136.5 && p95 < 1.6 / 136.5, `median ${median * 136.5} px, 95 % ${p95 * 136.5} px`);
      assert.ok(found > 0.998 && invented <= 1, `${found} found, ${invented} invented`);
      assert.ok(read.trusted);
    });

  test("reads each sample to half a pixel, and says so", () => {
    const halfPx = 0.5 / 136.5;
    const { median, p95, found, invented } = compare(reading, drawn);
    assert.ok(median < 0.3 / 136.5, `median ${median * 136.5} px`);
    assert.ok(p95 < halfPx * 1.05, `95th percentile ${p95 * 136.5} px`);
    assert.deepEqual([found, invented], [1, 0]);
    for (const { uncertaintyDecades } of reading.samples)
      assert.ok(uncertaintyDecades > 0.001 && uncertaintyDecades < halfPx);
  });

  test("explains the picture both ways", () => {
    assert.ok(reading.fidelity!.explained > 0.98 && reading.fidelity!.present > 0.98);
    assert.ok(reading.trusted);
  });

  test("gives the same answer each time", () => assert.deepEqual(digitize(painter.draw({ samples: drawn })), reading));

  for (const { name, drawing, startMs, decadePx = 136.5 } of [
    { name: "over the end of a year", startMs: Date.parse("2024-12-28T11:10:00Z") },
    { name: "over a leap day", startMs: Date.parse("2024-02-25T21:50:00Z") },
    { name: "in the style of bands", drawing: { style: "bands" as const } },
    { name: "with three decades", drawing: { minDecade: -2, maxDecade: 1 }, decadePx: 91 },
    {
      name: "of samples at odd minutes, more than a column apart",
      drawing: { widthPx: 1280 },
      startMs: Date.parse("2025-05-06T00:33:00Z"),
    },
    {
      name: "of samples at odd minutes, on an axis that its labels leave open by minutes",
      drawing: { widthPx: 1377 },
      startMs: Date.parse("2025-05-06T00:33:00Z"),
    },
    {
      name: "of samples at odd minutes, nearly one in each column",
      drawing: { widthPx: 1133 },
      startMs: Date.parse("2025-05-06T00:34:00Z"),
    },
    { name: "in a large picture", drawing: { widthPx: 1400, heightPx: 600 }, decadePx: 236.5 },
    { name: "with another line colour", drawing: { lineColour: [30, 120, 40] as [number, number, number] } },
    { name: "without watermark", drawing: { watermark: false } },
    { name: "of another station", drawing: { station: "EMFS" } },
  ] satisfies {
    name: string;
    drawing?: Partial<PlotDrawing>;
    startMs?: number;
    maxMedianPx?: number;
    decadePx?: number;
  }[])
    test(`reads a plot ${name}`, () => {
      const samples = tremor(7, { startMs: startMs ?? START_MS });
      const read = digitize(painter.draw({ samples, ...drawing }));
      const { median, found, invented } = compare(read, samples);
      assert.ok(median * decadePx < 0.3, `median ${median * decadePx} px`);
      assert.ok(found > 0.998 && invented <= 1, `${found} found, ${invented} invented; ${read.problems}`);
      assert.equal(read.station, drawing?.station ?? "ECBD");
    });

  test("trusts no samples on an axis whose labels are lost", () => {
    const { data, width, height } = decode(painter.draw({ samples: drawn }));
    data.fill(255, 3 * width * 304);
    const found = digitize(encode({ data, width, height, channels: 3 }), { fetchedMs: drawn.at(-1)!.timeMs });
    assert.equal(found.calibration!.time.found, "assumed");
    assert.ok(Math.min(found.fidelity!.explained, found.fidelity!.present) > 0.98);
    assert.equal(found.trusted, false);
  });

  const wholly = { startMs: drawn[0]!.timeMs, endMs: drawn.at(-1)!.timeMs };
  const doubt = "Only its labels tell where the time axis lies: all times may be some 23 minutes off";
  for (const { name, drawing, problems } of [
    { name: "has nothing to say of the times of an axis of whole hours", drawing: {}, problems: [] },
    {
      name: "says how far off those of another one may be that labels alone tell",
      drawing: { axis: wholly },
      problems: [doubt],
    },
  ])
    test(name, () => {
      const read = digitize(painter.draw({ samples: drawn, ...drawing }));
      assert.deepEqual([read.trusted, read.problems], [true, problems]);
    });

  test("says so, too, where labels stand too far off for the axis of whole hours that they are taken for", () => {
    const { data, width, height } = decode(painter.draw({ samples: drawn }));
    const off = 1;
    // The labels below the frame, moved to the left.
    for (let row = 306; row < height; row++)
      data.copyWithin(3 * width * row, 3 * (width * row + off), 3 * width * (row + 1));
    const read = digitize(encode({ data, width, height, channels: 3 }));
    const plain = digitize(painter.draw({ samples: drawn }));
    assert.deepEqual(read.calibration!.time.startMs, plain.calibration!.time.startMs);
    assert.deepEqual([read.trusted, read.problems], [true, [doubt]]);
  });

  test("leaves gaps, and names them", () => {
    const samples = tremor(4).filter((_, k) => k < 300 || k >= 360);
    const read = digitize(painter.draw({ samples, windowStartMs: START_MS }));
    const gap = read.gaps[0]!;
    assert.equal(read.gaps.length, 1);
    assert.ok(Math.abs(gap.startMs - (START_MS + 300 * CADENCE_MS)) <= CADENCE_MS, iso(gap.startMs));
    assert.ok(Math.abs(gap.endMs - (START_MS + 360 * CADENCE_MS)) <= CADENCE_MS, iso(gap.endMs));
    assert.deepEqual(read.joins, []);
  });

  test("flags a straight join and invents no samples in it", () => {
    const samples = tremor(4).filter((_, k) => k < 300 || k >= 360);
    const read = digitize(painter.draw({ samples, gaps: "join" }));
    assert.equal(read.joins.length, 1);
    const [join] = read.joins;
    assert.ok(Math.abs(join!.startMs - samples[299]!.timeMs) <= CADENCE_MS, iso(join!.startMs));
    assert.ok(Math.abs(Math.log10(join!.startMv / samples[299]!.rmsMv)) < 0.02, `${join!.startMv} mV`);
    assert.ok(Math.abs(Math.log10(join!.endMv / samples[300]!.rmsMv)) < 0.02, `${join!.endMv} mV`);
    assert.equal(read.samples.filter(({ timeMs }) => timeMs > join!.startMs && timeMs < join!.endMs).length, 0);
  });

  test("marks what lies beyond the axis, at the axis' limit", () => {
    const samples = tremor(5, { peakMv: 60 });
    const read = digitize(painter.draw({ samples }));
    const beyond = new Set(samples.filter(({ rmsMv }) => rmsMv > 10).map(({ timeMs }) => timeMs));
    const clipped = read.samples.filter((sample) => sample.clipped);
    assert.ok(Math.abs(clipped.length - beyond.size) <= 2, `${clipped.length} clipped, ${beyond.size} beyond`);
    for (const { timeMs, rmsMv } of clipped) {
      assert.equal(Number(rmsMv.toFixed(6)), 10);
      assert.ok(beyond.has(timeMs) || beyond.has(timeMs - CADENCE_MS) || beyond.has(timeMs + CADENCE_MS), iso(timeMs));
    }
  });

  test("keeps the times of a curve that ends hours before its axis", () => {
    const samples = tremor(6).slice(0, 900);
    const read = digitize(painter.draw({ samples, windowEndMs: START_MS + (WEEK - 1) * CADENCE_MS }));
    assert.ok(Math.abs(read.window!.endMs - samples.at(-1)!.timeMs) <= CADENCE_MS, iso(read.window!.endMs));
  });

  for (const times of [1, 2, 3])
    test(`says what is missing in a plot without a curve, ${times} times as large`, () => {
      const empty = painter.draw({ samples: [], windowStartMs: START_MS, windowEndMs: START_MS + 168 * HOUR_MS });
      const read = digitize(enlarged(empty, times));
      assert.deepEqual([read.samples, read.trusted, read.window], [[], false, undefined]);
      assert.match(read.problems.join("; "), /curve/);
    });

  test("brings any series back: random tremor, windows, axes and stations", () =>
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1e6),
          startTenMinutes: fc.integer({ min: 0, max: 144 * 365 * 20 }),
          station: fc.constantFrom("ECBD", "EBCN", "EPLC", "ESLN", "EMFS"),
          levelMv: fc.double({ min: 0.2, max: 2, noNaN: true }),
          peakMv: fc.double({ min: 2.5, max: 9, noNaN: true }),
          days: fc.integer({ min: 2, max: 7 }),
        }),
        ({ seed, startTenMinutes, station, levelMv, peakMv, days }) => {
          const startMs = Date.UTC(2010, 0, 1) + startTenMinutes * CADENCE_MS;
          const samples = tremor(seed, { startMs, count: 144 * days, levelMv, peakMv });
          const read = digitize(painter.draw({ samples, station }));
          const { median, found, invented } = compare(read, samples);
          assert.equal(read.station, station);
          assert.ok(median * 136.5 < 0.35, `median ${median * 136.5} px; ${read.problems}`);
          assert.ok(found > 0.99 && invented <= 2, `${found} found, ${invented} invented`);
          assert.ok(read.trusted);
        },
      ),
      { numRuns: 12 },
    ));
});

/** Each pixel as a square of so many by so many. */
function enlarged(png: Uint8Array, times: number): Uint8Array {
  const { width, height, data, channels } = decode(png);
  const large = new Uint8Array(width * height * times ** 2 * channels);
  for (let at = 0; at < large.length; at++) {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const [x, y] = [pixel % (width * times), Math.floor(pixel / (width * times))];
    large[at] = data[(Math.floor(y / times) * width + Math.floor(x / times)) * channels + channel]!;
  }
  return encode({ width: width * times, height: height * times, data: large, channels, depth: 8 });
}

describe("digitize, of anything at all,", () => {
  const anyBlot: fc.Arbitrary<Blot> = fc.record({
    left: fc.nat(1023),
    top: fc.nat(399),
    wide: fc.nat(500),
    high: fc.nat(250),
    grey: fc.nat(255),
    noisy: fc.boolean(),
  });
  const whole = Uint8Array.from(painter.draw({ samples: tremor(8) }));

  for (const { name, bytes } of [
    { name: "nothing", bytes: new Uint8Array() },
    { name: "a web page", bytes: new TextEncoder().encode("<!doctype html><title>404</title>") },
    { name: "a PNG cut off", bytes: whole.slice(0, whole.length >> 1) },
  ])
    test(`refuses ${name}`, () => assert.throws(() => digitize(bytes), PlotRejected));

  test("reads no samples on an axis of decades: it would have millions of them", () => {
    const frame = `<path d="M80.5 27.5H994.5V300.5H80.5Z" fill="none" stroke="#000"/>`;
    const curve = `<path d="M84 200${" l9 -20 9 20".repeat(50)}" fill="none" stroke="#40de28"/>`;
    const labels = Array.from({ length: 12 }, (_, k) => {
      const at = `${85 + 80 * k} 370`;
      return `<text transform="translate(${at}) rotate(-90)" font-size="11">01/01/${1975 + 7 * k}</text>`;
    });
    const { widthPx, heightPx, rgb } = draw(1024, 400, "DejaVu Sans", frame + curve + labels.join(""));
    const read = digitize(encode({ width: widthPx, height: heightPx, data: rgb, channels: 3, depth: 8 }));
    assert.equal(read.calibration?.time.found, "labels");
    assert.deepEqual([read.samples, read.trusted], [[], false]);
    assert.match(read.problems.join("; "), /spans \d+ days, need at most 400/);
  });

  test("refuses a damaged file, or reads it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const damaged = whole.slice();
          for (const [at, value] of changes) damaged[at] = value;
          try {
            digitize(damaged);
          } catch (error) {
            assert.ok(error instanceof PlotRejected, String(error));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("reads what is left of a plot with blots and noise on it, and says how far to trust it", () => {
    fc.assert(
      fc.property(fc.array(anyBlot, { minLength: 1, maxLength: 4 }), (blots) => {
        const { samples, problems, trusted } = digitize(blotted(whole, blots));
        for (const { rmsMv } of samples) assert.ok(rmsMv > 0 && Number.isFinite(rmsMv), `${rmsMv} mV`);
        assert.ok(trusted || problems.length > 0, "says why it isn't to be trusted");
      }),
      { numRuns: 8 },
    );
  });

  test.skipIf(thisRuntime.name !== "node")("takes less than 256 MiB for the worst of them", () => {
    const script = fileURLToPath(new URL("../support/digitize-blots.ts", import.meta.url));
    const ran = spawnSync(thisRuntime.command, [...thisRuntime.args, script], { encoding: "utf8", timeout: 60_000 });
    const { readings, mebibytes } = JSON.parse(ran.stdout) as { readings: number; mebibytes: number };
    assert.equal(readings, 6);
    assert.ok(mebibytes < 256, `${mebibytes} MiB`);
  });
});

const graphs = sharedPath("graphs");

describe.skipIf(graphs === undefined)("the published plot", () => {
  const png = graphs === undefined ? new Uint8Array() : readFileSync(`${graphs}/real-ecbd-20250513.png`);
  const read = graphs === undefined ? undefined : digitize(png);

  test("shows 1008 samples of ECBD from 6 May 00:30 to 13 May 00:20", () => {
    assert.equal(read!.station, "ECBD");
    assert.equal(read!.samples.length, WEEK);
    assert.equal(iso(read!.samples[0]!.timeMs), "2025-05-06T00:30:00.000Z");
    assert.equal(iso(read!.samples.at(-1)!.timeMs), "2025-05-13T00:20:00.000Z");
  });

  test("peaks at 9.83 mV on 12 May at 20:10", () => {
    const peak = read!.samples.reduce((a, b) => (b.rmsMv > a.rmsMv ? b : a));
    assert.equal(iso(peak.timeMs), "2025-05-12T20:10:00.000Z");
    assert.ok(Math.abs(Math.log10(peak.rmsMv / 9.83)) < 0.5 / 136.5, `${peak.rmsMv} mV`);
    assert.ok(Math.abs(read!.samples.at(-1)!.rmsMv / 2.05 - 1) < 0.02);
  });

  test("is explained to at least 0.98 both ways", () => {
    assert.ok(Math.min(read!.fidelity!.explained, read!.fidelity!.present) >= 0.98, JSON.stringify(read!.fidelity));
    assert.ok(read!.trusted);
  });
});

describe.skipIf(graphs === undefined)("what is no plot", () => {
  const folder = `${graphs}/bad`;
  for (const name of graphs === undefined ? [] : readdirSync(folder))
    test(`is refused or read as empty: ${name}`, () => {
      const bytes = readFileSync(`${folder}/${name}`);
      let count = 0;
      let said = 0;
      try {
        const read = digitize(bytes);
        count = read.samples.length;
        said = read.problems.length;
      } catch (error) {
        assert.ok(error instanceof PlotRejected, String(error));
        said = 1;
      }
      assert.equal(count, 0);
      assert.ok(said > 0, "says why");
    });
});
