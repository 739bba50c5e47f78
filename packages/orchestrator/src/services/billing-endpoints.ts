import type { billingRoutes } from '@rios/sdk/api/billing-routes';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import { normaliseEmail } from '../auth/email.ts';
import { type BudgetOwner, changeBudget } from '../billing/account-budgets.ts';
import { giveCredit } from '../billing/credit.ts';
import type { Caller, Endpoints } from '../gateway/endpoint.ts';
import { getAccount } from '../store/accounts.ts';
import { appendAudit } from '../store/audit.ts';
import { readBalance } from '../store/ledger.ts';
import { addPriceTable, currentPriceTable } from '../store/price-tables.ts';
import type { Store } from '../store/store.ts';
import { findUserByEmail } from '../store/users.ts';
import { type BillingViews, budgetView } from './billing-views.ts';
import { ownDeployment } from './deployments/own-deployment.ts';
import type { Quotes } from './quotes.ts';

export type BillingEndpoints = Pick<Endpoints, keyof typeof billingRoutes>;

export interface BillingEndpointModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly views: BillingViews;
  readonly quotes: Quotes;
}

/** Accounts' money as endpoints of the routes in sdk/api/billing-routes.ts. */
export function createBillingEndpoints(modules: BillingEndpointModules): BillingEndpoints {
  return {
    ...viewEndpoints(modules),
    ...budgetEndpoints(modules),
    ...priceEndpoints(modules),
    ...creditEndpoints(modules),
    createQuote: ({ body, caller }) => modules.quotes.create(caller.accountId, body),
  };
}

type ViewNames = 'getBalance' | 'getUsage' | 'listBills' | 'getInvoice' | 'listAlerts' | 'getReceipts';

function viewEndpoints({ views }: BillingEndpointModules): Pick<BillingEndpoints, ViewNames> {
  return {
    getBalance: ({ caller }) => views.balance(caller.accountId),
    getUsage: ({ query: { by, ...span }, caller }) =>
      views.usage({ ...span, accountId: caller.accountId }, by),
    listBills: ({ query, caller }) => views.bills(caller.accountId, query),
    getInvoice: ({ query, caller }) => views.invoice({ id: caller.accountId, name: caller.name }, query),
    listAlerts: async ({ query, caller }) => ({ alerts: await views.alerts(caller.accountId, query.limit) }),
    getReceipts: ({ params, caller }) => views.receipts(caller.accountId, params.id),
  };
}

function budgetEndpoints({
  store,
  clock,
  views,
}: BillingEndpointModules): Pick<BillingEndpoints, 'listBudgets' | 'setBudget'> {
  return {
    listBudgets: async ({ caller }) => ({ budgets: await views.budgets(caller.accountId) }),
    setBudget: async ({ body, caller, keepAnswer }) =>
      store.transaction().execute(async (tx) => {
        const now = clock.now();
        const owner = await budgetOwner(tx, caller, body.deployment);
        const change = { request: weiOf(body.request), day: weiOf(body.day), month: weiOf(body.month) };
        const view = budgetView(await changeBudget(tx, owner, change, now), now);
        const details = Object.fromEntries(
          Object.entries(change).flatMap(([key, wei]) =>
            wei === undefined ? [] : [[key, wei === null ? 'none' : `${wei} wei`]],
          ),
        );
        const subject = owner.deploymentId ?? owner.accountId;
        await appendAudit(tx, { at: now, actor: actorOf(caller), action: 'budget.set', subject, details });
        await keepAnswer(tx, view);
        return view;
      }),
  };
}

/** The caller's account, or a deployment that it may change. @throws RiosError NOT_FOUND_DEPLOYMENT, AUTH_FORBIDDEN */
async function budgetOwner(tx: Store, caller: Caller, deployment: string | undefined): Promise<BudgetOwner> {
  if (deployment === undefined) return { accountId: caller.accountId };
  const { id, accountId } = await ownDeployment(tx, caller, deployment, 'change');
  return { accountId, deploymentId: id };
}

const weiOf = (text: string | null | undefined): bigint | null | undefined =>
  typeof text === 'string' ? BigInt(text) : text;

function priceEndpoints({
  store,
  clock,
}: BillingEndpointModules): Pick<BillingEndpoints, 'getPrices' | 'setPrices'> {
  return {
    getPrices: () => currentPriceTable(store, clock.now()),
    setPrices: ({ body: table, caller, keepAnswer }) =>
      store.transaction().execute(async (tx) => {
        const now = clock.now();
        const by = actorOf(caller);
        await addPriceTable(tx, table, { now, by });
        const subject = String(table.version);
        await appendAudit(tx, { at: now, actor: by, action: 'prices.set', subject });
        await keepAnswer(tx, table);
        return table;
      }),
  };
}

function creditEndpoints({ store, clock }: BillingEndpointModules): Pick<BillingEndpoints, 'giveCredit'> {
  return {
    giveCredit: async ({ body, caller, keepAnswer }) => {
      const accountId = await accountOf(store, body);
      const now = clock.now();
      const creditId = createId('crd', now);
      return store.transaction().execute(async (tx) => {
        const amountWei = BigInt(body.amountWei);
        await giveCredit(tx, { creditId, accountId, amountWei, by: actorOf(caller) }, now);
        const balanceWei = await readBalance(tx, `user:${accountId}`);
        const answer = { accountId, amountWei: String(amountWei), balanceWei: String(balanceWei) };
        await keepAnswer(tx, answer);
        return answer;
      });
    },
  };
}

async function accountOf(
  store: Store,
  { email, accountId }: { email?: string | undefined; accountId?: string | undefined },
): Promise<string> {
  if (email !== undefined) {
    const user = await findUserByEmail(store, normaliseEmail(email));
    if (user !== undefined) return user.account_id;
  }
  if (accountId !== undefined && (await getAccount(store, accountId)) !== undefined) return accountId;
  throw new RiosError('NOT_FOUND', 'there is no such account');
}

/** The person behind a call, for the audit log. */
const actorOf = ({ actorId, accountId }: Caller): string => actorId ?? accountId;
