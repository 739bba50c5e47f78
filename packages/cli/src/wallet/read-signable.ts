import { open } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { Signable } from '@rios/sdk/wallet/signable';

const MAX_BYTES = 1024 * 1024;

async function readBounded(file: string): Promise<Buffer> {
  const opened = await open(file, 'r');
  try {
    const { size } = await opened.stat();
    if (size <= MAX_BYTES) return await opened.readFile();
    throw new RiosError('USER_INVALID_REQUEST', `${file} is larger than 1 MiB`);
  } finally {
    await opened.close();
  }
}

/**
 * What is signed or verified: the argument, the bytes of a file, or typed data in a file.
 * @throws RiosError USER_INVALID_REQUEST unless it is exactly one of them
 */
export async function readSignable(given: {
  readonly message: string | undefined;
  readonly file: string | undefined;
  readonly typedData: string | undefined;
}): Promise<Signable> {
  const { message, file, typedData } = given;
  if ([message, file, typedData].filter((each) => each !== undefined).length !== 1) {
    throw new RiosError('USER_INVALID_REQUEST', 'give a message, or --file, or --typed-data', {
      hint: 'Exactly one of them.',
    });
  }
  if (typedData !== undefined) {
    const { parseTypedData } = await import('@rios/sdk/wallet/signable');
    return parseTypedData((await readBounded(typedData)).toString('utf8'));
  }
  return {
    kind: 'message',
    message: file === undefined ? Buffer.from(message ?? '') : await readBounded(file),
  };
}
