// Goal: whatever payers, shops and two channels do to the same orders, money is booked once, told once, and both channels' books are ours.
// Method: orders made from a seed, played by the server over HTTP against both simulators with their faults, on one moved clock.
import { expect, test } from 'vitest';
import { useStages } from '../../kit/money-ground.ts';
import { openApi } from '../../kit/pay-world.ts';
import { wechatPay } from '../../kit/wechat-world.ts';
import { playMixed } from './play.ts';
import { makeMixed, mixedText } from './story.ts';

const own = useStages('2026-12-01 10:00:00', { alipay: openApi, wechat: wechatPay });

/** Another story: MIXED_SEED=7 MIXED_ORDERS=100. */
const chosen = (name: string, usual: number): number => Number(process.env[name] ?? usual);

test(
  'orders through two channels break no law, and every fen is in the books of both sides',
  { timeout: 400_000 },
  async () => {
    const orders = makeMixed(chosen('MIXED_SEED', 1), chosen('MIXED_ORDERS', 30));
    const broken = await playMixed(own.world, orders);
    const told = orders.filter(({ orderNo }) => broken.some((line) => line.includes(orderNo)));
    expect(broken, mixedText(told)).toEqual([]);
    const [played] = await own.world.alipay.app.db.query(
      `select (select count(distinct channel)::int from payment_attempts where received_minor > 0) as channels,
       exists (select from surplus_receipts where state = 'returned') as surplus,
       exists (select from refunds where origin = 'shop' and state = 'refunded') as refunds`,
    );
    expect(played).toEqual({ channels: 2, surplus: true, refunds: true });
  },
);
