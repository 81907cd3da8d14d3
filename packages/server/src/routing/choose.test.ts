import { expect, test } from 'vitest';
import { candidate, channels, manifestOf, noon, verdicts, wish } from '../../test/kit/ways.ts';
import { days, hours, minutes, plus } from '../kernel/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import type { Manifest } from '../channels/contract/index.ts';
import { describe, entryOf } from '../platform/refusals.ts';
import type { Candidate, OfferWish } from './candidate.ts';
import { choose } from './choose.ts';
import type { Notice, Rule } from './rules.ts';

/** What becomes of one way, the first product of its channel on a PC, when something changes. */
function verdict(one: Candidate, changes: Partial<OfferWish> = {}, product = 'page'): string {
  return verdicts([one], changes)[`${one.account.id}/${product}`] ?? 'missing';
}

const money = (minor: bigint, currency = 'CNY') => ({ minor, currency: currency as Currency });
const span = { validFrom: plus(noon, -hours(1)), validTo: plus(noon, hours(1)), madeBy: 'wang', madeAt: noon };
const rule = (changes: Partial<Rule> = {}): Rule => ({
  ...{ id: 'r', accountId: 'alipay', product: '*', priority: 100, weight: undefined, reason: '', ...span },
  ...changes,
});
const notice = (changes: Partial<Notice> = {}): Notice => ({
  ...{ id: 'N-1', merchantId: undefined, channel: 'alipay', accountId: undefined, product: '*' },
  ...{ effect: 'closed' as const, text: 'upgrade', ...span },
  ...changes,
});

test('filter 1: an account without a live key, or a product that is not opened, is not offered', () => {
  expect(verdict(candidate('alipay'))).toBe('offered');
  expect(verdict(candidate('alipay', { settings: { openapi_mode: 'none' } }))).toBe('routing.product_not_opened');
  expect(verdict(candidate('alipay', { secrets: new Set(['md5_key']) }))).toBe('routing.account_not_ready');
  const app = { side: { terminal: 'app' } } as const;
  expect(verdict(candidate('wechat', { settings: { app_appid: '' } }), app, 'app')).toBe('routing.product_not_opened');
  const counter = { scene: 'counter', side: { terminal: 'counter' } } as const;
  const code = { ...counter, payerKnows: { payerCode: true, codeStart: '13' } };
  const limited = (limit_pay: string) => verdict(candidate('wechat', { settings: { limit_pay } }), code, 'code');
  expect(['no_credit', 'no_balance', 'no_debit', 'balance_only'].map(limited)).toEqual([
    'offered',
    ...Array.from({ length: 3 }, () => 'routing.product_not_opened'),
  ]);
  const withSecret = withProduct('alipay', 'barcode', { openedBy: [{ secret: 'content_key' }] });
  const account = (secrets: readonly string[]) =>
    candidate('alipay', {
      manifest: withSecret,
      secrets: new Set(['md5_key', 'app_private_key', 'alipay_openapi_public_key', ...secrets]),
      settings: { sign_type: 'MD5', openapi_mode: 'key' },
    });
  expect(verdict(account([]), counter, 'barcode')).toBe('routing.product_not_opened');
  expect(verdict(account(['content_key']), counter, 'barcode')).toBe('offered');
});

test('filter 2: an online sale takes no counter product, nor the reverse, nor what the contract forbids in its scene', () => {
  const counter = { scene: 'counter', side: { terminal: 'counter' }, payerKnows: {} } as const;
  expect(verdict(candidate('alipay'), {}, 'precreate')).toBe('payment.scene_differs');
  expect(verdict(candidate('alipay'), counter, 'page')).toBe('payment.scene_differs');
  expect(verdict(candidate('alipay'), counter, 'precreate')).toBe('offered');
  const forbidden = candidate('alipay', { terms: [{ kind: 'scene', scene: 'online', value: { allowed: 'no' } }] });
  expect(verdict(forbidden)).toBe('contract.scene_not_allowed');
  expect(verdict(forbidden, counter, 'precreate')).toBe('offered');
});

test('filter 3: pages of others stay outside a wallet unless that wallet opens them', () => {
  const inside = { side: { terminal: 'phone', wallet: 'qq' } } as const;
  const foreign = (opensOthers: boolean): Manifest => {
    const alipay = manifestOf('alipay') as Manifest;
    const wallet = { browser: ['QQ/'], desktop: [], miniProgram: [], opensOthers, payerCodes: ['91'] };
    return { ...alipay, id: 'qq', pay: { ...(alipay.pay as NonNullable<Manifest['pay']>), wallet } };
  };
  const said = (opensOthers: boolean): readonly (string | undefined)[] => {
    const manifests = (id: string) => (id === 'qq' ? foreign(opensOthers) : manifestOf(id));
    const { offered, notOffered } = choose([candidate('wechat')], wish(inside), manifests);
    const hidden = notOffered.find(({ product }) => product === 'h5')?.refusal.code;
    return [...offered.map(({ product }) => product), hidden];
  };
  expect(said(false)).toEqual(['routing.not_in_this_wallet']);
  expect(said(true)).toEqual(['h5', undefined]);
});

test('filter 4: currency, amount and what is left of the limits of the contract', () => {
  const limits = (value: Readonly<Record<string, number>>, product = '*') => ({ kind: 'limits', product, value });
  const used = { product: 'wap', scene: 'online', dayMinor: 900n, monthMinor: 9_000n, dayCount: 3 } as const;
  const table: readonly (readonly [Candidate, bigint, string])[] = [
    [candidate('alipay', { terms: [limits({ single_minor: 500 })] }), 500n, 'offered'],
    [candidate('alipay', { terms: [limits({ single_minor: 500 })] }), 501n, 'contract.amount_over_limit'],
    [candidate('alipay', { terms: [limits({ day_minor: 1000 })], used: [used] }), 100n, 'offered'],
    [candidate('alipay', { terms: [limits({ day_minor: 1000 })], used: [used] }), 101n, 'contract.day_limit'],
    [candidate('alipay', { terms: [limits({ day_minor: 1000 }, 'page')], used: [used] }), 101n, 'offered'],
    [candidate('alipay', { terms: [limits({ month_minor: 9_100 })], used: [used] }), 100n, 'offered'],
    [candidate('alipay', { terms: [limits({ month_minor: 9_100 })], used: [used] }), 101n, 'contract.month_limit'],
    [candidate('alipay', { terms: [limits({ day_count: 4 })], used: [used] }), 101n, 'offered'],
    [candidate('alipay', { terms: [limits({ day_count: 3 })], used: [used] }), 101n, 'contract.day_count'],
    [candidate('alipay', { used: [used] }), 10_000_000_000n, 'offered'],
    [candidate('alipay', { used: [used] }), 10_000_000_001n, 'payment.amount_outside'],
  ];
  expect(table.map(([one, minor]) => verdict(one, { amount: money(minor) }))).toEqual(table.map(([, , said]) => said));
  expect(verdict(candidate('alipay'), { amount: money(100n, 'USD') })).toBe('payment.currency_unknown');
});

test('filter 5: hours of service, maintenance and notices, each while it lasts', () => {
  const hoursOf = (from: string, to: string) =>
    candidate('alipay', { terms: [{ kind: 'hours', value: { from, to } }] });
  expect(verdict(hoursOf('08:00', '12:00'))).toBe('contract.outside_hours');
  expect(verdict(hoursOf('08:00', '12:01'))).toBe('offered');
  const during = (changes: Partial<Notice>, at: Instant = noon): string =>
    verdict(candidate('alipay', { notices: [notice(changes)] }), { at });
  expect(during({})).toBe('routing.maintenance');
  expect(during({ product: 'page' })).toBe('routing.maintenance');
  expect(during({ product: 'wap' })).toBe('offered');
  expect(during({ effect: 'warning' })).toBe('offered');
  expect(during({ withdrawnAt: noon })).toBe('offered');
  expect(during({ validTo: undefined }, plus(noon, days(300)))).toBe('routing.maintenance');
  expect(during({}, plus(span.validFrom, -1))).toBe('offered');
  expect(during({}, span.validFrom)).toBe('routing.maintenance');
  expect(during({}, plus(span.validTo, -1))).toBe('routing.maintenance');
  expect(during({}, span.validTo)).toBe('offered');
});

test('filter 6: a lane that is closed or paused hides what it carries, until the time at which it is tried again', () => {
  const withLane = (operation: string, changes: { closedUntil?: Instant; pausedWhy?: string }, channel = 'alipay') =>
    candidate(channel, { lanes: [{ id: `A1/${operation}`, operation, ...changes }] });
  const later = plus(noon, minutes(5));
  expect(verdict(withLane('pay.query', { closedUntil: later }))).toBe('routing.lane_closed');
  expect(verdict(withLane('pay.query', { closedUntil: noon }))).toBe('offered');
  expect(verdict(withLane('pay.query', { pausedWhy: '' }))).toBe('routing.lane_paused');
  // A page is shown without a call; a code is made by one.
  expect(verdict(withLane('pay.submit', { closedUntil: later }))).toBe('offered');
  expect(verdict(withLane('pay.submit', { closedUntil: later }, 'wechat'), {}, 'native')).toBe('routing.lane_closed');
  expect(verdict(withLane('refund.submit', { closedUntil: later }))).toBe('offered');
  const { notOffered } = choose([withLane('pay.query', { closedUntil: later })], wish(), manifestOf);
  const refusal = notOffered.find(({ product }) => product === 'page')?.refusal;
  expect(refusal && describe(refusal, 'en')).toContain('tried again at 2026-03-01 12:05:00 (GMT+8)');
});

/** A manifest whose product can do more. */
function withProduct(channel: string, product: string, more: object, changes: Partial<Manifest> = {}): Manifest {
  const manifest = manifestOf(channel) as Manifest;
  const { pay } = manifest;
  if (!pay) throw new Error(`${channel} takes no payments`);
  const changed = { ...pay.products[product], ...more } as (typeof pay.products)[string];
  return { ...manifest, ...changes, pay: { ...pay, products: { ...pay.products, [product]: changed } } };
}

test('filter 7: what the order needs, the channel must be able to do and the contract must give', () => {
  const { customs: _none, ...withoutCustoms } = manifestOf('alipay') as Manifest;
  expect(verdict(candidate('alipay'), { needs: { customs: true } })).toBe('offered');
  // No declaration names the buyer yet, so no channel compares him with the payer.
  for (const [channel, product] of [
    ['alipay', 'page'],
    ['wechat', 'native'],
  ] as const)
    expect(verdict(candidate(channel), { needs: { identityCheck: true } }, product)).toBe(
      'routing.identity_not_checked',
    );
  const { customs } = manifestOf('alipay') as Manifest & { readonly customs: NonNullable<Manifest['customs']> };
  const comparing = { ...withoutCustoms, customs: { ...customs, checksIdentity: true } };
  expect(verdict(candidate('alipay', { manifest: comparing }), { needs: { identityCheck: true } })).toBe('offered');
  const mute = candidate('alipay', { manifest: withoutCustoms });
  expect(verdict(mute, { needs: { customs: true } })).toBe('routing.customs_not_declared');
  expect(verdict(mute, { needs: { identityCheck: true } })).toBe('routing.identity_not_checked');

  const declares = (settings: Readonly<Record<string, string>>): string =>
    verdict(candidate('wechat', { settings }), { needs: { customs: true } }, 'native');
  expect(declares({})).toBe('offered');
  expect(declares({ api_v2: 'off' })).toBe('routing.customs_not_opened');
  expect(declares({ api_v2: 'off', customs_api: 'v2' })).toBe('routing.customs_not_opened');
  expect(declares({ api_v2: 'off', customs_api: 'v3' })).toBe('offered');
  for (const api of ['v2', 'v3'])
    expect(declares({ customs_api: api, sub_mchid: '1900000109' })).toBe('routing.customs_not_opened');
  expect(verdict(candidate('wechat', { settings: { api_v2: 'off' } }), {}, 'native')).toBe('offered');

  const split = { needs: { split: true } };
  const { share: _shares, ...withoutShares } = manifestOf('alipay') as Manifest;
  expect(verdict(candidate('alipay', { manifest: withoutShares }), split)).toBe('routing.split_not_offered');
  expect(verdict(candidate('alipay'), split)).toBe('routing.split_not_agreed');
  const agreed = [{ kind: 'split', value: { receivers_max: 5 } }];
  expect(verdict(candidate('alipay', { terms: agreed }), split)).toBe('offered');

  const noCredit = { needs: { noCreditCard: true } };
  expect(verdict(candidate('alipay'), noCredit)).toBe('routing.credit_cards_possible');
  const off = [{ kind: 'credit_card', value: { allowed: 'no' } }];
  expect(verdict(candidate('alipay', { terms: off }), noCredit)).toBe('offered');
  const limited = (limit: string) => candidate('wechat', { settings: { limit_pay: limit } });
  expect(verdict(limited('no_credit'), noCredit, 'native')).toBe('offered');
  expect(verdict(limited('no_debit'), noCredit, 'native')).toBe('routing.credit_cards_possible');
});

test('filter 7: a plan of instalments is offered where the contract has it, from its least amount on', () => {
  const manifest = withProduct('alipay', 'page', { carries: ['instalments'] });
  const terms = [{ kind: 'instalments', value: { counts: '3,6,12', min_minor: 10_000 } }];
  const asked = (instalments: number, minor = 42_000n, one = candidate('alipay', { manifest, terms })): string =>
    verdict(one, { needs: { instalments }, amount: money(minor) });
  expect(asked(12)).toBe('offered');
  expect(asked(12, 10_000n)).toBe('offered');
  expect(asked(12, 9_999n)).toBe('routing.instalments_not_agreed');
  expect(asked(2)).toBe('routing.instalments_not_agreed');
  expect(asked(24)).toBe('routing.instalments_not_agreed');
  expect(asked(3, 42_000n, candidate('alipay', { manifest }))).toBe('routing.instalments_not_agreed');
  expect(asked(3, 42_000n, candidate('alipay', { terms }))).toBe('routing.instalments_not_offered');
});

test('filter 7: returns promised for 200 days hide what refunds for 90, and leave what refunds for a year', () => {
  const promised = { returnUntil: plus(noon, days(200)) };
  const said = verdicts([candidate('alipay'), candidate('wechat')], promised);
  expect(said).toMatchObject({ 'alipay/page': 'routing.returns_not_covered', 'wechat/native': 'offered' });
  const longer = (window: number) =>
    candidate('alipay', { terms: [{ kind: 'refund_window', value: { days: window } }] });
  expect(verdict(longer(199), promised)).toBe('routing.returns_not_covered');
  expect(verdict(longer(200), promised)).toBe('offered');
});

const orderOf = (candidates: readonly Candidate[], changes: Partial<OfferWish> = {}): string[] =>
  choose(candidates, wish(changes), manifestOf).offered.map(({ accountId, product }) => `${accountId}/${product}`);

test("filter 8: the merchant's order goes before shares, and shares before cost", () => {
  const fee = (rate: string) => [{ kind: 'fee', value: { rate } }];
  const cheap = { terms: fee('0.002') };
  expect(orderOf([candidate('alipay'), candidate('wechat')])).toEqual(['alipay/page', 'wechat/native']);
  expect(orderOf([candidate('alipay'), candidate('wechat', cheap)])).toEqual(['wechat/native', 'alipay/page']);
  const weighted = candidate('alipay', { rules: [rule({ weight: 1 })] });
  expect(orderOf([candidate('wechat', cheap), weighted])).toEqual(['alipay/page', 'wechat/native']);
  const last = candidate('alipay', { rules: [rule({ weight: 1, priority: 101 })] });
  expect(orderOf([last, candidate('wechat')])).toEqual(['wechat/native', 'alipay/page']);
});

test('filter 8: a rule of the product goes before one of all products, and what was said last before what was said first', () => {
  const off = (changes: Partial<Rule> = {}): Rule => rule({ weight: 0, ...changes });
  const said = (...rules: Rule[]): string => verdict(candidate('alipay', { rules }));
  expect(said(off())).toBe('routing.switched_off');
  expect(said(off({ validTo: noon }))).toBe('offered');
  expect(said(off({ validFrom: plus(noon, 1) }))).toBe('offered');
  expect(said(off(), rule({ product: 'page', weight: 5 }))).toBe('offered');
  expect(said(off({ product: 'wap' }))).toBe('offered');
  expect(said(off(), rule({ madeAt: plus(noon, 1) }))).toBe('offered');
  expect(said(rule({ madeAt: plus(noon, 1) }), off())).toBe('offered');
  expect(said(rule(), off({ madeAt: plus(noon, 1) }))).toBe('routing.switched_off');
  expect(said(off({ id: 'r2' }), rule({ id: 'r1' }))).toBe('routing.switched_off');
  expect(said(rule({ id: 'r2' }), off({ id: 'r1' }))).toBe('offered');
});

test('of two accounts of a channel one is offered by its share, the same one for an order each time', () => {
  const shares = { A1: 30, A2: 70 };
  const candidates = Object.entries(shares).map(([id, weight]) =>
    candidate('wechat', { id, rules: [rule({ accountId: id, weight })] }),
  );
  const chosen = Array.from({ length: 2000 }, (_, at) => orderOf(candidates, { orderNo: `2026030112000${at}` }));
  for (const offered of chosen) expect(offered).toHaveLength(1);
  const ofFirst = chosen.filter(([first]) => first === 'A1/native').length;
  // 600 are expected; five standard deviations are 102.
  expect(ofFirst).toBeGreaterThan(498);
  expect(ofFirst).toBeLessThan(702);
  expect(orderOf([...candidates].reverse(), { orderNo: 'x' })).toEqual(orderOf(candidates, { orderNo: 'x' }));
  const after = verdicts(candidates, { orderNo: 'x' });
  expect(Object.values(after).filter((said) => said === 'routing.another_goes_before')).toHaveLength(1);
});

test('where an account falls away, the other one of its channel takes its place', () => {
  const closed = candidate('wechat', {
    id: 'A1',
    lanes: [{ id: 'A1/pay.submit', operation: 'pay.submit', pausedWhy: 'x' }],
  });
  expect(orderOf([closed, candidate('wechat', { id: 'A2' })])).toEqual(['A2/native']);
});

test('an offer says what it is, what it needs, what it will cost and what was announced', () => {
  const [offer] = choose(
    [
      candidate('wechat', {
        terms: [{ kind: 'fee', value: { rate: '0.0038' } }],
        rules: [rule({ accountId: 'wechat', priority: 7, weight: 9 })],
        notices: [notice({ channel: 'wechat', effect: 'warning', text: 'refunds are slow' })],
      }),
    ],
    wish({ side: { terminal: 'phone' } }),
    manifestOf,
  ).offered;
  expect(offer).toEqual({
    ...{ accountId: 'wechat', channel: 'wechat', product: 'h5', handsOut: 'page', needs: ['payer_address'] },
    ...{ nameZh: '微信支付', nameEn: 'WeChat Pay', productZh: 'H5 支付', productEn: 'Phone page' },
    because: {
      ...{ priority: 7, weight: 9, fee: money(160n), isFeeConfirmed: true },
      warnings: ['refunds are slow'],
    },
  });
});

test('every reason is a sentence in both languages, whatever an order asks', () => {
  const everything = { customs: true, instalments: 3, noCreditCard: true, split: true };
  const seen = new Set<string>();
  for (const terminal of ['pc', 'phone', 'app', 'counter'] as const)
    for (const wallet of [undefined, 'alipay', 'wechat'])
      for (const needs of [{}, everything, { identityCheck: true }])
        for (const payerKnows of [{ payerId: true }, { payerCode: true, codeStart: '99' }]) {
          const side = { terminal, ...(wallet === undefined ? {} : { wallet, isMiniProgram: needs === everything }) };
          const scene = terminal === 'counter' ? 'counter' : 'online';
          const all = channels.all().map(({ manifest }) => candidate(manifest.id));
          for (const { refusal } of choose(all, wish({ side, scene, needs, payerKnows }), manifestOf).notOffered) {
            seen.add(refusal.code);
            for (const lang of ['zh', 'en'] as const) expect(describe(refusal, lang)).not.toMatch(/undefined|[{}]/);
            expect(entryOf(refusal.code).money).toBe('not_moved');
          }
        }
  for (const code of [
    'not_in_mini_program',
    'code_of_another_wallet',
    'instalments_not_offered',
    'another_goes_before',
  ])
    expect([...seen]).toContain(`routing.${code}`);
});
