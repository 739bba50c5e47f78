import { randomBytes } from 'node:crypto';
import { MAX_SECRET_CHARS, type SecretStore } from '@rios/sdk/crypto/secret-store';
import { expect } from 'chai';

/** What every store must do; `open` gives another view of the same secrets each time. */
export function behavesAsSecretStore(open: () => Promise<SecretStore>): void {
  const taken: string[] = [];
  function freshName(): string {
    const name = `https://${randomBytes(6).toString('hex')}.test:7070`;
    taken.push(name);
    return name;
  }
  afterEach(async () => {
    const store = await open();
    for (const name of taken.splice(0)) await store.delete(name);
  });

  it('default', async () => {
    const name = freshName();
    await (await open()).set(name, 'first');
    expect(await (await open()).get(name)).to.equal('first');
  });

  it('behaviour: what was never set is undefined, and cannot be deleted', async () => {
    const store = await open();
    expect(await store.get(freshName())).to.equal(undefined);
    expect(await store.delete(freshName())).to.equal(false);
  });

  it('behaviour: a second set replaces, a delete removes, once', async () => {
    const store = await open();
    const name = freshName();
    await store.set(name, 'first');
    await store.set(name, 'second');
    expect(await store.get(name)).to.equal('second');
    expect([await store.delete(name), await store.delete(name)]).to.deep.equal([true, false]);
    expect(await store.get(name)).to.equal(undefined);
  });

  it('behaviour: names that are alike do not mix', async () => {
    const store = await open();
    const name = freshName();
    const other = `${name}0`;
    taken.push(other);
    await store.set(name, 'one');
    await store.set(other, 'two');
    await store.delete(other);
    expect(await store.get(name)).to.equal('one');
  });

  it('behaviour: any text and a long one come back as they went', async () => {
    const store = await open();
    for (const secret of ['"\\\n\t{}', 'höß 🔑 \u202e', ' padded ', 'x'.repeat(8 * 1024)]) {
      const name = freshName();
      await store.set(name, secret);
      expect(await store.get(name), secret.slice(0, 20)).to.equal(secret);
    }
  });

  it('behaviour: sets at once are all kept', async () => {
    const names = Array.from({ length: 8 }, freshName);
    await Promise.all(names.map(async (name) => (await open()).set(name, `secret of ${name}`)));
    const store = await open();
    for (const name of names) expect(await store.get(name)).to.equal(`secret of ${name}`);
  });

  it('error USER_INVALID_REQUEST: a name or a secret that could not be kept', async () => {
    const store = await open();
    for (const [name, secret] of [
      ['', 'x'],
      ['a\0b', 'x'],
      [freshName(), ''],
      [freshName(), 'a\0b'],
      [freshName(), 'x'.repeat(MAX_SECRET_CHARS + 1)],
    ] as const) {
      const error = await store.set(name, secret).catch((thrown: unknown) => thrown);
      expect(error, JSON.stringify(name)).to.include({ code: 'USER_INVALID_REQUEST' });
    }
  });
}
