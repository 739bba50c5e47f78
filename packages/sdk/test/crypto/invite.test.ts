import assert from 'node:assert/strict';
import { toBase64url } from '../../src/crypto/hash.ts';
import { createInviteText, parseInvite, secretHashOf } from '../../src/crypto/invite.ts';
import { createNetworkKey } from '../../src/crypto/network.ts';

const now = 1_700_000_000_000;
const fields = {
  networkKey: toBase64url(createNetworkKey().publicKey),
  inviteId: 'inv_0123456789abc',
  addresses: ['/ip4/127.0.0.1/tcp/7071'],
  expiresAt: now + 1,
};
const encode = (value: unknown) => `rios1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

describe('invite', () => {
  it('default: what is invited is read back; the orchestrator keeps the hash of the secret only', () => {
    const { text, secretHash } = createInviteText(fields);

    const { secret, ...invite } = parseInvite(`\n ${text} \n`, now);

    assert.deepEqual(invite, { version: 1, ...fields });
    assert.equal(secretHashOf(secret), secretHash);
    assert.match(text, /^rios1\.[A-Za-z0-9_-]+$/);
    assert.doesNotMatch(Buffer.from(text.slice(6), 'base64url').toString(), new RegExp(secretHash));
    assert.notEqual(createInviteText(fields).secretHash, secretHash);
  });

  it('error AUTH_INVITE_EXPIRED: at its expiry and later', () => {
    const { text } = createInviteText(fields);
    assert.throws(() => parseInvite(text, now + 1), { code: 'AUTH_INVITE_EXPIRED' });
  });

  const { text } = createInviteText(fields);
  const whole = JSON.parse(Buffer.from(text.slice(6), 'base64url').toString());
  for (const [what, given] of [
    ['nothing', ''],
    ['another prefix', `rios2.${text.slice(6)}`],
    ['a cut text', text.slice(0, -9)],
    ['no JSON', 'rios1.AAAA'],
    ['another version', encode({ ...whole, version: 2 })],
    ['no address', encode({ ...whole, addresses: [] })],
    ['a key of another size', encode({ ...whole, networkKey: 'AAAA' })],
    ['a field too many', encode({ ...whole, admin: true })],
    ['a text of a megabyte', `rios1.${'A'.repeat(1_000_000)}`],
  ] as const) {
    it(`error AUTH_INVITE_INVALID: ${what}`, () => {
      assert.throws(() => parseInvite(given, now), { code: 'AUTH_INVITE_INVALID' });
    });
  }
});
