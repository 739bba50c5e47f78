import type { Deprecated } from '@rios/sdk/api/route';

/** The headers Deprecation (RFC 9745), Sunset (RFC 8594) and Link of a route that will go. */
export function deprecationHeaders(deprecated: Deprecated | undefined): Readonly<Record<string, string>> {
  if (deprecated === undefined) return {};
  const { since, sunset, link } = deprecated;
  return {
    deprecation: `@${Math.floor(since / 1000)}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
    ...(link === undefined ? {} : { link: `<${link}>; rel="deprecation"; type="text/html"` }),
  };
}
