/** The schema as a promise: what is committed is what the code serves, and it says what things mean. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isInterfaceType, type DefinitionNode, isObjectType, parse, validate } from "graphql";
import { describe, test } from "vitest";
import { NODE_TYPES } from "../../../src/api/graphql/nodes.ts";
import { printSortedSchema } from "../../../src/api/graphql/print-schema.ts";
import { schema } from "../../../src/api/graphql/schema.ts";
import * as operations from "../../../src/web/operations.ts";

const folder = fileURLToPath(new URL("../../../schema/", import.meta.url));

describe("the schema", () => {
  test("is printed as it is: run `npm run codegen` when this fails", () =>
    assert.equal(readFileSync(`${folder}schema.graphql`, "utf8"), printSortedSchema()));

  test("knows each of its nodes by its id", () => {
    const nodes = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === "Node"))
      .map(({ name }) => name);
    assert.deepEqual(nodes.sort(), [...NODE_TYPES].sort());
  });

  test("says of each type what it is", () => {
    const silent = Object.values(schema.getTypeMap())
      .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith("__"))
      .filter(({ description }) => !description)
      .map(({ name }) => name);
    assert.deepEqual(silent, []);
  });
});

describe("the operations", () => {
  const documents = readdirSync(`${folder}operations`).map((name) =>
    readFileSync(`${folder}operations/${name}`, "utf8"),
  );
  const all = parse(documents.join("\n"));

  test("hold against the schema", () => assert.deepEqual(validate(schema, all), []));

  test("are generated as they are: run `npm run codegen` when this fails", () => {
    const written = new Map<string, DefinitionNode>(
      all.definitions.flatMap((part) =>
        part.kind === "OperationDefinition" ? [[`${part.name!.value}Document`, part] as const] : [],
      ),
    );
    const generated = Object.entries(operations).filter(([name]) => name.endsWith("Document"));
    assert.deepEqual(generated.map(([name]) => name).sort(), [...written.keys()].sort());
    for (const [name, text] of generated) {
      const [operation] = parse(String(text)).definitions;
      assert.deepEqual(withoutPlaces(operation), withoutPlaces(written.get(name)), name);
    }
  });
});

const withoutPlaces = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === "loc" ? undefined : value)));
