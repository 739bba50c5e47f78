import { fromBase64url } from '@rios/sdk/crypto/hash';
import { openSigned } from '@rios/sdk/crypto/signed';
import { RiosError } from '@rios/sdk/errors/error';
import { type AppSource, type AppSpec, archiveStatementSchema } from '@rios/sdk/schema/app';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';

/**
 * What a schema cannot say of a release's spec: that its parts fit each other, and that an archive is signed for this
 * name. Pure. @throws RiosError USER_INVALID_REQUEST, INTEGRITY_SIGNATURE
 */
export function checkSpec(name: string, spec: AppSpec): void {
  checkReplicas(spec);
  checkHealth(spec);
  checkNames(spec);
  for (const { cidr } of spec.egress) checkCidr(cidr);
  checkSource(name, spec.source);
}

function checkReplicas({ replicas: { min, max } }: AppSpec): void {
  if (min > max) throw refuse(`replicas.min (${min}) is above replicas.max (${max})`);
  if (max === 0) throw refuse('replicas.max is 0: nothing would ever run');
}

function checkHealth({ health, ports }: AppSpec): void {
  if (health.kind !== 'http' && health.kind !== 'tcp') return;
  if (!ports.includes(health.port)) throw refuse(`health.port ${health.port} is not one of its ports`);
}

function checkNames({ ports, env, secrets }: AppSpec): void {
  if (new Set(ports).size < ports.length) throw refuse('a port is declared twice');
  const both = Object.keys(env).find((key) => Object.hasOwn(secrets, key));
  if (both !== undefined) throw refuse(`${both} is in env and in secrets`);
}

function checkCidr(cidr: string): void {
  const [address = '', bits = ''] = cidr.split('/');
  const isAddress = address.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part);
  if (!isAddress || Number(bits) > 32) throw refuse(`egress ${cidr} is no block of IPv4 addresses`);
}

function checkSource(name: string, source: AppSource): void {
  if (source.kind === 'image') return;
  const { sha256, sizeBytes, chunks } = source.file;
  const count = Math.ceil(sizeBytes / CHUNK_BYTES);
  if (chunks.length !== count) throw refuse(`the file has ${chunks.length} chunk hashes, not ${count}`);
  if (count === 1 && chunks[0] !== sha256) throw refuse('the hash of the only chunk is not that of the file');
  if (source.kind !== 'archive') return;
  const { deployer, statement } = source;
  const signed = openSigned('appArchive', statement, fromBase64url(deployer), archiveStatementSchema);
  if (signed.app === name && signed.sha256 === sha256) return;
  throw new RiosError('INTEGRITY_SIGNATURE', 'the archive is signed for another application or file');
}

const refuse = (why: string) => new RiosError('USER_INVALID_REQUEST', `this cannot be deployed: ${why}`);
