import { expect, test } from 'vitest';
import { candidate, verdicts } from '../../test/kit/ways.ts';
import type { OfferWish } from './candidate.ts';

/** Where a payer may stand, by the columns of the table. */
const places: Readonly<Record<string, Partial<OfferWish>>> = {
  pc: { side: { terminal: 'pc' } },
  phone: { side: { terminal: 'phone' } },
  'in wechat': { side: { terminal: 'phone', wallet: 'wechat' } },
  'wechat mini': { side: { terminal: 'phone', wallet: 'wechat', isMiniProgram: true } },
  'in alipay': { side: { terminal: 'phone', wallet: 'alipay' } },
  'alipay mini': { side: { terminal: 'phone', wallet: 'alipay', isMiniProgram: true } },
  "shop's app": { side: { terminal: 'app' } },
  counter: { side: { terminal: 'counter' }, scene: 'counter', payerKnows: {} },
  'code 28': { side: { terminal: 'counter' }, scene: 'counter', payerKnows: { payerCode: true, codeStart: '28' } },
  'code 13': { side: { terminal: 'counter' }, scene: 'counter', payerKnows: { payerCode: true, codeStart: '13' } },
  'wechat, no id': { side: { terminal: 'phone', wallet: 'wechat' }, payerKnows: {} },
  'phone, no address': { side: { terminal: 'phone' }, payerKnows: {} },
};

const legend = [
  'What a payer is offered by two accounts that have opened everything, before contracts, lanes and rules have their say.',
  'yes: offered; after: only if the way before it of the same channel falls away; otherwise the filter that hides it:',
  'terminal, wallet (only its own products inside), mini (only what is made for mini programs), scene, payer (something is not known of him),',
  'code (his code was scanned: nothing else is of use), other code (it belongs to another wallet).',
];
const words: Readonly<Record<string, string>> = {
  offered: 'yes',
  'routing.another_goes_before': 'after',
  'routing.not_on_this_terminal': 'terminal',
  'routing.not_in_this_wallet': 'wallet',
  'routing.not_in_mini_program': 'mini',
  'payment.scene_differs': 'scene',
  'routing.payer_unknown': 'payer',
  'routing.code_at_hand': 'code',
  'routing.code_of_another_wallet': 'other code',
};

function table(): string {
  const candidates = [candidate('alipay'), candidate('wechat')];
  const columns = Object.values(places).map((changes) => verdicts(candidates, changes));
  const ways = candidates.flatMap(({ account, manifest }) =>
    Object.keys(manifest.pay?.products ?? {}).map((product) => `${account.id}/${product}`),
  );
  const rows = [
    ['', ...Object.keys(places)],
    ...ways.map((way) => [way, ...columns.map((verdict) => words[verdict[way] ?? ''] ?? `? ${verdict[way]}`)]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...legend, '', ...lines, ''].join('\n');
}

/** The table of where × product is the test: a change of it is a change that somebody must have read. */
test('what is offered where is what the decision table says', async () => {
  await expect(table()).toMatchFileSnapshot('decision-table.txt');
});

test('every way has a verdict everywhere, and of one channel at most one is offered', () => {
  for (const changes of Object.values(places)) {
    const said = Object.entries(verdicts([candidate('alipay'), candidate('wechat')], changes));
    for (const channel of ['alipay', 'wechat'])
      expect(said.filter(([way, verdict]) => way.startsWith(channel) && verdict === 'offered').length).toBeLessThan(2);
    for (const [way, verdict] of said) expect(words, `${way} ${verdict}`).toHaveProperty([verdict]);
  }
});
