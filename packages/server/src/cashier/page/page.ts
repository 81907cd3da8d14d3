import { assertNever } from '../../kernel/index.ts';
import type { CashierStand } from '../cashier-view.ts';
import { frame } from '../cashier.texts.ts';
import { sayOf } from './atoms.ts';
import { chooseBody } from './choosing.ts';
import { goingBackBody, heldBody, moneyPart, overBody, paidBody } from './ending.ts';
import type { PageFacts } from './facts.ts';
import { moneyText, numberTag } from './figures.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';
import { checkingBody, closingBody, elsewhereBody, preparingBody, scanBody, scriptBody, walletBody } from './paying.ts';
import { shell } from './shell.ts';

/** The whole page, as the payer's browser gets it. Without scripts it looks anew by itself while something is open. */
export function cashierPage(facts: PageFacts): string {
  const say = sayOf(facts);
  const { view, merchant, cashier, lang } = facts;
  const body = html`<div
    id="page"
    data-version="${facts.version}"
    data-state="${view.stand.at}"
    data-now="${facts.now}"
  >
    <header>
      <p class="shop">${say(merchant)}</p>
      <p class="amount">${moneyText(view.amount)}</p>
      <p class="order">${say(frame.order)} ${numberTag(cashier.orderNo)}<br />${cashier.subject}</p>
    </header>
    ${bodyOf(facts, view.stand)} ${moneyPart(facts)} ${wayBack(facts)}
  </div>`;
  return shell({
    ...{ lang, isSandbox: facts.isSandbox, title: `${say(frame.title)} · ${say(merchant)}`, body },
    ...{ events: `${facts.path}/events`, otherLang: otherLang(facts) },
    looksAgain: isMoving(view.stand.at),
  });
}

/** Ended ones change too, but a payer without scripts may reload himself. */
const isMoving = (at: CashierStand['at']): boolean =>
  ['preparing', 'scan', 'wallet', 'checking', 'closing', 'held'].includes(at);

function bodyOf(facts: PageFacts, stand: CashierStand): Html {
  switch (stand.at) {
    case 'choose':
      return chooseBody(facts, stand);
    case 'preparing':
      return preparingBody(facts, stand);
    case 'scan':
      return scanBody(facts, stand, facts.numberOf(stand.attempt.id));
    case 'wallet':
      return walletBody(facts, stand, facts.numberOf(stand.attempt.id));
    case 'script':
      return scriptBody(facts, stand, facts.numberOf(stand.attempt.id));
    case 'elsewhere':
      return elsewhereBody(facts, stand, facts.numberOf(stand.attempt.id));
    case 'checking':
      return checkingBody(facts, stand, facts.numberOf(stand.attempt.id));
    case 'closing':
      return closingBody(facts, stand);
    case 'paid':
    case 'paid_twice':
      return paidBody(facts, stand);
    case 'going_back':
      return goingBackBody(facts);
    case 'held':
      return heldBody(facts, stand);
    case 'cancelled':
    case 'expired':
    case 'replaced':
      return overBody(facts, stand.at);
    default:
      return assertNever(stand);
  }
}

/** The shop's own address with the order's number and nothing else: that a browser comes there proves nothing. */
function wayBack(facts: PageFacts): Html {
  const { cashier, view } = facts;
  const address = cashier.returnUrl === undefined ? null : URL.parse(cashier.returnUrl);
  if (!address) return nothing;
  address.searchParams.set('order_no', cashier.orderNo);
  const isMain = ['paid', 'paid_twice', 'going_back', 'cancelled', 'expired', 'replaced'].includes(view.stand.at);
  return html`<p class="way-back">
    <a class="${isMain ? 'main' : 'quiet-link'}" href="${address.href}" rel="noreferrer"
      >${sayOf(facts)(frame.backToShop)}</a
    >
  </p>`;
}

function otherLang({ lang, path, isBack }: PageFacts): string {
  return `${path}?lang=${lang === 'zh' ? 'en' : 'zh'}${isBack ? '&back=1' : ''}`;
}
