import type { ChannelSnapshot, Fact, FactBody } from '../../src/customs/facts.ts';
import { parseShanghai } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';

/** The moment from which the facts of a table count their seconds. */
export const zero = parseShanghai('2015-10-28 12:00:00') ?? (0 as Instant);
export const second = (count: number): Instant => Math.round(zero + count * 1000) as Instant;

export function snapshotOf(changes: Partial<ChannelSnapshot>): ChannelSnapshot {
  return {
    progress: 'done',
    channelStatus: 'succ',
    pushedPaymentNo: '2015102721001004930000000001',
    place: 'ZONGSHU',
    customsCode: '3301TEST01',
    customsName: '测试公司',
    amountMinor: '42000',
    isSplit: false,
    memo: '',
    ...changes,
  };
}

const progressOf = { ws: 'waiting', sending: 'sending', succ: 'done', fail: 'other' } as const;

/**
 * Reads one word of a table: `what=detail@seconds`. Answers to a push name the try; `found=status:code` is a query's record with its
 * receipt, written when it was heard unless `:seconds` follows; `r`, `l` are receipts of customs for the payment and for the list.
 */
export function factOf(word: string, index = 0): Fact {
  const [, what = '', detail = '', moment = '0'] = /^([a-z_]+)(?:=([^@]*))?@(-?[\d.]+)$/.exec(word) ?? [];
  const heardAt = second(Number(moment));
  const [first = '', code = '', written] = detail.split(':');
  const made = bodyOf(what, first, code, written === undefined ? heardAt : second(Number(written)));
  if (!made) throw new Error(`no fact: ${word}`);
  const id = `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  return { id, trust: made.trust ?? 'verified', source: made.source, happenedAt: heardAt, heardAt, body: made.body };
}

type Made = { readonly source: Fact['source']; readonly body: FactBody; readonly trust?: Fact['trust'] };

function bodyOf(what: string, first: string, code: string, written: Instant): Made | undefined {
  const push = Number(first);
  const row = { reportId: 'R-20151028-1', line: 1 };
  switch (what) {
    case 'adopted':
      return { source: 'import', body: { kind: 'adopted' } };
    case 'earlier':
      return { source: 'import', body: { kind: 'earlier_push', answer: first } };
    case 'start':
      return { source: 'us', body: { kind: 'push_started', try: push, planId: 'P-1' } };
    case 'ok':
      return {
        source: 'channel',
        body: { kind: 'push_accepted', try: push, pushedPaymentNo: code || 'N1', extra: {} },
      };
    case 'forged_ok':
      return {
        source: 'channel',
        trust: 'none',
        body: { kind: 'push_accepted', try: push, pushedPaymentNo: 'N9', extra: {} },
      };
    case 'no':
      return { source: 'channel', body: { kind: 'push_rejected', try: push, code, text: '' } };
    case 'doubt':
      return { source: 'us', body: { kind: 'push_in_doubt', try: push, why: 'silent' } };
    case 'unsent':
      return { source: 'us', body: { kind: 'push_unsent', try: push, why: 'refused' } };
    case 'found':
    case 'unsigned_found':
    case 'forged_found':
      return {
        source: 'channel',
        trust: trustOf[what],
        body: { kind: 'channel_record', snapshot: told(first, code, written) },
      };
    case 'gone':
      return { source: 'channel', body: { kind: 'channel_not_found' } };
    case 'unclear':
      return { source: 'channel', trust: 'none', body: { kind: 'query_in_doubt', why: first || 'silent' } };
    case 'missing':
      return { source: 'port', body: { kind: 'port_missing', ...row } };
    case 'released':
      return { source: 'port', body: { kind: 'port_released', ...row } };
    case 'status':
      return { source: 'port', body: { kind: 'port_status', released: first === 'released', ...row } };
    case 'r':
      return { source: 'customs', body: { kind: 'payment_receipt', status: first, text: '', payCode: '9999PY0001' } };
    case 'l':
      return {
        source: 'customs',
        body: { kind: 'list_receipt', status: first, text: '', copNo: 'INV1', missingPayment: code === 'missing' },
      };
    default:
      return undefined;
  }
}

const trustOf = { found: 'verified', unsigned_found: 'transport_only', forged_found: 'none' } as const;

function told(status: string, code: string, written: Instant): ChannelSnapshot {
  return snapshotOf({
    progress: progressOf[status as keyof typeof progressOf],
    channelStatus: status,
    ...(code === '' ? {} : { receipt: { code, text: '', at: written } }),
  });
}

export function factsOf(words: string): Fact[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map(factOf);
}
