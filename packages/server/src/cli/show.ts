import type { Command } from 'commander';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { explain } from '../platform/refusals.ts';
import { shellWord } from '../platform/shell-word.ts';
import type { Possible, TimelineEntry } from '../platform/story/index.ts';
import { findStories } from '../stories/index.ts';
import type { AskedNumber, Story } from '../stories/index.ts';
import type { Words } from './answer.ts';
import { plain } from './answer.ts';
import { money, time, widthOf } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { programTexts } from './program.texts.ts';
import type { Run } from './session.ts';
import { isExchangeId, showExchange } from './show-exchange.ts';
import { orderHead, orderJson } from './show-order.ts';
import { showTexts as t } from './show.texts.ts';

export function showCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'show <number...>', programTexts.showAbout, show);
}

const show: Run = async (use, args) => {
  const [numbers] = args;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, sandbox, clock } = opened.value;
  const found = await findStories(customs, actor, Array.isArray(numbers) ? (numbers as readonly string[]) : []);
  if (!found.ok) return found;
  const { asked, more } = found.value;
  const [only] = asked;
  if (only?.refusal && asked.length === 1)
    return isExchangeId(only.number) ? showExchange(opened.value, only.number) : { ok: false, refusal: only.refusal };
  const next = nextOf(asked, sandbox, clock.now());
  const lines = [...asked.flatMap(linesOfNumber), t.zone, ...(more ? [t.more] : [])];
  const json = { more, numbers: asked.map(jsonOfNumber), ...(next?.wait ? { wait_until: rfc3339(next.wait) } : {}) };
  const waits = next?.wait ? [t.waits(time(next.wait))] : [];
  return done({ exit: 0, lines: [...lines, ...waits], json, ...(next ? { next: next.command } : {}) });
};

type Next = { readonly command: string; readonly wait?: Instant };

/** The first command that fits. Before one that the program may still make needless comes the moment for which it waits. */
function nextOf(asked: readonly AskedNumber[], sandbox: boolean, now: Instant): Next | undefined {
  const all = asked.flatMap(({ number, stories }) => stories.flatMap(({ can }) => can.map((one) => ({ number, one }))));
  const first = all.find(({ one }) => isTyped(one));
  if (!first) return undefined;
  const { notBefore, command } = first.one;
  if (notBefore === undefined) return { command };
  const ms = notBefore - now;
  const forward = `liushui sandbox clock --forward ${Math.ceil(ms / 1000)}s`;
  return { command: sandbox && ms > 0 ? forward : `liushui show ${shellWord(first.number)}`, wait: notBefore };
}

const isTyped = ({ command }: Possible): boolean => command.startsWith('liushui ');

function linesOfNumber(asked: AskedNumber): Words[] {
  if (asked.refusal) {
    const { zh, en, wayOut } = explain(asked.refusal);
    return [{ zh: `${zh}${wayOut.zh}`, en: `${en} ${wayOut.en}` }, plain('')];
  }
  return [t.found(asked.number, asked.kinds, asked.stories.length), ...asked.stories.flatMap(linesOfStory), plain('')];
}

function headOf(story: Story): Words[] {
  const { words, since } = story.state;
  const sinceText = since === undefined ? '' : ` ${time(since)}`;
  const state = { zh: words.zh + sinceText, en: words.en + sinceText };
  if (story.kind === 'order') return orderHead(story, state);
  if (story.kind !== 'declaration')
    return [{ zh: `${story.id}  ${story.what.zh}  ${state.zh}`, en: `${story.id}  ${story.what.en}  ${state.en}` }];
  const { orderNo, amount, place, requestNo, tradeNo, waybillNo } = story;
  return [t.declaration(orderNo, money(amount), place, state), t.numbers(requestNo ?? '', tradeNo, waybillNo ?? '')];
}

function linesOfStory(story: Story): Words[] {
  return [
    ...headOf(story),
    ...timelineLines(story.timeline),
    ...story.next.map((step) => (step.at === undefined ? t.nextWhen(step.what) : t.nextAt(time(step.at), step.what))),
    ...otherWays(story).map((one) => t.can(one.command, one.what)),
  ];
}

/** The first command of the first story is what comes next, and stands below everything. */
function otherWays({ can }: Story): Story['can'] {
  const [first] = can;
  return first && isTyped(first) && first.notBefore === undefined ? can.slice(1) : can;
}

/** The day is written once, where it changes. */
function timelineLines(timeline: readonly TimelineEntry[]): Words[] {
  const who = (lang: 'zh' | 'en'): number => Math.max(0, ...timeline.map((entry) => widthOf(entry.who[lang])));
  const widths = { zh: who('zh'), en: who('en') };
  let day = '';
  return timeline.map((entry) => {
    const at = time(entry.at);
    const date = at.slice(0, 10);
    const shown = date === day ? ' '.repeat(10) : date;
    day = date;
    const line = (lang: 'zh' | 'en'): string => {
      const name = entry.who[lang] + ' '.repeat(widths[lang] - widthOf(entry.who[lang]));
      return ` ${shown} ${at.slice(11)}  ${name}  ${entry.what[lang]}${trailOf(entry)[lang]}`;
    };
    return { zh: line('zh'), en: line('en') };
  });
}

function trailOf(entry: TimelineEntry): Words {
  const { trust, seen, evidence } = entry;
  const parts: Words[] = [];
  if (trust) parts.push({ zh: `  ${trust.words.zh}`, en: `  ${trust.words.en}` });
  if (seen && seen.times > 1) parts.push(t.seen(seen.times, time(seen.lastAt)));
  if (evidence.file) parts.push(plain(`  ${evidence.file.name}:${evidence.file.line}`));
  if (evidence.exchange?.ms !== undefined) parts.push(plain(`  ${Math.round(evidence.exchange.ms)} ms`));
  return { zh: parts.map((part) => part.zh).join(''), en: parts.map((part) => part.en).join('') };
}

function jsonOfNumber({ number, kinds, stories, refusal }: AskedNumber): Record<string, unknown> {
  const problem = refusal ? { problem: { code: refusal.code, zh: explain(refusal).zh, en: explain(refusal).en } } : {};
  return { number, kinds, stories: stories.map(jsonOfStory), ...problem };
}

function jsonOfStory(story: Story): Record<string, unknown> {
  const { timeline, next, can, state } = story;
  const common = {
    ...{ kind: story.kind, id: story.id, merchant: story.merchantId },
    state: { code: state.code, ...state.words, since: state.since === undefined ? null : rfc3339(state.since) },
    timeline: timeline.map(({ at, who, what, trust, seen, evidence }) => ({
      ...{ at: rfc3339(at), who, what, trust: trust?.kind ?? null, evidence },
      seen: seen === undefined ? null : { times: seen.times, last_at: rfc3339(seen.lastAt) },
    })),
    next: next.map(({ at, ...step }) => ({ ...step, at: at === undefined ? null : rfc3339(at) })),
    can: can.map(({ command, what }) => ({ command, ...what })),
  };
  if (story.kind === 'order') return { ...common, ...orderJson(story) };
  if (story.kind !== 'declaration') return { ...common, what: story.what };
  const { orderNo, childOrderNo, tradeNo, requestNo, waybillNo, pushedPaymentNos, accountId, place, amount } = story;
  return {
    ...common,
    ...{ order_no: orderNo, child_order_no: childOrderNo, trade_no: tradeNo, request_no: requestNo ?? null },
    ...{ waybill_no: waybillNo ?? null, pushed_payment_nos: pushedPaymentNos, account: accountId, place },
    ...{ amount: amount.minor, currency: amount.currency, paid_at: rfc3339(story.paidAt) },
  };
}
