/**
 * Validation of queries with the specified rules, less those that have nothing to look at: a rule about fragments
 * finds nothing in a query that has none. Validating with all of them takes as long as answering a page of archives.
 */
import {
  DeferStreamDirectiveLabelRule,
  DeferStreamDirectiveOnRootFieldRule,
  DeferStreamDirectiveOnValidOperationsRule,
  FragmentsOnCompositeTypesRule,
  Kind,
  KnownArgumentNamesRule,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  KnownTypeNamesRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  PossibleFragmentSpreadsRule,
  StreamDirectiveOnListFieldRule,
  UniqueArgumentNamesRule,
  UniqueDirectivesPerLocationRule,
  UniqueFragmentNamesRule,
  UniqueInputFieldNamesRule,
  UniqueVariableNamesRule,
  validate,
  VariablesAreInputTypesRule,
  VariablesInAllowedPositionRule,
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type ValidationRule,
} from "graphql";

/** The kinds of nodes without which a rule can find no fault. Rules that aren't here are always run. */
const LOOKS_AT = new Map<ValidationRule, readonly Kind[]>([
  [KnownTypeNamesRule, [Kind.NAMED_TYPE]],
  [KnownArgumentNamesRule, [Kind.ARGUMENT]],
  [UniqueArgumentNamesRule, [Kind.ARGUMENT]],
  [FragmentsOnCompositeTypesRule, [Kind.INLINE_FRAGMENT, Kind.FRAGMENT_DEFINITION]],
  [KnownFragmentNamesRule, [Kind.FRAGMENT_SPREAD]],
  [NoFragmentCyclesRule, [Kind.FRAGMENT_SPREAD]],
  [NoUnusedFragmentsRule, [Kind.FRAGMENT_DEFINITION]],
  [PossibleFragmentSpreadsRule, [Kind.FRAGMENT_SPREAD, Kind.INLINE_FRAGMENT]],
  [UniqueFragmentNamesRule, [Kind.FRAGMENT_DEFINITION]],
  [NoUndefinedVariablesRule, [Kind.VARIABLE]],
  [NoUnusedVariablesRule, [Kind.VARIABLE_DEFINITION]],
  [UniqueVariableNamesRule, [Kind.VARIABLE_DEFINITION]],
  [VariablesAreInputTypesRule, [Kind.VARIABLE_DEFINITION]],
  [VariablesInAllowedPositionRule, [Kind.VARIABLE]],
  [KnownDirectivesRule, [Kind.DIRECTIVE]],
  [UniqueDirectivesPerLocationRule, [Kind.DIRECTIVE]],
  [DeferStreamDirectiveOnRootFieldRule, [Kind.DIRECTIVE]],
  [DeferStreamDirectiveOnValidOperationsRule, [Kind.DIRECTIVE]],
  [DeferStreamDirectiveLabelRule, [Kind.DIRECTIVE]],
  [StreamDirectiveOnListFieldRule, [Kind.DIRECTIVE]],
  [UniqueInputFieldNamesRule, [Kind.OBJECT]],
]);

export function validateQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  const present = kindsIn(document);
  return validate(
    schema,
    document,
    rules.filter((rule) => LOOKS_AT.get(rule)?.some((kind) => present.has(kind)) ?? true),
  );
}

function kindsIn(document: DocumentNode): Set<string> {
  const kinds = new Set<string>();
  eachNode(document, ({ kind }) => kinds.add(kind));
  return kinds;
}

/** Calls `look` for a node and all below it, in no certain order. */
export function eachNode(node: ASTNode, look: (node: ASTNode) => void): void {
  look(node);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value as readonly ASTNode[]) eachNode(item, look);
    else if (isNode(value)) eachNode(value, look);
  }
}

/** A node's place in the text, `loc`, has no kind. */
function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && typeof (value as { kind?: unknown }).kind === "string";
}
