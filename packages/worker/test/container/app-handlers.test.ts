import type { Incoming, Link, Payload } from '@rios/sdk/wire/link';
import { encodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { EMPTY } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { createAppHandlers } from '../../src/container/app-handlers.ts';
import type { LogPart } from '../../src/container/contract.ts';
import { codeOf } from '../support/errors.ts';

const REPLICA = 'rep_1111111111';

describe('createAppHandlers', () => {
  const written: readonly LogPart[] = [
    { stream: 'stdout', at: 1, bytes: Buffer.from('one') },
    { stream: 'stderr', at: 2, bytes: Buffer.alloc(600_000) },
  ];
  const handlers = createAppHandlers({
    isOrchestrator: (peerId) => peerId === 'orchestrator',
    containers: {
      async *logs() {
        yield* written;
      },
      async exec({ stdin }, onPart) {
        await onPart({ stream: 'stdout', at: 3, bytes: stdin });
        return 4;
      },
    },
  });
  const call = async (method: Method, meta: object, peerId = 'orchestrator', body: Uint8Array = EMPTY) => {
    const parts: Payload[] = [];
    const incoming = {
      meta: encodeMeta(meta),
      body,
      peerId,
      signal: new AbortController().signal,
      part: async (part: Payload) => void parts.push(part),
    } as unknown as Incoming;
    const answer = await handlers[method]?.(incoming, {} as Link);
    return { answer, parts };
  };
  const logs = { replicaId: REPLICA, tailLines: 10, sinceAt: null, follow: false };
  const exec = { replicaId: REPLICA, command: ['true'], timeoutMs: 1000 };

  it('default: logs come in parts that a link can carry', async () => {
    const { parts } = await call(Method.logs, logs);

    expect(parts.map(({ body }) => body.length)).to.deep.equal([3, 262_144, 262_144, 75_712]);
    expect(Buffer.from(parts[0]?.meta ?? EMPTY).toString()).to.equal('{"stream":"stdout","at":1}');
  });

  it('default: a command gets its input, and answers with its exit code', async () => {
    const { parts, answer } = await call(Method.exec, exec, 'orchestrator', Buffer.from('in'));

    expect(Buffer.from(parts[0]?.body ?? EMPTY).toString()).to.equal('in');
    expect(Buffer.from(answer?.meta ?? EMPTY).toString()).to.equal('{"exitCode":4}');
  });

  it('error AUTH_FORBIDDEN: another member than an orchestrator', async () => {
    expect(await codeOf(() => call(Method.logs, logs, 'worker'))).to.equal('AUTH_FORBIDDEN');
    expect(await codeOf(() => call(Method.exec, exec, 'worker'))).to.equal('AUTH_FORBIDDEN');
  });

  it('error PEER_PROTOCOL: a request of the wrong form', async () => {
    expect(await codeOf(() => call(Method.exec, { ...exec, command: [] }))).to.equal('PEER_PROTOCOL');
    expect(await codeOf(() => call(Method.logs, { ...logs, tailLines: -1 }))).to.equal('PEER_PROTOCOL');
  });
});
