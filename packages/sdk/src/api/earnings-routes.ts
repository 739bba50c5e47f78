import { z } from 'zod';
import { peerIdSchema } from '../schema/common.ts';
import { earningsPageSchema, earningsQuerySchema } from '../schema/earnings.ts';
import { route } from './define-route.ts';

/** What workers earned; part of `routes`. */
export const earningsRoutes = {
  getEarnings: route({
    name: 'getEarnings',
    method: 'GET',
    path: '/v1/workers/:id/earnings',
    scope: 'status',
    summary: 'What the ledger says of the work of a worker, line by line',
    params: z.strictObject({ id: peerIdSchema }),
    query: earningsQuerySchema,
    answer: earningsPageSchema,
  }),
} as const;
