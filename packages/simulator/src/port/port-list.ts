import type { PortList } from './books.ts';

export const portListFormats = ['pipes', 'csv', 'json'] as const;
export type PortListFormat = (typeof portListFormats)[number];

/** The layout in which a port's e-mail of 2015 listed its complaints, headings and blanks included. Exit 1 = released. */
const pipesHeading = '订单号                      运单号          支付id                          出关状态';

export function writePortList(lists: readonly PortList[], format: PortListFormat): string {
  const rows = lists.map((list) => ({
    order_no: list.orderNo,
    waybill_no: list.waybillNo,
    payment_no: list.paymentNo ?? '',
    exit_status: list.state === 'released' ? 1 : 0,
  }));
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows)}\n`;
    case 'csv':
      return ['订单号,运单号,支付id,出关状态', ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');
    case 'pipes':
      return [pipesHeading, ...rows.map(pipesRow), ''].join('\n');
  }
}

type Row = { order_no: string; waybill_no: string; payment_no: string; exit_status: number };

function pipesRow(row: Row): string {
  const cells = [
    row.order_no.padEnd(25),
    row.waybill_no.padEnd(13),
    row.payment_no.padEnd(28),
    String(row.exit_status).padEnd(9),
  ];
  return `| ${cells.join(' | ')} |`;
}
