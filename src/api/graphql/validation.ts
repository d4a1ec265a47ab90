/**
 * Validation of queries with the specified rules, less those that have nothing to look at: a rule about fragments
 * finds nothing in a query that has none. Validating with all of them takes as long as answering a page of archives.
 */
import {
  BREAK,
  DeferStreamDirectiveLabelRule,
  DeferStreamDirectiveOnRootFieldRule,
  DeferStreamDirectiveOnValidOperationsRule,
  FragmentsOnCompositeTypesRule,
  getEnterLeaveForKind,
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
  TypeInfo,
  validate,
  ValidationContext,
  VariablesAreInputTypesRule,
  VariablesInAllowedPositionRule,
  visit,
  type ASTNode,
  type ASTVisitFn,
  type ASTVisitor,
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

/** What `validate` says, which is asked only when something is wrong: then the time doesn't matter, and its words do. */
export function validateQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  return isGoodQuery(schema, document, rules) ? [] : validate(schema, document, rules);
}

/**
 * Do the rules find nothing? One visit with all of them, as `validate` makes it; but that one first asks each rule about
 * each of the language's seventy kinds of nodes, which takes longer than the visit. A query has about ten.
 */
export function isGoodQuery(schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]): boolean {
  const kinds = kindsIn(document);
  const needed = rules.filter((rule) => LOOKS_AT.get(rule)?.some((kind) => kinds.has(kind)) ?? true);
  const typeInfo = new TypeInfo(schema);
  const stop = (error: GraphQLError): never => {
    throw error;
  };
  try {
    const options = { hideSuggestions: false, allowEmptySelectionSets: true };
    const context = new ValidationContext(schema, document, typeInfo, stop, options);
    const parts = partsOf(
      needed.map((rule) => rule(context)),
      kinds,
    );
    visit(document, {
      enter(node, key, parent, path, ancestors) {
        if (key === "description") return false; // says nothing that a rule looks at
        typeInfo.enter(node);
        for (const { visitor, enter, skipping } of parts.get(node.kind)!) {
          if (enter === undefined || skipping.below !== undefined) continue;
          const wish: unknown = enter.call(visitor, node, key, parent, path, ancestors);
          if (wish === false || wish === BREAK) skipping.below = wish === false ? node : BREAK;
        }
        return undefined;
      },
      leave(node, key, parent, path, ancestors) {
        for (const { visitor, leave, skipping } of parts.get(node.kind)!) {
          if (skipping.below === node) skipping.below = undefined;
          else if (leave !== undefined && skipping.below === undefined) {
            if (leave.call(visitor, node, key, parent, path, ancestors) === BREAK) skipping.below = BREAK;
          }
        }
        typeInfo.leave(node);
      },
    });
    return true;
  } catch {
    return false; // an error that a rule reports, or a limit of the visit
  }
}

/** What a rule does at nodes of one kind. */
interface Part {
  visitor: ASTVisitor;
  enter: ASTVisitFn<ASTNode> | undefined;
  leave: ASTVisitFn<ASTNode> | undefined;
  /** Shared by all parts of a rule: the node below which it doesn't want to look, or BREAK when it is done. */
  skipping: { below: unknown };
}

function partsOf(visitors: readonly ASTVisitor[], kinds: ReadonlySet<Kind>): Map<Kind, Part[]> {
  const parts = new Map<Kind, Part[]>();
  for (const kind of kinds) parts.set(kind, []);
  for (const visitor of visitors) {
    const skipping = { below: undefined };
    const isOfAllKinds = "enter" in visitor || "leave" in visitor;
    for (const kind of kinds) {
      if (!isOfAllKinds && !(kind in visitor)) continue;
      const { enter, leave } = getEnterLeaveForKind(visitor, kind) as Pick<Part, "enter" | "leave">;
      if (enter !== undefined || leave !== undefined) parts.get(kind)!.push({ visitor, enter, leave, skipping });
    }
  }
  return parts;
}

function kindsIn(document: DocumentNode): Set<Kind> {
  const kinds = new Set<Kind>();
  eachNode(document, ({ kind }) => kinds.add(kind));
  return kinds;
}

/** Calls `look` for a node and all below it, in no certain order. */
export function eachNode(node: ASTNode, look: (node: ASTNode) => void): void {
  look(node);
  for (const key in node) {
    const value: unknown = node[key as keyof ASTNode];
    if (Array.isArray(value)) for (const item of value as readonly ASTNode[]) eachNode(item, look);
    else if (isNode(value)) eachNode(value, look);
  }
}

/** A node's place in the text, `loc`, has no kind. */
function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && typeof (value as { kind?: unknown }).kind === "string";
}
