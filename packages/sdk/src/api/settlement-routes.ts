import { z } from 'zod';
import { accountAddressSchema } from '../schema/money-results.ts';
import {
  epochViewSchema,
  listEpochsSchema,
  rewardsViewSchema,
  statisticsViewSchema,
} from '../schema/settlement.ts';
import { route } from './define-route.ts';

const byEpoch = z.strictObject({ epoch: z.coerce.number().pipe(z.int().min(1)) });

/** Epochs and rewards; part of `routes`. Whoever audits needs no account. */
export const settlementRoutes = {
  listEpochs: route({
    name: 'listEpochs',
    method: 'GET',
    path: '/v1/epochs',
    scope: 'public',
    summary: 'List epochs, the newest first',
    query: listEpochsSchema,
    answer: z.object({ epochs: z.array(epochViewSchema) }),
  }),
  getEpoch: route({
    name: 'getEpoch',
    method: 'GET',
    path: '/v1/epochs/:epoch',
    scope: 'public',
    summary: 'Describe an epoch',
    params: byEpoch,
    answer: epochViewSchema,
  }),
  getEpochReceipts: route({
    name: 'getEpochReceipts',
    method: 'GET',
    path: '/v1/epochs/:epoch/receipts',
    scope: 'public',
    summary: 'Download the receipts file of an epoch (Range supported)',
    params: byEpoch,
    answerKind: 'bytes',
  }),
  /** What is open is settled now, and not at the next hour. */
  closeEpoch: route({
    name: 'closeEpoch',
    method: 'POST',
    path: '/v1/epochs',
    scope: 'network',
    summary: 'Close the running epoch now',
    answer: epochViewSchema,
  }),
  getRewards: route({
    name: 'getRewards',
    method: 'GET',
    path: '/v1/rewards/:address',
    scope: 'public',
    summary: 'What an account earned, with the proof that claims it',
    params: z.strictObject({ address: accountAddressSchema }),
    answer: rewardsViewSchema,
  }),
  getStatistics: route({
    name: 'getStatistics',
    method: 'GET',
    path: '/v1/statistics',
    scope: 'public',
    summary: 'Sums over all requests and epochs; names nobody',
    answer: statisticsViewSchema,
  }),
} as const;
