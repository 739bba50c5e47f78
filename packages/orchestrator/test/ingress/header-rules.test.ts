import assert from 'node:assert/strict';
import { requestHeaders, responseHeaders } from '../../src/ingress/header-rules.ts';
import { createOwnCredentials } from '../../src/ingress/visitor-token.ts';

const isOurs = createOwnCredentials('urn:rios:net');
const visitor = {
  address: '192.0.2.1',
  proto: 'https',
  host: 'hello.localhost',
  requestId: 'req_1',
} as const;
const jwt = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

/** What the application sees of one header. */
const passed = (name: string, ...values: string[]) => {
  const headers = requestHeaders(
    values.flatMap((value) => [name, value]),
    visitor,
    isOurs,
  );
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === name);
};

describe('headers through ingress', () => {
  it('default: what the visitor sent passes as it came, in its order and case', () => {
    assert.deepEqual(passed('X-Custom', 'a', 'b'), ['a', 'b']);
  });

  it('behaviour: where a request came from is said by ingress alone', () => {
    const raw = ['X-Forwarded-For', '10.0.0.1', 'Forwarded', 'for=10.0.0.1', 'x-forwarded-proto', 'gopher'];

    assert.deepEqual(
      requestHeaders([...raw, 'X-Real-IP', '1.1.1.1', 'Via', 'x', 'X-Request-Id', 'x'], visitor, isOurs),
      [
        ...['Host', 'hello.localhost'],
        ...['X-Forwarded-For', '192.0.2.1', 'X-Forwarded-Proto', 'https'],
        ...['X-Forwarded-Host', 'hello.localhost', 'X-Request-Id', 'req_1'],
      ],
    );
  });

  it('behaviour: no credential of the gateway reaches an application, its own do', () => {
    for (const token of ['rios_abc', 'riosr_abc', jwt({ iss: 'urn:rios:net' })])
      assert.deepEqual(passed('Authorization', `Bearer ${token}`), [], token);
    for (const own of ['Basic dTpw', 'Bearer abc', `Bearer ${jwt({ iss: 'https://else' })}`, 'Bearer a.b.c'])
      assert.deepEqual(passed('Authorization', own), [own], own);
    assert.deepEqual(passed('X-Rios-Token', 'rios_abc'), []);
    assert.deepEqual(passed('Cookie', 'a=1; rios_session=x; b=2'), ['a=1; b=2']);
    assert.deepEqual(passed('Cookie', 'rios_session=x'), []);
  });

  it('behaviour: headers of the connection stay on it, also those that Connection names', () => {
    const raw = [
      'Connection',
      'close, X-Hop',
      'X-Hop',
      '1',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'Keep',
      'me',
    ];

    const kept = requestHeaders(raw, visitor, isOurs);

    assert.ok(kept.includes('Keep'));
    for (const name of ['Connection', 'X-Hop', 'TE', 'Upgrade']) assert.ok(!kept.includes(name), name);
  });

  it('behaviour: a cookie for more than the application itself is refused', () => {
    const cookies = (...values: string[]) =>
      responseHeaders(
        values.flatMap((value) => ['Set-Cookie', value]),
        'hello.localhost:8080',
      ).filter((_, index) => index % 2 === 1);

    assert.deepEqual(
      cookies(
        'a=1; Domain=localhost',
        'b=1; Path=/; domain = .LOCALHOST',
        'c=1; Domain="localhost"',
        'rios_session=1',
        'd=1; Domain=other.localhost',
      ),
      [],
    );
    const own = ['e=1', 'f=1; Path=/; HttpOnly', 'g=1; Domain=hello.localhost'];
    assert.deepEqual(cookies(...own), own);
  });
});
