import type { Words } from '../../platform/story/index.ts';
import type { CashierStand } from '../cashier-view.ts';
import { held, moneyHeading, moneyLine, over, paid } from '../cashier.texts.ts';
import type { MoneyBack } from '../money-back.ts';
import { heading, hint, sayOf } from './atoms.ts';
import type { PageFacts } from './facts.ts';
import { moneyText, timeText } from './figures.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';

type Stand<At extends CashierStand['at']> = Extract<CashierStand, { at: At }>;

export function paidBody(facts: PageFacts, stand: Stand<'paid' | 'paid_twice'>): Html {
  const say = sayOf(facts);
  const { attempt, payment } = stand;
  const at = attempt?.paidAt ?? payment.paidAt;
  const by =
    attempt && at !== undefined
      ? html`<p class="by">${say(paid.by(facts.nameOf(attempt.channel), timeText(at, facts.now)))}</p>`
      : nothing;
  const isTwice = stand.at === 'paid_twice';
  return html`${heading(say(isTwice ? twiceWords(facts) : paid.heading), 'done')} ${by}
  ${isTwice ? hint(say(paid.twiceHint)) : nothing}`;
}

const isAllBack = ({ view: { back } }: PageFacts): boolean =>
  back.length > 0 && back.every(({ stage }) => stage === 'returned');

const twiceWords = (facts: PageFacts): Words => (isAllBack(facts) ? paid.twiceReturned : paid.twice);

export function goingBackBody(facts: PageFacts): Html {
  const say = sayOf(facts);
  const isOver = isAllBack(facts);
  const whys = facts.view.back.map(({ why }) => why);
  const isLate = whys.includes('late') && !whys.includes('cancelled');
  return html`${heading(say(isOver ? over.allBack : over.goingBack), isOver ? 'done' : 'under_way')}
  ${isOver ? nothing : hint(say(over.goingBackHint[isLate ? 'late' : 'cancelled']))}`;
}

export function heldBody(facts: PageFacts, { attempt }: Stand<'held'>): Html {
  const say = sayOf(facts);
  return html`${heading(say(held.heading), 'person')}
  ${hint(say(attempt ? held.hint(facts.nameOf(attempt.channel)) : held.money))}`;
}

export function overBody(facts: PageFacts, at: 'cancelled' | 'expired' | 'replaced'): Html {
  const say = sayOf(facts);
  return html`${heading(say(over[at]), 'over')} ${hint(say(over[`${at}Hint`]))}`;
}

/** Each yuan that goes back, or lies with the shop: how much, how it came in, where it is. No number of a channel. */
export function moneyPart(facts: PageFacts): Html {
  const say = sayOf(facts);
  const { back } = facts.view;
  if (back.length === 0) return nothing;
  return html`<section class="money">
    <h2>${say(titleOf(facts))}</h2>
    <ul>
      ${back.map((one) => html`<li>${say(lineOf(facts, one))}</li>`)}
    </ul>
    ${back.some(({ stage }) => stage === 'going' || stage === 'returned') ? hint(say(moneyHeading.arrives)) : nothing}
  </section>`;
}

/** Beside an order that is paid it is other money; where nothing is paid it is all that he gave. */
function titleOf({ view: { stand, back } }: PageFacts): Words {
  if (back.every(({ why }) => why === 'refund')) return moneyHeading.refund;
  if (back.every(({ why }) => why === 'second')) return moneyHeading.second;
  return stand.at === 'going_back' || stand.at === 'held' ? moneyHeading.whole : moneyHeading.other;
}

function lineOf(facts: PageFacts, { amount, stage, attemptId, paidAt, at }: MoneyBack) {
  const time = (moment: typeof at): string | undefined =>
    moment === undefined ? undefined : timeText(moment, facts.now);
  return moneyLine(moneyText(amount), facts.nameOfAttempt(attemptId), stage, { paid: time(paidAt), at: time(at) });
}
