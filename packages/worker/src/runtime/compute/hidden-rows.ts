import { PREFILL_CHUNK } from '@rios/sdk/dmoe/graph-contract';
import { RiosError } from '@rios/sdk/errors/error';

/**
 * Reads pushed rows [rows, hidden] float32. Throws PEER_PROTOCOL for a wrong size, PEER_BAD_RESULT for numbers
 * that are not finite. The result owns its memory.
 */
export function readHiddenRows(rows: number, hidden: number, bytes: Uint8Array): Float32Array {
  const fits = Number.isInteger(rows) && rows > 0 && rows <= PREFILL_CHUNK;
  if (!fits || bytes.byteLength !== rows * hidden * Float32Array.BYTES_PER_ELEMENT) {
    throw new RiosError('PEER_PROTOCOL', 'pushed rows have another size than they say', {
      details: { rows, hidden, sizeBytes: bytes.byteLength },
    });
  }
  const values = new Float32Array(bytes.slice().buffer);
  if (values.every(Number.isFinite)) return values;
  throw new RiosError('PEER_BAD_RESULT', 'pushed rows hold a number that is not finite');
}

/** The bytes of rows, ready to be sent. */
export function writeHiddenRows(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
