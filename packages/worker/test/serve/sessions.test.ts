import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { createSessions, type ServedExperts, type ServedStage } from '../../src/serve/sessions.ts';
import { codeOf } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOTHING = { receipts: [], shares: [] };

function stage(sessionId: string, onFail: (error: RiosError) => void = () => {}): ServedStage {
  return {
    sessionId,
    modelHash: 'm',
    epoch: 1,
    opener: 'opener',
    expires: true,
    stage: undefined as never,
    inbox: undefined as never,
    previous: undefined,
    members: new Set(),
    arrived: () => {},
    fail: onFail,
    interim: async () => [],
    close: async () => NOTHING,
  };
}

function experts(sessionId: string, onClose: () => void = () => {}): ServedExperts {
  return {
    sessionId,
    modelHash: 'm',
    epoch: 1,
    opener: 'opener',
    expires: true,
    experts: undefined as never,
    interim: async () => [],
    close: async () => {
      onClose();
      return NOTHING;
    },
  };
}

describe('sessions', () => {
  it('default: a place is found once it is filled, and gone once it is released', () => {
    const sessions = createSessions(createFakeClock());
    const place = sessions.reserveStage('s');
    const reserved = [sessions.size, sessions.stage('s')];
    const session = stage('s');
    place.fill(session);
    const filled = sessions.stage('s');
    place.release();
    place.release();

    expect(reserved).to.deep.equal([1, undefined]);
    expect(filled).to.equal(session);
    expect([sessions.size, sessions.stage('s')]).to.deep.equal([0, undefined]);
  });

  it('behaviour: a stage and the experts of several openers may share a session id', () => {
    const sessions = createSessions(createFakeClock());
    sessions.reserveStage('s').fill(stage('s'));
    sessions.reserveExperts('a', 's').fill({ ...experts('s'), opener: 'a' });
    sessions.reserveExperts('b', 's').fill({ ...experts('s'), opener: 'b' });

    expect(sessions.size).to.equal(3);
    expect(sessions.experts('b', 's')?.opener).to.equal('b');
    expect(sessions.isInUse('m')).to.equal(true);
  });

  it('behaviour: what nobody uses for three minutes is ended', async () => {
    const clock = createFakeClock();
    const sessions = createSessions(clock);
    const ended: string[] = [];
    const used = stage('used', () => ended.push('used'));
    sessions.reserveStage('idle').fill(stage('idle', ({ code }) => ended.push(`idle ${code}`)));
    sessions.reserveStage('used').fill(used);
    sessions.reserveStage('first').fill({ ...stage('first', () => ended.push('first')), expires: false });
    sessions.reserveExperts('opener', 'e').fill(experts('e', () => ended.push('experts')));

    await clock.advance(170_000);
    sessions.touch(used);
    await clock.advance(60_000);
    await sessions.stop();

    expect([...new Set(ended)]).to.deep.equal(['idle PEER_TIMEOUT', 'experts']);
  });

  it('behaviour: listeners hear of each end', () => {
    const sessions = createSessions(createFakeClock());
    let ends = 0;
    const stop = sessions.onEnd(() => ends++);
    sessions.reserveStage('a').release();
    stop();
    sessions.reserveStage('b').release();

    expect(ends).to.equal(1);
  });

  it('error CONFLICT_EXISTS: a session id that is open', async () => {
    const sessions = createSessions(createFakeClock());
    sessions.reserveStage('s');

    expect(await codeOf(() => sessions.reserveStage('s'))).to.equal('CONFLICT_EXISTS');
  });

  it('error QUOTA_RATE: more sessions than a worker serves', async () => {
    const sessions = createSessions(createFakeClock());
    for (let i = 0; i < 256; i++) sessions.reserveStage(String(i));

    expect(await codeOf(() => sessions.reserveStage('more'))).to.equal('QUOTA_RATE');
  });
});
