import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { checkPassword } from '../../src/auth/password-policy.ts';

const EMAIL = 'margaret@example.org';

function reasonOf(password: string): unknown {
  try {
    checkPassword(password, EMAIL);
  } catch (error) {
    if (hasCode(error, 'USER_PASSWORD_WEAK')) return error.details?.reason;
    throw error;
  }
  return 'taken';
}

describe('password policy', () => {
  const cases: Record<string, readonly string[]> = {
    short: ['', 'Tr0ub4dor&3', 'eleven char', '👍👍👍👍👍👍👍👍👍👍👍'],
    common: [
      '1qaz2wsx3edc',
      'Password1234',
      'P@ssw0rd2024!',
      'qwertyqwerty',
      'monkeydragon',
      'abcabcabcabc',
      'abcdefghijkl',
      '987654321098',
      '!!!!letmein!!!!',
      'ｐａｓｓｗｏｒｄ１２３４',
    ],
    repeated: ['aabbaabbaaab', 'xyxyxyyxyxyx'],
    address: ['margaret@example.org', 'margaret12345'],
    taken: [
      'violet tundra 42 kettle',
      'correct horse battery staple',
      'ümlaut schön größer',
      'x7Kq-pR2v-Lm9w',
    ],
  };
  for (const [reason, passwords] of Object.entries(cases)) {
    it(`behaviour: ${reason}`, () => {
      for (const password of passwords) expect(reasonOf(password), password).to.equal(reason);
    });
  }
});
