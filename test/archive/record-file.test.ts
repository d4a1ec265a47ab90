import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, test } from "vitest";
import {
  formatRecord,
  MAX_RECORD_BYTES,
  NewerRecord,
  parseRecord,
  readSealedHead,
} from "../../src/archive/record-file.ts";
import { checkSeal } from "../../src/archive/record-seal.ts";
import type { DayRecord } from "../../src/archive/record.ts";
import { Day } from "../../src/model/day.ts";
import { ArchiveDamaged } from "../../src/model/errors.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { sampleReading } from "../support/sample-reading.ts";

const day = Day.parse("2025-11-04");
const record: DayRecord = {
  day,
  picture: { sha256: "ab".repeat(32), sizeBytes: 25_431, widthPx: 1024, heightPx: 400 },
  source: {
    url: "https://plots.example/2.png",
    fetchedMs: Date.parse("2025-11-04T12:25:07.123Z"),
    version: { etag: '"5f-1"', lastModified: "Tue, 04 Nov 2025 12:22:11 GMT" },
  },
  reading: sampleReading(),
  stale: false,
};

const throughDisk = (some: DayRecord) => parseRecord(some.day, formatRecord(some));
/** Without its seal, as a program wrote it that knew of none. */
const asJson = (some: DayRecord) => {
  const { sha256: _, ...json } = JSON.parse(Buffer.from(formatRecord(some)).toString());
  return json;
};
const parse = (content: unknown) => parseRecord(day, Buffer.from(JSON.stringify(content)));

describe("a record on disk", () => {
  test("comes back as it was, its samples to six digits", () => {
    const { samples, ...reading } = throughDisk(record).reading!;
    const { samples: expected, ...expectedReading } = record.reading!;
    assert.deepEqual(reading, expectedReading);
    assert.deepEqual({ ...throughDisk(record), reading: undefined }, { ...record, reading: undefined });
    assert.equal(samples.length, expected.length);
    for (const [at, sample] of samples.entries()) {
      assert.deepEqual({ ...sample, rmsMv: 0 }, { ...expected[at]!, rmsMv: 0 });
      assert.ok(Math.abs(sample.rmsMv / expected[at]!.rmsMv - 1) < 5e-6);
    }
  });

  test("comes back where nothing is known but the picture", () => {
    const bare: DayRecord = { ...record, source: undefined, reading: undefined };
    assert.deepEqual(throughDisk(bare), bare);
  });

  test("is the same, in whatever order the digitizer names what it has read", () => {
    const { calibration, ...reading } = sampleReading();
    const { plotArea, time, amplitude } = calibration!;
    const backwards = Object.fromEntries(Object.entries(plotArea).toReversed()) as typeof plotArea;
    const other = { ...reading, calibration: { amplitude, time, plotArea: backwards } };
    assert.deepEqual(formatRecord({ ...record, reading: { ...record.reading!, ...other } }), formatRecord(record));
  });

  test("is the same again when it is read and written", () => {
    assert.deepEqual(formatRecord(throughDisk(record)), formatRecord(record));
  });

  test("can be read by people: instants in RFC 3339, samples in runs without gaps", () => {
    const { version, source, reading } = asJson(record);
    assert.equal(version, 1);
    assert.equal(source.fetchedAt, "2025-11-04T12:25:07.123Z");
    assert.deepEqual(
      reading.samples.map(({ start, rmsMv, clipped }: { start: string; rmsMv: number[]; clipped: number[] }) => ({
        start,
        count: rmsMv.length,
        clipped,
      })),
      [
        { start: "2025-10-28T13:00:00.000Z", count: 300, clipped: undefined },
        { start: "2025-10-30T17:00:00.000Z", count: 696, clipped: [188, 189] },
      ],
    );
  });

  test("of a week takes less than 20 kB", () => assert.ok(formatRecord(record).length < 20_000));
  test("with the worst of plots stays far below the limit", () => {
    const samples = Array.from({ length: 8192 }, (_, at) => ({
      timeMs: at * 2 * CADENCE_MS, // each sample a run of its own
      rmsMv: 1.234567891,
      clipped: true,
      uncertaintyDecades: 0.123456789,
    }));
    assert.ok(formatRecord({ ...record, reading: { ...record.reading!, samples } }).length < MAX_RECORD_BYTES / 2);
  });

  test("keeps any series: times exactly, values to six digits", () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 4607 }), { maxLength: 60 }),
        fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
        (steps, scale) => {
          const samples = steps
            .sort((a, b) => a - b)
            .map((step) => ({
              timeMs: record.source!.fetchedMs - 7_123 + step * CADENCE_MS,
              rmsMv: scale * (1 + step / 7),
              clipped: step % 3 === 0,
              uncertaintyDecades: scale / 1e4,
            }));
          const reading = { ...record.reading!, samples };
          const read = throughDisk({ ...record, reading }).reading!.samples;
          assert.deepEqual(
            read.map(({ timeMs, clipped }) => [timeMs, clipped]),
            samples.map(({ timeMs, clipped }) => [timeMs, clipped]),
          );
          for (const [at, sample] of read.entries()) assert.ok(Math.abs(sample.rmsMv / samples[at]!.rmsMv - 1) <= 5e-6);
        },
      ),
    ));
});

describe("parseRecord refuses as damaged", () => {
  const json = asJson(record);
  const run = (steps: number, rmsMv: number[]) => ({
    start: new Date(Date.parse("2025-11-01T00:03:00Z") + steps * CADENCE_MS).toISOString(),
    rmsMv,
    uncertaintyDecades: rmsMv.map(() => 0.004),
  });
  for (const { name, bytes } of [
    { name: "no bytes", bytes: Buffer.alloc(0) },
    { name: "half a record", bytes: formatRecord(record).subarray(0, 900) },
    { name: "bytes that are no UTF-8", bytes: Buffer.from([0x22, 0xff, 0x22]) },
    { name: "a PNG", bytes: Buffer.from("\x89PNG\r\n\x1a\n", "latin1") },
  ])
    test(name, () => assert.throws(() => parseRecord(day, bytes), ArchiveDamaged));

  for (const { name, content, says } of [
    { name: "null", content: null, says: /wrong form/ },
    { name: "the record of another day", content: { ...json, day: "2025-11-05" }, says: /is of 2025-11-05/ },
    { name: "no version", content: { ...json, version: undefined }, says: /wrong version/ },
    {
      name: "a checksum in capitals",
      content: { ...json, picture: { ...json.picture, sha256: "AB".repeat(32) } },
      says: /picture\.sha256/,
    },
    {
      name: "a sample below zero",
      content: { ...json, reading: { ...json.reading, samples: [{ ...json.reading.samples[0], rmsMv: [-1] }] } },
      says: /reading\.samples\.0/,
    },
    {
      name: "columns of different length",
      content: { ...json, reading: { ...json.reading, samples: [{ ...json.reading.samples[0], rmsMv: [1] }] } },
      says: /different length/,
    },
    ...[
      { name: "a sample of more than any plot shows", samples: [run(0, [1e7])] },
      { name: "a sample of an infinite amplitude", samples: [run(0, [Infinity])] },
      { name: "a sample of next to nothing", samples: [run(0, [1e-300])] },
      { name: "a run without samples", samples: [run(0, [])] },
      { name: "runs in another order than time's", samples: [run(6, [1]), run(0, [1])] },
      { name: "runs that overlap", samples: [run(0, [1, 1, 1]), run(2, [1])] },
      { name: "runs that aren't whole steps apart", samples: [run(0, [1]), run(1.5, [1])] },
      { name: "runs of more than a month", samples: [run(0, [1]), run(32 * 144, [1])] },
      { name: "a sample at the end of all days", samples: [{ ...run(0, [1]), start: "9999-12-31T23:50:00Z" }] },
      { name: "a sample at the beginning of all days", samples: [{ ...run(0, [1]), start: "0001-01-01T00:00:00Z" }] },
    ].map(({ name, samples }) => ({
      name,
      content: { ...json, reading: { ...json.reading, samples } },
      says: /reading\.samples/,
    })),
    ...[1.5, 1e300, -1].map((digitizerVersion) => ({
      name: `a digitizer of version ${digitizerVersion}, which no catalog can keep`,
      content: { ...json, reading: { ...json.reading, digitizerVersion } },
      says: /reading\.digitizerVersion/,
    })),
    {
      name: "an axis beyond all days",
      content: {
        ...json,
        reading: {
          ...json.reading,
          calibration: {
            ...json.reading.calibration,
            time: { ...json.reading.calibration?.time, startMs: 1e300, endMs: 1e301 },
          },
        },
      },
      says: /calibration\.time/,
    },
  ])
    test(name, () =>
      assert.throws(
        () => parse(content),
        (error) => error instanceof ArchiveDamaged && !(error instanceof NewerRecord) && says.test(error.message),
      ),
    );

  test("a newer program's record, and says so", () =>
    assert.throws(() => parse({ version: 2, day: "2025-11-04" }), {
      name: "Error",
      message: "Archive of 2025-11-04 is damaged: its record has version 2, need at most 1",
    }));

  test("nothing for a field that it doesn't know", () =>
    assert.deepEqual(parse({ ...json, moon: "full" }), throughDisk(record)));
});

describe("the seal of a record", () => {
  const bytes = formatRecord({ ...record, reading: undefined });
  const flipped = (bit: number) => {
    const other = Buffer.from(bytes);
    other[bit >> 3]! ^= 1 << (bit & 7);
    return other;
  };

  test("is the sha256 of the text without it", () => {
    const text = Buffer.from(bytes).toString();
    const [member, seal] = /"sha256":"([0-9a-f]{64})",/.exec(text)!;
    assert.equal(seal, createHash("sha256").update(text.replace(member, "")).digest("hex"));
    assert.equal(checkSeal(bytes), "WHOLE");
  });

  test("betrays each single bit that flips, wherever it is", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++)
      assert.throws(
        () => parseRecord(day, flipped(bit)),
        (error) => error instanceof ArchiveDamaged && !(error instanceof NewerRecord),
        `bit ${bit} of ${Buffer.from(bytes).toString()}`,
      );
  });

  test("lets the head be read without a look at the rest, to the same end", () => {
    const trap = { url: 'https://plots.example/","reading":{}}', fetchedMs: 0, version: { etag: ',"reading":' } };
    for (const some of [record, { ...record, source: undefined, reading: undefined }, { ...record, source: trap }]) {
      const { reading: _, ...head } = throughDisk(some);
      assert.deepEqual(readSealedHead(day, formatRecord(some)), head);
    }
    assert.equal(readSealedHead(day, flipped(3000)), undefined);
    assert.equal(readSealedHead(Day.parse("2025-11-05"), bytes), undefined);
  });

  for (const { name, text } of [
    { name: "a program that knew of no seals", text: JSON.stringify(asJson(record)) },
    { name: "a person", text: JSON.stringify(asJson(record), null, 2) },
  ])
    test(`may be missing in what ${name} wrote`, () => {
      assert.equal(checkSeal(Buffer.from(text)), "NONE");
      assert.deepEqual(parseRecord(day, Buffer.from(text)), throughDisk(record));
    });
});
