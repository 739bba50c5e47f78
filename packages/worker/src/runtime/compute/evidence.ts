import { createHash, type Hash, hash } from 'node:crypto';

/** What a receipt says of the bytes that went through a session: see schema/trust.ts, receiptSchema. */
export interface Evidence {
  /** A call's input and output. */
  add(input: Uint8Array, output: Uint8Array): void;
  /** Over all calls so far; hex. */
  read(): {
    readonly runningHash: string;
    readonly inputCommitment: string;
    readonly outputCommitment: string;
  };
}

/** A segment ends with the call that brings its inputs and outputs together to this much. */
export const SEGMENT_BYTES = 16 * 1024;
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;

/**
 * Calls are committed to in segments. Of each: I = sha256(salt | length | input | …) over the inputs of its calls in
 * order, O over their outputs; lengths are 32 bits, little endian. Then h(i) = sha256(h(i-1) | I(i) | O(i)), h(0) = 32
 * zero bytes, and the commitments are sha256(salt | I(1) | I(2) …) and the same of O. A segment that is not over yet
 * counts as it is. So each byte is hashed once, and small calls together: the cost is a bar of
 * scripts/bench/metering.ts.
 */
export function createEvidence(salt: Uint8Array): Evidence {
  const [input, output] = [createSide(salt), createSide(salt)];
  const inputs = createHash('sha256').update(salt);
  const outputs = createHash('sha256').update(salt);
  let running: Uint8Array = new Uint8Array(HASH_BYTES);
  let bytes = 0;
  const next = (I: Uint8Array, O: Uint8Array): Uint8Array =>
    createHash('sha256').update(running).update(I).update(O).digest();
  return {
    add(given, answered) {
      input.add(given);
      output.add(answered);
      bytes += given.length + answered.length;
      if (bytes < SEGMENT_BYTES) return;
      const [I, O] = [input.end(), output.end()];
      running = next(I, O);
      inputs.update(I);
      outputs.update(O);
      bytes = 0;
    },
    read() {
      const [I, O] = [input.soFar(), output.soFar()];
      const isOpen = I !== undefined && O !== undefined;
      return {
        runningHash: hex(isOpen ? next(I, O) : running),
        inputCommitment: hex((isOpen ? inputs.copy().update(I) : inputs.copy()).digest()),
        outputCommitment: hex((isOpen ? outputs.copy().update(O) : outputs.copy()).digest()),
      };
    },
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** One side of the calls of a segment. */
interface Side {
  add(bytes: Uint8Array): void;
  /** The commitment; what comes next is of another segment. */
  end(): Uint8Array;
  /** The commitment as it is; undefined when there was no call yet. */
  soFar(): Uint8Array | undefined;
}

/** Small calls are copied together: a hash in one step is much faster than one in many. */
function createSide(salt: Uint8Array): Side {
  const copied = new Uint8Array(salt.length + 2 * SEGMENT_BYTES);
  const view = new DataView(copied.buffer);
  copied.set(salt);
  let used = salt.length;
  let large: Hash | undefined;
  const read = () => large?.copy().digest() ?? hash('sha256', copied.subarray(0, used), 'buffer');
  return {
    add(bytes) {
      const isSmall = used + LENGTH_BYTES + bytes.length <= copied.length;
      if (large === undefined && isSmall) {
        view.setUint32(used, bytes.length, true);
        copied.set(bytes, used + LENGTH_BYTES);
        used += LENGTH_BYTES + bytes.length;
        return;
      }
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32LE(bytes.length);
      large ??= createHash('sha256').update(copied.subarray(0, used));
      large.update(length).update(bytes);
    },
    end() {
      const commitment = read();
      used = salt.length;
      large = undefined;
      return commitment;
    },
    soFar: () => (large === undefined && used === salt.length ? undefined : read()),
  };
}
