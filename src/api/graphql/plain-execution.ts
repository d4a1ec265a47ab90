/**
 * Executes the queries that need least: objects, lists and scalars, resolved without waiting and without an error.
 * Arguments, types and resolvers are looked up once for a field, not again for each row of a list, as graphql's
 * `execute` does. Whatever is more than that, or goes wrong, is `undefined` here: `execute` then answers it in full,
 * so that no error is ever told by this file.
 */
import {
  getArgumentValues,
  GraphQLNonNull,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  validateExecutionArgs,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from "graphql";

/** Completes a value: adds its JSON to `out`. */
type Complete = (value: unknown, out: string[]) => void;

/** Says that a query isn't plain after all; caught below, so it needs no stack. */
const NOT_PLAIN = Symbol("not plain");

/** Fields that were seen to answer with a promise: queries of them aren't begun here a second time. */
const waiting = new WeakSet<GraphQLField<unknown, unknown>>();

/**
 * The data as JSON: written at once, since objects with a query's own names would each have to be made for it.
 * `undefined` where the query isn't plain. Resolvers may then be called again, so they change nothing.
 */
export function executePlainly(args: ExecutionArgs): string | undefined {
  try {
    const validated = validateExecutionArgs(args);
    if (!("schema" in validated)) return undefined;
    const { schema, operation, rootValue } = validated;
    const root = schema.getRootType(operation.operation);
    if (root == null) return undefined;
    const out: string[] = [];
    new Plan(validated).object(root, [operation.selectionSet], true)(rootValue, out);
    return out.join("");
  } catch {
    return undefined;
  }
}

/** A query made into functions, each of which completes one value as its type and its selections say. */
class Plan {
  readonly #args: ValidatedExecutionArgs;

  constructor(args: ValidatedExecutionArgs) {
    this.#args = args;
  }

  /** Made at the first value: by then the root's resolvers have judged whether the query is too complex. */
  object(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[], isRoot: boolean): Complete {
    let steps: { name: string; resolve: Complete }[] | undefined;
    return (source, out) => {
      steps ??= this.#steps(type, selectionSets, isRoot);
      for (const { name, resolve } of steps) {
        out.push(name);
        resolve(source, out);
      }
      out.push("}");
    };
  }

  #steps(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[], isRoot: boolean) {
    const fields = new Map<string, FieldNode[]>();
    const fragments = new Set<string>();
    for (const { selections } of selectionSets) this.#collect(type, selections, fields, fragments);
    if (fields.size === 0) throw NOT_PLAIN;
    return [...fields].map(([name, nodes], index) => ({
      name: `${index === 0 ? "{" : ","}"${name}":`, // a name has no character that JSON would escape
      resolve: this.#field(type, name, nodes, isRoot),
    }));
  }

  /** The fields of a selection by the names that they are answered under, in order (GraphQL specification, 6.3.2). */
  #collect(
    type: GraphQLObjectType,
    selections: readonly SelectionNode[],
    fields: Map<string, FieldNode[]>,
    fragments: Set<string>,
  ): void {
    for (const selection of selections) {
      if (selection.directives !== undefined && selection.directives.length > 0) throw NOT_PLAIN;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const same = fields.get(name);
        if (same === undefined) fields.set(name, [selection]);
        else same.push(selection);
        continue;
      }
      let fragment: InlineFragmentNode | FragmentDefinitionNode | undefined;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (fragments.has(selection.name.value)) continue;
        fragments.add(selection.name.value);
        fragment = this.#args.fragmentDefinitions[selection.name.value];
      } else fragment = selection;
      if (fragment === undefined) throw NOT_PLAIN;
      if (this.#applies(fragment.typeCondition?.name.value, type)) {
        this.#collect(type, fragment.selectionSet.selections, fields, fragments);
      }
    }
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const { schema } = this.#args;
    const wanted = schema.getType(condition);
    return isAbstractType(wanted) && schema.isSubType(wanted, type);
  }

  #field(parent: GraphQLObjectType, name: string, nodes: readonly FieldNode[], isRoot: boolean): Complete {
    const { schema, contextValue, variableValues, fieldResolver } = this.#args;
    const node = nodes[0]!;
    const field = schema.getField(parent, node.name.value);
    const isIntrospection = field?.name.startsWith("__") && field.name !== "__typename";
    if (field === undefined || isIntrospection || waiting.has(field)) throw NOT_PLAIN;
    const resolve = field.resolve ?? fieldResolver;
    const args = getArgumentValues(field, node, variableValues);
    const path = isRoot ? { prev: undefined, key: name, typename: parent.name } : undefined;
    const info = new PlainInfo(this.#args, parent, field, nodes, path);
    const complete = this.#type(field.type, nodes);
    return (source, out) => {
      const value: unknown = resolve(source, args, contextValue, info);
      if (isThenable(value)) {
        waiting.add(field);
        value.then(undefined, () => {}); // what fails is told when `execute` asks again
        throw NOT_PLAIN;
      }
      complete(value, out);
    };
  }

  #type(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    const isNonNull = type instanceof GraphQLNonNull;
    const complete = this.#nullable(isNonNull ? type.ofType : type, nodes);
    return (value, out) => {
      if (value instanceof Error || (value == null && isNonNull)) throw NOT_PLAIN;
      if (value == null) out.push("null");
      else complete(value, out);
    };
  }

  #nullable(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isLeafType(type)) {
      return (value, out) => {
        const written = type.coerceOutputValue(value);
        if (written == null) throw NOT_PLAIN;
        out.push(typeof written === "number" ? String(written) : JSON.stringify(written));
      };
    }
    if (isListType(type)) {
      const complete = this.#type(type.ofType, nodes);
      return (value, out) => {
        if (!Array.isArray(value) || value.some(isThenable)) throw NOT_PLAIN;
        out.push("[");
        for (let at = 0; at < value.length; at++) {
          if (at > 0) out.push(",");
          complete(value[at], out);
        }
        out.push("]");
      };
    }
    if (!isObjectType(type) || type.isTypeOf != null) throw NOT_PLAIN;
    return this.object(
      type,
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      false,
    );
  }
}

/** Below the root a field is resolved for many places, so a resolver that asks for its place isn't a plain one. */
class PlainInfo implements GraphQLResolveInfo {
  readonly fieldName: string;
  readonly fieldNodes: readonly FieldNode[];
  readonly returnType: GraphQLOutputType;
  readonly parentType: GraphQLObjectType;
  readonly schema: GraphQLSchema;
  readonly fragments: GraphQLResolveInfo["fragments"];
  readonly rootValue: unknown;
  readonly operation: OperationDefinitionNode;
  readonly variableValues: GraphQLResolveInfo["variableValues"];
  readonly #path: GraphQLResolveInfo["path"] | undefined;

  constructor(
    args: ValidatedExecutionArgs,
    parentType: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    fieldNodes: readonly FieldNode[],
    path: GraphQLResolveInfo["path"] | undefined,
  ) {
    this.fieldName = field.name;
    this.fieldNodes = fieldNodes;
    this.returnType = field.type;
    this.parentType = parentType;
    this.schema = args.schema;
    this.fragments = args.fragmentDefinitions;
    this.rootValue = args.rootValue;
    this.operation = args.operation;
    this.variableValues = args.variableValues;
    this.#path = path;
  }

  get path(): GraphQLResolveInfo["path"] {
    return this.#path ?? notPlain();
  }
  getAbortSignal(): never {
    return notPlain();
  }
  getAsyncHelpers(): never {
    return notPlain();
  }
}

function notPlain(): never {
  throw NOT_PLAIN;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
