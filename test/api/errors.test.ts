/** What outsiders are told of an error by REST, and what the log alone knows. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { describe, test } from "vitest";
import { codedErrorAnswer, errorAnswer } from "../../src/api/errors.ts";
import { Day } from "../../src/model/day.ts";
import {
  ArchiveDamaged,
  Busy,
  DayNotFound,
  InvalidRequest,
  PlotRejected,
  ShutDown,
  StoreFailed,
  Unauthenticated,
} from "../../src/model/errors.ts";

const OTHERWISE = "Failed to list archives";
const day = Day.parse("2025-11-03");

function answerTo(error: unknown) {
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  const answer = errorAnswer(error, OTHERWISE, log);
  const coded = JSON.parse(String(codedErrorAnswer(error, OTHERWISE, log).body)) as { code: string };
  return { ...answer, told: (JSON.parse(String(answer.body)) as { error: string }).error, code: coded.code, logged };
}

describe("told to who asked is", () => {
  for (const { error, status, header } of [
    { error: new InvalidRequest("The range ends before it starts"), status: 400 },
    { error: new Unauthenticated("Reading needs a token"), status: 401, header: "WWW-Authenticate" },
    { error: new DayNotFound(day), status: 404 },
    { error: new Busy("100 exports are open"), status: 503, header: "Retry-After" },
    { error: new ShutDown("The program is being stopped"), status: 503, header: "Retry-After" },
  ])
    test(`${error.code}, in its own words`, () => {
      const { status: answered, headers, told, code, logged } = answerTo(error);
      assert.deepEqual({ answered, told, code }, { answered: status, told: error.message, code: error.code });
      assert.deepEqual(logged, []);
      if (header !== undefined) assert.ok(headers[header]);
    });
});

describe("told to the log alone is", () => {
  for (const { error, code } of [
    { error: new StoreFailed("Cannot read 2025: EIO", { path: "/srv/secret", errno: "EIO" }), code: "STORE_FAILED" },
    { error: new ArchiveDamaged(day, "its checksum differs"), code: "ARCHIVE_DAMAGED" },
    { error: new PlotRejected("no PNG"), code: "PLOT_REJECTED" },
    { error: new TypeError("x is not a function"), code: "INTERNAL" },
  ])
    test(`what is behind ${code}`, () => {
      const { status, told, code: answered, logged } = answerTo(error);
      assert.deepEqual({ status, told, answered }, { status: 500, told: OTHERWISE, answered: code });
      assert.ok(logged.every((line) => line.includes(error.message)) && logged.length > 0);
    });
});
