import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { RiosError } from '../errors/error.ts';
import { parseSafetensorsHeader, safetensorsError, type TensorEntry } from './safetensors-header.ts';

/** No header may be longer; the format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** An open safetensors file: its tensors, and reads that never leave them. */
export interface SafetensorsFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensors: readonly TensorEntry[];
  /**
   * Fills `target` from byte `offset` of `tensor`. Synchronous: callers read in small pieces between awaits.
   * Throws MODEL_SAFETENSORS_INVALID when the file became shorter, and on a range outside the tensor.
   */
  read(tensor: TensorEntry, offset: number, target: Uint8Array): void;
  close(): Promise<void>;
}

/**
 * Opens and checks a safetensors file; reads only its header.
 * Throws NOT_FOUND_FILE, MODEL_SAFETENSORS_INVALID.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = basename(path);
  const opened = await open(path, 'r').catch((cause) => {
    throw new RiosError('NOT_FOUND_FILE', `cannot read ${path}`, { details: { path }, cause });
  });
  try {
    const { size, tensors } = await readHeader(opened, file);
    return {
      path,
      sizeBytes: size,
      tensors,
      read: (tensor, offset, target) => readTensor(opened.fd, file, tensor, offset, target),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function readHeader(
  opened: FileHandle,
  file: string,
): Promise<{ size: number; tensors: TensorEntry[] }> {
  const facts = await opened.stat();
  if (!facts.isFile()) throw safetensorsError(file, 'not a regular file');
  const prefix = Buffer.alloc(8);
  const { bytesRead } = await opened.read(prefix, 0, 8, 0);
  if (bytesRead < 8) throw safetensorsError(file, 'the file is shorter than its 8-byte header length');
  const headerBytes = prefix.readBigUInt64LE();
  if (headerBytes > BigInt(MAX_HEADER_BYTES))
    throw safetensorsError(
      file,
      `the header claims ${headerBytes} bytes; at most ${MAX_HEADER_BYTES} are allowed`,
    );
  const dataStart = 8 + Number(headerBytes);
  if (dataStart > facts.size) throw safetensorsError(file, 'the file ends inside its header');
  const header = Buffer.alloc(Number(headerBytes));
  const read = await opened.read(header, 0, header.length, 8);
  if (read.bytesRead < header.length) throw safetensorsError(file, 'the file ends inside its header');
  const text = header.toString('utf8');
  return { size: facts.size, tensors: parseSafetensorsHeader(text, dataStart, facts.size - dataStart, file) };
}

function readTensor(fd: number, file: string, tensor: TensorEntry, offset: number, target: Uint8Array): void {
  const from = tensor.begin + offset;
  if (offset < 0 || from + target.length > tensor.end)
    throw safetensorsError(file, `a read leaves tensor "${tensor.name}"`, { tensor: tensor.name });
  let filled = 0;
  while (filled < target.length) {
    const count = readSync(fd, target, filled, target.length - filled, from + filled);
    if (count === 0) throw safetensorsError(file, 'the file became shorter while it was read');
    filled += count;
  }
}
