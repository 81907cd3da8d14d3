// Goal: "nothing was charged" is said only in states that nobody reaches before it is known.
import { expect, test } from 'vitest';
import { calm, choose, over, scan } from './cashier.texts.ts';

const notCharged = /没有[^。]*扣款|not charged|nothing was charged/i;

test.each([
  ['another price: the way before may be open still', over.replacedHint],
  ['a code whose life is over before its deadline', scan.over],
  ['a link that is none', calm.absentHint],
  ['no way here, beside one that is being closed', choose.noneHint],
  ['a way that went, beside one that is being closed', choose.gone],
  ['the page broke', calm.brokenHint],
])('where nobody knows it is not said that nothing was charged (%s)', (_where, { zh, en }) => {
  expect(zh).not.toMatch(notCharged);
  expect(en).not.toMatch(notCharged);
});

test('where it is proved it is said', () => {
  for (const { zh, en } of [over.expiredHint, over.cancelledHint, choose.closed({ zh: '支付宝', en: 'Alipay' })])
    expect([zh, en].every((words) => notCharged.test(words))).toBe(true);
});
