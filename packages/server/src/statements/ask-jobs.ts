import { inDoubt } from '../kernel/index.ts';
import type { AskReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { Queryable } from '../platform/db.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import { enqueue, finishJobs } from '../platform/jobs.ts';
import type { Job, Lease } from '../platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import {
  askOperation,
  countCall,
  fetchOperation,
  openLease,
  prepareCall,
  slowWhereAsked,
  unsentAgainAt,
  wishFor,
} from './calls.ts';
import type { DueDay, Prepared } from './calls.ts';
import { firstDay, spanOf } from './days.ts';
import type { HasMoney, StatementParts } from './parts.ts';
import { placeOfAddress } from './pieces.ts';
import { wishStatements } from './plan.ts';
import { hearAnswer, isHere } from './statement.ts';
import type { StatementDay } from './statement.ts';
import { findDays, lockDay, saveAddress, saveHeard } from './store.ts';
import { keepArrival, readArrival } from './take.ts';
import { sumLines } from './version-store.ts';

type Context = { readonly opened: OpenAccount; readonly day: StatementDay };

/** Asks where a day's file lies. An answer brings the address, which holds for minutes, so the download follows at once. */
export function askWork(parts: StatementParts, hasMoney: HasMoney): LaneWork {
  return {
    operation: askOperation,
    prepare: (lease) => prepare(parts, lease),
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      for (const call of calls) await hearOne(parts, hasMoney, call);
    },
  };
}

type Ready = DueDay & { readonly day: StatementDay };

async function prepare(parts: StatementParts, lease: Lease): Promise<PreparedCall[]> {
  const { opened, due } = await openLease(parts, lease);
  const rules = opened?.connector.manifest.statement;
  const now = parts.clock.now();
  // What the channel gives no more is asked about no more.
  const ready = due.filter(
    (one): one is Ready => rules !== undefined && one.day !== undefined && one.day.day >= firstDay(rules, now),
  );
  const over = due.filter((one) => !ready.includes(one as Ready));
  await finishJobs(
    parts.db,
    parts.owner,
    over.map(({ job }) => ({ job })),
  );
  if (!opened || ready.length === 0) return [];
  const keys = ready.map(({ day }) => day);
  const tries = await nextTries(parts.db, askOperation, keys);
  const prepared: Prepared[] = [];
  for (const { day, job, at } of ready) {
    const moment = { at, nonce: parts.ids.next() };
    const { account, secrets, connector } = opened;
    const draft = connector.statement?.ask.build({ kind: day.kind, day: day.day }, account, moment, secrets);
    if (!draft?.ok) await putOff(parts, job, draft ? draft.refusal.code : 'no such operation');
    else {
      const context: Context = { opened, day };
      const due = { at, job, context, try: tries.get(day.id) ?? 1 };
      prepared.push(await prepareCall(parts, opened, askOperation, draft.value, due));
    }
  }
  await parts.db.transaction((tx) =>
    recordStarts(
      tx,
      parts.keyring,
      prepared.map(({ start }) => start),
    ),
  );
  return prepared.map(({ call }) => call);
}

/** A key or a setting is missing: doctor and the case at noon say so, and the job waits. */
async function putOff({ db, owner, clock }: StatementParts, job: Job, error: string): Promise<void> {
  await finishJobs(db, owner, [{ job, againAt: unsentAgainAt(job, clock.now()), error }]);
}

async function hearOne(parts: StatementParts, hasMoney: HasMoney, call: HeardCall): Promise<void> {
  const { opened, day } = call.context as Context;
  const { sent, heardAt, bucket, exchangeId: id } = call;
  countCall(parts, opened.channel, askOperation, call);
  const [job] = call.jobs as readonly [Job];
  if (sent.kind === 'unsent') {
    await parts.db.transaction(async (tx) => {
      await recordEnds(tx, parts.keyring, [{ bucket, id, sent, heardAt, reading: {} }]);
      const error = 'nothing left this machine';
      await finishJobs(tx, parts.owner, [{ job, againAt: unsentAgainAt(job, heardAt), error }]);
    });
    return;
  }
  const reading = readingOf(opened, day, call);
  const { outcome } = reading;
  const isNothing = outcome.kind === 'succeeded' && !outcome.facts.found;
  // A movement of the balance may come a day after its payment; a trade stands under its own day.
  const isOfTrades = opened.connector.manifest.statement?.kinds[day.kind]?.view === 'trade';
  const isDisputed = isNothing && isOfTrades && (await hasMoney(day.accountId, spanOf(day.day)));
  const isShort = isNothing && !isDisputed && (await hasPayments(parts.db, opened, day));
  const against = isDisputed ? 'we took money' : isShort ? 'the trade bill has payments' : undefined;
  const told = outcome.kind === 'succeeded' ? { outcome: outcome.kind, found: outcome.facts.found } : outcome;
  await parts.db.transaction(async (tx) => {
    await recordEnds(tx, parts.keyring, [{ bucket, id, sent, heardAt, reading: { ...told, trust: reading.trust } }]);
    const againAt = await takeAnswer(parts, tx, call, { ...reading, against });
    await finishJobs(tx, parts.owner, [{ job, ...againAt }]);
  });
}

/** A payment moves the balance. Where the bill of that day's trades has one, a bill of movements without a line is a late one. */
async function hasPayments(db: Queryable, { connector }: OpenAccount, { accountId, kind, day }: StatementDay) {
  const kinds = connector.manifest.statement?.kinds ?? {};
  if (kinds[kind]?.view !== 'flow') return false;
  const trades = Object.entries(kinds).filter(([, { view }]) => view === 'trade');
  const found = await findDays(
    db,
    trades.map(([name]) => ({ accountId, kind: name, day })),
  );
  const sums = await Promise.all(found.map(({ statementId = '' }) => sumLines(db, statementId)));
  return sums.flat().some((sum) => sum.kind === 'payment');
}

function readingOf({ connector, account, secrets }: OpenAccount, day: StatementDay, call: HeardCall): AskReading {
  const { sent, heardAt } = call;
  if (sent.kind !== 'answered') return { outcome: inDoubt(sent.why), trust: 'none' };
  const question = { kind: day.kind, day: day.day };
  const read = connector.statement?.ask.interpret(sent.answer, question, account, secrets, heardAt);
  return read ?? { outcome: inDoubt('no such operation'), trust: 'none' };
}

/** What the answer makes of the day as it is now, and when it is asked again. */
async function takeAnswer(
  parts: StatementParts,
  tx: Parameters<typeof lockDay>[0],
  { context, heardAt, exchangeId }: HeardCall,
  { outcome, trust, against }: AskReading & { readonly against: string | undefined },
) {
  const { opened, day } = context as Context;
  const rules = opened.connector.manifest.statement;
  const now = await lockDay(tx, day);
  if (!now || !rules) return {};
  const { againAt, ...heard } = hearAnswer(now, rules, outcome, heardAt, against);
  await saveHeard(tx, [{ ...heard, bucket: day.bucket, id: day.id, askedAt: heardAt }]);
  // Missing again: the plan's next turn was chosen while the day was here.
  if (isHere(now) && !isHere({ ...now, ...heard })) await wishStatements(tx, heardAt);
  if (outcome.kind === 'succeeded' && outcome.facts.found) {
    const { url, digest } = outcome.facts.address;
    const sealed = parts.keyring.sealText('exchange', url, placeOfAddress(day.id));
    await saveAddress(tx, day, { sealed, digest, at: heardAt, exchangeId });
    await enqueue(tx, [wishFor(fetchOperation, day, heardAt)]);
  } else if (outcome.kind === 'succeeded' && against === undefined) {
    const proof = { askedExchange: exchangeId, fileExchange: undefined, trust, at: heardAt };
    await keepArrival(tx, parts, now, readArrival(opened, now, { file: undefined, ...proof }));
  }
  return againAt === undefined ? {} : { againAt };
}
