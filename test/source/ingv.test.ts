import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import { InvalidRequest, PlotRejected, SourceUnavailable } from "../../src/model/errors.ts";
import type { PlotVersion } from "../../src/model/plot.ts";
import { createIngvSource, type IngvOptions } from "../../src/source/ingv.ts";
import { bytesOf16x16, idat, iend, ihdr, png } from "../support/build-png.ts";
import { answer, head, startRawServer, type RawAnswer } from "../support/raw-server.ts";

const NOW_MS = Date.parse("2025-11-04T12:00:00Z");
const PLOT = png(ihdr(), idat(Buffer.alloc(bytesOf16x16(24))), iend());
const ok = answer("200 OK", {}, PLOT);
const reset: RawAnswer = (socket) => socket.resetAndDestroy();
const silence: RawAnswer = () => {};
const redirect = (location: string, status = "302 Found"): RawAnswer => answer(status, { Location: location });
/** Says how long it is, sends the half of it, and hangs up. */
const halfBody: RawAnswer = (socket) => {
  socket.write(head("200 OK", { "Content-Length": `${PLOT.length}` }));
  socket.end(PLOT.subarray(0, PLOT.length / 2));
};
/** Sends the half and then nothing. */
const stalledBody: RawAnswer = (socket) =>
  socket.write(Buffer.concat([head("200 OK", { "Content-Length": `${PLOT.length}` }), PLOT.subarray(0, 40)]));
/** Sends for ever, whatever it promised. */
const endlessBody =
  (headers: Record<string, string>): RawAnswer =>
  (socket) => {
    const part = Buffer.alloc(65_536);
    const pump = () => {
      while (!socket.destroyed && socket.write(`10000\r\n${part.toString("latin1")}\r\n`, "latin1"));
    };
    socket.on("drain", pump).write(head("200 OK", { "Transfer-Encoding": "chunked", ...headers }));
    pump();
  };

/** What only a time limit ends. */
const endless = new Set<RawAnswer>([silence, stalledBody]);

/** A source whose pauses take no time but move its clock on, and whose time is up once a server leaves it waiting. */
async function setUp(answers: RawAnswer[], options: Partial<IngvOptions> = {}, path = "/RMS_Etna/2.png") {
  const timeouts: { ms: number; controller: AbortController }[] = [];
  const server = await startRawServer(
    ...answers.map((send): RawAnswer => (socket, request) => {
      send(socket, request);
      if (endless.has(send)) setImmediate(() => timeouts.at(-1)!.controller.abort());
    }),
  );
  const pausesMs: number[] = [];
  let nowMs = NOW_MS;
  const source = createIngvSource({
    url: server.url + path,
    version: "1.2.3",
    clock: () => nowMs,
    random: () => 0.5,
    pause: async (ms) => {
      pausesMs.push(ms);
      nowMs += ms;
    },
    timeout: (ms) => {
      const controller = new AbortController();
      timeouts.push({ ms, controller });
      return controller.signal;
    },
    ...options,
  });
  return { ...server, source, pausesMs, timeouts };
}

describe("findNewer", () => {
  test("brings the plot, where it came from and its version", async () => {
    const version = { etag: '"a1"', lastModified: "Tue, 04 Nov 2025 11:50:00 GMT" };
    await using server = await setUp([
      answer("200 OK", { ETag: version.etag, "Last-Modified": version.lastModified }, PLOT),
    ]);
    const plot = await server.source.findNewer(undefined);
    assert.deepEqual(plot && { ...plot, png: Buffer.from(plot.png) }, {
      png: PLOT,
      sourceUrl: `${server.url}/RMS_Etna/2.png`,
      fetchedMs: NOW_MS,
      version,
    });
    assert.equal(server.requests[0]!.headers["user-agent"], "etna-archive/1.2.3");
    assert.equal("if-none-match" in server.requests[0]!.headers, false);
    assert.equal("if-modified-since" in server.requests[0]!.headers, false);
  });

  test("takes a server without ETag and Last-Modified as it is", async () => {
    await using server = await setUp([ok]);
    assert.deepEqual((await server.source.findNewer({}))?.version, {});
  });

  for (const { name, seen, sent } of [
    { name: "ETag", seen: { etag: 'W/"b"' }, sent: ['W/"b"', undefined] },
    { name: "Last-Modified", seen: { lastModified: "yesterday" }, sent: [undefined, "yesterday"] },
    { name: "both", seen: { etag: '"c"', lastModified: "x" }, sent: ['"c"', "x"] },
  ] satisfies { name: string; seen: PlotVersion; sent: unknown[] }[])
    test(`asks for a newer one than the version seen (${name}), and there is none`, async () => {
      await using server = await setUp([answer("304 Not Modified")]);
      assert.equal(await server.source.findNewer(seen), undefined);
      const { headers } = server.requests[0]!;
      assert.deepEqual([headers["if-none-match"], headers["if-modified-since"]], sent);
    });

  test("asks without an ETag that no header can hold", async () => {
    await using server = await setUp([ok]);
    await server.source.findNewer({ etag: '"δ"', lastModified: "yesterday\r\nX-More: 1" });
    const { headers } = server.requests[0]!;
    assert.deepEqual([headers["if-none-match"], headers["if-modified-since"]], [undefined, undefined]);
  });

  test("takes a gzipped plot", async () => {
    await using server = await setUp([answer("200 OK", { "Content-Encoding": "gzip" }, gzipSync(PLOT))]);
    assert.deepEqual(Buffer.from((await server.source.findNewer(undefined))!.png), PLOT);
  });

  for (const status of ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    test(`follows ${status}, and says what it asked`, async () => {
      await using server = await setUp([redirect("../b.png?c#d", status), ok]);
      assert.equal((await server.source.findNewer({ etag: '"a"' }))?.sourceUrl, `${server.url}/RMS_Etna/2.png`);
      assert.equal(server.requests[1]!.path, "/b.png?c");
      assert.equal(server.requests[1]!.headers["if-none-match"], '"a"');
    });

  test("follows five redirects", async () => {
    await using server = await setUp([...["/1", "/2", "/3", "/4", "/5"].map((to) => redirect(to)), ok]);
    assert.deepEqual(Buffer.from((await server.source.findNewer(undefined))!.png), PLOT);
    assert.equal(server.requests.at(-1)?.path, "/5");
  });
});

describe("a failed try is repeated", () => {
  for (const { name, failure } of [
    { name: "a connection reset", failure: reset },
    { name: "half a body", failure: halfBody },
    { name: "a body that stalls", failure: stalledBody },
    { name: "no answer", failure: silence },
    { name: "no HTTP", failure: (socket) => socket.end("220 smtp.example ESMTP\r\n") },
    { name: "408", failure: answer("408 Request Timeout") },
    { name: "429", failure: answer("429 Too Many Requests") },
    { name: "500", failure: answer("500 Internal Server Error", {}, "<html>") },
    { name: "503 behind a redirect", failure: answer("503 Service Unavailable") },
  ] satisfies { name: string; failure: RawAnswer }[])
    test(`after ${name}, twice, with growing pauses`, async () => {
      await using server = await setUp([failure, failure, ok]);
      assert.equal((await server.source.findNewer(undefined))?.png.length, PLOT.length);
      assert.deepEqual(server.pausesMs, [2_000, 8_000]);
    });

  test("and the pauses are jittered by a quarter", async () => {
    for (const [random, pausesMs] of [
      [0, [1_500, 6_000]],
      [1, [2_500, 10_000]],
    ] as const) {
      await using server = await setUp([reset, reset, ok], { random: () => random });
      await server.source.findNewer(undefined);
      assert.deepEqual(server.pausesMs, pausesMs);
    }
  });

  for (const { name, failure, reason } of [
    { name: "a connection reset", failure: reset, reason: /after 3 tries: .*(ECONNRESET|other side closed)/ },
    { name: "half a body", failure: halfBody, reason: /after 3 tries: / },
    { name: "a slow body", failure: stalledBody, reason: /after 3 tries: no whole answer within 30 s/ },
    { name: "500", failure: answer("500 Oh"), reason: /after 3 tries: http:.* answered 500 Oh$/ },
    {
      name: "429 that asks for 60 s",
      failure: answer("429 Slow Down", { "Retry-After": "60" }),
      reason: /after 3 tries: .* answered 429 Slow Down; it asked to come back at 2025-11-04T12:03:00.000Z/,
    },
  ])
    test(`but no third time after ${name}`, async () => {
      await using server = await setUp([failure]);
      await assert.rejects(server.source.findNewer(undefined), fails(SourceUnavailable, reason));
      assert.equal(server.requests.length, 3);
    });

  test("when the connection isn't made in time", async () => {
    // An https URL of a server that stays silent: the connection needs a handshake, which never comes.
    await using silent = await startRawServer(silence);
    const url = silent.url.replace("http:", "https:");
    await using server = await setUp([ok], { url, limits: { connectMs: 50 } });
    await assert.rejects(
      server.source.findNewer(undefined),
      fails(SourceUnavailable, /after 3 tries: Connect Timeout Error/),
    );
  });

  test("when nobody listens", async () => {
    const gone = await startRawServer(ok);
    await gone[Symbol.asyncDispose]();
    await using server = await setUp([ok], { url: gone.url });
    await assert.rejects(server.source.findNewer(undefined), fails(SourceUnavailable, /after 3 tries: .*ECONNREFUSED/));
  });
});

describe("Retry-After", () => {
  for (const { name, status, value, pauseMs } of [
    { name: "seconds", status: "429 Slow Down", value: "60", pauseMs: 60_000 },
    { name: "seconds of a 503", status: "503 Busy", value: "120", pauseMs: 120_000 },
    { name: "an HTTP date", status: "429 Slow Down", value: "Tue, 04 Nov 2025 12:01:30 GMT", pauseMs: 90_000 },
    { name: "less than our own pause", status: "429 Slow Down", value: "1", pauseMs: 2_000 },
    { name: "a date gone by", status: "503 Busy", value: "Tue, 04 Nov 2025 11:00:00 GMT", pauseMs: 2_000 },
    { name: "no date and no number", status: "503 Busy", value: "soon", pauseMs: 2_000 },
    { name: "a number below 0", status: "503 Busy", value: "-5", pauseMs: 2_000 },
    { name: "of another status", status: "500 Oops", value: "60", pauseMs: 2_000 },
  ])
    test(`of ${name}: ${value}`, async () => {
      await using server = await setUp([answer(status, { "Retry-After": value }), ok]);
      assert.equal((await server.source.findNewer(undefined))?.png.length, PLOT.length);
      assert.deepEqual(server.pausesMs, [pauseMs]);
    });

  for (const { value, back } of [
    { value: "121", back: "2025-11-04T12:02:01.000Z" },
    { value: "Wed, 05 Nov 2025 06:00:00 GMT", back: "2025-11-05T06:00:00.000Z" },
    { value: "9999999999", back: "2342-09-25T05:46:39.000Z" },
    { value: "99999999999999999999", back: "9999-12-31T00:00:00.000Z" },
  ])
    test(`over two minutes ends the run at once and says so: ${value}`, async () => {
      await using server = await setUp([answer("503 Busy", { "Retry-After": value })]);
      await assert.rejects(
        server.source.findNewer(undefined),
        fails(SourceUnavailable, new RegExp(`after 1 try: .*503 Busy; it asked to come back at ${back}`)),
      );
      assert.equal(server.requests.length, 1);
      assert.deepEqual(server.pausesMs, []);
    });

  test("leaves the last try what remains of the run's three minutes", async () => {
    const busy = (seconds: string) => answer("503 Busy", { "Retry-After": seconds });
    await using server = await setUp([busy("110"), busy("60"), ok]);
    await server.source.findNewer(undefined);
    assert.deepEqual(
      server.timeouts.map(({ ms }) => ms),
      [30_000, 30_000, 10_000],
    );
  });

  test("that doesn't fit into the run's three minutes ends it", async () => {
    await using server = await setUp([answer("503 Busy", { "Retry-After": "100" })]);
    await assert.rejects(server.source.findNewer(undefined), fails(SourceUnavailable, /after 2 tries.*T12:03:20/));
    assert.deepEqual(server.pausesMs, [100_000]);
  });
});

describe("no second try", () => {
  for (const { name, answers, reason } of [
    { name: "400", answers: [answer("400 Bad Request")], reason: /2\.png answered 400 Bad Request, need 200/ },
    { name: "404", answers: [answer("404 Not Found")], reason: /answered 404 Not Found/ },
    { name: "304 that we didn't ask for", answers: [answer("304 Not Modified")], reason: /answered 304/ },
    { name: "a choice", answers: [answer("300 Multiple Choices", { Location: "/b" })], reason: /answered 300/ },
    { name: "a redirect without a place", answers: [answer("302 Found")], reason: /Location absent/ },
    { name: "a redirect to no URL", answers: [redirect("http://[")], reason: /Location http:\/\/\[, need a URL/ },
    { name: "a redirect to a file", answers: [redirect("file:///etc/passwd")], reason: /redirects to a file: URL/ },
    { name: "a redirect to data", answers: [redirect("data:image/png;base64,AA")], reason: /redirects to a data: URL/ },
    {
      name: "a redirect with a password",
      answers: [redirect("http://u:secret@localhost/")],
      reason: /redirects to a URL with a user/,
    },
    {
      name: "a status with control characters",
      answers: [answer("404 \t\x80\xff")],
      reason: /answered 404 (\?+), need/,
    },
    { name: "a redirect loop", answers: [redirect("/RMS_Etna/2.png")], reason: /redirects more than 5 times/ },
  ])
    test(`after ${name}`, async () => {
      await using server = await setUp(answers);
      await assert.rejects(server.source.findNewer(undefined), fails(SourceUnavailable, reason));
      assert.deepEqual(server.pausesMs, []);
      assert.ok(server.requests.length <= 6);
    });

  for (const { name, failure, reason } of [
    {
      name: "a page with status 200",
      failure: answer("200 OK", { "Content-Type": "image/png" }, "<html>Sorry"),
      reason: /HTML/,
    },
    { name: "nothing with status 200", failure: answer("200 OK"), reason: /found 0 bytes/ },
    { name: "204", failure: answer("204 No Content"), reason: /found 0 bytes/ },
    {
      name: "half a plot that claims to be whole",
      failure: answer("200 OK", {}, PLOT.subarray(0, 60)),
      reason: /cut off/,
    },
    {
      name: "a Content-Length too small",
      failure: answer("200 OK", { "Content-Length": "60" }, PLOT),
      reason: /cut off/,
    },
    { name: "a body without end", failure: endlessBody({}), reason: /goes on after 8388608 bytes/ },
    {
      name: "a gzip bomb",
      failure: answer("200 OK", { "Content-Encoding": "gzip" }, gzipSync(Buffer.alloc(50_000_000))),
      reason: /goes on after 8388608 bytes/,
    },
  ])
    test(`after ${name}, which is refused`, async () => {
      await using server = await setUp([failure]);
      await assert.rejects(server.source.findNewer(undefined), fails(PlotRejected, reason));
      assert.equal(server.requests.length, 1);
    });
});

describe("the caller's signal", () => {
  const stop = new Error("stop");

  for (const { name, failure } of [
    { name: "for an answer", failure: silence },
    { name: "for a body", failure: stalledBody },
  ])
    test(`ends waiting ${name} at once`, async () => {
      const controller = new AbortController();
      await using server = await setUp([
        (socket, request) => {
          failure(socket, request);
          setImmediate(() => controller.abort(stop));
        },
      ]);
      await assert.rejects(server.source.findNewer(undefined, controller.signal), stop);
      assert.deepEqual(server.pausesMs, []);
    });

  test("ends a pause at once", async () => {
    await using server = await startRawServer((socket, request) => {
      answer("503 Busy", { "Retry-After": "100" })(socket, request);
      socket.on("close", () => setImmediate(() => controller.abort(stop)));
    });
    const controller = new AbortController();
    const source = createIngvSource({ url: server.url, version: "1", clock: Date.now });
    await assert.rejects(source.findNewer(undefined, controller.signal), stop);
    assert.equal(server.requests.length, 1);
  });

  test("sent before: nothing is asked", async () => {
    await using server = await setUp([ok]);
    await assert.rejects(server.source.findNewer(undefined, AbortSignal.abort(stop)), stop);
    assert.equal(server.requests.length, 0);
  });

  test("ends waiting for one's turn, and the turn passes on", async () => {
    const first = Promise.withResolvers<() => void>();
    await using server = await setUp([(socket, request) => first.resolve(() => ok(socket, request)), ok]);
    const controller = new AbortController();
    const plots = [server.source.findNewer(undefined), server.source.findNewer({ etag: '"2"' })];
    const waiting = server.source.findNewer(undefined, controller.signal);
    const answerFirst = await first.promise;
    controller.abort(stop);
    await assert.rejects(waiting, stop);
    assert.equal(server.requests.length, 1, "the second waits for the first");
    answerFirst();
    for (const plot of await Promise.all(plots)) assert.equal(plot?.png.length, PLOT.length);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"2"'],
    );
  });
});

describe("createIngvSource refuses", () => {
  for (const { url, reason } of [
    { url: "2.png", reason: /found no URL/ },
    { url: "file:///etc/passwd", reason: /found a file: URL, need http: or https:/ },
    { url: "https://user:secret@www.ct.ingv.it/", reason: /found a URL with a user or password in it/ },
  ])
    test(url, () => {
      assert.throws(() => createIngvSource({ url, version: "1", clock: Date.now }), fails(InvalidRequest, reason));
    });
});

/** The error is of that class, tells that reason and no secret. */
function fails(kind: new (...args: never[]) => Error, reason: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof kind && reason.test(error.message) && !error.message.includes("secret");
}
