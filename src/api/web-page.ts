/**
 * The web page: the files that Vite built, as every browser may have them.
 * Owns what is sent with them: names with a hash in them never change, the page itself is asked about each time, and
 * the policy lets it run, and speak to, nothing but this server. They are small, so all are read and packed at once.
 */
import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { refusal, type Answer } from "./answer.ts";
import { codedHeaders, pickCoding } from "./content-coding.ts";
import { unbuiltPage } from "./unbuilt-page.ts";

export interface WebPage {
  /** The page at `/`. */
  getPage(acceptEncoding: string | undefined): Promise<Answer>;
  /** A file of `assets/`, or a refusal. */
  getAsset(name: string, acceptEncoding: string | undefined): Promise<Answer>;
}

const SMALLEST_FIRST = ["br", "gzip"] as const;
type Encoding = (typeof SMALLEST_FIRST)[number] | "identity";
type Packed = Record<Encoding, Answer>;

const PAGE = "index.html";
const ASSETS = "assets";

const CONTENT_TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** @param folder what `npm run prepare` has made; where there is nothing, the page says so, and is looked for again */
export function createWebPage(folder: string): WebPage {
  let reading: Promise<Map<string, Packed> | undefined> | undefined;

  const files = async (): Promise<Map<string, Packed> | undefined> => {
    reading ??= readFiles(folder);
    const found = await reading.catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    if (found === undefined) reading = undefined;
    return found;
  };

  return {
    async getPage(acceptEncoding) {
      return (await files())?.get(PAGE)?.[pickCoding(acceptEncoding, SMALLEST_FIRST) ?? "identity"] ?? unbuiltPage;
    },
    async getAsset(name, acceptEncoding) {
      const packed = (await files())?.get(`${ASSETS}/${name}`);
      return packed?.[pickCoding(acceptEncoding, SMALLEST_FIRST) ?? "identity"] ?? refusal(404, "Not found");
    },
  };
}

/** @returns `undefined` where nothing is built */
async function readFiles(folder: string): Promise<Map<string, Packed> | undefined> {
  try {
    const names = [PAGE, ...(await readdir(join(folder, ASSETS))).map((name) => `${ASSETS}/${name}`)];
    return new Map(await Promise.all(names.map(async (name) => [name, await pack(folder, name)] as const)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function pack(folder: string, name: string): Promise<Packed> {
  const bytes = await readFile(join(folder, name));
  const headers = {
    "Content-Type": CONTENT_TYPES[extname(name)] ?? "application/octet-stream",
    "Cache-Control": name === PAGE ? "no-cache" : "public, max-age=31536000, immutable",
    ...(name === PAGE && { "Content-Security-Policy": POLICY }),
    Vary: "Accept-Encoding",
    ETag: `"${hash("sha256", bytes, "base64url")}"`,
  };
  const encoded = (coding: string, body: Uint8Array): Answer => ({
    status: 200,
    headers: codedHeaders(headers, coding),
    body,
  });
  return {
    identity: { status: 200, headers, body: bytes },
    br: encoded("br", await promisify(brotliCompress)(bytes)),
    gzip: encoded("gzip", await promisify(gzip)(bytes, { level: 9 })),
  };
}
