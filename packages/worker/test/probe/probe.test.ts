import type { ProbeAnswer } from '@rios/sdk/schema/worker-process';
import { expect } from 'chai';
import { createOffer } from '../../src/offer.ts';
import { childProber, measureBandwidth } from '../../src/probe/child-prober.ts';
import { type ProbeTools, probeMachine } from '../../src/probe/probe.ts';
import { gpuProviders, type Prober } from '../../src/probe/providers.ts';
import { isaTier, numericClass } from '../../src/runtime/numeric-class.ts';
import { failureOf } from '../support/errors.ts';

const ran = (overrides: Partial<ProbeAnswer & { ok: true }> = {}): ProbeAnswer => ({
  ok: true,
  device: 'NVIDIA H100',
  expertMs: 0.01,
  runtimeVersion: '1.30.0',
  y: [1, -2, 3],
  ...overrides,
});

/** A machine where each provider answers as told; the CPU well, others not at all, unless told. */
function machine(answers: Readonly<Record<string, ProbeAnswer>>): ProbeTools {
  const all: Readonly<Record<string, ProbeAnswer>> = {
    cpu: ran({ device: 'Xeon', expertMs: 0.1 }),
    ...answers,
  };
  const prober: Prober = async (provider) => all[provider] ?? { ok: false, reason: `no ${provider} here` };
  return { prober, measureBandwidth: async () => 1e10, isa: () => 'avx2', platform: 'linux' };
}

const NONE = { reason: 'no container engine' };

describe('probeMachine', () => {
  it('default: the CPU, without asking any other provider', async () => {
    const asked: string[] = [];
    const tools = machine({ cuda: ran() });

    const facts = await probeMachine(
      {
        ...tools,
        prober: (provider) => {
          asked.push(provider);
          return tools.prober(provider);
        },
      },
      false,
    );

    expect(asked).to.deep.equal(['cpu']);
    expect(facts).to.deep.include({ isa: 'avx2', readBytesPerSecond: 1e10, runtimeVersion: '1.30.0' });
    expect(facts.provider).to.deep.equal({ name: 'cpu', device: 'Xeon', expertMs: 0.1, maxAbsError: 0 });
  });

  it('option: gpu: the best provider whose result equals the CPU’s, as the offer then says', async () => {
    const facts = await probeMachine(machine({ cuda: ran({ y: [1, -2.0001, 3] }), webgpu: ran() }), true);

    const wishes = { name: 'n', region: '', labels: { rack: '1' }, price: '1', threads: 2, memoryBytes: 8e9 };
    const offer = createOffer(wishes, facts, numericClass(facts.provider.name), 'AAAA', NONE);

    expect(facts.provider.name).to.equal('cuda');
    expect(facts.provider.maxAbsError).to.be.closeTo(1e-4, 1e-9);
    expect(offer.engine).to.deep.include({ provider: 'cuda', device: 'NVIDIA H100' });
    expect(offer.engine.numericClass).to.match(/^ort-1\.30\.0\/cuda\//);
    expect(offer.labels).to.deep.equal({ accelerator: 'cuda', rack: '1' });
    expect(offer.expertMs).to.equal(0.01);
  });

  it('bug: gpu: sessions on several threads ended the process, so a GPU gets one thread whatever is wished', async () => {
    const wishes = { name: 'n', region: '', labels: {}, price: '1', threads: 16, memoryBytes: 8e9 };
    const gpu = await probeMachine(machine({ webgpu: ran() }), true);
    const cpu = await probeMachine(machine({}), false);

    expect(createOffer(wishes, gpu, 'class', 'AAAA', NONE).engine.threads).to.equal(1);
    expect(createOffer(wishes, cpu, 'class', 'AAAA', NONE).engine.threads).to.equal(16);
  });

  it('behaviour: gpu: a provider that computes something else is not taken', async () => {
    const facts = await probeMachine(machine({ cuda: ran({ y: [1, 2, 3] }), webgpu: ran() }), true);

    expect(facts.provider.name).to.equal('webgpu');
  });

  it('error CAPACITY_NO_GPU: every provider with its reason, and what to install', async () => {
    const wrong = machine({ cuda: ran({ y: [Number.NaN, -2, 3] }), tensorrt: ran({ y: [1] }) });

    const { code, details, hint } = await failureOf(() => probeMachine(wrong, true));

    expect(code).to.equal('CAPACITY_NO_GPU');
    const tried = details?.tried as { provider: string; reason: string }[];
    expect(tried.map(({ provider }) => provider)).to.deep.equal(gpuProviders('linux'));
    expect(tried.map(({ reason }) => reason).join(' | ')).to.match(
      /differs.*1 values, not 3.*no webgpu here/,
    );
    expect(hint).to.include('CUDA 12');
  });

  it('error RUNTIME_SESSION: not even the CPU computes', async () => {
    const { code } = await failureOf(() =>
      probeMachine(machine({ cpu: { ok: false, reason: 'illegal instruction' } }), false),
    );
    expect(code).to.equal('RUNTIME_SESSION');
  });
});

describe('probing this machine', function () {
  this.timeout(30_000);

  it('default: the CPU runs the probe’s expert in a child process, twice the same', async () => {
    const [one, two] = [await childProber('cpu'), await childProber('cpu')];

    expect(one.ok && one.expertMs).to.be.greaterThan(0);
    expect(one.ok && one.y).to.have.length(256);
    expect(one.ok && one.y.some((value) => value !== 0)).to.equal(true);
    expect(two.ok && two.y).to.deep.equal(one.ok && one.y);
  });

  it('behaviour: a provider that this build lacks is refused with the reason', async () => {
    const provider = process.platform === 'win32' ? 'coreml' : 'dml';

    const answer = await childProber(provider);

    expect(answer.ok).to.equal(false);
    expect(!answer.ok && answer.reason).to.include(provider);
  });

  it('default: memory bandwidth is that of a real machine', async () => {
    expect(await measureBandwidth()).to.be.within(1e8, 1e12);
  });

  it('default: the instruction tier is one of those that classes name', () => {
    expect(['avx512', 'avx2', 'sse', 'neon']).to.include(isaTier());
  });
});
