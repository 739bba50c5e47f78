/** No page of ours may be framed, sniffed, cached or reached from a browser's other origin. */
export const SECURITY_HEADERS = new Map([
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
]);

/** Only over TLS, where a browser heeds it: this host is never asked in plain text again, for a year. */
export const HSTS = ['strict-transport-security', 'max-age=31536000'] as const;
