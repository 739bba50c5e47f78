import type { DeploymentLog } from '@rios/sdk/schema/deployment';
import { expect } from 'chai';
import { createLogLines } from '../../../src/actions/deployment/log-lines.ts';
import { REPLICAS } from '../../support/deployment-views.ts';

const piece = (text: string, fields: Partial<DeploymentLog> = {}): DeploymentLog => ({
  at: 1,
  replica: REPLICAS[0],
  stream: 'stdout',
  text,
  ...fields,
});

describe('createLogLines', () => {
  const texts = (pieces: readonly DeploymentLog[]) => {
    const lines = createLogLines();
    const whole = pieces.flatMap((one) => lines.push(one));
    return [...whole, ...lines.rest()].map(({ text }) => text);
  };

  it('default: a line is whole at its newline, however it was cut', () => {
    expect(texts([piece('a\nb'), piece('c'), piece('d\n\ne')])).to.deep.equal(['a', 'bcd', '', 'e']);
    expect(texts([piece('windows\r\n')])).to.deep.equal(['windows']);
  });

  it('behaviour: replicas and streams are not mixed', () => {
    const other = { replica: REPLICAS[1] };

    expect(
      texts([
        piece('a'),
        piece('x', other),
        piece('!', { stream: 'stderr' }),
        piece('b\n'),
        piece('y\n', other),
      ]),
    ).to.deep.equal(['ab', 'xy', '!']);
  });

  it('behaviour: a line without end is broken before it fills the memory', () => {
    const long = Array.from({ length: 200 }, () => piece('x'.repeat(1024)));
    const found = texts(long);

    expect(found.length).to.be.greaterThan(2);
    expect(Math.max(...found.map(({ length }) => length))).to.be.at.most(66 * 1024);
    expect(found.join('')).to.have.lengthOf(200 * 1024);
  });
});
