import type { Words } from '../../platform/story/index.ts';
import { both } from '../../platform/story/index.ts';
import type { CashierStand } from '../cashier-view.ts';
import { choose, wallet } from '../cashier.texts.ts';
import { offerHints } from '../hidden.texts.ts';
import { addressOf, deadline, heading, hint, sayOf } from './atoms.ts';
import type { PageFacts, PageOffer } from './facts.ts';
import { moneyText } from './figures.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';

type Choosing = Extract<CashierStand, { at: 'choose' }>;

/** What can be paid with here and now; and, in a sentence each, what cannot. */
export function chooseBody(facts: PageFacts, stand: Choosing): Html {
  const say = sayOf(facts);
  const { offers, cashier } = facts;
  const isEmpty = offers.length === 0;
  return html`${before(facts, stand)} ${heading(say(isEmpty ? choose.none : choose.heading))}
  ${isEmpty ? hint(say(choose.noneHint)) : html`${deadline(facts, cashier.expiresAt)}${offerForm(facts)}`}
  ${otherPlaces(facts)} ${hiddenPart(facts)}`;
}

/** What became of the way that was tried before. */
function before(facts: PageFacts, { after, closing }: Choosing): Html {
  const say = sayOf(facts);
  const gone = facts.isGone ? [choose.gone] : [];
  const notes: Words[] = closing.slice(-1).map(({ channel }) => choose.closing(facts.nameOf(channel)));
  if (closing.length === 0 && after) {
    const name = facts.nameOf(after.attempt.channel);
    notes.push(after.how === 'refused' ? choose.refused(name, after.attempt.why) : choose[after.how](name));
  }
  return html`${[...gone, ...notes].map((note) => html`<p class="note">${say(note)}</p>`)}`;
}

function offerForm(facts: PageFacts): Html {
  const say = sayOf(facts);
  const { offers, formKey } = facts;
  const amount = moneyText(facts.view.amount);
  const [first] = offers;
  const pay = first && offers.length === 1 ? choose.payBy(first.name, amount) : choose.pay(amount);
  const asked = addressOf(facts).slice(facts.path.length);
  return html`<form method="post" action="${facts.path}/choose${asked}" id="choose">
    <input type="hidden" name="key" value="${formKey}" />
    <fieldset>
      <legend class="quiet">${say(choose.heading)}</legend>
      ${offers.map((offer, index) => offerLine(facts, offer, index, amount))}
    </fieldset>
    <button class="main" id="pay">${say(pay)}</button>
  </form>`;
}

function offerLine(facts: PageFacts, { value, name, handsOut }: PageOffer, index: number, amount: string): Html {
  const say = sayOf(facts);
  const chosen = index === 0 ? html` checked` : nothing;
  return html`<label class="offer">
    <input type="radio" name="offer" value="${value}" data-pay="${say(choose.payBy(name, amount))}" ${chosen} />
    <span><b>${say(name)}</b><small>${say(offerHints[handsOut](name))}</small></span>
  </label>`;
}

/** In a wallet's browser only that wallet works: everything else is one copied link away. */
function otherPlaces(facts: PageFacts): Html {
  const { inside, hidden } = facts;
  if (!inside || !inside.leadsOut || hidden.length === 0) return nothing;
  const name = facts.nameOf(inside.channel);
  return html`<div class="note">
    <p>${sayOf(facts)(wallet.insideOnly(name))}</p>
    ${copyLink(facts)}
  </div>`;
}

/** The address stands there to be selected, and a button copies it where scripts run. */
function copyLink(facts: PageFacts): Html {
  const say = sayOf(facts);
  return html`<p class="copy">
    <input type="text" readonly value="${facts.address}" aria-label="${say(choose.copyLink)}" id="address" />
    <button type="button" class="plain" data-copy="address" hidden>${say(choose.copyLink)}</button>
  </p>`;
}

function hiddenPart(facts: PageFacts): Html {
  const say = sayOf(facts);
  if (facts.hidden.length === 0) return nothing;
  const lines = facts.hidden.map(
    ({ name, why }) => html`<li>${say(both(`${name.zh}：${why.zh}`, `${name.en}: ${why.en}`))}</li>`,
  );
  return html`<details>
    <summary>${say(choose.hidden)}</summary>
    <ul>
      ${lines}
    </ul>
  </details>`;
}
