import type { Clock } from '@rios/sdk/clock';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { appendAudit } from '../store/audit.ts';
import { decodeOptionalJson, encodeJson } from '../store/json.ts';
import { getNetworkFact, putNetworkFact } from '../store/network.ts';
import type { Store } from '../store/store.ts';

const settingsSchema = z.record(z.string(), z.string());

/** What of a configuration decides who may do what, and where things are kept; no secret, no path. */
export function auditedSettings(config: Config, version: string): Readonly<Record<string, string>> {
  const { engines, rate, tls, tlsDev, chain, settlement, apps } = config;
  return {
    version,
    api: `${config.apiHost}:${config.apiPort}`,
    tls: tlsDev ? 'dev' : tls === undefined ? 'off' : 'on',
    publicUrl: config.publicUrl ?? '',
    trustedProxies: config.trustedProxies.join(' '),
    rate: `${rate.burst} ${rate.perSecond}/s`,
    blobQuotaBytes: String(config.blobQuotaBytes),
    store: engines.database === undefined ? 'sqlite' : 'postgres',
    cache: engines.redis === undefined ? 'memory' : 'redis',
    queue: engines.amqp === undefined ? 'store' : 'rabbitmq',
    mail: config.smtpUrl === undefined ? 'files' : 'smtp',
    chain: chain.file === undefined ? 'off' : 'on',
    apps: apps === undefined ? 'off' : `${apps.host}:${apps.port} *.${apps.domain}`,
    settlementKey: settlement.keyFile === undefined ? 'off' : 'on',
    gas: `${settlement.gasBudgetWei} wei a day, ${settlement.maxFeePerGas} wei a unit`,
  };
}

/**
 * Notes in the audit log what of an orchestrator's configuration is not as it was at its last start. Its first one
 * is only remembered.
 */
export async function noteConfig(
  { store, clock }: { store: Store; clock: Clock },
  peerId: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await store.transaction().execute(async (tx) => {
    const known = (await getNetworkFact(tx, `config ${peerId}`)) ?? null;
    const before = decodeOptionalJson(settingsSchema, known);
    const changed = Object.entries(settings).filter(([name, value]) => before?.[name] !== value);
    if (changed.length === 0) return;
    await putNetworkFact(tx, `config ${peerId}`, encodeJson(settings));
    if (before === null) return;
    const details = changed.map(([name, value]) => [name, `${before[name] ?? ''} -> ${value}`]);
    await appendAudit(tx, {
      at: clock.now(),
      actor: '',
      action: 'config.change',
      subject: peerId,
      details: { ...Object.fromEntries(details), outcome: 'ok' },
    });
  });
}
