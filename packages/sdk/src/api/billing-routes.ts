import { z } from 'zod';
import { priceTableSchema } from '../billing/price-table.ts';
import * as schema from '../schema/billing.ts';
import { countSchema, idSchema } from '../schema/common.ts';
import { route } from './define-route.ts';

/** None of these bodies is long. */
const maxBodyBytes = 16 * 1024;

/** What accounts pay, for what, and within which bounds; part of `routes`. Each works on the caller's own account. */
export const billingRoutes = {
  getBalance: route({
    name: 'getBalance',
    method: 'GET',
    path: '/v1/billing/balance',
    scope: 'account',
    summary: 'What the account has, and how it stands',
    answer: schema.balanceViewSchema,
  }),
  getUsage: route({
    name: 'getUsage',
    method: 'GET',
    path: '/v1/billing/usage',
    scope: 'account',
    summary: 'What was used and paid in a span, by day, model or worker',
    query: schema.usageQuerySchema,
    answer: schema.usageReportSchema,
  }),
  listBills: route({
    name: 'listBills',
    method: 'GET',
    path: '/v1/billing/bills',
    scope: 'account',
    summary: 'Bills of requests, newest first',
    query: schema.listBillsSchema,
    answer: schema.billPageSchema,
  }),
  getInvoice: route({
    name: 'getInvoice',
    method: 'GET',
    path: '/v1/billing/invoice',
    scope: 'account',
    summary: 'Every line of a span or of one request, with its receipt, by pages',
    query: schema.invoiceQuerySchema,
    answer: schema.invoicePageSchema,
  }),
  listBudgets: route({
    name: 'listBudgets',
    method: 'GET',
    path: '/v1/billing/budgets',
    scope: 'account',
    summary: 'Budgets, and what of them is spent and reserved',
    answer: schema.budgetsSchema,
  }),
  setBudget: route({
    name: 'setBudget',
    method: 'PUT',
    path: '/v1/billing/budget',
    scope: 'account',
    summary: "Set limits of the account's budget, or of one deployment's: for a request, a day, a month",
    body: schema.budgetChangeSchema,
    answer: schema.budgetViewSchema,
    maxBodyBytes,
  }),
  listAlerts: route({
    name: 'listAlerts',
    method: 'GET',
    path: '/v1/billing/alerts',
    scope: 'account',
    summary: 'What the account was told about its money, newest first',
    query: z.strictObject({ limit: z.coerce.number().pipe(countSchema.min(1).max(500)).default(50) }),
    answer: schema.alertsSchema,
  }),
  getPrices: route({
    name: 'getPrices',
    method: 'GET',
    path: '/v1/billing/prices',
    scope: 'any',
    summary: 'The price table in force',
    answer: priceTableSchema,
  }),
  setPrices: route({
    name: 'setPrices',
    method: 'PUT',
    path: '/v1/billing/prices',
    scope: 'network',
    summary: 'Set a price table with a higher version; those before stay as they are',
    body: priceTableSchema,
    answer: priceTableSchema,
    maxBodyBytes,
  }),
  giveCredit: route({
    name: 'giveCredit',
    method: 'POST',
    path: '/v1/billing/credit',
    scope: 'network',
    summary: 'Give an account credit; it is audited',
    body: schema.giveCreditSchema,
    answer: schema.creditSchema,
    maxBodyBytes,
  }),
  createQuote: route({
    name: 'createQuote',
    method: 'POST',
    path: '/v1/billing/quotes',
    scope: 'inference',
    summary: 'What one request can cost at most, signed and kept to',
    body: schema.quoteRequestSchema,
    answer: schema.quoteAnswerSchema,
    maxBodyBytes,
  }),
  getReceipts: route({
    name: 'getReceipts',
    method: 'GET',
    path: '/v1/requests/:id/receipts',
    scope: 'account',
    summary: 'The signed receipts of a request, and its bill',
    params: z.strictObject({ id: idSchema }),
    answer: schema.requestReceiptsSchema,
  }),
} as const;
