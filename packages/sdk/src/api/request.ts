import { RiosError } from '../errors/error.ts';
import type { AnyRoute } from './route.ts';

/** What a call may carry; the client's types say which of them a route needs. */
export interface CallFields {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
}

/** The address of one call: path parameters filled in and escaped, query appended. */
export function buildUrl(apiUrl: string, route: AnyRoute, fields: CallFields): string {
  const path = route.path.replace(/:([A-Za-z0-9]+)/g, (_, name: string) => {
    const value = fields.params?.[name];
    if (value === undefined || value === '' || value === '.' || value === '..') {
      throw new RiosError('USER_INVALID_REQUEST', `${route.name}: the parameter ${name} is missing`);
    }
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const search = query.toString();
  return `${apiUrl}${path}${search === '' ? '' : `?${search}`}`;
}

/** The body's bytes and content type; undefined when the route has none. */
export function buildBody(
  route: AnyRoute,
  fields: CallFields,
): { readonly bytes: Uint8Array; readonly contentType: string } | undefined {
  if (route.bodyKind === 'none') return undefined;
  if (route.bodyKind === 'json') {
    return {
      bytes: new TextEncoder().encode(JSON.stringify(fields.body ?? {})),
      contentType: 'application/json',
    };
  }
  if (!(fields.body instanceof Uint8Array)) {
    throw new RiosError('USER_INVALID_REQUEST', `${route.name}: the body must be a Uint8Array`);
  }
  return { bytes: fields.body, contentType: 'application/octet-stream' };
}
