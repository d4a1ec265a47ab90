/**
 * The plain case: one query by POST, in JSON, that succeeds. It is most of what is asked, and going straight to
 * graphql costs half of the way through yoga, which serves all the rest: whatever is wrong, changes or streams.
 */
import { execute, getOperationAST, type ExecutionArgs, type ExecutionResult } from "graphql";
import { z } from "zod";
import type { Answer } from "../answer.ts";
import type { Exchange } from "../exchange.ts";
import type { GraphQLContext } from "./builder.ts";
import type { FindGoodQuery } from "./query-check.ts";
import { executePlainly } from "./plain-execution.ts";
import { schema } from "./schema.ts";

const Params = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** What the first type of an Accept header is answered with. Yoga, too, takes the first that it serves. */
const ANSWERED_AS = new Map([
  ["*/*", "application/json"],
  ["application/*", "application/json"],
  ["application/json", "application/json"],
  ["application/graphql-response+json", "application/graphql-response+json"],
]);

/** The answer; `undefined` where this isn't the plain case. Running a query again does no harm. */
export async function answerPlainQuery(
  { headers }: Request,
  { bodyText }: Exchange,
  findGood: FindGoodQuery,
  contextValue: GraphQLContext,
): Promise<Answer | undefined> {
  const mediaType = ANSWERED_AS.get(firstTypeOf(headers.get("accept") ?? "*/*"));
  if (mediaType === undefined || bodyText === undefined || !isJson(headers.get("content-type"))) return undefined;
  const params = Params.safeParse(parseJson(bodyText)).data;
  const document = params && findGood(params.query);
  if (document === undefined) return undefined;
  const operationName = params?.operationName ?? undefined;
  if (getOperationAST(document, operationName)?.operation !== "query") return undefined;
  const asked = { schema, document, contextValue, variableValues: params?.variables ?? undefined, operationName };
  const data = executePlainly(asked);
  const body = data === undefined ? await executeGood(asked) : `{"data":${data}}`;
  if (body === undefined) return undefined;
  const answerHeaders = { "Content-Type": `${mediaType}; charset=utf-8`, "Cache-Control": "no-store" };
  return { status: 200, headers: answerHeaders, body };
}

/** The result as JSON; `undefined` where there are errors. */
async function executeGood(args: ExecutionArgs): Promise<string | undefined> {
  const result: ExecutionResult = await execute(args);
  return result.errors === undefined ? JSON.stringify(result) : undefined;
}

/** Without the charset that all answers have. */
function firstTypeOf(accept: string): string {
  return accept
    .split(",", 1)[0]!
    .replace(/; *charset=utf-8/i, "")
    .trim();
}

function isJson(contentType: string | null): boolean {
  return /^application\/json *(;|$)/.test(contentType ?? "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
