/** Seconds that one code stands for (RFC 6238). */
const PERIOD_S = 30;

/** A new second factor: the secret (base32) and the URI that an authenticator app scans. */
export async function createTotp(network: string, email: string): Promise<{ secret: string; uri: string }> {
  const { generateSecret, generateURI } = await import('otplib');
  const secret = generateSecret();
  return { secret, uri: generateURI({ issuer: `RiOS ${network}`, label: email, secret }) };
}

/**
 * The time step of `code` when it is right now, one step early or one late; undefined otherwise. The caller takes
 * each step once (store/users.ts takeTotpStep), so that an overheard code opens nothing.
 */
export async function matchTotp(secret: string, code: string, now: number): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const { verify } = await import('otplib');
  const outcome = await verify({
    strategy: 'totp',
    secret,
    token: code,
    epoch: Math.floor(now / 1000),
    period: PERIOD_S,
    epochTolerance: PERIOD_S,
  });
  return outcome.valid && 'timeStep' in outcome ? outcome.timeStep : undefined;
}
