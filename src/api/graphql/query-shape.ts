/**
 * What decides whether a query is good: all but what it calls its answers, and which numbers and texts it hands to
 * fields, if these are of the right types. Programs ask the same with other dates and other names all day.
 */
import {
  Kind,
  print,
  TypeInfo,
  validateInputLiteral,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

export interface QueryShape {
  /** The same for two queries that are both good or both wrong, apart from their literals. */
  text: string;
  /** The numbers and texts handed to fields, in their order. */
  literals: readonly ValueNode[];
}

/** `undefined` for what is more than one query. */
export function findShape({ definitions }: DocumentNode): QueryShape | undefined {
  const [query] = definitions;
  if (query?.kind !== Kind.OPERATION_DEFINITION || query.operation !== "query" || definitions.length > 1)
    return undefined;
  const shape = new Shape();
  shape.add(query.variableDefinitions);
  shape.add(query.directives);
  shape.addSelections(query.selectionSet);
  return shape.mayConflict ? undefined : shape;
}

class Shape implements QueryShape {
  text = "";
  readonly literals: ValueNode[] = [];
  /** Fields that answer under one name must have the same literals; such queries have no shape. */
  mayConflict = false;
  /** Of each name that fields answer under: its number, which stands for it in the text. */
  readonly #answers = new Map<string, { number: number; hasLiterals: boolean }>();

  /** As it is. */
  add(nodes: readonly ASTNode[] | undefined): void {
    if (nodes !== undefined && nodes.length > 0) this.text += `(${nodes.map(print).join(" ")})`;
  }

  addSelections({ selections }: SelectionSetNode): void {
    this.text += "{";
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) this.#addField(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.text += `... on ${selection.typeCondition?.name.value}`;
        this.add(selection.directives);
        this.addSelections(selection.selectionSet);
      } else this.add([selection]);
    }
    this.text += "}";
  }

  #addField({ alias, name, arguments: values = [], directives, selectionSet }: FieldNode): void {
    this.text += ` ${name.value}`;
    const before = this.literals.length;
    for (const value of values) this.#addArgument(value);
    const hasLiterals = this.literals.length > before;
    const answer = this.#answerOf((alias ?? name).value, hasLiterals);
    this.text += `#${answer}`;
    this.add(directives);
    if (selectionSet !== undefined) this.addSelections(selectionSet);
  }

  #answerOf(name: string, hasLiterals: boolean): number {
    const known = this.#answers.get(name);
    if (known === undefined) {
      const number = this.#answers.size;
      this.#answers.set(name, { number, hasLiterals });
      return number;
    }
    if (hasLiterals || known.hasLiterals) this.mayConflict = true;
    return known.number;
  }

  #addArgument(argument: ArgumentNode): void {
    const { name, value } = argument;
    if (!isLiteral(value)) {
      this.add([argument]);
      return;
    }
    this.literals.push(value);
    this.text += `(${name.value}: #${value.kind})`;
  }
}

function isLiteral({ kind }: ValueNode): boolean {
  return kind === Kind.INT || kind === Kind.FLOAT || kind === Kind.STRING;
}

/** What a shape's literals have to be, in their order. @param query a good one of the shape */
export function literalTypesOf(schema: GraphQLSchema, query: DocumentNode): GraphQLInputType[] {
  const types: GraphQLInputType[] = [];
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    Directive: () => false,
    VariableDefinition: () => false,
    Argument: ({ value }) => {
      if (isLiteral(value)) types.push(typeInfo.getInputType()!);
    },
  });
  visit(query, visitor);
  return types;
}

/** Are the literals of these types? As graphql's ValuesOfCorrectTypeRule judges. */
export function areOfTypes(literals: readonly ValueNode[], types: readonly GraphQLInputType[]): boolean {
  let isGood = true;
  for (const [index, literal] of literals.entries()) {
    validateInputLiteral(literal, types[index]!, () => {
      isGood = false;
    });
  }
  return isGood;
}
