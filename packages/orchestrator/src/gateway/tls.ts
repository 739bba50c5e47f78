import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';

/** PEM files: the certificate with its chain, and its private key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Writers replace the two files one after the other. */
const SETTLE_MS = 500;

/** What the server is given: TLS 1.3 only. */
export type TlsOptions = SecureContextOptions & { readonly minVersion: 'TLSv1.3' };

/** Reads a certificate and its key, and checks that they belong together. @throws RiosError USER_INVALID_REQUEST */
export async function readTls(files: TlsFiles): Promise<TlsOptions> {
  try {
    const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
    const options: TlsOptions = { cert, key, minVersion: 'TLSv1.3' };
    createSecureContext(options);
    return options;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError('USER_INVALID_REQUEST', `the TLS certificate cannot be used: ${message}`, {
      hint: 'Give PEM files that belong together: --tls-cert <chain> --tls-key <private key>.',
      cause,
    });
  }
}

/**
 * Calls `apply` with the certificate again when one of its files changes (their folders are watched, so that
 * renames and links count too), or on SIGHUP. One that cannot be used is told to the log, and the old one stays.
 * Returns how to end it.
 */
export function watchTls(
  files: TlsFiles,
  apply: (options: TlsOptions) => void,
  { clock, log }: { clock: Clock; log: Log },
): () => void {
  let cancel = () => {};
  const reload = () => {
    cancel();
    cancel = clock.after(SETTLE_MS, () => {
      readTls(files)
        .then((options) => {
          apply(options);
          log.info('the TLS certificate was read again', { cert: files.cert });
        })
        .catch((error: unknown) => log.error('the old TLS certificate stays', { error: String(error) }));
    });
  };
  const folders = new Set([files.cert, files.key].map((file) => dirname(file)));
  const watchers: FSWatcher[] = [...folders].map((folder) => watch(folder, { persistent: false }, reload));
  for (const watcher of watchers)
    watcher.on('error', (error) => log.warn('TLS files are not watched', { error: error.message }));
  process.on('SIGHUP', reload);
  return () => {
    cancel();
    process.off('SIGHUP', reload);
    for (const watcher of watchers) watcher.close();
  };
}
