import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import type { Asking } from '../prompts/confirm.ts';
import { ask } from './ask.ts';

const MAX_BYTES = 32 * 1024;

export interface SecretSource {
  readonly name: string;
  readonly stdin: boolean;
  readonly file?: string | undefined;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
}

/** One more byte than may be, so that too much is seen. */
async function readFileBounded(file: string): Promise<Uint8Array> {
  const opened = await open(file, 'r');
  try {
    const { buffer: bytes, bytesRead } = await opened.read(Buffer.alloc(MAX_BYTES + 3), 0, MAX_BYTES + 3, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await opened.close();
  }
}

/** Text without its last newline, which an editor or echo put there. */
function textOf(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', 'the secret is no UTF-8 text', {
      hint: 'An environment variable holds text: encode bytes, for example by base64.',
      cause,
    });
  }
  return text.replace(/\r?\n$/, '');
}

/**
 * The value of a secret, from stdin, a file or the terminal; never from an argument.
 * @throws RiosError USER_INPUT_NEEDED, USER_INVALID_REQUEST (no text, empty, larger than 32 KiB), NOT_FOUND_FILE
 */
export async function readSecretValue({ name, stdin, file, asking }: SecretSource): Promise<string> {
  const given = async (): Promise<string> => {
    if (file !== undefined) return textOf(await readFileBounded(file));
    if (stdin) return textOf(await buffer(process.stdin));
    return ask({ message: `Value of ${name}`, secret: true, otherwise: 'Add --stdin or --file.' }, asking);
  };
  const value = await given();
  const wrong = (what: string, hint: string) =>
    new RiosError('USER_INVALID_REQUEST', `the secret ${what}`, { hint });
  if (value === '') throw wrong('is empty', 'Write it to stdin, or into the file.');
  if (value.includes('\0')) throw wrong('has a zero byte', 'No environment variable can hold it.');
  if (Buffer.byteLength(value) > MAX_BYTES) throw wrong('is larger than 32 KiB', 'Give a shorter one.');
  return value;
}
