import { createHash } from 'node:crypto';
import type { DesiredReplica } from '@rios/sdk/schema/container';
import { BRIDGE_PREFIX, bridgePrefixOf } from './networks.ts';

/** What one running container may reach. */
export interface EgressOf {
  /** IPv4 address inside its network. */
  readonly address: string;
  readonly rules: DesiredReplica['egress'];
}

/** The worker's own nftables table. */
export const tableOf = (worker: string) =>
  `rios_${createHash('sha256').update(worker).digest('hex').slice(0, 12)}`;

/** Never reached from inside, whatever a release allows: this machine, link-local (metadata), multicast, reserved. */
const NEVER = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.192/32', '224.0.0.0/3'];

/**
 * The whole table, for `nft -f`: replaces the one before in one step. From the worker's bridges nothing goes to this
 * machine, nor anywhere but where a container's rules say; nothing comes in but answers, and what this machine itself
 * opens (published ports are on 127.0.0.1). IPv6 passes nowhere.
 */
export function firewallRules(worker: string, containers: readonly EgressOf[]): string {
  const table = tableOf(worker);
  const own = `"${bridgePrefixOf(worker)}*"`;
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  chain egress {
    ct state established,related accept
    oifname "${BRIDGE_PREFIX}*" drop
    ip daddr { ${NEVER.join(', ')} } drop
${containers.flatMap(egressLines).join('\n')}
    drop
  }
  chain forward {
    type filter hook forward priority -10; policy accept;
    iifname ${own} jump egress
    oifname ${own} ct state established,related accept
    oifname ${own} drop
  }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname ${own} ct state established,related accept
    iifname ${own} drop
  }
}
`;
}

function egressLines({ address, rules }: EgressOf): string[] {
  return rules.flatMap(({ cidr, ports }) => {
    const to = `    ip saddr ${address} ip daddr ${cidr}`;
    if (ports.length === 0) return [`${to} accept`];
    const set = `{ ${[...new Set(ports)].join(', ')} }`;
    return [`${to} tcp dport ${set} accept`, `${to} udp dport ${set} accept`];
  });
}
