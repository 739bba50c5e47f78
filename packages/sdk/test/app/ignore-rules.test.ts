import { parseIgnore } from '@rios/sdk/app/ignore-rules';
import { expect } from 'chai';

describe('app/ignore-rules', () => {
  for (const [rules, path, isDirectory, ignored] of [
    ['', 'server.js', false, false],
    ['', '.git', true, true],
    ['', 'sub/.env.local', false, true],
    ['!.env', '.env', false, false],
    ['', 'rios.yaml', false, true],
    ['', 'sub/rios.yaml', false, false],
    ['*.log', 'a/b/x.log', false, true],
    ['*.log', 'x.logs', false, false],
    ['/x.log', 'a/x.log', false, false],
    ['a/x.log', 'a/x.log', false, true],
    ['tmp/', 'tmp', false, false],
    ['tmp/', 'tmp', true, true],
    ['**/cache', 'a/b/cache', true, true],
    ['a/**/z', 'a/z', false, true],
    ['a/**/z', 'a/b/c/z', false, true],
    ['a/**', 'a/b', false, true],
    ['a/**', 'b/a', false, false],
    ['?.js', 'ä.js', false, true],
    ['?.js', 'ab.js', false, false],
    ['# comment', '# comment', false, false],
    ['\\#real', '#real', false, true],
    ['*.js\n!keep.js', 'keep.js', false, false],
    ['*.js\n!keep.js', 'drop.js', false, true],
    ['a*b*c', 'aXbYbZc', false, true],
  ] as const) {
    it(`behaviour: ${JSON.stringify(rules)} ${ignored ? 'leaves out' : 'keeps'} ${path}`, () => {
      expect(parseIgnore(rules)(path, isDirectory)).to.equal(ignored);
    });
  }

  it('behaviour: a hostile pattern costs no more than its length times that of the name', () => {
    const ignores = parseIgnore(`${'*a'.repeat(500)}b`);

    expect(ignores('a'.repeat(5000), false)).to.equal(false);
  }).timeout(2000);
});
