import { effectiveScopes, type Role } from '@rios/sdk/api/roles';
import type { TokenScope } from '@rios/sdk/api/route';
import { RiosError } from '@rios/sdk/errors/error';
import { displayNameSchema } from '@rios/sdk/schema/account';
import type { DeviceRequest } from '@rios/sdk/schema/oauth';
import { z } from 'zod';
import { ACCOUNT_RULE, takeAttempt } from '../../auth/throttle.ts';
import { appendAudit } from '../../store/audit.ts';
import { findPayloadByName, payloadName } from '../../store/oauth-payloads.ts';
import { type OauthPayload, openPayload, savePayload } from '../../store/oauth-vault.ts';
import type { Store } from '../../store/store.ts';
import { uncountAttempt } from '../../store/users-attempts.ts';
import { addressSubject, type UserModules } from '../users/modules.ts';
import { openGrant } from './open-grant.ts';

/** The person who looks at a code, and from where. */
export interface Approver {
  readonly accountId: string;
  readonly role: Role;
  readonly address: string;
}

/** What `rios login` is called where a person is asked. */
const CLI_NAME = 'RiOS command line';
const MODEL = 'DeviceCode';

/** The library's payload of a device that waits, as far as it is used here; times in seconds. */
const deviceSchema = z.looseObject({
  jti: z.string(),
  clientId: z.string(),
  exp: z.number(),
  accountId: z.string().optional(),
  error: z.string().optional(),
  consumed: z.unknown().optional(),
  params: z.looseObject({ scope: z.string().optional(), device_name: z.string().optional() }),
  deviceInfo: z.looseObject({ address: z.string().optional() }).optional(),
});
type Device = z.infer<typeof deviceSchema>;

/**
 * What the device asks for that shows `userCode`, and what this person would give it.
 * @throws RiosError NOT_FOUND (unknown, expired or used, alike), AUTH_FORBIDDEN (nothing that the role has),
 * AUTH_TOO_MANY_ATTEMPTS
 */
export async function showDevice(
  modules: UserModules,
  approver: Approver,
  userCode: string,
): Promise<DeviceRequest> {
  return counted(modules, approver, async () => {
    const device = await findWaiting(modules.store, modules, userCode);
    return describe(device, scopesFor(device, approver.role));
  });
}

/** Logs the device in as this person; its next question gets the tokens. Errors as showDevice's. */
export async function approveDevice(
  modules: UserModules,
  approver: Approver,
  userCode: string,
): Promise<DeviceRequest> {
  const { store, clock } = modules;
  return counted(modules, approver, () =>
    store.transaction().execute(async (tx) => {
      const device = await findWaiting(tx, modules, userCode);
      const scopes = scopesFor(device, approver.role);
      const request = describe(device, scopes);
      const { accountId } = approver;
      const { clientName, address } = request;
      const grantId = await openGrant(tx, modules, {
        accountId,
        clientId: device.clientId,
        clientName,
        scopes,
        address,
      });
      const authTime = Math.floor(clock.now() / 1000);
      await decide(tx, modules, device, { accountId, grantId, scope: scopes.join(' '), authTime });
      return request;
    }),
  );
}

/** Tells the device no. Errors as showDevice's. */
export async function refuseDevice(
  modules: UserModules,
  approver: Approver,
  userCode: string,
): Promise<void> {
  await counted(modules, approver, () =>
    modules.store.transaction().execute(async (tx) => {
      const device = await findWaiting(tx, modules, userCode);
      await decide(tx, modules, device, { error: 'access_denied', errorDescription: 'the person said no' });
      const { clientId, deviceInfo } = device;
      await appendAudit(tx, {
        at: modules.clock.now(),
        actor: approver.accountId,
        action: 'device.refused',
        subject: clientId,
        details: { address: deviceInfo?.address ?? '' },
      });
    }),
  );
}

/** Every look is counted, and given back when the code was right: knowing one does not help to guess another. */
async function counted<T>(
  modules: UserModules,
  { accountId, address }: Approver,
  work: () => Promise<T>,
): Promise<T> {
  const subjects = [addressSubject(address), { subject: `device:${accountId}`, rule: ACCOUNT_RULE }];
  await takeAttempt(modules, subjects);
  const done = await work();
  for (const { subject } of subjects) await uncountAttempt(modules.store, subject);
  return done;
}

/** As people type it. */
const normalise = (userCode: string): string => userCode.toUpperCase().replaceAll(/[^A-Z]/g, '');

async function findWaiting(
  store: Store,
  { clock, secrets }: Pick<UserModules, 'clock' | 'secrets'>,
  userCode: string,
): Promise<Device> {
  const row = await findPayloadByName(store, payloadName(MODEL, normalise(userCode)));
  const payload = row?.model === MODEL ? await openPayload(row, secrets) : undefined;
  const device = deviceSchema.safeParse(payload).data;
  const waits =
    device?.accountId === undefined && device?.error === undefined && device?.consumed === undefined;
  if (device === undefined || !waits || device.exp * 1000 <= clock.now()) {
    throw new RiosError('NOT_FOUND', 'no device waits with this code', {
      hint: 'Check the code; it works once and for a few minutes.',
    });
  }
  return device;
}

async function decide(
  tx: Store,
  { secrets }: Pick<UserModules, 'secrets'>,
  device: Device,
  decision: OauthPayload,
): Promise<void> {
  const payload = { ...device, ...decision };
  await savePayload(tx, secrets, { model: MODEL, id: device.jti, payload, expiresAt: device.exp * 1000 });
}

function scopesFor({ params }: Device, role: Role): TokenScope[] {
  const scopes = [...effectiveScopes(role, new Set(params.scope?.split(' ')))];
  if (scopes.length > 0) return scopes;
  throw new RiosError('AUTH_FORBIDDEN', 'the device asks for nothing that your role allows');
}

function describe({ params, deviceInfo, exp }: Device, scopes: TokenScope[]): DeviceRequest {
  const name = displayNameSchema.safeParse(params.device_name).data;
  return {
    clientName: name === undefined ? CLI_NAME : `${CLI_NAME}: ${name}`,
    scopes,
    address: deviceInfo?.address ?? '',
    expiresAt: exp * 1000,
  };
}
