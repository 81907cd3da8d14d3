import { triageTable } from '../../customs/index.ts';
import { reportTexts as t } from './report.texts.ts';
import type { ReplayResult } from './replay.ts';

/** One page that a browser opens from the disk: nothing is loaded from anywhere. */
export function reportHtml(played: ReplayResult): string {
  const { incident, detected_after_minutes: after } = played;
  const seen = incident
    ? `<p><b>${escape(incident.id)}</b> ${t.seen(incident.onset, incident.seen, number(after ?? 0))}</p>
<p>${t.seenFigures(count(incident.affected_when_seen), count(played.orders), percent(incident.share), percent(incident.usual), escape(incident.rules.join(', ')))}</p>`
    : `<p>${t.notSeen}</p>`;
  return `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${t.title}</title><style>${style}</style></head><body><main>
<h1>${t.title}</h1><p>${t.intro}</p>
<h2>${t.waves}</h2>${wavesSvg(played)}${wavesTable(played)}
<h2>${t.alert}</h2>${seen}
<h2>${t.triage}</h2><p>${t.correct(percent(played.triage_correct), count(played.affected))}</p>
${table(t.causeHeads, Object.entries(played.triage).sort(([, a], [, b]) => b - a).map(([cause, n]) => [causeWords(cause), count(n)]))}
<h2>${t.repush}</h2><p>${t.cells}</p>${cellsTable(played)}
<h2>${t.packs}</h2>
${table(t.packHeads, played.evidence_packs.map((pack) => [pack.id, pack.receiver, count(pack.members), pack.complete ? t.yes : t.no]))}
<h2>${t.figures}</h2>${table(['', ''], figuresOf(played))}
</main></body></html>
`;
}

function figuresOf(played: ReplayResult): (readonly string[])[] {
  const { calls, repush } = played;
  return [
    ['query', `${count(calls.query.count)} / ideal ${count(calls.query.ideal)}`],
    ['declare', `${count(calls.declare.count)} / ideal ${count(calls.declare.ideal)}`],
    ['sent twice within the gap', count(repush.sent_twice_within_gap)],
    ['differs from the books of channel and port', count(repush.differs_from_books)],
    ['lost', count(played.lost)],
    ['CPU s', Object.entries(played.cpu).map(([stage, seconds]) => `${stage} ${number(seconds)}`).join(', ')],
    ['wall s', number(played.wall_seconds)],
    ['memory MiB', number(played.server_memory_mib)],
  ];
}

function cellsTable({ repush }: ReplayResult): string {
  const points = (share: number): string => `${share > 0 ? '+' : ''}${Math.round(share * 100)}`;
  const rows = repush.cells.map((cell) => [
    cell.cell,
    `${cell.canary.receipts} / ${cell.canary.sent}`,
    `${cell.control.receipts} / ${cell.control.held_back}`,
    `${points(cell.effect.difference)} (${points(cell.effect.low)} … ${points(cell.effect.high)})`,
    t.readings[cell.state] ?? cell.state,
    count(cell.sent),
    count(cell.effective),
  ]);
  return table(t.cellHeads, rows);
}

function wavesTable({ waves }: ReplayResult): string {
  const rows = waves.map((wave) => [wave.hour, count(wave.declared), count(wave.recovered), count(wave.missing)]);
  return `<details><summary>${t.waves}</summary>${table(['', t.declared, t.recovered, t.missing], rows)}</details>`;
}

const bar = { width: 30, gap: 7, height: 220, left: 56, top: 12, bottom: 110 };

/** Stacked bars with the words beside them: colour alone tells nobody anything. */
function wavesSvg({ waves }: ReplayResult): string {
  const most = Math.max(1, ...waves.map((wave) => wave.declared));
  const width = bar.left + waves.length * (bar.width + bar.gap) + 20;
  const high = (n: number): number => (n / most) * bar.height;
  const bars = waves.map((wave, index) => {
    const x = bar.left + index * (bar.width + bar.gap);
    const rest = Math.max(0, wave.declared - wave.recovered - wave.missing);
    const parts = [
      ['missing', wave.missing],
      ['recovered', wave.recovered],
      ['others', rest],
    ] as const;
    let y = bar.top + bar.height;
    const rects = parts.map(([kind, n]) => {
      y -= high(n);
      return `<rect class="${kind}" x="${x}" y="${Math.round(y)}" width="${bar.width}" height="${Math.round(high(n))}"><title>${escape(wave.hour)} ${t[kind]}: ${count(n)}</title></rect>`;
    });
    const label = `<text transform="translate(${x + 11},${bar.top + bar.height + 8}) rotate(90)">${escape(wave.hour.slice(5))} h</text>`;
    return rects.join('') + label;
  });
  const axis = [0, most / 2, most].map((n) => {
    const y = bar.top + bar.height - high(n);
    return `<line x1="${bar.left - 4}" x2="${width}" y1="${y}" y2="${y}"/><text x="${bar.left - 8}" y="${y + 4}" text-anchor="end">${count(Math.round(n))}</text>`;
  });
  const keys = (['missing', 'recovered', 'others'] as const).map(
    (kind, index) =>
      `<rect class="${kind}" x="${bar.left + index * 330}" y="${bar.top + bar.height + 84}" width="12" height="12"/><text x="${bar.left + 18 + index * 330}" y="${bar.top + bar.height + 94}">${t[kind]}</text>`,
  );
  const size = `viewBox="0 0 ${Math.max(width, 1080)} ${bar.top + bar.height + bar.bottom}"`;
  return `<svg role="img" aria-label="${t.waves}" ${size}>${axis.join('')}${bars.join('')}${keys.join('')}</svg>`;
}

/** In the words of the decision table; several rows may share a cause. */
function causeWords(cause: string): string {
  const row = triageTable.find((one) => one.cause === cause);
  return row ? `${row.causeZh} · ${row.causeEn}` : cause;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const count = (n: number): string => n.toLocaleString('en-US');
const number = (n: number): string => n.toLocaleString('en-US', { maximumFractionDigits: 1 });
const percent = (n: number): string => n.toLocaleString('en-US', { style: 'percent', maximumFractionDigits: 2 });

const style = `
:root { color-scheme: light dark; --ink: #1f1f1f; --paper: #fff; --line: #d9d9d9; --violet: #531dab; --green: #237804; --grey: #bfbfbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #141414; --line: #434343; --violet: #cda8f0; --green: #8fd460; --grey: #595959; } }
body { margin: 0; color: var(--ink); background: var(--paper); font: 14px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 32px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); } td:first-child { white-space: nowrap; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 11px; } svg line { stroke: var(--line); }
.missing { fill: var(--violet); } .recovered { fill: var(--green); } .others { fill: var(--grey); }
`;
