import { open } from 'node:fs/promises';

export type Dtype = 'F32' | 'F16' | 'BF16';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

const WIDTHS: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8 };
const BLOCK_BYTES = 4 * 1024 * 1024;

export const tensorBytes = ({ dtype, shape }: TensorToWrite): number =>
  shape.reduce((product, size) => product * size, WIDTHS[dtype] ?? 1);

/** The header (length and JSON) of a safetensors file with these tensors one after another. */
export function safetensorsHeader(tensors: readonly TensorToWrite[]): Buffer {
  let end = 0;
  const entries = tensors.map((tensor) => {
    const begin = end;
    end += tensorBytes(tensor);
    return [tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] }];
  });
  return withLength(JSON.stringify(Object.fromEntries(entries)));
}

/** A header text behind its 8-byte length. */
export function withLength(text: string, claimed = BigInt(Buffer.byteLength(text))): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed);
  return Buffer.concat([length, Buffer.from(text)]);
}

/** Writes a safetensors file piece by piece; `fill` gives the next bytes of a tensor (reused when returned). */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  fill: (tensor: TensorToWrite, bytes: Buffer) => void,
): Promise<void> {
  const file = await open(path, 'w');
  const block = Buffer.alloc(BLOCK_BYTES);
  await file.write(safetensorsHeader(tensors));
  for (const tensor of tensors) {
    for (let left = tensorBytes(tensor); left > 0; ) {
      const piece = block.subarray(0, Math.min(left, block.length));
      fill(tensor, piece);
      await file.write(piece);
      left -= piece.length;
    }
  }
  await file.close();
}

/** Encodes values in a dtype; bfloat16 and float16 are truncated, which is fine for made-up weights. */
export function encodeValues(dtype: string, next: () => number, bytes: Buffer): void {
  const width = WIDTHS[dtype] ?? 1;
  for (let at = 0; at + width <= bytes.length; at += width) {
    if (dtype === 'F32') bytes.writeFloatLE(next(), at);
    else if (dtype === 'BF16') bytes.writeUInt16LE(bfloat16(next()), at);
    else if (dtype === 'F16') bytes.writeUInt16LE(float16(next()), at);
    else bytes.fill(0, at, at + width);
  }
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function bfloat16(value: number): number {
  float[0] = value;
  return (bits[0] ?? 0) >>> 16;
}

/** Normal values only; what is too small becomes zero. */
export function float16(value: number): number {
  float[0] = value;
  const word = bits[0] ?? 0;
  const exponent = ((word >>> 23) & 0xff) - 112;
  const sign = (word >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((word >>> 13) & 0x3ff);
}
