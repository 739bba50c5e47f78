import { z } from 'zod';
import { sessionTokensSchema } from '../schema/account.ts';
import { idSchema } from '../schema/common.ts';
import * as schema from '../schema/outside.ts';
import { route } from './define-route.ts';

const done = z.object({ ok: z.literal(true) });
const byLogin = z.strictObject({ id: schema.outsideIdSchema });
const maxBodyBytes = 16 * 1024;

/**
 * Login by an outside provider; part of `routes`. Start, open the address in a browser, say yes there, and ask
 * until it is done: AUTH_OUTSIDE_PENDING says not yet.
 */
export const outsideRoutes = {
  listOutsideLogins: route({
    name: 'listOutsideLogins',
    method: 'GET',
    path: '/v1/auth/outside',
    scope: 'public',
    summary: 'List the outside logins that are offered',
    answer: z.object({ logins: z.array(schema.outsideLoginSchema) }),
  }),
  startOutside: route({
    name: 'startOutside',
    method: 'POST',
    path: '/v1/auth/outside/:id/start',
    scope: 'public',
    summary: 'Begin a login by an outside provider',
    params: byLogin,
    body: schema.startOutsideSchema,
    answer: schema.startedOutsideSchema,
    maxBodyBytes,
  }),
  /** Where the provider sends the browser; answers with a page that asks the person to say yes. */
  outsideCallback: route({
    name: 'outsideCallback',
    method: 'GET',
    path: '/v1/auth/outside/:id/callback',
    scope: 'public',
    summary: 'Where an outside provider sends the browser back to (a page)',
    params: byLogin,
    query: schema.outsideCallbackSchema,
    answerKind: 'bytes',
  }),
  /** The form of that page: `confirm=<secret>&answer=yes|no`. */
  confirmOutside: route({
    name: 'confirmOutside',
    method: 'POST',
    path: '/v1/auth/outside/confirm',
    scope: 'public',
    summary: 'The person says yes or no to an outside login (a form, a page)',
    bodyKind: 'bytes',
    maxBodyBytes: 1024,
    answerKind: 'bytes',
  }),
  completeOutside: route({
    name: 'completeOutside',
    method: 'POST',
    path: '/v1/auth/outside/complete',
    scope: 'public',
    summary: 'Take the session of an outside login that is done',
    body: schema.completeOutsideSchema,
    answer: sessionTokensSchema,
    maxBodyBytes,
  }),
  linkOutside: route({
    name: 'linkOutside',
    method: 'POST',
    path: '/v1/auth/outside/:id/link',
    scope: 'account',
    summary: 'Begin to link an outside identity to the account',
    params: byLogin,
    body: schema.linkOutsideSchema,
    answer: schema.startedOutsideSchema,
    maxBodyBytes,
  }),
  completeLink: route({
    name: 'completeLink',
    method: 'POST',
    path: '/v1/account/outside',
    scope: 'account',
    summary: 'Link the outside identity once the person said yes',
    body: schema.completeLinkSchema,
    answer: schema.outsideIdentityViewSchema,
    maxBodyBytes,
  }),
  listOutsideIdentities: route({
    name: 'listOutsideIdentities',
    method: 'GET',
    path: '/v1/account/outside',
    scope: 'account',
    summary: 'List the outside identities that open the account',
    answer: z.object({ identities: z.array(schema.outsideIdentityViewSchema) }),
  }),
  unlinkOutside: route({
    name: 'unlinkOutside',
    method: 'DELETE',
    path: '/v1/account/outside/:id',
    scope: 'account',
    summary: 'Unlink an outside identity',
    params: z.strictObject({ id: idSchema }),
    answer: done,
  }),
} as const;
