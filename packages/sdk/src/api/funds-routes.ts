import {
  fundsViewSchema,
  linkedWalletSchema,
  settlementViewSchema,
  voucherBodySchema,
  walletLinkSchema,
} from '../schema/funds.ts';
import { route } from './define-route.ts';

/** Deposits, vouchers and what becomes of them on the chain. */
export const fundsRoutes = {
  getFunds: route({
    name: 'getFunds',
    method: 'GET',
    path: '/v1/billing/funds',
    scope: 'account',
    summary: 'What the account has, where it came from, and what is to be signed for',
    answer: fundsViewSchema,
  }),
  linkWallet: route({
    name: 'linkWallet',
    method: 'POST',
    path: '/v1/billing/wallets',
    scope: 'account',
    summary: 'Make the deposits of a wallet those of the account, by what the wallet signed',
    body: walletLinkSchema,
    answer: linkedWalletSchema,
  }),
  addVoucher: route({
    name: 'addVoucher',
    method: 'POST',
    path: '/v1/billing/vouchers',
    scope: 'account',
    summary: 'Hand in a voucher for what was spent of the deposits',
    body: voucherBodySchema,
    answer: fundsViewSchema,
  }),
  getSettlement: route({
    name: 'getSettlement',
    method: 'GET',
    path: '/v1/settlement',
    scope: 'status',
    summary: 'Signer, gas, what is on its way to the chain, and whether ledger and chain agree',
    answer: settlementViewSchema,
  }),
} as const;
