import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { warnOfLocalLimits } from '../../src/services/warn-of-local-limits.ts';
import type { LiveOrchestrator } from '../../src/store/orchestrators.ts';
import { createManualClock } from '../support/manual-clock.ts';

const entry = (peerId: string): LiveOrchestrator => ({
  peerId,
  addresses: [],
  apiUrl: null,
  version: '0.1.0',
  startedAt: 1,
});

describe('warnOfLocalLimits', () => {
  it('default: warns once, and only when there is another orchestrator', async () => {
    const clock = createManualClock();
    const lines: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => void lines.push(message) };
    const live = [entry('a')];
    const stop = warnOfLocalLimits({ list: () => live }, { clock, log });
    const look = async () => {
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    };

    await look();
    expect(lines).to.deep.equal([]);
    live.push(entry('b'));
    await look();
    await look();
    await stop();

    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('REDIS_URL');
  });
});
