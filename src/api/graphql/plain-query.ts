/**
 * The plain case: one query by POST, in JSON, that succeeds. It is most of what is asked, and going straight to
 * graphql costs half of the way through yoga, which serves all the rest: whatever is wrong, changes or streams.
 */
import { execute, getOperationAST, type ExecutionResult } from "graphql";
import { z } from "zod";
import type { Answer } from "../answer.ts";
import type { Exchange } from "../exchange.ts";
import type { GraphQLContext } from "./builder.ts";
import type { QueryCheck } from "./query-check.ts";
import { executePlainly } from "./plain-execution.ts";
import { schema } from "./schema.ts";

const Params = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

const HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" } as const;

/** The answer; `undefined` where this isn't the plain case. Running a query again does no harm. */
export async function answerPlainQuery(
  { headers }: Request,
  { bodyText }: Exchange,
  check: QueryCheck,
  contextValue: GraphQLContext,
): Promise<Answer | undefined> {
  if (bodyText === undefined || !isPlainJson(headers)) return undefined;
  const params = Params.safeParse(parseJson(bodyText)).data;
  const document = params && check.findGood(params.query);
  if (document === undefined) return undefined;
  const operationName = params?.operationName ?? undefined;
  if (getOperationAST(document, operationName)?.operation !== "query") return undefined;
  const asked = { schema, document, contextValue, variableValues: params?.variables ?? undefined, operationName };
  const data = executePlainly(asked);
  const result: ExecutionResult = data === undefined ? await execute(asked) : { data };
  return result.errors === undefined ? { status: 200, headers: HEADERS, body: JSON.stringify(result) } : undefined;
}

function isPlainJson(headers: Headers): boolean {
  const accept = headers.get("accept");
  const isAccepted = accept === null || accept === "*/*" || accept === "application/json";
  return isAccepted && /^application\/json *(;|$)/.test(headers.get("content-type") ?? "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
