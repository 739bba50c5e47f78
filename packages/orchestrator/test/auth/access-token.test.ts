import { expect } from 'chai';
import type { CryptoKey } from 'jose';
import { decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { createWorld, NETWORK, type World } from '../services/users/world.ts';

const ISSUER = `urn:rios:${NETWORK}`;

describe('access tokens', () => {
  let world: World;
  let good: string;
  let accountId: string;
  let sessionId: string;
  beforeEach(async () => {
    world = await createWorld();
    const tokens = await world.join('ada@example.org');
    good = tokens.accessToken;
    sessionId = tokens.sessionId;
    accountId = (await world.users.authenticate(good))?.accountId ?? '';
  });
  afterEach(() => world.close());
  const seconds = () => Math.floor(world.clock.now() / 1000);

  /** A token with the right claims but for `over`, signed by our own key unless another is given. */
  const forge = async (
    over: {
      iss?: string;
      aud?: string;
      exp?: number;
      typ?: string;
      sid?: string;
      sub?: string;
      kid?: string;
    },
    key?: CryptoKey,
  ) => {
    const current = await ownKey(world);
    return new SignJWT({ sid: over.sid ?? sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: over.kid ?? current.kid, typ: over.typ ?? 'at+jwt' })
      .setSubject(over.sub ?? accountId)
      .setIssuer(over.iss ?? ISSUER)
      .setAudience(over.aud ?? NETWORK)
      .setIssuedAt(seconds())
      .setExpirationTime(over.exp ?? seconds() + 60)
      .sign(key ?? current.key);
  };

  it('default: signed by EdDSA with a key that /v1/.well-known/jwks.json shows, and forged ones pass with it', async () => {
    const { keys } = (await world.call('jwks')) as { keys: { kid: string; d?: string }[] };

    expect(decodeProtectedHeader(good)).to.deep.equal({ alg: 'EdDSA', kid: keys[0]?.kid, typ: 'at+jwt' });
    expect(keys[0]).to.not.have.property('d');
    expect(await world.users.authenticate(await forge({}))).to.include({ accountId, sessionId });
  });

  it('error: expired, for another audience, from another issuer, of another type', async () => {
    const refused = {
      expired: await forge({ exp: seconds() - 1 }),
      audience: await forge({ aud: `net_${'cd'.repeat(16)}` }),
      issuer: await forge({ iss: 'urn:rios:other' }),
      type: await forge({ typ: 'JWT' }),
      unknownSession: await forge({ sid: 'ses_0000000000' }),
      otherAccount: await forge({ sub: 'acc_0000000000' }),
      hostileSubject: await forge({ sub: "' OR 1=1 --" }),
      unknownKey: await forge({ kid: 'ffffffffffffffff' }),
    };

    for (const [name, token] of Object.entries(refused)) {
      expect(await world.users.authenticate(token), name).to.equal(undefined);
    }
  });

  it('error: alg none, HS256 with the public key as secret, and a key of somebody else', async () => {
    const claims = { sid: sessionId, sub: accountId, iss: ISSUER, aud: NETWORK, exp: seconds() + 60 };
    const { kid } = decodeProtectedHeader(good);
    const { keys } = (await world.call('jwks')) as { keys: { x: string }[] };
    const strange = await generateKeyPair('EdDSA');
    const refused = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: String(kid), typ: 'at+jwt' })
        .sign(Buffer.from(keys[0]?.x ?? '', 'base64url')),
      await forge({}, strange.privateKey),
      await new SignJWT(claims)
        .setProtectedHeader({
          alg: 'EdDSA',
          typ: 'at+jwt',
          jwk: await exportJWK(strange.publicKey),
        })
        .sign(strange.privateKey),
    ];

    for (const token of refused) expect(await world.users.authenticate(token), token).to.equal(undefined);
  });

  it('error: any one character changed', async () => {
    const [, payload = ''] = good.split('.');
    for (let at = 0; at < good.length; at += 7) {
      const other = good[at] === 'A' ? 'B' : 'A';
      const changed = `${good.slice(0, at)}${other}${good.slice(at + 1)}`;
      // The last characters of base64url may carry unused bits; jose decodes strictly or the claims stay the same.
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(good, 'base64url'))) continue;
      expect(await world.users.authenticate(changed), `${at}`).to.equal(undefined);
    }
    expect(await world.users.authenticate(`..${payload}`)).to.equal(undefined);
    expect(await world.users.authenticate('a.b.c')).to.equal(undefined);
    expect(await world.users.authenticate(`${good}${'A'.repeat(4096)}`)).to.equal(undefined);
  });

  it('behaviour: it lives fifteen minutes', async () => {
    world.clock.advance(14 * 60_000);
    expect(await world.users.authenticate(good)).to.include({ accountId });
    world.clock.advance(60_000);
    expect(await world.users.authenticate(good)).to.equal(undefined);
  });
});

/** The network's own signing key: what an attacker would have to steal. */
async function ownKey(world: World) {
  const { kid, publicKey: x, privateKey: d } = await world.signingKeys.current();
  const key = (await importJWK({ kty: 'OKP', crv: 'Ed25519', x, d }, 'EdDSA')) as CryptoKey;
  return { kid, key };
}
