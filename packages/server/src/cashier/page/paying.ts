import type { WalletBridge } from '../../channels/contract/index.ts';
import type { CashierStand } from '../cashier-view.ts';
import { acts, checking, closing, preparing, scan, wallet } from '../cashier.texts.ts';
import { actForm, addressOf, deadline, heading, hint, sayOf } from './atoms.ts';
import type { PageFacts } from './facts.ts';
import { timeText } from './figures.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';
import { qrCode } from './qr.ts';

type Stand<At extends CashierStand['at']> = Extract<CashierStand, { at: At }>;

export function preparingBody(facts: PageFacts, { attempt, isSlow }: Stand<'preparing'>): Html {
  const say = sayOf(facts);
  const name = facts.nameOf(attempt.channel);
  const words = isSlow ? preparing.slow(name, timeText(attempt.deadlineAt, facts.now)) : preparing.hint;
  return html`${heading(say(preparing.heading(name)), 'under_way')} ${hint(say(words))}`;
}

export function scanBody(facts: PageFacts, stand: Stand<'scan'>, number: number): Html {
  const say = sayOf(facts);
  const name = facts.nameOf(stand.attempt.channel);
  if (stand.isOver)
    return html`${heading(say(scan.heading(name)), 'over')}
      <p class="note">${say(scan.over)}</p>
      <div class="acts">
        ${actForm(facts, { act: 'not-paid', words: scan.renew, isMain: true, attempt: number })}
        ${actForm(facts, { act: 'paid', words: acts.havePaid, attempt: number })}
      </div>`;
  const code = qrCode(stand.text, say(scan.code(name)));
  const opened = stand.isOpened ? html`<p class="note">${say(scan.opened)}</p>` : nothing;
  return html`${heading(say((facts.isPhone ? scan.onPhone : scan.heading)(name)))} ${deadline(facts, stand.until)}
    ${opened} ${facts.isPhone ? openHere(facts, stand, say(scan.open(name))) : nothing}
    <div class="code">${code}</div>
    ${simulated(facts)} ${endings(facts, stand.attempt.channel, number)}`;
}

/** What a browser would carry out itself is no address of a wallet. */
const walletAddress = /^(?!(?:javascript|data|vbscript|blob|file|about):)[a-z][a-z0-9+.-]*:/i;

/** The phone that shows the code cannot scan it: the same text opens the wallet. */
function openHere(facts: PageFacts, { text }: Stand<'scan'>, words: string): Html {
  if (!walletAddress.test(text)) return nothing;
  return html`<p><a class="main" href="${text}" rel="noreferrer">${words}</a></p>
    ${hint(sayOf(facts)(scan.orScan))}`;
}

function simulated({ simulator, isSandbox, ...rest }: PageFacts): Html {
  if (!isSandbox || simulator === undefined) return nothing;
  const say = sayOf({ ...rest, isSandbox });
  return html`<p><a class="plain wide" href="${simulator}" target="_blank" rel="noreferrer">${say(scan.play)}</a></p>`;
}

export function walletBody(facts: PageFacts, stand: Stand<'wallet'>, number: number): Html {
  const say = sayOf(facts);
  const name = facts.nameOf(stand.attempt.channel);
  // Some phone pages open only for whoever comes from the shop's registered site: the site is told, never the whole address.
  return html`${heading(say(wallet.heading(name)))} ${deadline(facts, stand.until)} ${hint(say(wallet.hint(name)))}
    ${stand.isOpened ? html`<p class="note">${say(wallet.opened(name))}</p>` : nothing}
    <p><a class="main" id="go" href="${stand.url}" referrerpolicy="origin">${say(wallet.go(name))}</a></p>
    ${endings(facts, stand.attempt.channel, number)}`;
}

export function scriptBody(facts: PageFacts, stand: Stand<'script'>, number: number): Html {
  const say = sayOf(facts);
  const { channel } = stand.attempt;
  const name = facts.nameOf(channel);
  const bridge = facts.bridgeOf(channel);
  const given = bridge && givenTo(bridge, stand);
  return html`${heading(say(wallet.heading(name)))} ${deadline(facts, stand.until)} ${hint(say(wallet.script(name)))}
  ${
    bridge && given !== undefined
      ? html`<p>
          <button type="button" class="main" id="bridge" data-bridge="${JSON.stringify(bridge)}" data-given="${given}">
            ${say(wallet.go(name))}
          </button>
        </p>`
      : nothing
  }
  ${endings(facts, channel, number)}`;
}

/** What the wallet's own script is handed, as JSON. */
function givenTo({ tradeParam }: WalletBridge, { handOut }: Stand<'script'>): string | undefined {
  if (handOut.kind === 'sdk') return handOut.text;
  return handOut.kind === 'trade' && tradeParam !== undefined
    ? JSON.stringify({ [tradeParam]: handOut.tradeNo })
    : undefined;
}

export function elsewhereBody(facts: PageFacts, stand: Stand<'elsewhere'>, number: number): Html {
  const say = sayOf(facts);
  const name = facts.nameOf(stand.attempt.channel);
  return html`${heading(say(wallet.heading(name)))} ${deadline(facts, stand.until)} ${hint(say(wallet.elsewhere(name)))}
  ${endings(facts, stand.attempt.channel, number)}`;
}

/** The two ways on from something that can be paid: it was, or it shall not be. */
function endings(facts: PageFacts, channel: string, number: number): Html {
  const say = sayOf(facts);
  return html`<div class="acts">
      ${actForm(facts, { act: 'paid', words: acts.havePaid, attempt: number })}
      ${actForm(facts, { act: 'not-paid', words: acts.another, attempt: number })}
    </div>
    <p class="hint small">${say(acts.anotherHint(facts.nameOf(channel)))}</p>`;
}

export function checkingBody(facts: PageFacts, stand: Stand<'checking'>, number: number): Html {
  const say = sayOf(facts);
  const name = facts.nameOf(stand.attempt.channel);
  const { heardAt } = stand.attempt;
  const words = stand.why === 'late' || stand.why === 'cancelled' ? checking[stand.why] : checking.hint;
  return html`${heading(say(checking.heading), 'doubt', say(checking.mark))} ${hint(say(words(name)))}
  ${stand.mayGiveUp && heardAt !== undefined ? hint(say(checking.asOf(name, timeText(heardAt, facts.now)))) : nothing}
  ${
    stand.mayGiveUp
      ? html`<div class="acts">
            ${actForm(facts, { act: 'paid', words: acts.havePaid, isMain: true, attempt: number })}
            ${actForm(facts, { act: 'not-paid', words: acts.notPaid, attempt: number })}
          </div>
          <p class="hint small">${say(checking.notPaidHint(name))}</p>
          ${stand.why === 'back' ? html`<p class="link"><a href="${addressOf(facts)}">${say(acts.again)}</a></p>` : nothing}`
      : nothing
  }`;
}

export function closingBody(facts: PageFacts, { attempt }: Stand<'closing'>): Html {
  const say = sayOf(facts);
  return html`${heading(say(closing.heading), 'under_way')} ${hint(say(closing.hint(facts.nameOf(attempt.channel))))}`;
}
