import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineFacts } from '@rios/sdk/schema/worker-process';
import { expect } from 'chai';
import { cachedFacts, probeKey } from '../../src/probe/probe-cache.ts';
import { tempFolder } from '../support/temp-folder.ts';

const FACTS: MachineFacts = {
  cores: 2,
  isa: 'avx2',
  runtimeVersion: '1',
  readBytesPerSecond: 1,
  provider: { name: 'cpu', device: '', expertMs: 1, maxAbsError: 0 },
};
const DAY_MS = 86_400_000;

describe('cachedFacts', () => {
  const setUp = () => {
    const file = join(tempFolder(), 'probe.json');
    let measured = 0;
    const ask = (key: string, now: number) =>
      cachedFacts(file, key, now, async () => ({ ...FACTS, cores: ++measured }));
    return { file, ask };
  };

  it('default: measures once a day', async () => {
    const { ask } = setUp();

    const facts = [await ask('k', 0), await ask('k', DAY_MS - 1), await ask('k', DAY_MS)];

    expect(facts.map(({ cores }) => cores)).to.deep.equal([1, 1, 2]);
  });

  it('behaviour: measures again for another key, a clock set back, or a damaged file', async () => {
    const { ask, file } = setUp();
    await ask('k', 1000);

    const other = await ask('other', 1000);
    const back = await ask('other', 999);
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
    const damaged = await ask('other', 999);

    expect([other.cores, back.cores, damaged.cores]).to.deep.equal([2, 3, 4]);
  });

  it('behaviour: the key names Node, onnxruntime and the processor', () => {
    expect(probeKey()).to.include(process.version).and.include('1.30.0');
  });
});
