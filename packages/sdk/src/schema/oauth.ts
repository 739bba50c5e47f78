import { z } from 'zod';
import { displayNameSchema, tokenScopeSchema } from './account.ts';
import { countSchema, idSchema, nameSchema, timeSchema } from './common.ts';

const DAY_MS = 86_400_000;

/** The program that `rios login` is: known to every orchestrator, and trusted like a login by password. */
export const CLI_CLIENT_ID = 'rios';

/** Where a browser comes back to: TLS, or a port of the person's own machine; no fragment, no user. */
export const redirectUriSchema = z
  .string()
  .max(512)
  .refine((text) => isRedirectUri(text), 'is neither https:// nor http://127.0.0.1:<port>');

function isRedirectUri(text: string): boolean {
  const url = /^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hash !== '' || text.includes('#')) return false;
  if (url.username !== '' || url.password !== '' || text.includes('*')) return false;
  return url.protocol === 'https:' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
}

export const createOauthClientSchema = z.strictObject({
  name: displayNameSchema,
  scopes: z.array(tokenScopeSchema).min(1).max(16),
  ttlMs: countSchema
    .min(1000)
    .max(366 * DAY_MS)
    .default(90 * DAY_MS),
  /** Name of the organisation that it acts for; the caller's own account when absent. */
  org: nameSchema.optional(),
  /** Makes it a program that asks people in a browser (PKCE); without any it gets a secret and acts by itself. */
  redirectUris: z.array(redirectUriSchema).max(8).default([]),
});
export type CreateOauthClient = z.infer<typeof createOauthClientSchema>;

export const oauthClientViewSchema = z.object({
  /** Its `client_id`. */
  id: idSchema,
  name: z.string(),
  /** secret: acts by itself (client credentials). browser: asks people (authorisation code with PKCE). */
  kind: z.enum(['secret', 'browser']),
  accountId: z.string(),
  scopes: z.array(tokenScopeSchema),
  redirectUris: z.array(z.string()),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
  state: z.enum(['valid', 'expired', 'revoked']),
});
export type OauthClientView = z.infer<typeof oauthClientViewSchema>;

/** Shown this once; null for a program of kind `browser`. */
export const createdOauthClientSchema = z.object({
  secret: z
    .string()
    .regex(/^riosk_[A-Za-z0-9_-]{43}$/)
    .nullable(),
  view: oauthClientViewSchema,
});

/** Eight letters as a person types them: any case, with or without the dash. */
export const userCodeSchema = z.strictObject({ userCode: z.string().min(1).max(32) });

/** What a device asks for, and what it would get from the caller. */
export const deviceRequestSchema = z.object({
  clientName: z.string(),
  /** Those that it asked for and that the caller's role has. */
  scopes: z.array(tokenScopeSchema),
  /** Network address that it asked from. */
  address: z.string(),
  expiresAt: timeSchema,
});
export type DeviceRequest = z.infer<typeof deviceRequestSchema>;

const pageUrlSchema = z.url({ protocol: /^https?$/ }).max(512);

/** RFC 8628: times in seconds. */
export const deviceCodeSchema = z.object({
  device_code: z.string().max(512),
  user_code: z.string().max(32),
  verification_uri: pageUrlSchema,
  verification_uri_complete: pageUrlSchema,
  expires_in: z.number().positive().max(86_400),
  interval: z.number().positive().max(300).default(5),
});
export type DeviceCode = z.infer<typeof deviceCodeSchema>;

/** RFC 6749, with what our server adds: the session, and how long its refresh tokens can live. */
export const tokenAnswerSchema = z.object({
  access_token: z.string().max(4096),
  token_type: z.string(),
  expires_in: z.number().positive(),
  scope: z.string().optional(),
  refresh_token: z.string().max(512).optional(),
  refresh_expires_in: z.number().positive().optional(),
  session_id: idSchema.optional(),
});
export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;

/** RFC 6749, section 5.2. */
export const oauthErrorSchema = z.object({
  error: z.string().max(100),
  error_description: z.string().max(500).optional(),
});
