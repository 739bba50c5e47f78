import { expect } from 'chai';
import { MAX_MS, MAX_RATIO, measureDeploys, median } from '../bench/deploys.ts';
import { describeWithContainers } from '../support/with-containers.ts';

describeWithContainers('the time that a deploy takes', (servers) => {
  it(`default: at most ${MAX_MS} ms to the first answer, and ${MAX_RATIO} times the engine's own command`, async () => {
    const log: string[] = [];

    const { riosMs, engineMs } = await measureDeploys(servers, 5, (line) => log.push(line));

    const [rios, engine] = [median(riosMs), median(engineMs)];
    expect(rios, log.join('\n')).to.be.at.most(MAX_MS);
    expect(rios / engine, log.join('\n')).to.be.at.most(MAX_RATIO);
  });
});
