import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { bitString, der, objectId, TAG, time } from './der.ts';
import type { TlsFiles } from './tls.ts';

const DAY_MS = 86_400_000;
/** Browsers take no longer one. */
const LIFE_MS = 397 * DAY_MS;
/** Renewed at the start when it has less left. */
const RENEW_MS = 30 * DAY_MS;
/** The client's clock may be behind. */
const SLACK_MS = DAY_MS;

const ECDSA_SHA256 = der(TAG.sequence, objectId('1.2.840.10045.4.3.2'));

interface Issued {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly pem: string;
  readonly key: KeyObject;
}

interface Subject {
  readonly name: string;
  /** Names and addresses that a server certificate is for; none makes an authority. */
  readonly hosts: readonly string[];
}

/** A certificate authority and a certificate by it, both new, PEM. ECDSA P-256; RFC 5280. */
export function createDevCertificate(
  hosts: readonly string[],
  now: number,
): { readonly ca: string; readonly cert: string; readonly key: string } {
  const ca = issue({ name: `RiOS dev ${randomBytes(4).toString('hex')}`, hosts: [] }, now);
  const leaf = issue({ name: hosts[0] ?? 'localhost', hosts }, now, ca);
  return {
    ca: ca.pem,
    cert: `${leaf.pem}${ca.pem}`,
    key: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function issue(subject: Subject, now: number, issuer?: Issued): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const facts = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? subject.name),
    der(TAG.sequence, time(now - SLACK_MS), time(now - SLACK_MS + LIFE_MS)),
    nameOf(subject.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.sequence, ...extensionsOf(subject, publicKey, issuer?.publicKey ?? publicKey))),
  );
  const signature = sign('sha256', facts, { key: issuer?.key ?? privateKey, dsaEncoding: 'der' });
  const whole = Buffer.from(der(TAG.sequence, facts, ECDSA_SHA256, bitString(signature)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { name: subject.name, publicKey, pem, key: privateKey };
}

const nameOf = (name: string) =>
  der(TAG.sequence, der(TAG.set, der(TAG.sequence, objectId('2.5.4.3'), der(TAG.utf8, Buffer.from(name)))));

const TRUE = der(TAG.boolean, Buffer.from([0xff]));

/** The authority may sign certificates and nothing else; a server's names its hosts. */
function extensionsOf({ hosts }: Subject, own: KeyObject, issuer: KeyObject): Uint8Array[] {
  const extension = (id: string, value: Uint8Array, ...critical: Uint8Array[]) =>
    der(TAG.sequence, objectId(id), ...critical, der(TAG.octetString, value));
  const keys = [
    extension('2.5.29.14', der(TAG.octetString, keyIdOf(own))),
    extension('2.5.29.35', der(TAG.sequence, der(0x80, keyIdOf(issuer)))),
  ];
  if (hosts.length === 0) {
    const keyCertSign = der(TAG.bitString, Buffer.from([2, 0b0000_0100]));
    return [
      ...keys,
      extension('2.5.29.19', der(TAG.sequence, TRUE), TRUE),
      extension('2.5.29.15', keyCertSign, TRUE),
    ];
  }
  const serverAuth = der(TAG.sequence, objectId('1.3.6.1.5.5.7.3.1'));
  return [
    ...keys,
    extension('2.5.29.17', der(TAG.sequence, ...hosts.map(hostName))),
    extension('2.5.29.37', serverAuth),
  ];
}

/** Any name for a key will do; this is one of RFC 7093. */
const keyIdOf = (key: KeyObject): Uint8Array =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);

const hostName = (host: string): Uint8Array =>
  isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));

/**
 * The certificate for development kept in `directory`, made anew when there is none, or it has less than 30 days
 * left. Clients trust it by `ca.pem` (NODE_EXTRA_CA_CERTS); the authority's key is not kept, so it can sign no more.
 */
export async function ensureDevCertificate(
  directory: string,
  now: number,
): Promise<TlsFiles & { readonly ca: string }> {
  const files = {
    ca: join(directory, 'ca.pem'),
    cert: join(directory, 'cert.pem'),
    key: join(directory, 'key.pem'),
  };
  if (await isUsable(files, now)) return files;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const made = createDevCertificate(['localhost', '127.0.0.1'], now);
  await writeFileAtomic(files.ca, made.ca, 0o600);
  await writeFileAtomic(files.key, made.key, 0o600);
  await writeFileAtomic(files.cert, made.cert, 0o600);
  return files;
}

async function isUsable(files: TlsFiles, now: number): Promise<boolean> {
  try {
    const cert = new X509Certificate(await readFile(files.cert));
    const key = createPrivateKey(await readFile(files.key));
    return cert.checkPrivateKey(key) && cert.validToDate.getTime() - now > RENEW_MS;
  } catch {
    return false;
  }
}
