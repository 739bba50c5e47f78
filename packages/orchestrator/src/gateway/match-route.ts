import type { AnyRoute } from '@rios/sdk/api/route';

export interface RouteMatch {
  readonly route: AnyRoute;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a method and a path as Express does: whole segments, case sensitive, each parameter
 * decoded. Fixed paths win over those with parameters by standing first in the table.
 * @throws URIError when a parameter's percent encoding is broken
 */
export function createRouteMatcher(table: readonly AnyRoute[]) {
  const patterns = table.map((route) => ({
    route,
    names: [...route.path.matchAll(/:([A-Za-z0-9]+)/g)].map(([, name]) => name ?? ''),
    pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/:[A-Za-z0-9]+/g, '([^/]+)')}$`),
  }));
  return (method: string, path: string): RouteMatch | undefined => {
    for (const { route, names, pattern } of patterns) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match === null) continue;
      const params = names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]);
      return { route, params: Object.fromEntries(params) };
    }
    return undefined;
  };
}
