import { seal } from '@rios/sdk/crypto/seal';

const MAX_KEYS = 4096;

/** Whether anything can be sealed to this key: a hello may bring any bytes as one. */
export function createKeyCheck(): (sealingKey: string) => boolean {
  const known = new Map<string, boolean>();
  return (sealingKey) => {
    const before = known.get(sealingKey);
    if (before !== undefined) return before;
    if (known.size >= MAX_KEYS) known.clear();
    const isGood = isSealingKey(sealingKey);
    known.set(sealingKey, isGood);
    return isGood;
  };
}

function isSealingKey(key: string): boolean {
  try {
    seal(key, new Uint8Array(0), 'check');
    return true;
  } catch {
    return false;
  }
}
