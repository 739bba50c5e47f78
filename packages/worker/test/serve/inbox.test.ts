import { expect } from 'chai';
import { createInbox } from '../../src/serve/inbox.ts';
import { codeOf } from '../support/errors.ts';

const at = (position: number, rows: number) => ({ sessionId: 'ses_0000000001', position, rows });

describe('inbox', () => {
  it('default: rows in order, up to the last position', () => {
    const inbox = createInbox(4, 8);

    inbox.accept(at(0, 5), 5 * 16);
    inbox.accept(at(5, 3), 3 * 16);
  });

  const broken: Record<string, [number, number, number]> = {
    'a gap': [1, 1, 16],
    'rows again': [-1, 1, 16],
    'too many rows': [0, 9, 9 * 16],
    'too few bytes': [0, 2, 16],
    'too many bytes': [0, 1, 32],
  };
  for (const [what, [position, rows, bytes]] of Object.entries(broken)) {
    it(`error PEER_BAD_RESULT: ${what}`, async () => {
      expect(await codeOf(() => createInbox(4, 8).accept(at(position, rows), bytes))).to.equal(
        'PEER_BAD_RESULT',
      );
    });
  }
});
