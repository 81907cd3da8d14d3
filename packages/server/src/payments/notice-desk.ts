import { bucketOfSerialNo, isSerialNo, toDecimal } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Acknowledgement, NoticeReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { openCases } from '../cases/index.ts';
import type { CaseToOpen } from '../cases/index.ts';
import { gather } from '../platform/commands.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { tellHeard } from './hearing.ts';
import { readNotice, readNoticeOf, rowOf } from './inbound.ts';
import type { Inbound } from './inbound.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import { messageOfBytes } from './notice-message.ts';
import { findWaiting, keepNotices, markNotices, noticePlace, postponeNotices } from './notice-store.ts';
import type { WaitingNotice } from './notice-store.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import { findAttemptsBySerial } from './order-store.ts';
import type { OrderDoor } from './order-door.ts';
import type { PaymentParts } from './parts.ts';
import { quietLists } from './quiet-lists.ts';
import type { NoticeRef, NoticeRow } from './work.ts';

/** Where messages come in that channels send by themselves. */
export type NoticeDesk = {
  /**
   * Keeps a message as it came, verifies it, and acknowledges it in the channel's words. Its order hears of it right after: what is kept is
   * not lost, and a channel whose message waits for an answer sends it again. What is forged is kept and refused.
   */
  readonly take: (inbound: Inbound) => Promise<Result<Acknowledgement>>;
  /** Tells what was kept and not told: whoever kept it ended before, or the database was away. Returns how many. */
  readonly sweep: () => Promise<number>;
  /** Resolves when all that was taken here is told. */
  readonly idle: () => Promise<void>;
};

/** Acknowledging goes before booking while messages pour in, for less than a second: a payer looks at his page so long. */
const pace = { quietMs: 8, patienceMs: 750, itemsMax: 2000 } as const;
/** So many are booked in one transaction: others wait for the accounts of the ledger meanwhile. */
const listMax = 250;
/** A list under way in another process is not told twice. */
const graceMs = 10_000;

type Kept = {
  readonly notice: NoticeRef;
  readonly receivedAt: Instant;
  readonly opened: OpenAccount;
  readonly reading: NoticeReading;
};

/** Short lists, two at a time: one is read and sealed while the other is written. */
const keeping = { apartMs: 0, itemsMax: 32, listsMax: 2 } as const;

export type DeskHooks = {
  /** A list could not be told: it stays where it waits. */
  readonly onError: (error: unknown) => void;
  /** What was told made work for others. */
  readonly onTold: () => void;
};

export function openNoticeDesk(parts: PaymentParts, door: OrderDoor, hooks: DeskHooks): NoticeDesk {
  const lists = quietLists<Kept>((all) => tellLists(parts, door, all, hooks), pace);
  const keep = gather((rows: readonly NoticeRow[]) => keepNotices(parts.db, rows), keeping);
  let sweeping: Promise<number> | undefined;
  return {
    async take(inbound) {
      const read = await readNotice(parts, inbound);
      if (!read.ok) return read;
      const { opened, reading, ack } = read.value;
      const row = rowOf(parts, inbound, reading);
      const { bucket, id, state } = await keep(row);
      crashPoint('notice.kept');
      if (row.state === 'refused') count(parts, opened.channel, 'refused');
      else if (state !== 'told') lists.add({ notice: { bucket, id }, receivedAt: row.receivedAt, opened, reading });
      return { ok: true, value: ack };
    },
    sweep: () => (sweeping ??= sweepAll(parts, door, hooks).finally(() => (sweeping = undefined))),
    idle: () => lists.idle(),
  };
}

/** All that wait now, page by page: what cannot be told is put off, so that nothing behind it waits for it. */
async function sweepAll(parts: PaymentParts, door: OrderDoor, hooks: DeskHooks): Promise<number> {
  for (let found = 0; ;) {
    const page = await findWaiting(parts.db, parts.clock.now(), graceMs, listMax);
    if (page.length === 0) return found;
    found += page.length;
    await postponeNotices(parts.db, page, parts.clock.now());
    await parts.keyring.loadFor(page.map(({ message }) => message));
    const read = await Promise.all(page.map((one) => readAgain(parts, one)));
    await tellLists(
      parts,
      door,
      read.flatMap((kept) => kept ?? []),
      hooks,
    );
  }
}

/** What nobody can read any more, or what fits no key of its moment, is for people: its channel has our word that it came. */
async function readAgain(parts: PaymentParts, waiting: WaitingNotice): Promise<Kept | undefined> {
  const { bucket, id, accountId, receivedAt } = waiting;
  const sealed = parts.keyring.openBytes(waiting.message, noticePlace(id));
  const message = sealed.kind === 'opened' ? messageOfBytes(sealed.value) : undefined;
  const read = message && (await readNoticeOf(parts, { accountId, message }, receivedAt));
  if (read?.ok && read.value.reading.trust === 'verified')
    return { notice: { bucket, id }, receivedAt, opened: read.value.opened, reading: read.value.reading };
  const word = sealed.kind === 'opened' ? 'its key is gone' : sealed.kind;
  await parts.db.transaction(async (tx) => {
    await markNotices(tx, [waiting], 'unknown');
    const params = { serial_no: '', amount: '', word };
    const about = { merchantId: waiting.merchantId, kind: 'notice.unknown', subjectKind: 'channel_account' } as const;
    await openCases(tx, [{ ...about, bucket, subject: `${accountId}/${id}`, params }], parts.clock.now());
  });
  return undefined;
}

/** One transaction after the other; one that fails leaves its messages where they wait, and the others go on. */
async function tellLists(
  parts: PaymentParts,
  door: OrderDoor,
  all: readonly Kept[],
  { onError, onTold }: DeskHooks,
): Promise<void> {
  for (let from = 0; from < all.length; from += listMax)
    await tellList(parts, door, all.slice(from, from + listMax)).then(onTold, onError);
}

async function tellList(parts: PaymentParts, door: OrderDoor, list: readonly Kept[]): Promise<void> {
  const inputs = await inputsOf(parts, list);
  const told = list.flatMap((kept, index) => {
    const input = inputs[index];
    return input ? [{ kept, input }] : [];
  });
  const answers = await door.tellAll(told.map(({ input }) => input));
  tellHeard(
    parts.db,
    told.map(({ input }) => input.key.id),
  );
  const answerOf = new Map(told.map(({ kept }, index) => [kept, answers[index]] as const));
  await settle(
    parts,
    list.map((kept) => ({ kept, answer: answerOf.get(kept) })),
  );
}

type Told = { readonly kept: Kept; readonly answer: Result<OrderAnswer> | undefined };

/** `kept`: a fault of ours, it stays where it waits. `unknown`: nobody's, or refused by its order. */
function endOf({ answer }: Told): 'told' | 'kept' | 'unknown' {
  if (answer?.ok === true) return 'told';
  return answer?.refusal.code.startsWith('server.') === true ? 'kept' : 'unknown';
}

/** What is nobody's stays with us, with a case where it speaks of money. */
async function settle(parts: PaymentParts, all: readonly Told[]): Promise<void> {
  for (const one of all) count(parts, one.kept.opened.channel, endOf(one));
  const unknown = all.flatMap((one) => (endOf(one) === 'unknown' ? [one.kept] : []));
  if (unknown.length === 0) return;
  await parts.db.transaction(async (tx) => {
    await markNotices(
      tx,
      unknown.map(({ notice }) => notice),
      'unknown',
    );
    const money = unknown.filter(({ reading }) => reading.outcome.kind === 'succeeded');
    await openCases(tx, money.map(caseOf), parts.clock.now());
  });
}

function caseOf({ opened: { merchantId, account }, reading: { serialNo = '', says, word }, notice }: Kept): CaseToOpen {
  const amount = says ? `${toDecimal(says)} ${says.currency}` : '';
  return {
    ...{ merchantId, kind: 'notice.unknown', subjectKind: 'channel_account', bucket: notice.bucket },
    subject: `${account.id}/${serialNo === '' ? notice.id : serialNo}`,
    params: { serial_no: serialNo, amount, word },
  };
}

/** What each message tells which order; undefined where it is nobody's. */
async function inputsOf(parts: PaymentParts, list: readonly Kept[]): Promise<(OrderInput | undefined)[]> {
  const named = list.flatMap((kept) => {
    const { isOurs, kind, serialNo = '' } = kept.reading;
    return isOurs && kind !== 'other' && isSerialNo(serialNo) ? [{ kept, serialNo }] : [];
  });
  const keys = named.map(({ serialNo }) => ({ bucket: bucketOfSerialNo(serialNo), serialNo }));
  const found = keys.length === 0 ? [] : await findAttemptsBySerial(parts.db, keys);
  const attempts = new Map(named.map(({ kept }, index) => [kept, found[index]] as const));
  return list.map((kept) => {
    const attempt = attempts.get(kept);
    if (!attempt || attempt.accountId !== kept.opened.account.id) return undefined;
    const { reading, notice } = kept;
    const about = { key: { bucket: notice.bucket, id: attempt.orderId }, attemptId: attempt.id, notice };
    if (reading.kind === 'refund') return { ...about, kind: 'refund_news', refundNo: reading.refundNo ?? '' };
    return { ...about, kind: 'heard', heard: heardOf(kept) };
  });
}

function heardOf({ reading: { outcome, trust, says }, notice, receivedAt }: Kept): HeardOfAttempt {
  return { by: 'notice', outcome, trust, noticeId: notice.id, heardAt: receivedAt, ...(says ? { says } : {}) };
}

const count = ({ metrics }: PaymentParts, channel: string, ended: 'told' | 'kept' | 'unknown' | 'refused'): void =>
  metrics.count('liushui_notices_total', { channel, ended }, 1);
