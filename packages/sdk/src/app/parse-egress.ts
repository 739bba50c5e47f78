import { isIPv4 } from 'node:net';
import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { egressRuleSchema } from '../schema/app.ts';

const RULE = /^(?<address>[\d.]+)(?:\/(?<bits>\d{1,2}))?(?::(?<ports>\d{1,5}(?:,\d{1,5})*))?$/;

/**
 * An allowed way out: '10.0.0.0/8:5432', '192.0.2.7:443,8443' or '10.1.0.0/16' (all ports).
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parseEgress(text: string): z.infer<typeof egressRuleSchema> {
  const { address, bits = '32', ports = '' } = RULE.exec(text.trim())?.groups ?? {};
  if (address !== undefined && isIPv4(address) && Number(bits) <= 32) {
    const list = ports === '' ? [] : ports.split(',').map(Number);
    const parsed = egressRuleSchema.safeParse({ cidr: `${address}/${Number(bits)}`, ports: list });
    if (parsed.success) return parsed.data;
  }
  throw new RiosError('USER_INVALID_REQUEST', `egress: ${JSON.stringify(text)} is not a way out`, {
    hint: 'Write an IPv4 address or block, and ports if not all: 10.0.0.0/8:5432,6432. Names do not work.',
  });
}
