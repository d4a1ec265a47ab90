/**
 * Finds good queries with graphql's own rules, at a quarter of what its `validate` takes, which is as long as answering
 * a page of archives. What is wrong with the others, `validate` says.
 */
import {
  BREAK,
  getEnterLeaveForKind,
  Kind,
  NoUndefinedVariablesRule,
  NoUnusedVariablesRule,
  specifiedRules,
  TypeInfo,
  ValidationContext,
  VariablesInAllowedPositionRule,
  visit,
  type ASTNode,
  type ASTVisitFn,
  type ASTVisitor,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from "graphql";

/** Rules that visit a query once more, in search of variables. Many queries have none. */
const OF_VARIABLES = new Set([NoUndefinedVariablesRule, NoUnusedVariablesRule, VariablesInAllowedPositionRule]);

/**
 * Do graphql's rules find nothing? One visit with all of them, as its `validate` makes it; but that one first asks each
 * rule about each of the language's seventy kinds of nodes, which takes longer than the visit. A query has about ten.
 */
export function isGoodQuery(schema: GraphQLSchema, document: DocumentNode): boolean {
  const kinds = kindsIn(document);
  const rules = kinds.has(Kind.VARIABLE) ? specifiedRules : specifiedRules.filter((rule) => !OF_VARIABLES.has(rule));
  const typeInfo = new TypeInfo(schema);
  const stop = (error: GraphQLError): never => {
    throw error;
  };
  try {
    const options = { hideSuggestions: false, allowEmptySelectionSets: true };
    const context = new ValidationContext(schema, document, typeInfo, stop, options);
    const parts = partsOf(
      rules.map((rule) => rule(context)),
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
