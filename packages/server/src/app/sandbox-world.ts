import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { minutes, parseShanghai, plus } from '../kernel/index.ts';
import type { Clock, Instant } from '../kernel/index.ts';
import { demoShop } from './sandbox.data.ts';
import type { Simulators } from './simulators.ts';

/** The sandbox's account at the simulated channel. A test key, in clear: it opens nothing outside this machine. */
export const sandboxPartner = '2088000000000001';
export const sandboxMd5Key = 'sandbox0only0sandbox0only0sandbo';

/** The sandbox's application at the simulated OpenAPI gateway: it collects payments for the same shop. */
export const sandboxApp = { appId: '2015102800000001', sellerId: sandboxPartner } as const;

/** Makes the application known to the simulated channel, with money to give back from. */
export async function registerApplication(
  simulators: Pick<Simulators, 'alipayUrl'>,
  keys: { readonly ourPublic: string; readonly theirPrivate: string },
): Promise<void> {
  await tell(`${simulators.alipayUrl}/control/openapi/apps`, [
    {
      ...{ app_id: sandboxApp.appId, seller_id: sandboxApp.sellerId, merchant_public_key_pem: keys.ourPublic },
      ...{ alipay_private_key_pem: keys.theirPrivate, balance: '100000.00' },
    },
  ]);
}

const examples = resolve(import.meta.dirname, '../../../../docs/examples/2015-10-28');

type Row = Readonly<Record<string, string>>;

/** The payments that the old shop took and declared; the file that the first walk imports. It has no quotes. */
function readPayments(): Row[] {
  const [head = '', ...lines] = readFileSync(join(examples, 'payments.csv'), 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index] ?? '', cell])));
}

function momentOf(row: Row, field: string): Instant {
  const at = parseShanghai(row[field] ?? '');
  if (at === undefined) throw new Error(`payments.csv: ${field} of ${row['order_no'] ?? '?'} is no time`);
  return at;
}

/**
 * Fills the simulators' books with the day of 2015-10-28: none of the orders reached the port at first; a re-push works for what was
 * ordered from 11 to 16 h and from 20:09 on, and has no effect for the rest. Done once: a marker in the books' folder tells.
 */
export async function fillSimulators(simulators: Simulators, clock: Clock): Promise<void> {
  const marker = join(simulators.booksFolder, 'filled');
  if (existsSync(marker)) return;
  const post = (path: string, body: unknown): Promise<void> => tell(simulators.alipayUrl + path, body);
  await post('/control/reset', { now_ms: Math.floor(clock.now()) });
  const evening = { date: '20151027', from: '1900', to: '2359' };
  const lost = { id: 'lost', fault: 'swallow_declaration', match: { is_repush: false } };
  const dead = { id: 'dead', fault: 'no_effect_repush', match: { is_repush: true, order_hours: evening } };
  const nextDay = { date: '20151028', from: '0000', to: '2359' };
  const deadNextDay = { ...dead, id: 'dead-next-day', match: { is_repush: true, order_hours: nextDay } };
  await post('/control/faults', [lost, dead, deadNextDay]);
  await post('/control/seed', seedOf(readPayments()));
  // From now on first declarations arrive, and the last minutes of the evening can be recovered.
  await post('/control/faults', [{ ...dead, match: { is_repush: true, order_hours: { ...evening, to: '2008' } } }]);
  await fetch(`${simulators.alipayUrl}/control/faults/${lost.id}`, { method: 'DELETE' });
  writeFileSync(marker, '');
}

function seedOf(rows: readonly Row[]): Record<string, unknown> {
  const partner = sandboxPartner;
  return {
    partners: [{ partner, md5_key: sandboxMd5Key }],
    trades: rows.map((row) => ({
      partner,
      trade_no: row['trade_no'],
      out_trade_no: row['order_no'],
      amount: row['declared_amount'],
      paid_at: momentOf(row, 'paid_at'),
      payer: { name: demoShop.payer, id_no: '999999190001010015' },
    })),
    declarations: rows.map((row) => ({
      partner,
      out_request_no: row['request_no'],
      trade_no: row['trade_no'],
      place: row['place'],
      customs_code: row['customs_code'],
      customs_name: row['customs_name'],
      amount: row['declared_amount'],
      accepted_at_ms: plus(momentOf(row, 'paid_at'), 3000),
      ...(row['earlier_push_at'] ? { pushes_at_ms: [momentOf(row, 'earlier_push_at')] } : {}),
    })),
    lists: rows.map((row) => ({
      order_no: row['order_no'],
      waybill_no: row['waybill_no'],
      payment_no: row['trade_no'],
      at_ms: plus(momentOf(row, 'paid_at'), minutes(30)),
    })),
  };
}

async function tell(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
