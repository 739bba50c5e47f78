import type { RouteExplanation } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import { formatChecks } from '../../src/print/checks.ts';
import { formatInvites } from '../../src/print/invites.ts';
import { formatModels, formatPlacement } from '../../src/print/models.ts';
import { formatRoute } from '../../src/print/route.ts';
import { formatStatus } from '../../src/print/status.ts';
import { formatWorkerStatus } from '../../src/print/worker-status.ts';
import { formatWorker, formatWorkers } from '../../src/print/workers.ts';
import { modelView, PEERS, statusView, workerStatus, workerView } from '../support/views.ts';

const route: RouteExplanation = {
  requestId: 'req_0123456789',
  model: 'tiny',
  at: 1,
  state: 'succeeded',
  error: null,
  shape: 'island',
  reason: 'forced',
  rejected: [{ subject: 'chain', reason: 'slower' }],
  stages: [{ workerId: PEERS[0], name: 'w1', from: 0, to: 2 }],
  shares: [
    {
      workerId: PEERS[0],
      name: 'w1',
      stages: [[0, 2]],
      experts: [
        { layer: 1, expert: 3, rows: 4 },
        { layer: 0, expert: 5, rows: 1 },
        { layer: 0, expert: 2, rows: 1 },
        { layer: 0, expert: 7, rows: 0 },
      ],
      calls: 9,
      expertCalls: 6,
      hopMsP50: 1.25,
      hopMsP95: 3,
      busyMs: 20,
      expertShare: 0.6,
    },
  ],
  usage: { promptTokens: 3, completionTokens: 2 },
  ttftMs: 10,
  totalMs: 100,
};

describe('print/views', () => {
  it('default', () => {
    const text = formatStatus(statusView(), 10);

    expect(text)
      .to.include('2 succeeded, 1 failed')
      .and.include('worker.lost')
      .and.include('its lease ended');
    expect(text).to.include('tiny').and.include(PEERS[0]);
  });

  it('behaviour: a route says who computed which experts, and what was not chosen', () => {
    const text = formatRoute(route);

    expect(text).to.match(/w1 .* 0-1 .*60\.0 %.*0:2,5 1:3/);
    expect(text).to.match(/chain\s+slower/);
    expect(text).not.to.include('0:2,5,7');
  });

  it('behaviour: a failed request says why', () => {
    expect(
      formatRoute({ ...route, state: 'failed', error: 'w1 is gone', usage: null, ttftMs: null }),
    ).to.include('failed: w1 is gone');
  });

  it('behaviour: a model with and without a placement', () => {
    expect(formatPlacement(modelView())).to.include('island, about 4.3 ms').and.match(/0-3/);
    expect(formatPlacement(modelView({ state: 'failed', reason: 'no room', placement: null }))).to.equal(
      'tiny: failed no room',
    );
    expect(formatModels([])).to.match(/^NAME/);
  });

  it('behaviour: a worker without an offer, and one whose part failed', () => {
    const failed = {
      modelHash: 'a'.repeat(64),
      partId: 'head',
      state: 'failed' as const,
      error: 'disk full',
    };

    expect(formatWorker(workerView({ parts: [failed] }), 10)).to.include('disk full');
  });

  it('behaviour: a stake is shown in ROS, with its age when the chain has not said so lately', () => {
    const wallet = { address: `0x${'a'.repeat(40)}`, sequence: 1, expiresAt: 86_400_000 };
    const staked = workerView({ wallet, stakeWei: '1500000000000000000', stakeReadAt: 1000 });
    const lineOf = (now: number) =>
      formatWorker(staked, now)
        .split('\n')
        .find((line) => line.startsWith('stake'));

    expect(lineOf(2000)).to.match(/1\.5 ROS$/);
    expect(lineOf(601_000)).to.match(/1\.5 ROS 10m0s ago$/);
    expect(formatWorkers([staked], 2000))
      .to.include('1.5 ROS')
      .and.not.include('ROS 1');
    expect(formatWorker(staked, 2000)).to.match(/wallet +0xa+ until 1970-01-02T00:00:00/);
    expect(formatWorkers([workerView()], 2000)).to.match(/STAKE/);
  });

  it('behaviour: a worker of this machine says what it lends apart from what is free', () => {
    const lines = formatWorkerStatus(workerStatus(), 10).split('\n');

    expect(lines.find((line) => line.startsWith('memory lent'))).to.match(/17\.0 GiB$/);
    expect(lines.find((line) => line.startsWith('memory free'))).to.match(/22\.4 GiB on this machine$/);
  });

  it('behaviour: invites show uses and expiry', () => {
    const view = {
      id: 'inv_0123456789',
      state: 'open' as const,
      createdAt: 0,
      expiresAt: 60_000,
      maxUses: 2,
      usedBy: [],
    };

    expect(formatInvites([view], 0))
      .to.include('in 1m0s')
      .and.include('0 of 2');
    expect(formatInvites([view], 90_000)).to.include('expired');
  });

  it('behaviour: checks tell what to do', () => {
    const text = formatChecks([
      { name: 'node', state: 'ok', message: 'fine' },
      { name: 'api', state: 'fail', message: 'gone', hint: 'start one' },
    ]);

    expect(text).to.equal('✓ node  fine\n✗ api   gone\n        start one');
  });
});
