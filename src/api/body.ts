/** Request bodies, within a limit that is counted as they are read. */

export const BODY_LIMIT_BYTES = 1024 * 1024;

/** The body as text; `undefined` when it is over the limit. */
export async function readBody(request: Request): Promise<string | undefined> {
  const announced = request.headers.get("content-length");
  // HTTP's own framing holds a sender to the length it announced.
  if (announced !== null) return Number(announced) > BODY_LIMIT_BYTES ? undefined : request.text();
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let count = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    count += chunk.byteLength;
    if (count > BODY_LIMIT_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
