/** Prints the schema, for schema/schema.graphql: `npm run schema`. */
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "./schema.ts";

export function printSortedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

if (import.meta.main) process.stdout.write(printSortedSchema());
