import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitZoom, moveBy, parseZoom, WHOLE, zoomBy, zoomText } from "../../src/web/day/zoom.ts";

describe("zoomBy", () => {
  test("leaves what lies under the pointer where it is", () => {
    const at = { x: 0.7, y: 0.4 };
    const shown = ({ times, x, y }: typeof WHOLE) => [x + (at.x - 0.5) / times, y + (at.y - 0.5) / times];
    const before = zoomBy(WHOLE, 2);
    const after = zoomBy(before, 1.7, at);
    shown(after).forEach((part, axis) => assert.ok(Math.abs(part - shown(before)[axis]!) < 1e-12));
  });

  test("goes no further than sixteen times, and back to the whole", () => {
    assert.equal(zoomBy(WHOLE, 1000).times, 16);
    assert.deepEqual(zoomBy(fitZoom({ times: 4, x: 0.9, y: 0.2 }), 0.01), WHOLE);
  });
});

describe("moveBy", () => {
  test("moves by shares of what is seen", () =>
    assert.deepEqual(moveBy({ times: 4, x: 0.5, y: 0.5 }, { x: 0.2, y: -0.4 }), { times: 4, x: 0.55, y: 0.4 }));
  test("never leaves the picture", () =>
    assert.deepEqual(moveBy({ times: 4, x: 0.5, y: 0.5 }, { x: 9, y: -9 }), { times: 4, x: 0.875, y: 0.125 }));
  test("has nowhere to go where all is seen", () => assert.deepEqual(moveBy(WHOLE, { x: 1, y: 1 }), WHOLE));
});

describe("the address", () => {
  test("brings back what was seen", () =>
    assert.deepEqual(parseZoom(zoomText({ times: 4, x: 0.25, y: 0.75 })), { times: 4, x: 0.25, y: 0.75 }));
  test("doesn't mention the whole", () => assert.equal(zoomText(WHOLE), undefined));
  for (const text of [undefined, "", "large", "2", "2,0.5", "2,x,0.5", "Infinity,0,0"])
    test(`means the whole where it says ${text}`, () => assert.deepEqual(parseZoom(text), WHOLE));
  test("stays within the limits", () => assert.deepEqual(parseZoom("2,-5,0.9"), { times: 2, x: 0.25, y: 0.75 }));
});
