import assert from 'node:assert/strict';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import type { Receipt } from '@rios/sdk/schema/trust';
import { chargeRequest } from '../../src/billing/charge-request.ts';
import { billedTickets } from '../../src/services/billed-tickets.ts';
import { createReceiptCollector } from '../../src/services/receipt-collector.ts';
import { ASK_WEI, anna, ben, buildReceipt, buildRequest, buildTicket, STARTED_AT } from '../support/bill.ts';

const orchestrator = createIdentity();
const network = createNetworkKey();
const { requestId, modelHash } = buildRequest();
const networkId = network.networkId;
const certificate = issueCertificate(network, orchestrator.peerId, STARTED_AT, 60_000);

function issueTo(worker: Identity) {
  const { parts, maxUnits } = buildTicket();
  const edge = {
    kind: 'stage' as const,
    stage: 0,
    holder: orchestrator.peerId,
    audience: worker.peerId,
    parts,
    maxUnits,
  };
  const ticket = issueTicket(
    orchestrator,
    certificate,
    {
      networkId,
      purpose: 'compute',
      holder: edge.holder,
      audience: edge.audience,
      requestId,
      modelHash,
      parts: [...parts],
      maxUnits,
      expiresAt: STARTED_AT + 30_000,
    },
    STARTED_AT,
  );
  return { edge, ticket };
}

const issued = [issueTo(anna), issueTo(ben)];
const tickets = billedTickets({ edges: issued }, () => ASK_WEI);
const [annaNonce = '', benNonce = ''] = tickets.map(({ nonce }) => nonce);
const request = buildRequest({ networkId, tickets });

/** As it arrives: the signed receipts are checked, and what passes is billed. */
function billOf(given: readonly { by: Identity; receipt: Partial<Receipt> }[]) {
  const signed = given.map(({ by, receipt }) => signReceipt(by, buildReceipt({ networkId, ...receipt })));
  const checked = createReceiptCollector(tickets, 0).close(signed);
  return {
    checked,
    ...chargeRequest(
      checked.verified.map(({ receipt }) => receipt),
      request,
    ),
  };
}

describe('bill of signed receipts', () => {
  it('default: what workers signed for real tickets is paid', () => {
    const { charges, refused } = billOf([
      { by: anna, receipt: { ticketNonce: annaNonce } },
      { by: ben, receipt: { worker: ben.peerId, ticketNonce: benNonce } },
    ]);

    assert.deepEqual(
      charges.map(({ worker, amountWei }) => [worker, amountWei]),
      [
        [anna.peerId, ASK_WEI / 2_000n],
        [ben.peerId, ASK_WEI / 2_000n],
      ],
    );
    assert.deepEqual(refused, []);
  });

  it('behaviour: a receipt signed by a stranger, or by another worker, is worth nothing', () => {
    const stranger = createIdentity();
    const forged = [
      { by: stranger, receipt: { ticketNonce: annaNonce } },
      { by: stranger, receipt: { worker: stranger.peerId, ticketNonce: annaNonce } },
      { by: ben, receipt: { ticketNonce: annaNonce } },
    ];
    const { checked, charges, refused, totalWei } = billOf(forged);

    assert.deepEqual(checked.refused, ['a receipt was not signed by the worker that it names']);
    assert.deepEqual([charges, totalWei], [[], 0n]);
    assert.deepEqual(
      refused.map(({ worker, reason }) => [worker, reason]),
      [
        [forged[1]?.by.peerId, 'unknown_worker'],
        [anna.peerId, 'no_receipt'],
        [ben.peerId, 'no_receipt'],
      ],
    );
  });

  it('behaviour: a signature does not help against what was not agreed', () => {
    const { charges, refused } = billOf([
      { by: anna, receipt: { ticketNonce: annaNonce, price: String(ASK_WEI + 1n) } },
      { by: ben, receipt: { worker: ben.peerId, ticketNonce: benNonce, startedAt: 1, finishedAt: 2 } },
    ]);

    assert.deepEqual(charges, []);
    assert.deepEqual(
      refused.map(({ reason }) => reason),
      ['above_ask', 'before_request'],
    );
  });

  it('behaviour: a receipt sent twice is paid once', () => {
    const twice = { by: anna, receipt: { ticketNonce: annaNonce } };
    const { charges } = billOf([twice, twice]);

    assert.equal(charges.length, 1);
  });
});
