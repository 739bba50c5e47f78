import { expect } from 'chai';
import { deprecationHeaders } from '../../src/gateway/deprecation.ts';

describe('deprecationHeaders', () => {
  it('default: a route in favour has none', () => {
    expect(deprecationHeaders(undefined)).to.deep.equal({});
  });

  it('behaviour: since when, until when, and what to read', () => {
    const since = Date.UTC(2027, 0, 1);
    const sunset = Date.UTC(2027, 6, 1, 12);

    expect(deprecationHeaders({ since, sunset, link: 'https://example.com/v2' })).to.deep.equal({
      deprecation: `@${since / 1000}`,
      sunset: 'Thu, 01 Jul 2027 12:00:00 GMT',
      link: '<https://example.com/v2>; rel="deprecation"; type="text/html"',
    });
    expect(deprecationHeaders({ since })).to.deep.equal({ deprecation: `@${since / 1000}` });
  });
});
