import { z } from 'zod';
import { decodeJson, encodeJson } from './json.ts';
import {
  type OauthPayloadRow,
  payloadContext,
  payloadKey,
  payloadName,
  putPayload,
} from './oauth-payloads.ts';
import type { Store } from './store.ts';

/** Seals and opens secret columns (auth/secret-box.ts). */
export interface PayloadSeal {
  seal(text: string, context: string): Promise<string>;
  open(envelope: string, context: string): Promise<string>;
}

/** What the library keeps of one of its models; times in seconds. */
const payloadSchema = z.looseObject({
  grantId: z.string().optional(),
  userCode: z.string().optional(),
  uid: z.string().optional(),
  accountId: z.string().optional(),
  clientId: z.string().optional(),
  exp: z.number().optional(),
});
export type OauthPayload = z.infer<typeof payloadSchema>;

/** Rows are kept this long after their end, so that who comes late hears "expired" rather than "unknown". */
export const KEPT_AFTER_END_MS = 600_000;

/** Seals a payload into its row. */
export async function savePayload(
  store: Store,
  seals: PayloadSeal,
  { model, id, payload, expiresAt }: { model: string; id: string; payload: OauthPayload; expiresAt: number },
): Promise<void> {
  const key = payloadKey(model, id);
  const name = payload.userCode ?? (model === 'Session' ? payload.uid : undefined);
  await putPayload(store, {
    id_sha256: key,
    model,
    grant_id: model === 'Grant' ? id : (payload.grantId ?? null),
    name_sha256: name === undefined ? null : payloadName(model, name),
    envelope: await seals.seal(encodeJson(payload), payloadContext(key)),
    expires_at: expiresAt,
  });
}

/** Opens the payload of a row. @throws RiosError INTEGRITY_SECRET */
export async function openPayload(row: OauthPayloadRow, seals: PayloadSeal): Promise<OauthPayload> {
  const text = await seals.open(row.envelope, payloadContext(row.id_sha256));
  const payload = decodeJson(payloadSchema, text);
  return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) };
}
