// Goal: a share or return that the channel leaves open ends by two people with evidence, once, and never against a signed word of the channel.
// Method: both simulators with their own books, named faults, and one moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import type { Result } from '../../src/kernel/index.ts';
import { decideShareVerdict, proposeReturnVerdict, proposeShareVerdict } from '../../src/sharing/index.ts';
import type { ReturnVerdict, ShareVerdict } from '../../src/sharing/index.ts';
import { findStories } from '../../src/stories/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { codeOf } from '../kit/pay-steps.ts';
import type { Named } from '../kit/pay-steps.ts';
import { openApi } from '../kit/pay-world.ts';
import { expectEqualShares, shareStepsOn } from '../kit/share-steps.ts';
import { wechatPay } from '../kit/wechat-world.ts';
import { people } from '../stories/people.ts';

const own = useStages('2027-01-04 10:00:00', { wechatPay, openApi });
const wechat = shareStepsOn(() => own.world.wechatPay);
const alipay = shareStepsOn(() => own.world.openApi);
const pass = (ms: number) => own.world.wechatPay.pass(ms);
const m = 60_000;
const evidence = 'statement of 4 January, line 12';

afterEach(async () => {
  await expectEqualShares(own.world.wechatPay);
  await expectEqualShares(own.world.openApi);
});

const partner = { kind: 'MERCHANT_ID', account: '1900000999', name: '供货公司', relation: 'SUPPLIER' };

async function held() {
  const begun = await wechat.begin({ product: 'native', shares: true });
  await pass(1000);
  await wechat.pay(begun.serialNo);
  await pass(10_000);
  return begun;
}

/** Nothing is answered about these until it is lifted. */
async function deaf(...apis: readonly string[]): Promise<() => Promise<void>> {
  const faults = apis.map((api) => ({
    id: `deaf-${api}`,
    fault: 'system_error_not_booked',
    times: 999,
    match: { api },
  }));
  await own.world.wechatPay.post('/control/faults', faults);
  return async () => {
    for (const { id } of faults) await wechat.lift(id);
  };
}

type Asked = Result<{ readonly approvalId: string }>;
async function ruled(asked: Asked): Promise<(who: typeof people.zhao) => Promise<string>> {
  if (!asked.ok) throw new Error(asked.refusal.code);
  const { payments } = own.world.wechatPay.app;
  return (who) => decideShareVerdict(payments, who, asked.value.approvalId, 'approve', 'seen').then(codeOf);
}

async function sayOfShare(order: Named, verdict: ShareVerdict): Promise<Asked> {
  const shared = await wechat.shared(order);
  const { payments } = own.world.wechatPay.app;
  return proposeShareVerdict(payments, people.wang, shared, shared.shares[0]?.id ?? '', verdict, evidence);
}

async function sayOfReturn(order: Named, verdict: ReturnVerdict): Promise<Asked> {
  const shared = await wechat.shared(order);
  const { payments } = own.world.wechatPay.app;
  return proposeReturnVerdict(payments, people.wang, shared, shared.returns[0]?.id ?? '', verdict, evidence);
}

test.each([
  ['book_then_hang', 'given', { shares: ['done'], parts: ['succeeded'], returns: [], shared: 2000n }],
  ['hang_before_booking', 'not_given', { shares: ['failed'], parts: ['failed'], returns: [], shared: 0n }],
] as const)(
  'a share whose call meets %s and of which nothing is heard is %s as two people say, once',
  async (fault, verdict, ends) => {
    const first = await wechat.bound(partner);
    const { order } = await held();
    await pass(m);
    await wechat.fault(fault, { api: 'share' });
    const lift = await deaf('share_query');
    await wechat.share(order, 'S1', [[first, 2000n]]);
    await pass(25 * 60 * m);
    expect(await wechat.statesOf(order)).toMatchObject({ shares: ['in_doubt'], shared: 2000n });
    expect(await wechat.casesOf(order)).toEqual(['share.in_doubt_long']);
    const decide = await ruled(await sayOfShare(order, verdict));
    expect(await decide(people.wang)).toBe('auth.role_missing');
    expect(await decide(people.zhao)).toBe('done');
    expect(await decide(people.zhao)).toBe('share.not_waiting');
    expect(await wechat.statesOf(order)).toEqual(ends);
    await lift();
    await pass(2 * 24 * 60 * m);
    expect(await wechat.statesOf(order)).toEqual(ends);
    const news = verdict === 'given' ? ['share.done'] : ['share.failed', 'share.part_failed'];
    expect(await wechat.events(order)).toEqual(['payment.succeeded', ...news]);
    const [share] = (await wechat.shared(order)).shares;
    const told = await findStories(own.world.wechatPay.app.customs, people.wang, [share?.shareNo ?? '']);
    const [story] = (told.ok && told.value.asked[0]?.stories) || [];
    const lines = story?.kind === 'order' ? story.timeline.map(({ what }) => what.en).join('\n') : '';
    expect(lines).toContain(evidence);
  },
);

test('a share that the channel verifiably took is ended by no unsigned word, and people do not call it undone', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  await wechat.fault('share_stays_processing', { api: 'share' });
  const made = await wechat.share(order, 'S1', [[first, 2000n]]);
  await pass(3 * m);
  await own.world.wechatPay.post('/control/faults', [
    {
      id: 'gone',
      fault: 'business_error',
      times: 999,
      params: { status: 404, code: 'RESOURCE_NOT_EXISTS' },
      match: { api: 'share_query' },
    },
  ]);
  await pass(60 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['processing'], parts: ['pending'], shared: 2000n });
  expect(await wechat.calls(made.ok ? made.value.share.id : '', 'share.submit')).toEqual(['answered']);
  expect(codeOf(await sayOfShare(order, 'not_given'))).toBe('share.was_taken');
  await wechat.lift('gone');
  await own.world.wechatPay.post('/control/shares', {
    out_order_no: made.ok ? made.value.share.shareNo : '',
    becomes: 'SUCCESS',
  });
  await pass(24 * 60 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['done'], parts: ['succeeded'], shared: 2000n });
});

test('a return of which nothing is heard came back as two people say, and what is left can be refunded', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  await wechat.share(order, 'S1', [[first, 2000n]], true);
  await pass(3 * m);
  await wechat.fault('book_then_hang', { api: 'share_return' });
  const lift = await deaf('share_return_query');
  await wechat.giveBack(order, 'SR1', 0);
  await pass(60 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ returns: ['in_doubt'], shared: 2000n });
  const decide = await ruled(await sayOfReturn(order, 'came_back'));
  expect(await decide(people.zhao)).toBe('done');
  expect(codeOf(await sayOfReturn(order, 'not_back'))).toBe('share.not_waiting');
  expect(await wechat.statesOf(order)).toMatchObject({ returns: ['done'], shared: 0n });
  await lift();
  expect(codeOf(await wechat.refund(order, 'R1'))).toBe('done');
  await pass(5 * m);
});

test('Alipay: what the balance does not allow is refused at once, and the promise is free again', async () => {
  const first = await alipay.bound({ kind: 'userId', account: '2088000000000777' });
  const { order, serialNo } = await alipay.begin({ orderNo: 'short', product: 'page', shares: true });
  await alipay.pay(serialNo);
  await pass(10_000);
  expect(codeOf(await alipay.refund(order, 'R1', 8500n))).toBe('done');
  await pass(m);
  // The fee of the payment was taken as well: less is left than was not refunded.
  expect(codeOf(await alipay.share(order, 'S1', [[first, 1500n]]))).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shares: ['failed'], parts: ['failed'], shared: 0n });
  expect(await alipay.casesOf(order)).toEqual(['share.failed']);
  expect(codeOf(await alipay.refund(order, 'R2', 1500n))).toBe('done');
});
