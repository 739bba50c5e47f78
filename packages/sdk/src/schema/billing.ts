import { z } from 'zod';
import { appNameSchema } from './app.ts';
import { amountSchema, countSchema, idSchema, nameSchema, timeSchema } from './common.ts';
import { containerReceiptSchema } from './container.ts';
import { quoteBundleSchema, quoteSchema } from './quote.ts';
import { receiptSchema, signedSchema } from './trust.ts';

/** What the API says about an account's money. Amounts are wei of ROS as decimal digits, times ms since 1970. */

/** Longest time that one usage report or invoice covers. */
const MAX_SPAN_MS = 366 * 86_400_000;

const queryTimeSchema = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .pipe(timeSchema)
  .or(timeSchema);

/** Of a bill in the order of bills: its time and request. */
const cursorSchema = z.string().regex(/^\d{1,15}:[a-z0-9_]{3,80}$/);

export const billOutcomeSchema = z.enum(['served', 'partial', 'failed']);

/** One line: what one worker did for a request under one ticket, and what of it was paid. */
export const billLineSchema = z.object({
  requestId: idSchema,
  /** Counts up from 1 in each bill. */
  line: countSchema,
  /** charge: units of a request. cores, memory, gpus: a container's time, `units` as billing/price-table counts it. */
  kind: z.enum(['charge', 'refused', 'cores', 'memory', 'gpus']),
  /** Peer id. */
  worker: z.string(),
  /** Nonce of the ticket that the worker's signed receipt answers for: `rios receipt show` finds it. */
  receiptNonce: z.string(),
  /** Token rows, of a charge. */
  units: countSchema,
  /** Per 1,000,000 units, or per PRICED_QUANTITY of a container's resource. */
  priceWei: amountSchema,
  amountWei: amountSchema,
  workerWei: amountSchema,
  platformWei: amountSchema,
  /** The platform's share, basis points. */
  feeBps: countSchema,
  /** Why it costs nothing; null for a charge. */
  reason: z.string().nullable(),
  message: z.string().nullable(),
  /** Of the ledger's transfer that paid it. */
  transferId: countSchema.nullable(),
  /** In which it is settled on the chain; null = not yet. */
  epoch: countSchema.nullable(),
  at: timeSchema,
});
export type BillLine = z.infer<typeof billLineSchema>;

/** One request's bill. */
export const billSchema = z.object({
  requestId: idSchema,
  model: z.string(),
  /** partial: it ended early, and what was delivered till then is paid. */
  outcome: billOutcomeSchema,
  totalWei: amountSchema,
  reservedWei: amountSchema,
  tableVersion: countSchema,
  quoteId: z.string().nullable(),
  /** Error code of a request that did not end well. */
  reason: z.string().nullable(),
  at: timeSchema,
});
export type Bill = z.infer<typeof billSchema>;

/** A page of bills, newest first; `next` goes into the next call's `before`. */
export const billPageSchema = z.object({ bills: z.array(billSchema), next: z.string().nullable() });
export type BillPage = z.infer<typeof billPageSchema>;

export const listBillsSchema = z.strictObject({
  limit: z.coerce.number().pipe(countSchema.min(1).max(500)).default(50),
  before: cursorSchema.optional(),
});

export const standingKindSchema = z.enum(['funded', 'grace', 'paused', 'unfunded']);

/** What an account has. */
export const balanceViewSchema = z.object({
  accountId: z.string(),
  /** Free to spend. */
  balanceWei: amountSchema,
  /** Of requests that run. */
  heldWei: amountSchema,
  depositedWei: amountSchema,
  /** Trial credit, and what operators gave. */
  creditedWei: amountSchema,
  vouchedWei: amountSchema,
  debtWei: amountSchema,
  standing: z.object({
    kind: standingKindSchema,
    /** Of a grace: until the pause; of a pause: until data may be removed. Null otherwise. */
    leftMs: countSchema.nullable(),
  }),
});
export type BalanceView = z.infer<typeof balanceViewSchema>;

export const usageByValues = ['day', 'model', 'worker'] as const;
export const usageQuerySchema = z
  .strictObject({ from: queryTimeSchema, to: queryTimeSchema, by: z.enum(usageByValues).default('day') })
  .refine(({ from, to }) => from < to && to - from <= MAX_SPAN_MS, 'a span is above 0 and at most 366 days');

export const usageRowSchema = z.object({
  /** The day (UTC, YYYY-MM-DD), model or worker. */
  key: z.string(),
  requests: countSchema,
  units: countSchema,
  amountWei: amountSchema,
});
export type UsageRow = z.infer<typeof usageRowSchema>;

/** What was used and paid in a span. */
export const usageReportSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  by: z.enum(usageByValues),
  rows: z.array(usageRowSchema),
  total: z.object({ requests: countSchema, units: countSchema, amountWei: amountSchema }),
  balance: balanceViewSchema,
});
export type UsageReport = z.infer<typeof usageReportSchema>;

/** Of a span, or of one request. */
export const invoiceQuerySchema = z
  .strictObject({
    from: queryTimeSchema.optional(),
    to: queryTimeSchema.optional(),
    request: idSchema.optional(),
    after: cursorSchema.optional(),
  })
  .refine(
    ({ from, to, request }) => (request === undefined ? from !== undefined && to !== undefined : true),
    'name a span (from and to) or a request',
  )
  .refine(
    ({ from = 0, to = 1 }) => from < to && (from === 0 || to - from <= MAX_SPAN_MS),
    'a span is above 0 and at most 366 days',
  );

/** The bills of a span or of one request, oldest first, by pages: `next` goes into the next call's `after`. */
export const invoicePageSchema = z.object({
  networkId: z.string(),
  account: z.object({ id: z.string(), name: z.string() }),
  from: timeSchema,
  to: timeSchema,
  issuedAt: timeSchema,
  bills: z.array(billSchema),
  lines: z.array(billLineSchema),
  next: z.string().nullable(),
});
export type InvoicePage = z.infer<typeof invoicePageSchema>;

/** All pages in one, with their sums. */
export const invoiceSchema = invoicePageSchema.omit({ next: true }).extend({
  /** The same account and span always have the same number. */
  number: z.string(),
  totalWei: amountSchema,
  workersWei: amountSchema,
  /** The platform's share, and what rounding left over. */
  platformWei: amountSchema,
});
export type Invoice = z.infer<typeof invoiceSchema>;

const limitSchema = amountSchema.nullable();

/** null takes a limit away; what is left out stays as it is. */
export const budgetLimitsSchema = z.strictObject({
  request: limitSchema.optional(),
  day: limitSchema.optional(),
  month: limitSchema.optional(),
});
export type BudgetChange = z.infer<typeof budgetLimitsSchema>;
/** Of the account, unless a deployment is named. */
export const budgetChangeSchema = budgetLimitsSchema.extend({ deployment: appNameSchema.optional() });

const budgetWindowViewSchema = z.object({
  limitWei: limitSchema,
  spentWei: amountSchema,
  /** When it starts anew. */
  endsAt: timeSchema,
});
export const budgetViewSchema = z.object({
  /** `account`, or `deployment:<id>`. */
  scope: z.string(),
  requestLimitWei: limitSchema,
  day: budgetWindowViewSchema,
  month: budgetWindowViewSchema,
  reservedWei: amountSchema,
});
export type BudgetView = z.infer<typeof budgetViewSchema>;
export const budgetsSchema = z.object({ budgets: z.array(budgetViewSchema) });

export const alertSchema = z.object({
  id: countSchema,
  at: timeSchema,
  /** For example billing.budget, billing.low, billing.paused. */
  kind: z.string(),
  subject: z.string(),
  message: z.string(),
});
export const alertsSchema = z.object({ alerts: z.array(alertSchema) });
export type Alert = z.infer<typeof alertSchema>;

/** Who gets credit: a person by address, or an account by id. */
export const giveCreditSchema = z
  .strictObject({
    email: z.email().max(254).optional(),
    accountId: z.string().min(1).max(80).optional(),
    amountWei: amountSchema,
  })
  .refine(({ email, accountId }) => (email === undefined) !== (accountId === undefined), {
    message: 'name an email or an accountId',
  });
export const creditSchema = z.object({
  accountId: z.string(),
  amountWei: amountSchema,
  balanceWei: amountSchema,
});

/** How long a prompt is. A chat's length depends on the model's template: it is quoted up to the whole context. */
const promptSizeSchema = z.discriminatedUnion('kind', [
  /** UTF-16 units of text. */
  z.strictObject({ kind: z.literal('text'), chars: countSchema.max(100_000_000) }),
  z.strictObject({ kind: z.literal('ids'), tokens: countSchema.max(100_000_000) }),
  z.strictObject({ kind: z.literal('chat') }),
]);

/** One request that somebody may make. */
export const quoteRequestSchema = z.strictObject({
  model: nameSchema,
  prompt: promptSizeSchema,
  maxTokens: countSchema.min(1).max(1_000_000),
  /** How long the quote is to hold. */
  ttlMs: countSchema.min(1000).max(3_600_000).default(600_000),
});
export type QuoteRequest = z.infer<typeof quoteRequestSchema>;
export const quoteAnswerSchema = z.object({ quote: quoteSchema, bundle: quoteBundleSchema });
export type QuoteAnswer = z.infer<typeof quoteAnswerSchema>;

/** A signed receipt as it is kept, what it says, and what of it was paid. */
export const shownReceiptSchema = z.object({
  signed: signedSchema,
  /** Null when its signature does not hold. */
  receipt: receiptSchema.nullable(),
  /** In place of it, where a container's time is paid for: cumulative for its ticket. */
  container: containerReceiptSchema.optional(),
  receivedAt: timeSchema,
});
export const requestReceiptsSchema = z.object({
  requestId: idSchema,
  bill: billSchema.nullable(),
  lines: z.array(billLineSchema),
  receipts: z.array(shownReceiptSchema),
});
export type RequestReceipts = z.infer<typeof requestReceiptsSchema>;
