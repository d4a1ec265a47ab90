import assert from "node:assert/strict";
import { test } from "vitest";
import { CircuitOpen, createCircuit } from "../../src/archive/circuit.ts";

test("a circuit lets a failing server alone for a while, then tries it, and closes when it answers", async () => {
  let nowMs = 0;
  let asked = 0;
  const circuit = createCircuit((error) => error instanceof RangeError, {
    failures: 3,
    restMs: 1000,
    monotonic: () => nowMs,
  });
  const fail = (error: Error) => circuit(() => (asked++, Promise.reject(error)));
  await assert.rejects(fail(new RangeError()));
  await assert.rejects(fail(new TypeError("the question was wrong")), TypeError);
  for (let time = 0; time < 3; time++) await assert.rejects(fail(new RangeError()), RangeError);
  assert.equal(asked, 5);
  await assert.rejects(fail(new RangeError()), CircuitOpen);
  assert.equal(asked, 5, "it wasn't asked");

  nowMs += 1300;
  const trial = Promise.withResolvers<string>();
  const trying = circuit(() => trial.promise);
  await assert.rejects(fail(new RangeError()), CircuitOpen);
  trial.resolve("well");
  assert.equal(await trying, "well");
  assert.equal(await circuit(async () => "again"), "again");

  for (let time = 0; time < 3; time++)
    await assert.rejects(
      circuit(() => Promise.reject(new RangeError()), { insist: true }),
      RangeError,
    );
  await assert.rejects(fail(new RangeError()), CircuitOpen, "who insists tells the others");
  assert.equal(await circuit(async () => "well", { insist: true }), "well", "and is never refused");
  assert.equal(await circuit(async () => "again"), "again");
});
