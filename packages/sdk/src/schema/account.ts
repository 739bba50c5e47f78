import { z } from 'zod';
import { ROLES } from '../api/roles.ts';
import { SCOPES } from '../api/route.ts';
import { countSchema, idSchema, nameSchema, sha256Schema, timeSchema } from './common.ts';

/** What an account may do at most: in the network (its own role) or in an organisation (its membership's). */
export const roleSchema = z.enum(ROLES);
export const tokenScopeSchema = z.enum(SCOPES);

const DAY_MS = 86_400_000;
/** Controls, and what turns or hides text on a screen. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** An address as it was written; it is normalised before it is compared. */
export const emailSchema = z
  .string()
  .max(254)
  .regex(/^[^\s@"<>(),:;\\[\]\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,250}[\p{L}\p{N}])?$/u);
/** One line of text to show: no control or direction characters, no lone surrogates. */
export const displayNameSchema = z
  .string()
  .min(1)
  .max(80)
  .refine((text) => !UNPRINTABLE.test(text) && text.isWellFormed(), 'has characters that cannot be shown');
/** Length is judged by the password policy; the bound keeps the work of hashing small. */
export const passwordSchema = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed(), 'is not well-formed text');
/** A secret of ours: `rios_…`, `riosr_…` (refresh) or `riosm_…` (mail). */
export const secretTextSchema = z.string().regex(/^rios[rm]?_[A-Za-z0-9_-]{43}$/);
/** Six digits of an authenticator app. */
export const totpCodeSchema = z.string().regex(/^\d{6}$/);
/** A code of an authenticator app, or a recovery code `xxxx-xxxx-xxxx-xxxx`. */
export const secondFactorSchema = z.string().regex(/^(\d{6}|[a-z2-7]{4}(-[a-z2-7]{4}){3})$/);

export const signUpSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  displayName: displayNameSchema,
});
export type SignUp = z.infer<typeof signUpSchema>;

export const mailedTokenSchema = z.strictObject({ token: secretTextSchema });
export const requestResetSchema = z.strictObject({ email: emailSchema });
export const resetPasswordSchema = z.strictObject({ token: secretTextSchema, password: passwordSchema });

export const loginSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  code: secondFactorSchema.optional(),
  /** What signs in, for the list of sessions. */
  client: displayNameSchema.default('unnamed'),
});
export type Login = z.infer<typeof loginSchema>;

/** What a sign-in or a refresh gives: both secrets are shown this once. */
export const sessionTokensSchema = z.object({
  sessionId: idSchema,
  accessToken: z.string(),
  /** Milliseconds since 1970. */
  accessExpiresAt: timeSchema,
  refreshToken: secretTextSchema,
  refreshExpiresAt: timeSchema,
});
export type SessionTokens = z.infer<typeof sessionTokensSchema>;

export const refreshSchema = z.strictObject({ refreshToken: secretTextSchema });

export const whoamiSchema = z.object({
  accountId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  displayName: z.string().nullable(),
  role: roleSchema,
  scopes: z.array(tokenScopeSchema),
  tokenKind: z.enum(['local', 'api', 'session', 'oauth']),
  totp: z.boolean(),
  orgs: z.array(z.object({ name: nameSchema, role: roleSchema })),
});
export type Whoami = z.infer<typeof whoamiSchema>;

export const updateProfileSchema = z.strictObject({ displayName: displayNameSchema });
export const changePasswordSchema = z.strictObject({
  password: passwordSchema,
  newPassword: passwordSchema,
  code: secondFactorSchema.optional(),
});

export const sessionViewSchema = z.object({
  id: idSchema,
  client: z.string(),
  address: z.string(),
  createdAt: timeSchema,
  lastUsedAt: timeSchema,
  expiresAt: timeSchema,
  /** True for the session that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

export const createTokenSchema = z.strictObject({
  name: displayNameSchema,
  scopes: z.array(tokenScopeSchema).min(1).max(16),
  ttlMs: countSchema
    .min(1000)
    .max(366 * DAY_MS)
    .default(90 * DAY_MS),
  /** Name of the organisation that it acts for; the caller's own account when absent. */
  org: nameSchema.optional(),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const tokenViewSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** The account or organisation that it acts for. */
  accountId: z.string(),
  scopes: z.array(tokenScopeSchema),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
  state: z.enum(['valid', 'expired', 'revoked']),
});
export type TokenView = z.infer<typeof tokenViewSchema>;

/** Turning the second factor on or off needs the password, whatever token asks. */
export const enrolTotpSchema = z.strictObject({ password: passwordSchema });
export const confirmTotpSchema = z.strictObject({ code: totpCodeSchema });
export const disableTotpSchema = z.strictObject({ password: passwordSchema, code: secondFactorSchema });

export const orgMemberSchema = z.object({ email: z.string(), displayName: z.string(), role: roleSchema });
export const orgViewSchema = z.object({
  id: idSchema,
  name: nameSchema,
  /** The caller's role in it. */
  role: roleSchema,
  createdAt: timeSchema,
  members: z.array(orgMemberSchema),
});
export type OrgView = z.infer<typeof orgViewSchema>;
export const createOrgSchema = z.strictObject({ name: nameSchema });
export const memberRoleSchema = z.strictObject({ email: emailSchema, role: roleSchema });
export type MemberRole = z.infer<typeof memberRoleSchema>;
export const memberSchema = z.strictObject({ email: emailSchema });

export const auditEntrySchema = z.object({
  seq: countSchema,
  at: timeSchema,
  /** Account id of who did it; empty when nobody was signed in. */
  actor: z.string(),
  /** For example `session.created`. */
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.string()),
  /** sha256 of the entry before (zeros for the first), and of this one. */
  previous: sha256Schema,
  hash: sha256Schema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditVerdictSchema = z.object({
  ok: z.boolean(),
  entries: countSchema,
  /** First entry that does not fit, or null. */
  brokenAt: countSchema.nullable(),
  reason: z.string(),
});
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;

/** RFC 7517, public Ed25519 keys. */
export const jwksSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
});
export type Jwks = z.infer<typeof jwksSchema>;
