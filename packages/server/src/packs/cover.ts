import { shanghaiText, toDecimal } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import { triageTable } from '../customs/index.ts';
import { chartSvg, sharesOf } from './chart.ts';
import type { Chart, Share } from './chart.ts';
import type { PackFigures } from './builder.ts';
import { coverTexts as t } from './cover.texts.ts';
import { freeWords } from './reply-words.data.ts';
import { notJudged } from './routing.data.ts';
import type { Receiver } from './routing.ts';
import type { Words } from './words.ts';

/** What a plan's pushes are known to have done, cell by cell; a plan without cells is one. */
export type PlanTold = {
  readonly id: string;
  readonly cells: readonly {
    readonly cell: string;
    /** All that were pushed, and how many of these show an effect. */
    readonly sent: number;
    readonly effective: number;
    /** The canary alone, and what was held back to compare it with. */
    readonly pushed: number;
    readonly pushedWith: number;
    readonly held: number;
    readonly heldWith: number;
    /** Of the shares; absent where nothing was held back to compare with. */
    readonly difference?: { readonly value: number; readonly low: number; readonly high: number };
  }[];
};

export type Cover = {
  readonly packId: string;
  readonly sourceId: string;
  readonly receiver: Receiver;
  readonly receiverName: Words;
  readonly merchant: Words;
  readonly accounts: readonly string[];
  readonly figures: PackFigures;
  readonly money: Money | undefined;
  readonly chart: Chart | undefined;
  readonly plans: readonly PlanTold[];
  readonly madeAt: Instant;
  readonly deadlineAt: Instant;
  /** The approval that lets people be seen. */
  readonly unmaskedBy: string | undefined;
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
const words = ({ zh, en }: Words): string => `${escape(zh)} <span lang="en">${escape(en)}</span>`;
const count = (value: number): string => value.toLocaleString('en-US');
const tenths = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = (value: number): string => `${tenths.format(value * 100)} %`;

/** Self-contained and printable: no scripts, nothing loaded from anywhere. */
export function coverHtml(cover: Cover): string {
  const { receiver } = cover;
  return `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(cover.packId)} ${escape(receiver.id)}</title><style>${style}</style></head><body>
<h1>${words(t.title[receiver.kind])}</h1>
${facts(cover)}
<h2>${words(t.asked)}</h2>
<ol>${t.asks[receiver.kind].map((ask) => `<li>${words(ask)}</li>`).join('')}</ol>
<p>${words(t.howToAnswer)} <b>${escape(wordsKnown(receiver.kind))}</b></p>
<h2>${words(t.causes)}</h2>
${causes(cover.figures)}
${cover.chart ? chartPart(cover.chart) : ''}
<h2>${words(t.tried)}</h2>
${tried(cover.plans)}
<h2>${words(t.files)}</h2>
<ul>${t.fileNotes.map((note) => `<li>${words(note)}</li>`).join('')}<li>${maskLine(cover.unmaskedBy)}</li></ul>
</body></html>
`;
}

function maskLine(unmaskedBy: string | undefined): string {
  return unmaskedBy === undefined ? words(t.masked) : `${words(t.unmasked)} (${escape(unmaskedBy)})`;
}

function facts(cover: Cover): string {
  const { figures } = cover;
  const at = (moment: Instant | undefined): string => (moment === undefined ? '' : `${shanghaiText(moment)} (GMT+8)`);
  const group = [figures.channels.join(', '), cover.accounts.join(', '), figures.places.join(', ')].join(' / ');
  const rows: readonly (readonly [Words, string])[] = [
    [t.to, receiverWords(cover)],
    [t.from, words(cover.merchant)],
    [t.pack, `${escape(cover.packId)}, ${words(t.source)} ${escape(cover.sourceId)}`],
    [t.group, escape(group)],
    [t.recordNos, escape(figures.recordNos.join(', '))],
    [t.members, `<b>${count(figures.members)}</b>`],
    [t.money, cover.money ? `<b>${escape(moneyText(cover.money))}</b>` : ''],
    [t.firstAt, at(figures.firstAt)],
    [t.lastAt, at(figures.lastAt)],
    [t.asOf, at(figures.factsUntil)],
    [t.madeAt, at(cover.madeAt)],
    [t.deadline, `<b>${at(cover.deadlineAt)}</b>`],
    ...(figures.missing.length > 0 ? [[t.incomplete, count(figures.missing.length)] as const] : []),
  ];
  return `<table class="facts">${rows.map(([name, value]) => `<tr><th>${words(name)}</th><td>${value}</td></tr>`).join('')}</table>`;
}

/** A place has no name but its code. */
function receiverWords({ receiver, receiverName }: Cover): string {
  return receiverName.zh === receiver.id ? escape(receiver.id) : `${words(receiverName)} (${escape(receiver.id)})`;
}

function moneyText(amount: Money): string {
  const [whole = '', part] = toDecimal(amount).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount.currency === 'CNY' ? '¥' : `${amount.currency} `}${grouped}${part === undefined ? '' : `.${part}`}`;
}

function causes({ rows }: PackFigures): string {
  const lines = [...rows]
    .sort(([, a], [, b]) => b - a)
    .map(([number, n]) => {
      const row = triageTable.find((one) => one.row === number);
      const cause = row ? { zh: row.causeZh, en: row.causeEn } : notJudged.why;
      return `<tr><td>${escape(number || '–')}</td><td class="n">${count(n)}</td><td>${words(cause)}</td></tr>`;
    });
  return table(t.causeHeads, lines);
}

const table = (heads: readonly Words[], lines: readonly string[]): string =>
  `<table><tr>${heads.map((head) => `<th>${words(head)}</th>`).join('')}</tr>${lines.join('')}</table>`;

function chartPart(chart: Chart): string {
  const { usual, affected } = sharesOf(chart);
  const share = ({ missing, accepted }: Share): string =>
    accepted === 0 ? '0 / 0' : `${count(missing)} / ${count(accepted)} = ${percent(missing / accepted)}`;
  const rows = chart.bars.map(
    (bar) =>
      `<tr><td>${shanghaiText(bar.at)}</td><td class="n">${count(bar.accepted)}</td><td class="n">${count(bar.missing)}</td></tr>`,
  );
  return `<h2>${words(t.chart)}</h2>
<p>${words(t.chartLabel)}</p>
${chartSvg(chart, escape(t.chartLabel.en))}
<p>${words(t.usual)}: <b>${share(usual)}</b> · ${words(t.affected)}: <b>${share(affected)}</b></p>
<details><summary>${words(t.chartTable)} (${rows.length})</summary><table>${rows.join('')}</table></details>`;
}

function tried(plans: readonly PlanTold[]): string {
  if (plans.length === 0) return `<p>${words(t.nothingTried)}</p>`;
  const lines = plans.flatMap(({ id, cells }) =>
    cells.map(({ cell, sent, effective, pushed, pushedWith, held, heldWith, difference }) => {
      const interval = difference
        ? `${points(difference.value)} (${points(difference.low)} … ${points(difference.high)})`
        : '–';
      const pair = (all: number, hits: number): string => `${count(hits)} / ${count(all)}`;
      const figures = [pair(sent, effective), pair(pushed, pushedWith), pair(held, heldWith), interval];
      return `<tr><td>${escape(id)}</td><td>${escape(cell || '–')}</td>${figures.map((one) => `<td class="n">${one}</td>`).join('')}</tr>`;
    }),
  );
  return `${table(t.triedHeads, lines)}<p>${words(t.accepted)}</p>`;
}

const points = (value: number): string => `${value < 0 ? '−' : '+'}${percent(Math.abs(value))}`;

/** The first few words of each answer that we can read. */
function wordsKnown(kind: Receiver['kind']): string {
  return Object.values(freeWords[kind])
    .map((list) => [list.split(' ')[0], list.split(' ').find((word) => /^[a-z]/.test(word))].join(' / '))
    .join(' · ');
}

const style = `
body { font: 14px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; max-width: 960px; margin: 24px auto; padding: 0 16px; color: #1c2126; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin: 24px 0 8px; border-bottom: 1px solid #ccd2d8; }
[lang=en] { color: #56606a; } h1 [lang=en] { display: block; font-size: 15px; font-weight: normal; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 4px 8px; border: 1px solid #ccd2d8; vertical-align: top; }
th { background: #f2f4f6; font-weight: 600; } th [lang=en] { font-weight: normal; } .facts th { width: 38%; }
.n { text-align: right; font-variant-numeric: tabular-nums; } svg { width: 100%; height: auto; font-size: 12px; }
@media print { body { margin: 0; max-width: none; } h2, tr, svg { break-inside: avoid; } }
`;
