import type { Result } from 'ethers';

/** ethers decodes when a value is first looked at: this looks at all of them. @throws what ethers throws */
export function wholeResult(result: Result): Result {
  result.toArray(true);
  return result;
}
