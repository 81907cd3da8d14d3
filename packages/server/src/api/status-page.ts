import { stateWords } from '../customs/index.ts';
import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Figures, LaneView } from './store.ts';

export type StatusFacts = {
  readonly lang: 'zh' | 'en';
  readonly bornAs: 'sandbox' | 'production';
  readonly version: string;
  readonly now: Instant;
  readonly lanes: readonly LaneView[];
  readonly figures: Figures;
};

/** Nothing is loaded, nothing runs, nobody may frame it (W3C Content Security Policy Level 3). */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? '');
}

/** The language that Accept-Language asks for most (RFC 9110 §12.5.4); English when it asks for neither. */
export function langOf(header: string | undefined): 'zh' | 'en' {
  const wishes = (header ?? '').split(',').map((part) => {
    const [range = '', ...options] = part.trim().toLowerCase().split(';');
    const weight = options.map((option) => /^\s*q=([\d.]+)$/.exec(option)?.[1]).find((value) => value !== undefined);
    return { lang: range.split('-')[0], weight: weight === undefined ? 1 : Number(weight) };
  });
  const best = wishes
    .filter(({ lang, weight }) => (lang === 'zh' || lang === 'en') && weight > 0)
    .sort((a, b) => b.weight - a.weight)[0];
  return best?.lang === 'zh' ? 'zh' : 'en';
}

export const pageStyle = `body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c1e21;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dade}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.sandbox,.production{padding:.5rem .8rem;border:2px solid;border-radius:.3rem}.sandbox{border-color:#7a4b00}.production{border-color:#0b5d2e}
@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#17181b}th,td{border-color:#3a3d42}a{color:#8ab4f8}.sandbox{border-color:#f0b45a}.production{border-color:#6fd39a}}`;

const words = {
  zh: {
    title: '流水 状态',
    sandbox: '模拟环境：资金与渠道都是模拟的。模拟时间',
    production: '生产环境。时间',
    lanes: '通道',
    lane: '通道',
    pace: '速度（次/秒）',
    due: '到期',
    waiting: '等待',
    oldest: '最早到期',
    held: '状态',
    paused: '已暂停',
    closed: '因连续失败关闭至',
    open: '开放',
    records: '未结报关记录',
    state: '状态',
    count: '笔数',
    none: '尚无',
    work: '待处理',
    doubt: '结果未知',
    asked: '计划待复核',
    running: '计划执行中',
    cases: '未结差错单',
    version: '版本',
    links: '接口',
    key: '（须带 API 密钥）',
  },
  en: {
    title: 'Liushui status',
    sandbox: 'Sandbox: money and channels are simulated. Simulated time',
    production: 'Production. Time',
    lanes: 'Lanes',
    lane: 'Lane',
    pace: 'Pace (calls/s)',
    due: 'Due',
    waiting: 'Waiting',
    oldest: 'Oldest due',
    held: 'State',
    paused: 'paused',
    closed: 'closed after failures until',
    open: 'open',
    records: 'Open declarations',
    state: 'State',
    count: 'Count',
    none: 'none yet',
    work: 'To be looked at',
    doubt: 'Result unknown',
    asked: 'Plans waiting for a second person',
    running: 'Plans running',
    cases: 'Open cases',
    version: 'Version',
    links: 'Interfaces',
    key: '(with an API key)',
  },
} as const;

type Texts = (typeof words)[keyof typeof words];

const count = (value: number): string => value.toLocaleString('en-US');
const time = (at: Instant): string => `${shanghaiText(at)} (GMT+8)`;

/** Counts and paces only: nothing of a person, an order or an amount stands here. */
export function statusPage(facts: StatusFacts): string {
  const { lang, bornAs, now, figures } = facts;
  const say = words[lang];
  const figureRows = [
    [say.doubt, figures.doubtOpen],
    [say.asked, figures.plansAsked],
    [say.running, figures.plansRunning],
    [say.cases, figures.casesOpen],
  ] as const;
  return `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${say.title}</title><style>${pageStyle}</style></head><body><main>
<h1>${say.title}</h1>
<p class="${bornAs}">${bornAs === 'sandbox' ? say.sandbox : say.production} ${time(now)}</p>
<h2>${say.work}</h2><table><tbody>${figureRows.map(([name, value]) => row([name], value)).join('')}</tbody></table>
<h2>${say.records}</h2>${recordTable(facts, say)}
<h2>${say.lanes}</h2>${laneTable(facts.lanes, now, say)}
<h2>${say.links}</h2><p>/v1/openapi.json ${say.key} · <a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a> · <a href="/metrics">/metrics</a></p>
<p>${say.version} ${escapeHtml(facts.version)}</p>
</main></body></html>
`;
}

function row(cells: readonly string[], value: number): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}<td class="n">${count(value)}</td></tr>`;
}

function recordTable({ figures, lang }: StatusFacts, say: Texts): string {
  if (figures.openByState.length === 0) return `<p>${say.none}</p>`;
  const known: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = stateWords;
  const rows = figures.openByState.map((one) => row([known[one.state]?.[lang] ?? one.state], one.count));
  return `<table><thead><tr><th>${say.state}</th><th class="n">${say.count}</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function laneTable(lanes: readonly LaneView[], now: Instant, say: Texts): string {
  if (lanes.length === 0) return `<p>${say.none}</p>`;
  const head = `<th>${say.lane}</th><th class="n">${say.pace}</th><th class="n">${say.due}</th><th class="n">${say.waiting}</th><th>${say.oldest}</th><th>${say.held}</th>`;
  const rows = lanes.map(
    (lane) =>
      `<tr><td>${escapeHtml(lane.lane)}</td><td class="n">${count(lane.callsPerSecond)}</td><td class="n">${count(lane.due)}</td>` +
      `<td class="n">${count(lane.waiting)}</td><td>${lane.oldestDueAt === undefined ? '–' : time(lane.oldestDueAt)}</td><td>${escapeHtml(heldWords(lane, now, say))}</td></tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function heldWords(lane: LaneView, now: Instant, say: Texts): string {
  if (lane.pausedAt !== undefined) return lane.pausedWhy === '' ? say.paused : `${say.paused}: ${lane.pausedWhy}`;
  if (lane.closedUntil !== undefined && lane.closedUntil > now) return `${say.closed} ${time(lane.closedUntil)}`;
  return say.open;
}
