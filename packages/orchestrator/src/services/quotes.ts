import { agreedPrice, type PriceTable } from '@rios/sdk/billing/price-table';
import { issueQuote, verifyQuote } from '@rios/sdk/billing/quote';
import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import type { NetworkKey } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { WorkerView } from '@rios/sdk/schema/api';
import type { QuoteAnswer, QuoteRequest } from '@rios/sdk/schema/billing';
import type { QuoteLine } from '@rios/sdk/schema/quote';
import type { Signed } from '@rios/sdk/schema/trust';
import { positionsFor, type TicketEdge, ticketEdges } from '../dmoe/tickets.ts';
import type { ReadSummary } from '../loop/observe.ts';
import { getModel, type ModelRecord } from '../store/models.ts';
import { currentPriceTable } from '../store/price-tables.ts';
import type { Store } from '../store/store.ts';

/** Says before a request what it can cost at most; the request that hands it in pays no more. */
export interface Quotes {
  /**
   * @throws RiosError NOT_FOUND_MODEL; CAPACITY_NO_PLACEMENT for a model that is on no workers; CAPACITY_PLACING
   * when one of its workers is gone; BILLING_PRICE for an ask beyond the price table
   */
  create(accountId: string, request: QuoteRequest): Promise<QuoteAnswer>;
}

export interface QuoteModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly identity: Identity;
  readonly networkKey: NetworkKey;
  readonly certificate: () => Signed;
  readonly readSummary: ReadSummary;
  readonly listWorkers: () => Promise<readonly WorkerView[]>;
}

/** Quotes over the placement of the moment: the same tickets as a request of that size would get, at today's asks. */
export function createQuotes(modules: QuoteModules): Quotes {
  return {
    create: async (accountId, request) => {
      const { store, clock, identity, networkKey } = modules;
      const now = clock.now();
      const model = await placedModel(store, request.model);
      const table = await currentPriceTable(store, now);
      const edges = await edgesOf(modules, model, request);
      const asks = await asksOf(modules);
      const bundle = issueQuote(identity, modules.certificate(), {
        quoteId: createId('qt', now),
        networkId: networkKey.networkId,
        accountId,
        model: model.name,
        modelHash: model.modelHash,
        tableVersion: table.version,
        lines: edges.map((edge) => lineOf(edge, asks, table)),
        issuedAt: now,
        expiresAt: now + request.ttlMs,
      });
      const { modelHash } = model;
      const check = { networkPublicKey: networkKey.publicKey, accountId, modelHash, now };
      return { quote: verifyQuote(bundle, check), bundle };
    },
  };
}

type PlacedModel = ModelRecord & { placement: NonNullable<ModelRecord['placement']> };

async function placedModel(store: Store, name: string): Promise<PlacedModel> {
  const model = await getModel(store, name);
  if (model === undefined) throw new RiosError('NOT_FOUND_MODEL', `there is no model ${name}`);
  const { placement } = model;
  if (placement !== null) return { ...model, placement };
  throw new RiosError('CAPACITY_NO_PLACEMENT', `${name} is on no workers, so nobody asks a price for it`, {
    hint: `Place it first: rios model place ${name}.`,
  });
}

async function edgesOf(
  { readSummary, identity }: QuoteModules,
  model: PlacedModel,
  { prompt, maxTokens }: QuoteRequest,
): Promise<TicketEdge[]> {
  const { summary } = await readSummary(model);
  const positions = positionsFor(summary, prompt, maxTokens);
  return ticketEdges(summary, model.placement, identity.peerId, positions);
}

/** Of workers that take requests, wei per 1,000,000 units. */
async function asksOf({ listWorkers }: QuoteModules): Promise<ReadonlyMap<string, bigint>> {
  const listed = (await listWorkers()).filter(({ state }) => state === 'listed');
  return new Map(
    listed.flatMap(({ id, offer }) => (offer === null ? [] : [[id, BigInt(offer.price)] as const])),
  );
}

function lineOf(
  { audience: worker, maxUnits }: TicketEdge,
  asks: ReadonlyMap<string, bigint>,
  table: PriceTable,
): QuoteLine {
  const ask = asks.get(worker);
  if (ask === undefined) {
    throw new RiosError('CAPACITY_PLACING', `worker ${worker} of the placement takes no requests now`);
  }
  return { worker, maxUnits, priceWei: String(agreedPrice(table, 'units', ask)) };
}
