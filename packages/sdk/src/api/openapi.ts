import { z } from 'zod';
import { ERRORS } from '../errors/catalog.ts';
import type { AnyRoute } from './route.ts';

/** An OpenAPI 3.1 document, as far as it is built here: plain JSON. */
export interface OpenapiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
  readonly [key: string]: unknown;
}

type JsonSchema = Record<string, unknown>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

/** `/v1/workers/:id` as OpenAPI writes it: `/v1/workers/{id}`. */
export const openapiPath = (path: string): string => path.replace(/:([A-Za-z0-9]+)/g, '{$1}');

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): object[] {
  const { properties, required } = schemaOf(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (required ?? []).includes(name),
    schema: property,
  }));
}

const headerParameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

function bodyOf(route: AnyRoute): object {
  if (route.bodyKind === 'none') return {};
  const content =
    route.bodyKind === 'json'
      ? { 'application/json': { schema: schemaOf(route.body, 'input') } }
      : { 'application/octet-stream': {} };
  return { requestBody: { required: true, content } };
}

function contentOf(route: AnyRoute): object {
  if (route.answerKind === 'bytes') return { 'application/octet-stream': {} };
  const schema = schemaOf(route.answer, 'output');
  const events = { 'text/event-stream': { schema: { type: 'string' } } };
  if (route.answerKind === 'json') return { 'application/json': { schema } };
  return route.method === 'GET' ? events : { 'application/json': { schema }, ...events };
}

/** Statuses that any route of that sort can answer with. */
function errorStatusesOf(route: AnyRoute): number[] {
  const always = [400, 404, 500, 503];
  const secured = route.scope === 'public' ? [] : [401, 403];
  const limited = route.rate === 'none' ? [] : [429];
  const written = route.method === 'GET' ? [] : [409];
  return [...always, ...secured, ...limited, ...written].sort((a, b) => a - b);
}

function answersOf(route: AnyRoute): object {
  const errors = errorStatusesOf(route).map((status) => [
    status,
    { $ref: `#/components/responses/E${status}` },
  ]);
  return {
    200: { description: 'The answer', content: contentOf(route) },
    ...Object.fromEntries(errors),
    default: { $ref: '#/components/responses/Failure' },
  };
}

function operationOf(route: AnyRoute): object {
  const headers = [
    ...(route.method === 'GET' ? [] : [headerParameter('IdempotencyKey')]),
    ...(route.name === 'watchEvents' ? [headerParameter('LastEventId')] : []),
  ];
  return {
    operationId: route.name,
    summary: route.summary,
    ...(route.deprecated === undefined ? {} : { deprecated: true }),
    'x-rios-rate': route.rate,
    security: securityOf(route),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query'), ...headers],
    ...bodyOf(route),
    responses: answersOf(route),
  };
}

const RATE_HEADERS = {
  'X-RateLimit-Limit': { description: 'Calls at once', schema: { type: 'integer' } },
  'X-RateLimit-Remaining': { description: 'Calls left now', schema: { type: 'integer' } },
  'X-RateLimit-Reset': {
    description: 'When the limit is full again, seconds since 1970',
    schema: { type: 'integer' },
  },
};

function responsesOf(): object {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } };
  const statuses = [...new Set(Object.values(ERRORS).map(({ status }) => status))].sort((a, b) => a - b);
  const named = statuses.map((status) => {
    const codes = Object.entries(ERRORS).flatMap(([code, kind]) => (kind.status === status ? [code] : []));
    const retry = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } };
    const headers = status === 429 ? { headers: { ...RATE_HEADERS, ...retry } } : {};
    return [`E${status}`, { description: codes.join(', '), content, ...headers }];
  });
  return { Failure: { description: 'The one error body', content }, ...Object.fromEntries(named) };
}

const failureSchema = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERRORS) as [string, ...string[]]),
    message: z.string(),
    hint: z.string(),
    retryable: z.boolean(),
    requestId: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    /** On OpenAI-compatible routes. */
    type: z.string().optional(),
    param: z.string().nullable().optional(),
  }),
});

const COMPONENTS = () => ({
  securitySchemes: {
    token: {
      type: 'http',
      scheme: 'bearer',
      description: 'An API token or an access token; scopes as listed',
    },
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'The same key and body within 24 h give the same answer, done once',
      schema: { type: 'string', pattern: '^[!-~]{16,128}$' },
    },
    LastEventId: {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description: 'Go on after this event',
      schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
    },
  },
  schemas: { Failure: schemaOf(failureSchema, 'output') },
  responses: responsesOf(),
});

/**
 * The OpenAPI 3.1 document of a route table: every route with its parameters, bodies, answers, errors and
 * security. Costs some milliseconds; keep the outcome.
 * @param serverUrl where the API is; by default where the document was
 */
export function createOpenapi(
  table: Readonly<Record<string, AnyRoute>>,
  version: string,
  serverUrl = '/',
): OpenapiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of Object.values(table)) {
    const path = openapiPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'RiOS', version },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: serverUrl }],
    security: [{ token: [] }],
    paths,
    components: COMPONENTS(),
  };
}

/** One of these is enough. */
function securityOf({ scope, orScope }: Pick<AnyRoute, 'scope' | 'orScope'>): { token: string[] }[] {
  if (scope === 'public') return [];
  if (scope === 'any') return [{ token: [] }];
  return [{ token: [scope] }, ...(orScope === undefined ? [] : [{ token: [orScope] }])];
}
