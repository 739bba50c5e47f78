import { expect } from 'chai';
import { firewallRules, tableOf } from '../../src/container/firewall-rules.ts';
import { bridgePrefixOf, tenantNetwork, tenantUid } from '../../src/container/networks.ts';

describe('firewallRules', () => {
  const rules = firewallRules('worker-1', [
    { address: '10.89.0.2', rules: [{ cidr: '10.0.0.0/8', ports: [5432, 5432, 6379] }] },
    { address: '10.89.0.3', rules: [{ cidr: '0.0.0.0/0', ports: [] }] },
    { address: '10.89.0.4', rules: [] },
  ]);

  it('default: each address reaches what its rules say, and nothing else', () => {
    expect(rules).to.include('ip saddr 10.89.0.2 ip daddr 10.0.0.0/8 tcp dport { 5432, 6379 } accept');
    expect(rules).to.include('ip saddr 10.89.0.3 ip daddr 0.0.0.0/0 accept');
    expect(rules).to.not.include('10.89.0.4');
    expect(rules).to.match(/accept\n {4}drop\n {2}\}/);
  });

  it('behaviour: other tenants and link-local come before what is allowed', () => {
    const allowed = rules.indexOf('ip saddr 10.89.0.3');

    expect(rules.indexOf('oifname "rios*" drop')).to.be.within(0, allowed);
    expect(rules.indexOf('169.254.0.0/16')).to.be.within(0, allowed);
  });

  it('behaviour: the table is this worker’s alone', () => {
    expect(rules).to.include(`delete table inet ${tableOf('worker-1')}`);
    expect(tableOf('worker-1')).to.not.equal(tableOf('worker-2'));
    expect(rules).to.include(`iifname "${bridgePrefixOf('worker-1')}*" drop`);
  });
});

describe('tenantNetwork', () => {
  it('default: one for each tenant of each worker, its bridge known by the worker’s prefix', () => {
    const one = tenantNetwork('worker-1', 'a'.repeat(32));
    const other = tenantNetwork('worker-1', 'b'.repeat(32));

    expect(one.bridge).to.have.length(15);
    expect(one.bridge.startsWith(bridgePrefixOf('worker-1'))).to.equal(true);
    expect(one.name).to.not.equal(other.name);
    expect(one.bridge).to.not.equal(other.bridge);
    expect(tenantNetwork('worker-2', 'a'.repeat(32)).name).to.not.equal(one.name);
  });

  it('behaviour: each tenant’s user is its own, and not one of the machine', () => {
    const uids = Array.from({ length: 50 }, (_, i) => tenantUid(String(i).padStart(32, '0')));

    expect(new Set(uids)).to.have.lengthOf(50);
    expect(Math.min(...uids)).to.be.at.least(200_000);
    expect(Math.max(...uids)).to.be.below(2 ** 31);
  });
});
