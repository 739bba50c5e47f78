import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { prepareLogFile } from '../src/log-file.ts';
import { availableMemoryBytes, offeredMemoryBytes, readNumber } from '../src/memory.ts';
import { gpuName } from '../src/probe/device.ts';
import { loadOrCreateSealingKey } from '../src/sealing-key.ts';
import { codeOf } from './support/errors.ts';
import { tempFolder } from './support/temp-folder.ts';

describe('memory', () => {
  it('default: what the machine has free, when no container says less', async () => {
    expect(await availableMemoryBytes(async () => undefined)).to.be.closeTo(freemem(), 2e9);
  });

  it('behaviour: a container’s limit less what it uses, when that is less', async () => {
    const read = async (file: string) =>
      file.endsWith('memory.max') ? 1000 : file.endsWith('current') ? 400 : undefined;
    expect(await availableMemoryBytes(read)).to.equal(600);
  });

  it('behaviour: a container over its limit has nothing', async () => {
    const read = async (file: string) => (file.endsWith('memory.max') ? 1000 : 2000);
    expect(await availableMemoryBytes(read)).to.equal(0);
  });

  it('default: three quarters are offered; option: what the operator says', () => {
    expect([offeredMemoryBytes(1000, undefined), offeredMemoryBytes(1000, 5000)]).to.deep.equal([750, 5000]);
  });

  it('behaviour: a missing file and "max" are no number', async () => {
    const file = join(tempFolder(), 'memory.max');
    await writeFile(file, 'max\n');
    const values = [await readNumber(file), await readNumber('/nowhere')];
    await writeFile(file, '123\n');

    expect([...values, await readNumber(file)]).to.deep.equal([undefined, undefined, 123]);
  });
});

describe('sealing key', () => {
  it('default: is made once, 32 bytes, and kept private', async () => {
    const file = join(tempFolder(), 'sealing.key');

    const keys = [await loadOrCreateSealingKey(file), await loadOrCreateSealingKey(file)];

    expect(keys[0]).to.equal(keys[1]);
    expect(Buffer.from(keys[0] ?? '', 'base64url')).to.have.length(32);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('error INTEGRITY_KEY_FILE', async () => {
    const file = join(tempFolder(), 'sealing.key');
    await writeFile(file, 'nonsense');

    expect(await codeOf(() => loadOrCreateSealingKey(file))).to.equal('INTEGRITY_KEY_FILE');
  });
});

describe('log file', () => {
  it('default: a log within its bound goes on; a larger one is put aside, and only one is kept', async () => {
    const file = join(tempFolder(), 'logs', 'worker.log');
    await prepareLogFile(file, 10);
    await writeFile(file, 'short');
    await prepareLogFile(file, 10);
    const kept = await readFile(file, 'utf8');
    await writeFile(file, 'longer than ten');

    await prepareLogFile(file, 10);

    expect(kept).to.equal('short');
    expect(await readFile(`${file}.1`, 'utf8')).to.equal('longer than ten');
    expect(await stat(file).catch(() => 'gone')).to.equal('gone');
  });
});

describe('gpuName', () => {
  it('default: the model that the NVIDIA driver tells, else the provider', async () => {
    const gpus = tempFolder();
    await mkdir(join(gpus, '0000:01:00.0'));
    await writeFile(join(gpus, '0000:01:00.0', 'information'), 'Model: \t\t NVIDIA H100\nIRQ: 1\n');

    expect([await gpuName('cuda', gpus), await gpuName('webgpu', join(gpus, 'nowhere'))]).to.deep.equal([
      'NVIDIA H100',
      'webgpu',
    ]);
  });
});
