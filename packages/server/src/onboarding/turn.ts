import { days, minutes, parseShanghai, plus, shanghaiDate } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { absenceProvesFrom } from '../payments/index.ts';
import type { Attempt, Order, Refund } from '../payments/index.ts';
import { paidAttempt, refundsOf } from './acceptance.ts';
import type { Line, LineKey } from './acceptance.ts';
import type { Look } from './look.ts';
import { nextFor } from './next.ts';
import type { Act, Next } from './next.ts';
import type { StepKey } from './steps.data.ts';
import { turnTexts } from './turn.texts.ts';
import { nextStep } from './walk.ts';

/** What a line of the acceptance run waits for. `again`: for nobody; the next call goes on with it. `earlier`: for a line above it. */
export type Wait =
  /** `closing`: the moment to close has come, and the program does it. */
  | { readonly for: 'again' | 'earlier' | 'closing' | 'site' | 'bank' }
  /** `until`: it takes about so long. Absent: some seconds. */
  | { readonly for: 'channel'; readonly until?: Instant }
  | { readonly for: 'payer'; readonly orderNo: string }
  | { readonly for: 'clock' | 'statement'; readonly until: Instant };

const again: Wait = { for: 'again' };
const channel: Wait = { for: 'channel' };
const earlier: Wait = { for: 'earlier' };

export type Waits = ReadonlyMap<LineKey, Wait>;

/** Of every line that is not green what it waits for; a refused one says so itself. What has passed is waited for no more. */
export function waitsOf(look: Pick<Look, 'run' | 'opened'>, lines: readonly Line[], at: Instant): Waits {
  const all = allWaits(look, at);
  return new Map(
    lines.flatMap(({ key, state, refusal }): [LineKey, Wait][] => {
      const readyAt = refusal?.params['readyAt'];
      if (typeof readyAt === 'number')
        return [[key, readyAt > at ? { for: 'clock', until: readyAt as Instant } : again]];
      return state === 'green' || state === 'not_needed' || refusal ? [] : [[key, all[key]]];
    }),
  );
}

function allWaits(look: Pick<Look, 'run' | 'opened'>, at: Instant): Readonly<Record<LineKey, Wait>> {
  const { run } = look;
  const first = run.toClose?.attempts.at(-1);
  const paid = paidAttempt(run.toPay);
  const payment = paid ? again : payerOf(run.paying.at(-1));
  const { firstQueryAfterMs = 0, answerIsFinal = true } = look.opened.connector.manifest.refund ?? {};
  const seenBy = (refund: Refund | undefined): Wait => {
    const until = refund && plus(refund.createdAt, firstQueryAfterMs);
    return answerIsFinal || until === undefined || until <= at ? channel : { for: 'channel', until };
  };
  const refundOf = (refund: Refund | undefined): Wait => (refund ? seenBy(refund) : again);
  const [part, rest] = refundsOf(run.toPay);
  const [isPartBack, isRestBack] = [part, rest].map((one) => one?.state === 'refunded');
  const after = (isOver: boolean | undefined, wait: Wait): Wait => (isOver === true ? wait : earlier);
  return {
    ...{ opened: submitted(first), doubled: submitted(first), closed: closingOf(look, first, at) },
    ...{ paid: payment, notice: after(paid !== undefined, channel), query: after(paid !== undefined, again) },
    ...{ refund_part: after(paid !== undefined, refundOf(part)), refund_rest: after(isPartBack, refundOf(rest)) },
    refund_seen: after(isRestBack, seenBy(rest)),
    ...{ statement: statementOf(look, paid), settlement: { for: 'bank' } },
  };
}

/** The channel has the order, and has not answered yet. */
const isSent = (attempt: Attempt | undefined): boolean =>
  attempt !== undefined && ['created', 'submitting', 'in_doubt'].includes(attempt.state);

const submitted = (attempt: Attempt | undefined): Wait => (isSent(attempt) ? channel : again);

function payerOf(order: Order | undefined): Wait {
  const attempt = order?.attempts.at(-1);
  if (!order || !attempt) return again;
  if (['cashier_open', 'trade_open'].includes(attempt.state)) return { for: 'payer', orderNo: order.orderNo };
  return isSent(attempt) || attempt.state === 'closing' ? channel : again;
}

/** An order that the channel made is closed by it at once. Of a page that nobody has loaded it knows nothing: its end is waited for. */
function closingOf({ opened }: Pick<Look, 'opened'>, attempt: Attempt | undefined, at: Instant): Wait {
  if (attempt?.state !== 'closing') return submitted(attempt);
  const rule = opened.connector.manifest.pay?.products[attempt.product];
  const until = rule && attempt.tradeNo === undefined ? absenceProvesFrom(attempt, rule) : undefined;
  if (until === undefined || rule?.begins !== 'show') return channel;
  return until > at ? { for: 'clock', until } : { for: 'closing' };
}

/** Of the day on which it was paid, as soon as the channel has made it. */
function statementOf({ opened }: Pick<Look, 'opened'>, paid: Attempt | undefined): Wait {
  const rules = opened.connector.manifest.statement;
  const day = paid && parseShanghai(`${shanghaiDate(paid.createdAt)} 00:00:00`);
  if (!rules || day === undefined) return { for: 'site' };
  return { for: 'statement', until: plus(day, days(1) + minutes(rules.readyAfterMinutes)) };
}

export function waitWords(wait: Wait): { readonly zh: string; readonly en: string } {
  switch (wait.for) {
    case 'payer':
      return turnTexts.payer(wait.orderNo);
    case 'clock':
      return turnTexts.clock(wait.until);
    case 'statement':
      return turnTexts.statement(wait.until);
    case 'channel':
      return wait.until === undefined ? turnTexts.channel : turnTexts.channelUntil(wait.until);
    case 'again':
    case 'earlier':
    case 'closing':
    case 'site':
    case 'bank':
      return turnTexts[wait.for];
  }
}

/** Where somebody accepts. In a sandbox he plays payer and time himself; a clock that stands brings no answer either. */
export type Place = { readonly sandbox: boolean; readonly clockRuns: boolean; readonly at: Instant };

/** What plays the one that is waited for. Undefined: nobody can here. */
export function playOf(wait: Wait, { sandbox, clockRuns, at }: Place): Act | undefined {
  if (!sandbox) return undefined;
  switch (wait.for) {
    case 'payer':
      return { does: 'play_payer', orderNo: wait.orderNo };
    case 'clock':
    case 'statement':
      return { does: 'move_clock', minutes: minutesTo(wait.until, at) };
    case 'channel': {
      const isLong = wait.until !== undefined && wait.until > at;
      return clockRuns && !isLong ? undefined : { does: 'move_clock', minutes: minutesTo(wait.until ?? at, at) };
    }
    case 'closing':
      return clockRuns ? undefined : { does: 'move_clock', minutes: 1 };
    case 'again':
    case 'earlier':
    case 'site':
    case 'bank':
      return undefined;
  }
}

const minutesTo = (until: Instant, at: Instant): number => Math.max(1, Math.ceil((until - at) / minutes(1)));

/** What goes on with the run: the same call again, or first what it waits for, where that can be played. */
function turnOf(lines: readonly Line[], waits: Waits, place: Place): Act {
  const open = lines.flatMap(({ key, state }) => (state === 'waiting' ? (waits.get(key) ?? []) : []));
  if (open.some((wait) => wait.for === 'again')) return { does: 'accept' };
  for (const who of ['payer', 'channel', 'closing', 'clock'] as const) {
    const first = open.find((wait) => wait.for === who);
    if (first) return playOf(first, place) ?? { does: 'accept' };
  }
  return { does: 'accept' };
}

/** The run itself while it waits, and then the step after it. */
export function nextAfter(
  { look, lines, waits }: { readonly look: Look; readonly lines: readonly Line[]; readonly waits: Waits },
  place: Place,
): (Next & { readonly key: StepKey }) | undefined {
  if (lines.some(({ state }) => state === 'waiting'))
    return { key: 'acceptance', ...nextFor(look.account.id, turnOf(lines, waits, place)) };
  const { key, next, call, or, fill, doer } = nextStep(look.steps) ?? {};
  if (key === undefined || next === undefined || !fill || !doer) return undefined;
  return { key, next, fill, doer, ...(call ? { call } : {}), ...(or ? { or } : {}) };
}
