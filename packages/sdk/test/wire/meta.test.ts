import assert from 'node:assert/strict';
import { z } from 'zod';
import { decodeMeta, encodeMeta } from '../../src/wire/meta.ts';
import { payload } from '../../src/wire/payload.ts';

const schema = z.strictObject({ name: z.string(), count: z.number().optional() });
const bytes = (text: string) => new TextEncoder().encode(text);

describe('meta', () => {
  it('default: what is encoded is decoded', () => {
    assert.deepEqual(decodeMeta(schema, encodeMeta({ name: 'ä', count: 3 })), { name: 'ä', count: 3 });
  });

  it('behaviour: empty bytes read as an empty object', () => {
    assert.deepEqual(decodeMeta(z.strictObject({}), payload().meta), {});
  });

  for (const [what, given] of [
    ['not JSON', bytes('{"name":')],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['a field too many', bytes('{"name":"a","more":1}')],
    ['a field of another type', bytes('{"name":1}')],
    ['nothing where something is needed', new Uint8Array(0)],
  ] as const) {
    it(`error PEER_PROTOCOL: ${what}`, () => {
      assert.throws(() => decodeMeta(schema, given), { code: 'PEER_PROTOCOL' });
    });
  }
});
