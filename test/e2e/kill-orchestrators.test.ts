import { expect } from 'chai';
import { killOrchestrators } from '../kill/kill-orchestrators.ts';
import { describeWithServers } from '../support/with-servers.ts';

/** `npm run kill:orchestrators` does it 50 times. */
const KILLS = 5;

describeWithServers((servers) => {
  describe('two orchestrators, one of which is killed under load, five times', function () {
    this.timeout(300_000);

    it('default: nothing that was acknowledged is lost, and nothing is done twice', async () => {
      const log: string[] = [];

      const { wrong, ...summary } = await killOrchestrators({
        servers,
        kills: KILLS,
        seed: 1,
        log: (line) => log.push(line),
      });

      expect(wrong, [...log, JSON.stringify(summary)].join('\n')).to.deep.equal([]);
      for (const kind of [
        'long',
        'again',
        'accounts',
        'tokens',
        'revocations',
        'orgs',
        'invites',
        'requests',
      ] as const) {
        expect(summary[kind], kind).to.be.above(0);
      }
    });
  });
});
