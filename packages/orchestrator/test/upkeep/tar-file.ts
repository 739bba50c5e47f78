/** One entry of a tar file; `size` and `type` may lie. */
export interface Entry {
  readonly path: string;
  readonly bytes: Buffer;
  readonly type?: string;
  readonly link?: string;
  readonly size?: number;
}

const BLOCK = 512;
const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/** The entries of a tar file with short names. */
export function splitTar(tar: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; tar[at] !== 0 && at < tar.byteLength; ) {
    const text = (from: number, length: number) =>
      tar
        .subarray(at + from, at + from + length)
        .toString()
        .split('\0')[0] ?? '';
    const size = Number.parseInt(text(124, 12), 8);
    entries.push({ path: text(0, 100), bytes: tar.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + padded(size);
  }
  return entries;
}

/** A tar file (ustar), written by hand, so that it can hold what no writer would write. */
export function writeTar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap((entry) => [header(entry), entry.bytes, pad(entry.bytes.byteLength)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

const pad = (size: number) => Buffer.alloc(padded(size) - size);

function header({ path, bytes, type = '0', link = '', size = bytes.byteLength }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
