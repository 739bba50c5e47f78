import { createOpenapi, openapiPath } from '@rios/sdk/api/openapi';
import type { AnyRoute } from '@rios/sdk/api/route';
import { routes } from '@rios/sdk/api/routes';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { expect } from 'chai';
import { z } from 'zod';

const mediaSchema = z.record(z.string(), z.looseObject({ schema: z.unknown().optional() }));
const parameterSchema = z.union([
  z.looseObject({
    name: z.string(),
    in: z.enum(['path', 'query', 'header']),
    required: z.boolean(),
    schema: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ $ref: z.string() }),
]);
/** The shape of an operation by the OpenAPI 3.1 specification, as far as it is used. */
const operationSchema = z.strictObject({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  deprecated: z.literal(true).optional(),
  'x-rios-rate': z.enum(['default', 'bulk', 'none']),
  security: z.array(z.strictObject({ token: z.array(z.string()) })),
  parameters: z.array(parameterSchema),
  requestBody: z.strictObject({ required: z.literal(true), content: mediaSchema }).optional(),
  responses: z.record(
    z.string().regex(/^([1-5]\d\d|default)$/),
    z.union([
      z.strictObject({ $ref: z.string() }),
      z.strictObject({ description: z.string().min(1), content: mediaSchema }),
    ]),
  ),
});
const documentSchema = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d$/),
  info: z.strictObject({ title: z.string(), version: z.string() }),
  jsonSchemaDialect: z.url(),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'put', 'delete']), z.unknown()),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.unknown()),
    parameters: z.record(z.string(), z.unknown()),
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), z.unknown()),
  }),
});

const table: readonly AnyRoute[] = Object.values(routes);
const document = JSON.parse(JSON.stringify(createOpenapi(routes, '1.2.3')));
const operationOf = (route: AnyRoute) =>
  operationSchema.parse(document.paths[openapiPath(route.path)]?.[route.method.toLowerCase()]);

/** Every `$ref` anywhere in a value. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : refsIn(inner)));
}

describe('createOpenapi', () => {
  it('default: a document of the right structure', () => {
    const parsed = documentSchema.parse(document);

    expect(parsed.info).to.deep.equal({ title: 'RiOS', version: '1.2.3' });
  });

  for (const route of table) {
    it(`behaviour: ${route.name} stands in it with parameters, body, answers and security`, () => {
      const operation = operationOf(route);

      expect(operation.operationId).to.equal(route.name);
      const given = operation.parameters.flatMap((parameter) => ('name' in parameter ? [parameter] : []));
      const inPath = given.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath).to.deep.equal([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
      expect(given.filter((parameter) => parameter.in === 'path').every(({ required }) => required)).to.equal(
        true,
      );
      expect(operation.requestBody === undefined).to.equal(route.bodyKind === 'none');
      const content = operation.responses[200];
      expect(content).to.have.property('content');
      const ways = route.orScope === undefined ? 1 : 2;
      expect(operation.security).to.have.length(route.scope === 'public' ? 0 : ways);
      expect('401' in operation.responses).to.equal(route.scope !== 'public');
      expect('429' in operation.responses).to.equal(route.rate !== 'none');
    });
  }

  it('behaviour: it has no route that the table lacks', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path as object));

    expect(operations).to.have.length(table.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).to.equal(table.length);
  });

  it('behaviour: no two paths differ in the names of their parameters only', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, '{}'));

    expect(new Set(shapes).size).to.equal(shapes.length);
  });

  it('behaviour: whatever is referred to is there', () => {
    const refs = [...new Set(refsIn(document))];

    expect(refs.length).to.be.greaterThan(5);
    for (const ref of refs.filter((one) => one.startsWith('#/components/'))) {
      const [kind = '', name = ''] = ref.slice('#/components/'.length).split('/');
      expect(document.components[kind], ref).to.have.property(name);
    }
    const foreign = refs.filter((ref) => !ref.startsWith('#/components/'));
    expect(foreign, 'a schema that refers to its own root is not one inside a document').to.deep.equal([]);
  });

  it('behaviour: every error code is told with its status', () => {
    for (const [code, { status }] of Object.entries(ERRORS)) {
      expect(document.components.responses[`E${status}`].description.split(', '), code).to.include(code);
    }
    expect(document.components.responses.E429.headers).to.include.keys('Retry-After', 'X-RateLimit-Reset');
  });

  it('behaviour: the schemas are those that are checked: a bound of the code is a bound of the document', () => {
    const invite = operationOf(routes.createInvite).requestBody?.content['application/json']?.schema;

    expect(invite).to.deep.include({ type: 'object', additionalProperties: false });
    expect(invite).to.have.nested.property('properties.maxUses.maximum', 10_000);
  });

  it('behaviour: a route that will go says so', () => {
    const old = { ...routes.listWorkers, deprecated: { since: 1 } };

    const { paths } = createOpenapi({ old }, '1');
    expect(paths['/v1/workers']?.get).to.deep.include({ deprecated: true });
  });
});
