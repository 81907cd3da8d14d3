import { alipayBooksView, portBooksView } from './books-view.ts';
import { spacedTime } from './shanghai.ts';
import type { World } from './world.ts';
import { escapeXml } from './xml.ts';

type Cell = string | number;

export function alipayPage(world: World): string {
  const books = alipayBooksView(world);
  const rows = books.latest.map((one): Cell[] => [
    one.out_request_no,
    one.order_no ?? '',
    one.record?.['trade_no'] ?? '',
    one.record?.['status'] ?? 'not_found',
    one.record?.['customs_code'] ?? '',
    one.record?.['last_modified_time'] ?? '',
    one.attempts.length,
    one.executed_pushes ?? 0,
  ]);
  const headings = [
    '请求号 request no',
    '订单号 order no',
    '支付号 payment no',
    '状态 status',
    '海关 code',
    '更新 modified',
    '调用 calls',
    '已推送 pushed',
  ];
  return page(world, '支付宝报关模拟 Alipay customs simulator', [
    counts([
      ['交易 trades', books.trades],
      ['报关 declarations', books.declarations],
      ...Object.entries(books.by_status),
    ]),
    faults(world),
    table('最近记录 latest records', headings, rows),
  ]);
}

export function portPage(world: World): string {
  const books = portBooksView(world);
  const rows = books.latest.map((list): Cell[] => [
    list.order_no,
    list.waybill_no,
    list.payment_no ?? '',
    list.state,
    spacedTime(list.arrived_at),
    list.released_at === null ? '' : spacedTime(list.released_at),
  ]);
  const headings = [
    '订单号 order no',
    '运单号 waybill no',
    '支付号 payment no',
    '状态 state',
    '到达 arrived',
    '放行 released',
  ];
  return page(world, '口岸模拟 Port in a box', [
    counts([
      ['支付单 payment records', books.payment_records],
      ['回执 receipts', books.receipts],
      ['清单 lists', books.lists],
      ...Object.entries(books.by_state),
    ]),
    faults(world),
    table('最近清单 latest lists', headings, rows),
  ]);
}

function counts(entries: readonly (readonly [string, number])[]): string {
  return table(
    '数量 counts',
    ['', ''],
    entries.map(([name, count]) => [name, count]),
  );
}

function faults(world: World): string {
  const rows = world.faults.map((rule): Cell[] => [
    rule.id,
    rule.fault,
    shortened(JSON.stringify(rule.match)),
    rule.seen,
    rule.played,
  ]);
  return table('故障 faults in force', ['id', '故障 fault', '条件 match', '符合 seen', '生效 played'], rows);
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function table(caption: string, headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = headings.map((heading) => `<th scope="col">${escapeXml(heading)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeXml(String(cell))}</td>`).join('')}</tr>`)
    .join('');
  return `<table><caption>${escapeXml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body || '<tr><td>无 none</td></tr>'}</tbody></table>`;
}

const styles =
  'body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse;margin:1.5rem 0}' +
  'caption{text-align:left;font-weight:600}th,td{border:1px solid #c8c8c8;padding:.2rem .6rem;text-align:left;font-variant-numeric:tabular-nums;white-space:nowrap}';

function page(world: World, title: string, parts: readonly string[]): string {
  return (
    `<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>${title}</title><style>${styles}</style></head><body>` +
    `<h1>${title}</h1><p>模拟时钟 simulated clock (${world.mode}): ${spacedTime(world.now)} UTC+8</p>${parts.join('')}</body></html>`
  );
}
