import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

/** What both handlers answer. */
export const ANSWER = {
  invite: 'rios-invite-text',
  view: { id: 'inv_0000000001', state: 'open' as const, createdAt: 1, expiresAt: 2, maxUses: 3, usedBy: [] },
};

const ISSUER = 'bench';

/** A signed access token and how to verify it: the same on both sides. */
export async function createJwt(): Promise<{
  token: string;
  verify: (token: string) => Promise<string | undefined>;
}> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const token = await new SignJWT({ scope: 'network' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setSubject('acc_0000000001')
    .setIssuer(ISSUER)
    .setExpirationTime('1h')
    .sign(privateKey);
  return { token, verify: (text) => subjectOf(text, publicKey) };
}

async function subjectOf(text: string, key: KeyObject): Promise<string | undefined> {
  const { payload } = await jwtVerify(text, key, { issuer: ISSUER, algorithms: ['EdDSA'] });
  return payload.sub;
}

/** Tells the parent where the server is, and its CPU time whenever it asks. */
export function report(url: string, token: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.send?.({ url, token });
}
