// Goal: over a long random history the books keep their laws, and what they say of any instant is what a replay of the facts says.
import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { randomOf } from '../../test/stories/random.ts';
import type { Random } from '../../test/stories/random.ts';
import { parseShanghai, plus } from '../kernel/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { aboveFloor } from './account.ts';
import type { AccountId } from './account.ts';
import * as ledger from './index.ts';
import type { AtPlace, EntryDraft, RefundOf } from './index.ts';

const database = useDatabase();
const begins = parseShanghai('2026-11-21 22:00:00') as Instant;

type Made = { readonly at: AtPlace; readonly number: string; readonly amount: bigint; readonly of: RefundOf };

/** Everything that money in and holds can do, told twice now and then, and ended twice; only what was booked is ended. */
class Story {
  readonly #random: Random;
  readonly #refunds: Made[] = [];
  readonly #holds: Made[] = [];
  readonly #told: EntryDraft[] = [];
  readonly #begun = new Map<string, Made>();
  #number = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What began can end from now on. */
  heard(drafts: readonly EntryDraft[], told: readonly string[]): void {
    for (const [index, { source }] of drafts.entries()) {
      const begun = told[index] === 'new' ? this.#begun.get(source) : undefined;
      if (begun) (source.startsWith('hold') ? this.#holds : this.#refunds).push(begun);
    }
  }

  list(length: number): EntryDraft[] {
    return Array.from({ length }, () => this.#next());
  }

  #next(): EntryDraft {
    const random = this.#random;
    if (this.#told.length > 0 && random.chance(0.05)) return random.pick(this.#told);
    const draft = this.#make();
    this.#told.push(draft);
    return draft;
  }

  #where(): AtPlace {
    const random = this.#random;
    const happenedAt = random.chance(0.5) ? plus(begins, random.between(-80, 80) * 3_600_000) : undefined;
    return {
      ...{ bucket: random.below(1000), merchantId: random.pick(['demo', 'shop']), subject: `o-${random.below(99)}` },
      ...{ actor: 'system', place: random.pick(['A-1', 'A-2', 'A-3']), happenedAt },
      currency: random.pick(['CNY', 'CNY', 'USD']) as Currency,
    };
  }

  #make(): EntryDraft {
    const random = this.#random;
    const at = this.#where();
    const number = String((this.#number += 1));
    const amount = BigInt(random.between(1, 100_000));
    const fee = random.chance(0.2) ? undefined : amount / 166n;
    const chosen = random.below(10);
    if (chosen < 3) return ledger.paymentSucceeded(at, { attempt: number, amount, fee });
    if (chosen < 4) return ledger.surplusReceived(at, { attempt: number, amount, fee });
    if (chosen < 5) {
      const balances = { channel_available: amount, merchant_available: -amount };
      return ledger.openingBalances(at, { source: number, balances });
    }
    if (chosen < 6 || this.#refunds.length === 0) return this.#startRefund({ at, number, amount });
    if (chosen < 7 || this.#holds.length === 0) return this.#startHold({ at, number, amount });
    return chosen < 8 ? this.#endRefund() : this.#endHold();
  }

  #startRefund(made: Omit<Made, 'of'>): EntryDraft {
    const of = this.#random.pick(['pending', 'available', 'surplus'] as const);
    return this.#begin(
      { ...made, of },
      ledger.refundStarted(made.at, { refund: made.number, amount: made.amount, of }),
    );
  }

  #startHold(made: Omit<Made, 'of'>): EntryDraft {
    const draft = ledger.hold(made.at, { hold: made.number, amount: made.amount });
    return this.#begin({ ...made, of: 'available' }, draft);
  }

  #begin(made: Made, draft: EntryDraft): EntryDraft {
    this.#begun.set(draft.source, made);
    return draft;
  }

  #endRefund(): EntryDraft {
    const { at, number: refund, amount, of } = this.#random.pick(this.#refunds);
    if (this.#random.chance(0.3)) return ledger.refundRefused(at, { refund, amount, of });
    const purse = of === 'available' ? 'balance' : 'unsettled';
    return ledger.refundSucceeded(at, { refund, amount, purse, feeReturn: amount / 200n });
  }

  #endHold(): EntryDraft {
    const { at, number, amount } = this.#random.pick(this.#holds);
    const held = { hold: number, amount };
    if (this.#random.chance(0.3)) return ledger.releaseHold(at, held);
    return ledger.settleHold(at, held, this.#random.chance(0.5) ? amount : (amount + 1n) / 2n);
  }
}

type Booked = { readonly at: Instant; readonly account: AccountId; readonly amount: bigint };

/** The dullest possible ledger: what each list booked, one after the other. */
class Replay {
  readonly booked: Booked[] = [];
  readonly #sources = new Set<string>();
  readonly #balances = new Map<AccountId, bigint>();

  /** Whether it is new, known or refused. */
  tell(draft: EntryDraft, at: Instant): 'new' | 'known' | 'refused' {
    const source = `${draft.bucket}/${draft.source}`;
    if (this.#sources.has(source)) return 'known';
    const after = new Map<AccountId, bigint>();
    for (const { account, amount } of draft.lines)
      after.set(account, (after.get(account) ?? this.#balances.get(account) ?? 0n) + amount);
    const sinks = (account: AccountId, balance: bigint): boolean =>
      (aboveFloor(account, balance) ?? 0n) < 0n &&
      (aboveFloor(account, balance - (this.#balances.get(account) ?? 0n)) ?? 0n) < 0n;
    if (draft.force === 'command' && [...after].some(([account, balance]) => sinks(account, balance))) return 'refused';
    this.#sources.add(source);
    for (const [account, balance] of after) this.#balances.set(account, balance);
    for (const line of draft.lines) this.booked.push({ at, ...line });
    return 'new';
  }

  balanceAt(account: AccountId, at: Instant): bigint {
    return this.booked.reduce((sum, each) => (each.account === account && each.at <= at ? sum + each.amount : sum), 0n);
  }

  get accounts(): AccountId[] {
    return [...this.#balances.keys()];
  }
}

test('twenty thousand random postings keep the laws, and any instant reads as a replay says', async () => {
  const random = randomOf(4711);
  const [story, replay] = [new Story(random), new Replay()];
  let now = begins;
  const ids = createIds({ now: () => now }, seededRandomBytes('history'));
  for (let step = 0; replay.booked.length < 20_000; step += 1) {
    now = plus(now, random.below(600_000));
    const list = story.list(random.pick([1, 7, 60, 500]));
    const answers = await database.db.transaction((tx) => ledger.postEntries(tx, list, { at: now, ids }));
    const told = answers.map((answer) => (!answer.ok ? 'refused' : answer.value.isNew ? 'new' : 'known'));
    expect(told).toEqual(list.map((draft) => replay.tell(draft, now)));
    story.heard(list, told);
    if (step % 25 === 0) expect(await ledger.checkLedger(database.db), `after list ${step}`).toEqual([]);
  }
  expect(await ledger.checkLedger(database.db)).toEqual([]);
  const instants = Array.from({ length: 300 }, () => plus(begins, random.below(now - begins + 1)));
  for (const at of [begins, now, ...instants]) {
    const account = random.pick(replay.accounts);
    expect(await ledger.balanceAt(database.db, account, at), `${account} at ${at}`).toBe(replay.balanceAt(account, at));
  }
  for (const [account, balance] of await ledger.balances(database.db, replay.accounts))
    expect(balance, account).toBe(replay.balanceAt(account, now));
}, 120_000);
