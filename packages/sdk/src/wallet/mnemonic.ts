import { HDNodeWallet, LangEn, Mnemonic } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { WalletSecret } from './key-store.ts';
import { nearWords } from './near-words.ts';

/** BIP-39 lists 2048 words; none is longer than eight letters. */
const LIST_SIZE = 2048;
const LONGEST_WORD = 8;
const LENGTHS: readonly number[] = [12, 15, 18, 21, 24];
const MAX_PHRASE_CHARS = 1024;
/** The ethereum path of BIP-44, without its last number. */
const PATH = "m/44'/60'/0'/0";

const knownWords = (): string[] =>
  Array.from({ length: LIST_SIZE }, (_, index) => LangEn.wordlist().getWord(index));

/** What may be shown of a wrong word: something that is no word could be another secret, pasted by mistake. */
const shown = (word: string) =>
  /^\p{L}+$/u.test(word) && word.length <= LONGEST_WORD + 2
    ? JSON.stringify(word)
    : `of ${word.length} characters`;

function unknownWord(word: string, position: number, known: readonly string[]): RiosError {
  const near = /^[a-z]{1,10}$/.test(word) ? nearWords(word, known) : [];
  const guess = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
  return new RiosError('WALLET_MNEMONIC', `word ${position} (${shown(word)}) is none of the list${guess}`, {
    details: { position, near },
    hint: `Correct word ${position}; the list is the English one of BIP-39.`,
  });
}

/**
 * The phrase with its words parted by one space, in lower case.
 * @throws RiosError WALLET_MNEMONIC: how many words there are, which is unknown and what it could be, or the checksum
 */
export function parseMnemonic(text: string): string {
  if (text.length > MAX_PHRASE_CHARS)
    throw new RiosError('WALLET_MNEMONIC', 'the text is too long for a mnemonic');
  const words = text.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean);
  const known = knownWords();
  const wrong = words.findIndex((word) => !known.includes(word));
  const isCount = LENGTHS.includes(words.length);
  if (wrong >= 0 && (isCount || words.length > 3)) throw unknownWord(words[wrong] ?? '', wrong + 1, known);
  if (!isCount) {
    throw new RiosError(
      'WALLET_MNEMONIC',
      `a mnemonic has 12, 15, 18, 21 or 24 words, this one ${words.length}`,
      {
        details: { words: words.length },
        hint: 'Add what is missing, all words on one line.',
      },
    );
  }
  const phrase = words.join(' ');
  if (Mnemonic.isValidMnemonic(phrase)) return phrase;
  throw new RiosError(
    'WALLET_MNEMONIC',
    'each word is of the list, but they do not belong together: the checksum fails',
    {
      hint: 'One word is another one of the list, or two have changed places: compare with what you wrote down.',
    },
  );
}

/** The key of a phrase, by the path of ethereum; `index` counts the accounts of one phrase. */
export function deriveSecret(phrase: string, index = 0): WalletSecret {
  const path = `${PATH}/${index}`;
  const { privateKey } = HDNodeWallet.fromPhrase(phrase, '', path);
  return { privateKey, mnemonic: { phrase, path } };
}

/** A new key, from 12 new words (128 bits of the system's randomness). */
export function createSecret(): WalletSecret {
  const phrase = HDNodeWallet.createRandom().mnemonic?.phrase;
  if (phrase === undefined) throw new RiosError('BUG_UNEXPECTED', 'a new wallet has no words');
  return deriveSecret(phrase);
}
