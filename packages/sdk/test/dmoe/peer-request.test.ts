import { expect } from 'chai';
import { callerRows, peerRequest } from '../../src/dmoe/peer-request.ts';

const HIDDEN = 2;
const X = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31);

const group = (number: number, rows: number[]) => ({
  group: number,
  rows: Uint32Array.from(rows),
  experts: Uint32Array.from(rows, () => number * 2),
  weights: Float32Array.from(rows, () => 0.5),
});

describe('peerRequest', () => {
  it('default: sends only the rows that the groups need, in their order', () => {
    const { request, rows } = peerRequest([group(0, [3]), group(2, [1, 3])], X, HIDDEN);

    expect(Array.from(rows)).to.deep.equal([1, 3]);
    expect(request.rows).to.equal(2);
    expect(Array.from(request.x)).to.deep.equal([10, 11, 30, 31]);
    expect(request.groups.map((entries) => Array.from(entries.rows))).to.deep.equal([[1], [0, 1]]);
  });

  it('behaviour: more than ten rows keep numeric order', () => {
    const many = Array.from({ length: 12 }, (_, row) => row);

    const { rows } = peerRequest([group(0, many)], new Float32Array(24), HIDDEN);

    expect(Array.from(rows)).to.deep.equal(many);
  });
});

describe('callerRows', () => {
  it('default: gives the rows of an answer their own numbers back', () => {
    const answer = [
      { group: 2, rows: Uint32Array.of(0, 1), mass: Float32Array.of(1, 1), y: new Float32Array(4) },
    ];

    const [back] = callerRows(answer, Uint32Array.of(1, 3));

    expect(Array.from(back?.rows ?? [])).to.deep.equal([1, 3]);
  });
});
