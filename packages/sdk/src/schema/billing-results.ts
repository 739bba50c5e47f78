import { z } from 'zod';
import { priceTableSchema } from '../billing/price-table.ts';
import {
  alertsSchema,
  billPageSchema,
  budgetsSchema,
  budgetViewSchema,
  creditSchema,
  invoiceSchema,
  quoteAnswerSchema,
  requestReceiptsSchema,
  usageReportSchema,
} from './billing.ts';

/** One line of a bill against what its worker signed. */
const lineCheckSchema = z.object({
  line: z.int(),
  receiptNonce: z.string(),
  ok: z.boolean(),
  /** What is wrong; null when nothing is. */
  fault: z.string().nullable(),
});
export type LineCheck = z.infer<typeof lineCheckSchema>;

/** `rios receipt show`: the signed receipts of a request, and whether its bill follows from them. */
export const receiptReportSchema = requestReceiptsSchema.extend({
  ok: z.boolean(),
  checks: z.array(lineCheckSchema),
});
export type ReceiptReport = z.infer<typeof receiptReportSchema>;

/** What the commands about billing print under `--json`, by command id. */
export const BILLING_RESULTS = {
  'billing:alerts': alertsSchema,
  'billing:budget:set': budgetViewSchema,
  'billing:budget:show': budgetsSchema,
  'billing:credit': creditSchema,
  'billing:history': billPageSchema,
  'billing:invoice': invoiceSchema,
  'billing:prices': priceTableSchema,
  'billing:usage': usageReportSchema,
  quote: quoteAnswerSchema,
  'receipt:show': receiptReportSchema,
} as const;
