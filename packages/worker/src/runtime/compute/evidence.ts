import { createHash, hash } from 'node:crypto';

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

const HASH_BYTES = 32;
/** Up to here bytes are copied: a hash in one call is much faster than one in steps. */
const COPIED_BYTES = 16 * 1024;

/**
 * h(i) = sha256(h(i-1) | sha256(salt | input) | sha256(salt | output)), h(0) = 32 zero bytes; and one salted
 * commitment each over all inputs and all outputs in order. It is done for each call: its cost is a bar of
 * scripts/bench/metering.ts.
 */
export function createEvidence(salt: Uint8Array): Evidence {
  const inputs = createHash('sha256').update(salt);
  const outputs = createHash('sha256').update(salt);
  const salted = new Uint8Array(salt.length + COPIED_BYTES);
  salted.set(salt);
  /** h(i-1) | commitment to the input | commitment to the output */
  const link = new Uint8Array(3 * HASH_BYTES);
  const commit = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length > COPIED_BYTES) return createHash('sha256').update(salt).update(bytes).digest();
    salted.set(bytes, salt.length);
    return hash('sha256', salted.subarray(0, salt.length + bytes.length), 'buffer');
  };
  return {
    add(input, output) {
      inputs.update(input);
      outputs.update(output);
      link.set(commit(input), HASH_BYTES);
      link.set(commit(output), 2 * HASH_BYTES);
      link.set(hash('sha256', link, 'buffer'));
    },
    read: () => ({
      runningHash: Buffer.from(link.subarray(0, HASH_BYTES)).toString('hex'),
      inputCommitment: inputs.copy().digest('hex'),
      outputCommitment: outputs.copy().digest('hex'),
    }),
  };
}
