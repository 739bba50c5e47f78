import fc from 'fast-check';
import { z } from 'zod';
import { hostileText } from '../../../../test/contract-suites/store-values.ts';

/** What is used of JSON Schema by the schemas of the routes. */
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
}

/** Values that exist, by the name of the field that takes them. */
export type Dictionary = Readonly<Record<string, readonly string[]>>;

/**
 * Values for a schema: of its shape mostly, with hostile text in any field that is text. Fields whose name stands in
 * the dictionary often get one of its values, so that calls get past what is checked first.
 */
export function arbitraryOf(schema: z.ZodType, dictionary: Dictionary): fc.Arbitrary<unknown> {
  return ofSchema(
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
    '',
    dictionary,
  );
}

function ofSchema(schema: JsonSchema, name: string, dictionary: Dictionary): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => ofSchema(one, name, dictionary)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) {
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...schema.enum) }, hostileText());
  }
  switch (schema.type) {
    case 'object':
      return ofObject(schema, dictionary);
    case 'array': {
      const minLength = schema.minItems ?? 0;
      const maxLength = Math.min(schema.maxItems ?? 3, minLength + 3);
      return fc.array(ofSchema(schema.items ?? {}, name, dictionary), { minLength, maxLength });
    }
    case 'string':
      return ofText(schema, name, dictionary);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1e9, 1e9) });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return ofAnything(dictionary[name]);
  }
}

/** Optional fields are there now and then: all at once would seldom fit. */
function ofObject(
  { properties = {}, required = [] }: JsonSchema,
  dictionary: Dictionary,
): fc.Arbitrary<object> {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = ofSchema(schema, name, dictionary);
    const absent = { weight: required.includes(name) ? 0 : 4, arbitrary: fc.constant(undefined) };
    return [name, fc.oneof(absent, { weight: 1, arbitrary: value })] as const;
  });
  const shaped: fc.Arbitrary<object> = fc.record(Object.fromEntries(fields)).map(withoutAbsent);
  const strange = fc
    .tuple(shaped, hostileText(), hostileText())
    .map(([value, name, text]) => ({ ...value, [name]: text }));
  return fc.oneof({ weight: 9, arbitrary: shaped }, { weight: 1, arbitrary: strange });
}

const withoutAbsent = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));

function ofText(
  { pattern, maxLength }: JsonSchema,
  name: string,
  dictionary: Dictionary,
): fc.Arbitrary<string> {
  const text = hostileText().map((value) => value.slice(0, maxLength));
  const known = dictionary[name];
  const fitting = pattern === undefined ? text : matching(pattern);
  return fc.oneof(
    { weight: 6, arbitrary: known === undefined ? fitting : fc.constantFrom(...known) },
    { weight: 2, arbitrary: text },
    { weight: 1, arbitrary: hostileText() },
  );
}

/** Where the schema says nothing, as for numbers in a query. */
function ofAnything(known: readonly string[] | undefined): fc.Arbitrary<unknown> {
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), hostileText());
  return known === undefined
    ? anything
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, anything);
}

/** fast-check cannot write text for every pattern: then any text has to do. */
function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    return hostileText();
  }
}
