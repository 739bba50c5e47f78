import { fromBase64url, toBase64url } from '../crypto/hash.ts';
import type { Identity } from '../crypto/identity.ts';
import { openSigned, sign } from '../crypto/signed.ts';
import { RiosError } from '../errors/error.ts';
import { type AppSource, archiveStatementSchema, type StoredFile } from '../schema/app.ts';

type ArchiveSource = Extract<AppSource, { kind: 'archive' }>;

/** The source of an application that comes as a saved image, with the deployer's word for which bytes it is. */
export function signArchive(
  deployer: Pick<Identity, 'publicKey' | 'privateKey'>,
  app: string,
  file: StoredFile,
): ArchiveSource {
  return {
    kind: 'archive',
    file,
    deployer: toBase64url(deployer.publicKey),
    statement: sign('appArchive', { app, sha256: file.sha256 }, deployer.privateKey),
  };
}

/**
 * Checks that the deployer's key signed exactly this file for this application.
 * @throws RiosError INTEGRITY_SIGNATURE
 */
export function verifyArchive(source: ArchiveSource, app: string): void {
  const key = fromBase64url(source.deployer);
  const statement = openSigned('appArchive', source.statement, key, archiveStatementSchema);
  if (statement.app === app && statement.sha256 === source.file.sha256) return;
  throw new RiosError('INTEGRITY_SIGNATURE', "the deployer's signature is for another archive", {
    details: { app, signedApp: statement.app, sha256: source.file.sha256, signedSha256: statement.sha256 },
  });
}
