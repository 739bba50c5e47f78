import { assert } from 'chai';
import fc from 'fast-check';
import { findDuplicateKey } from '../../src/model/unique-keys.ts';

describe('findDuplicateKey', () => {
  it('default: finds a key that stands twice in one object', () => {
    assert.equal(findDuplicateKey('{"a": 1, "b": 2, "a": 3}'), 'a');
    assert.equal(findDuplicateKey('{"x": [{"dtype": 1, "dtype": 2}]}'), 'dtype');
  });

  it('behaviour: sees through escapes and white space', () => {
    assert.equal(findDuplicateKey('{"a" : 1, "\\u0061"\n: 2}'), 'a');
  });

  it('behaviour: the same key in two objects, and texts that look like keys, are fine', () => {
    assert.isUndefined(findDuplicateKey('{"a": {"b": 1}, "c": {"b": "a"}, "d": ["a", "a"], "e": "x\\":"}'));
  });

  it('behaviour: no text that JSON.stringify writes has one', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => findDuplicateKey(JSON.stringify(value)) === undefined));
  });
});
