import { z } from 'zod';
import { displayNameSchema, passwordSchema, secondFactorSchema } from './account.ts';
import { idSchema, timeSchema } from './common.ts';

/** Name of an outside login: what the operator called it, for example `google`. */
export const outsideIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
/** Secrets of one outside login: `rioso_…` (claim) is polled with, `rioss_…` (state) goes through the browser. */
export const outsideClaimSchema = z.string().regex(/^rioso_[A-Za-z0-9_-]{43}$/);
export const outsideStateSchema = z.string().regex(/^rioss_[A-Za-z0-9_-]{43}$/);

/** An outside login that this network offers. */
export const outsideLoginSchema = z.object({ id: outsideIdSchema, issuer: z.string() });

export const startOutsideSchema = z.strictObject({
  /** What signs in: shown on the page where the person says yes, and in the list of sessions. */
  client: displayNameSchema.default('unnamed'),
});

/** Linking another way in needs the password, where the account has one, and the second factor, where it is on. */
export const linkOutsideSchema = startOutsideSchema.extend({
  password: passwordSchema.optional(),
  code: secondFactorSchema.optional(),
});

/** An outside login that waits for a browser. The claim is shown this once; whoever has it gets the session. */
export const startedOutsideSchema = z.object({
  claim: outsideClaimSchema,
  /** To be opened in a browser, on any machine. */
  authorizationUrl: z.url(),
  /** Shown in the browser too: the person compares both before saying yes. */
  userCode: z.string().regex(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/),
  expiresAt: timeSchema,
  /** How long to wait between two questions whether it is done. */
  intervalMs: z.int().min(100).max(60_000),
});
export type StartedOutside = z.infer<typeof startedOutsideSchema>;

export const completeOutsideSchema = z.strictObject({
  claim: outsideClaimSchema,
  code: secondFactorSchema.optional(),
});
export const completeLinkSchema = z.strictObject({ claim: outsideClaimSchema });

/** What the provider sends the browser back with; it may add fields of its own. */
export const outsideCallbackSchema = z.looseObject({
  state: outsideStateSchema,
  code: z.string().max(4096).optional(),
  iss: z.string().max(1024).optional(),
  error: z.string().max(256).optional(),
});

/** An outside identity that opens an account. */
export const outsideIdentityViewSchema = z.object({
  id: idSchema,
  /** Which outside login it came by. */
  login: z.string(),
  issuer: z.string(),
  /** Address at the provider when it was linked. */
  email: z.string(),
  createdAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
});
export type OutsideIdentityView = z.infer<typeof outsideIdentityViewSchema>;
