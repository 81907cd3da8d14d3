import type { HandOut } from '../channels/contract/index.ts';
import { lineWords, nextAfter, nextFor, playOf, waitWords } from '../onboarding/index.ts';
import type { Accepted, Line, Place } from '../onboarding/index.ts';
import { rfc3339 } from '../kernel/index.ts';
import { describe } from '../platform/refusals.ts';
import type { Answer, Words } from './answer.ts';
import { nextOf, tableOf } from './onboarding-walk.ts';
import { onboardingTexts as t } from './onboarding.texts.ts';

/** What proves a line, why it was refused, or else whose turn it is; in a sandbox with the command that plays him. */
function proofOf(
  { look, waits }: Accepted,
  place: Place,
  { key, state, proof, refusal }: Line,
  lang: 'zh' | 'en',
): string {
  if (refusal) return `${refusal.code}: ${describe(refusal, lang)}`;
  if (state === 'not_needed') return t.nothingTwice[lang];
  const wait = waits.get(key);
  if (!wait) return proof ?? '';
  const play = playOf(wait, place);
  const words = t.waitsFor(waitWords(wait))[lang];
  return play ? `${words}: ${nextFor(look.account.id, play).next}` : words;
}

const acceptLines = (accepted: Accepted, place: Place): Words[] =>
  tableOf(t.lineHeads, (lang) =>
    accepted.lines.map((line) => [
      ...[lineWords[line.key][lang], t.results[line.state][lang]],
      proofOf(accepted, place, line, lang),
    ]),
  );

function payText(handOut: HandOut): string {
  if (handOut.kind === 'url') return handOut.url;
  return handOut.kind === 'trade' ? handOut.tradeNo : handOut.text;
}

/** Who comes back to the run after somebody else has moved the clock. */
export type Returning = Place & { readonly userId: string };

export function acceptAnswer(accepted: Accepted, place: Returning, whoNext: readonly Words[]): Answer {
  const { look, lines, waits, toPay } = accepted;
  const { id } = look.account;
  if (lines.length === 0)
    return { exit: 0, lines: [t.noCollecting], json: { account: id, lines: [] }, ...nextOf(look) };
  const lineJson = ({ refusal, ...line }: Line): Record<string, unknown> => {
    const wait = waits.get(line.key);
    const until = wait && 'until' in wait && wait.until !== undefined ? { until: rfc3339(wait.until) } : {};
    return {
      ...{ ...line, ...(refusal ? { code: refusal.code } : {}) },
      ...(wait ? { waits_for: wait.for, waits: waitWords(wait), ...until } : {}),
    };
  };
  const json = { account: id, lines: lines.map(lineJson), ...(toPay ? { to_pay: payText(toPay) } : {}) };
  const isWaiting = lines.some(({ state }) => state === 'waiting');
  const next = nextAfter(accepted, place)?.next;
  const again = nextFor(id, { does: 'accept' }).next;
  const goOn = whoNext.length > 0 && place.sandbox ? t.thenAgainAs(place.userId, again) : t.thenAgain(again);
  const shown = [
    ...acceptLines(accepted, place),
    ...(toPay ? [t.toPay(payText(toPay))] : []),
    ...whoNext,
    ...(isWaiting && next !== again ? [goOn] : []),
  ];
  // Not finished is no failure: whoever scripts it tries again.
  return { exit: isWaiting ? 4 : 0, lines: shown, json, ...(next === undefined ? {} : { next }) };
}
