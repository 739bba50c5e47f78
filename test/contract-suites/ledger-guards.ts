import { expect } from 'chai';
import { aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { OpenLedger } from './ledger.ts';
import { aDeposit } from './ledger-posts.ts';

const ledger = aLedger();

const insert = (entries: string, key = 'evil', verb = 'INSERT') =>
  `${verb} INTO ledger_transfers (key, kind, at, ref, entries_json, charges_json)
   VALUES ('${key}', 'k', 1, 'r', '${entries}', '[]')`;

const many = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => [
      `worker:w${index}`,
      index === 0 ? `${count - 1}` : '0',
    ]).concat([['escrow', `${1 - count}`]]),
  );

/** Entries that make no transfer, whoever writes them. */
const BAD_ENTRIES: Readonly<Record<string, string>> = {
  'is not balanced': '[["escrow","-5"],["user:acc_1","6"]]',
  'is off by 10^15': '[["escrow","-1"],["user:acc_1","1000000000000001"]]',
  'is one-sided': '[["user:acc_1","6"]]',
  'takes what is not there': '[["escrow","101"],["user:acc_1","-101"]]',
  'takes from a worker': '[["escrow","1"],["worker:w","-1"]]',
  'has an account twice': '[["escrow","-5"],["escrow","-5"],["user:acc_1","10"]]',
  'has an account that is none': '[["escrow","-5"],["bank","5"]]',
  'has a user without a name': '[["escrow","-5"],["user:","5"]]',
  'has a user with a strange name': '[["escrow","-5"],["user:a b","5"]]',
  'has a fraction': '[["escrow","-0.5"],["user:acc_1","0.5"]]',
  'has an exponent': '[["escrow","-1e3"],["user:acc_1","1e3"]]',
  'has leading zeros': '[["escrow","-05"],["user:acc_1","05"]]',
  'has a signed zero': '[["escrow","-0"],["user:acc_1","0"]]',
  'has numbers for texts': '[["escrow",-5],["user:acc_1",5]]',
  'has no amount': '[["escrow"],["user:acc_1","0"]]',
  'has null': '[["escrow",null],["user:acc_1","0"]]',
  'has an amount of 31 digits': `[["escrow","-1${'0'.repeat(30)}"],["user:acc_1","1${'0'.repeat(30)}"]]`,
  'has 257 entries': many(256),
  'is an object': '{"escrow":"0"}',
  'is a text': '"escrow"',
  'is no JSON': '[["escrow","0"',
  'is empty text': '',
};

/** Changes of what is there, by SQL that both engines know. */
const CHANGES: readonly string[] = [
  `UPDATE ledger_transfers SET kind = 'other'`,
  `UPDATE ledger_transfers SET entries_json = '[]'`,
  `DELETE FROM ledger_transfers`,
  `UPDATE ledger_entries SET amount_wei = '1'`,
  `UPDATE ledger_entries SET account = 'user:evil' WHERE account = 'user:acc_1'`,
  `DELETE FROM ledger_entries`,
  `INSERT INTO ledger_entries (transfer_id, account, amount_wei) VALUES (1, 'user:evil', '5')`,
  `INSERT INTO ledger_entries (transfer_id, account, amount_wei) VALUES (99, 'user:evil', '5')`,
  `INSERT INTO ledger_entries (transfer_id, account, amount_wei) VALUES (1, 'user:evil', '100')`,
  `INSERT INTO ledger_entries (transfer_id, account, amount_wei) VALUES (1, 'user:acc_1', '100')`,
  `DELETE FROM ledger_balances`,
  `UPDATE ledger_balances SET account = 'user:evil' WHERE account = 'user:acc_1'`,
  `UPDATE ledger_balances SET slice = 7`,
];

const CHANGES_ON = {
  sqlite: [
    `UPDATE ledger_balances SET low = low + 1`,
    `UPDATE ledger_balances SET low = low + 1, transfer_id = 2 WHERE account = 'user:acc_1'`,
    `UPDATE ledger_balances SET low = low + 100, transfer_id = 1 WHERE account = 'user:acc_1'`,
    `UPDATE ledger_balances SET high = high + 1, transfer_id = transfer_id + 1`,
    `UPDATE OR IGNORE ledger_balances SET low = 5, transfer_id = 9`,
    `INSERT INTO ledger_balances (account, slice, high, low, transfer_id) VALUES ('user:evil', 0, 0, 5, 0)`,
    `INSERT OR REPLACE INTO ledger_balances (account, slice, high, low, transfer_id)
      VALUES ('user:acc_1', 0, 0, 0, 0)`,
    `INSERT OR REPLACE INTO ledger_entries (transfer_id, account, amount_wei) VALUES (1, 'user:acc_1', '100')`,
    `INSERT OR REPLACE INTO ledger_entries (transfer_id, account, amount_wei) VALUES (1, 'user:acc_1', '900')`,
    insert(BAD_ENTRIES['has an account twice'] ?? '', 'evil', 'INSERT OR IGNORE'),
    insert(BAD_ENTRIES['has an account twice'] ?? '', 'evil', 'INSERT OR REPLACE'),
    insert(BAD_ENTRIES['is not balanced'] ?? '', 'evil', 'INSERT OR FAIL'),
    insert(BAD_ENTRIES['takes what is not there'] ?? '', 'evil', 'INSERT OR IGNORE'),
    `INSERT INTO ledger_transfers (id, key, kind, at, ref, entries_json, charges_json)
      VALUES (-5, 'evil', 'k', 1, 'r', '[]', '[]')`,
  ],
  postgres: [
    `UPDATE ledger_balances SET balance_wei = balance_wei + 1`,
    `INSERT INTO ledger_balances (account, slice, balance_wei) VALUES ('user:evil', 0, 5)`,
    `INSERT INTO ledger_balances (account, slice, balance_wei) VALUES ('user:acc_1', 0, 5)
      ON CONFLICT (account, slice) DO UPDATE SET balance_wei = EXCLUDED.balance_wei`,
    `TRUNCATE ledger_transfers CASCADE`,
    `TRUNCATE ledger_entries`,
    `TRUNCATE ledger_balances`,
  ],
} as const;

/** What is refused by the store itself, of whoever writes past RiOS. */
export function describeLedgerGuards(open: () => OpenLedger): void {
  const dump = async () => {
    const { store } = open();
    return [
      await store.selectFrom('ledger_transfers').selectAll().orderBy('id').execute(),
      await store
        .selectFrom('ledger_entries')
        .selectAll()
        .orderBy('transfer_id')
        .orderBy('account')
        .execute(),
      await store
        .selectFrom('ledger_balances')
        .select(['account', 'slice', 'balance_wei'])
        .orderBy('account')
        .orderBy('slice')
        .execute(),
    ];
  };
  const refuses = async (sql: string) => {
    const before = await dump();
    const outcome = await open()
      .place.run(sql)
      .then(
        () => 'accepted',
        () => 'refused',
      );
    expect(outcome, sql).to.equal('refused');
    expect(await dump(), sql).to.deep.equal(before);
  };

  describe('past RiOS', () => {
    beforeEach(() =>
      open()
        .store.transaction()
        .execute((tx) => ledger.post(tx, aDeposit(100n))),
    );

    it('default: SQL that makes a whole transfer makes its entries and balances', async () => {
      await open().place.run(insert('[["user:acc_1","-40"],["worker:w","40"]]', 'by hand'));

      expect(await ledger.balanceOf(open().store, 'worker:w')).to.equal(40n);
      expect(await ledger.balanceOf(open().store, 'user:acc_1')).to.equal(60n);
      expect((await auditLedger(open().store, ledger)).findings).to.deep.equal([]);
    });

    for (const [what, entries] of Object.entries(BAD_ENTRIES)) {
      it(`behaviour: a transfer that ${what} is refused`, () => refuses(insert(entries)));
    }

    it('behaviour: 256 accounts are enough for one transfer', async () => {
      await open().place.run(insert(many(255)));

      const { findings, sumWei } = await auditLedger(open().store, ledger);
      expect([findings, sumWei]).to.deep.equal([[], 0n]);
    });

    it('behaviour: nothing that is there is changed or removed', async () => {
      for (const sql of [...CHANGES, ...CHANGES_ON[open().backend.name]]) await refuses(sql);
    });

    it('behaviour: of several transfers in one statement all are refused when one is', () =>
      refuses(
        `${insert('[["escrow","-5"],["user:acc_1","5"]]', 'good')}, ('evil', 'k', 1, 'r', '[["user:a","1"]]', '[]')`,
      ));

    it('behaviour: a key that is there is not written over, by any way to insert', async () => {
      const before = await dump();
      const entries = '[["escrow","-1"],["user:acc_1","1"]]';
      const verbs =
        open().backend.name === 'sqlite'
          ? ['INSERT', 'INSERT OR REPLACE', 'INSERT OR IGNORE', 'REPLACE']
          : ['INSERT'];
      for (const verb of verbs) {
        await open()
          .place.run(insert(entries, 'deposit:1', verb))
          .catch(() => {});
        expect(await dump(), verb).to.deep.equal(before);
      }
    });
  });
}
