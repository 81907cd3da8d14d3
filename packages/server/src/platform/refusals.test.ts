import { STATUS_CODES } from 'node:http';
import { describe as group, expect, test } from 'vitest';
import { Bug } from '../kernel/index.ts';
import { describe, entryOf, explain, placeholdersOf, problemOf, refusalCodes, refuseAs } from './refusals.ts';

const outside = (text: string): string => text.replace(/\[[^\]]*\]/g, '');
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
const formats = (text: string): string[] => sorted(text.match(/\{\w+\|\w+\}/g) ?? []);
const sentencesOf = (code: string): { zh: string; en: string } => {
  const { zh, en, wayOutZh, wayOutEn } = entryOf(code);
  return { zh: zh + wayOutZh, en: `${en} ${wayOutEn}` };
};

group.each(refusalCodes)('%s', (code) => {
  const entry = entryOf(code);
  const { zh, en } = sentencesOf(code);

  test('says in both languages what happened and what the way out is', () => {
    expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
    for (const text of [entry.zh, entry.wayOutZh]) expect(text).toMatch(/[\u4e00-\u9fff]/);
    expect(`${entry.en}${entry.wayOutEn}${entry.title}`).not.toMatch(/[\u4e00-\u9fff，。；：（）“”]/);
    expect(entry.en).toMatch(/[.]$/);
    expect(entry.zh).toMatch(/。$/);
    for (const text of [entry.title, entry.wayOutZh, entry.wayOutEn]) expect(text.length).toBeGreaterThan(4);
  });

  test('needs the same parameters in both languages', () => {
    expect(sorted(placeholdersOf(outside(zh)))).toEqual(sorted(placeholdersOf(outside(en))));
    expect(sorted(placeholdersOf(zh))).toEqual(sorted(placeholdersOf(en)));
    expect(formats(zh)).toEqual(formats(en));
    for (const format of formats(en)) expect(format).toMatch(/\|(count|time)\}$/);
  });

  test('uses no word that has no place on a screen', () => {
    expect(zh + en).not.toMatch(/未知错误|系统繁忙|稍后再试|抱歉|对不起|支付失败|确定/);
    expect(en).not.toMatch(/\b(sorry|apolog\w*|please|oops|unknown error|try again later|stack|SQL|N\/A|OK)\b/i);
    expect(zh + en + entry.title).not.toMatch(/[!！…]|undefined|NaN|\[object|\p{Extended_Pictographic}/u);
  });

  test('keeps the space between Chinese and other letters, and full-width punctuation', () => {
    const text = zh.replace(/[[\]]/g, '');
    expect(text).not.toMatch(/[\u4e00-\u9fff][A-Za-z0-9{]|[A-Za-z0-9}][\u4e00-\u9fff]/);
    expect(text).not.toMatch(/[\u4e00-\u9fff][,;:.?]/);
  });

  test('has a status of HTTP that means an error', () => {
    expect(STATUS_CODES[entry.http]).toBeDefined();
    expect(entry.http).toBeGreaterThanOrEqual(400);
  });
});

test('an unknown code is a bug, also the name of something that every object has', () => {
  expect(() => explain({ code: 'import.nowhere', params: {} })).toThrow(Bug);
  expect(() => explain({ code: 'toString', params: {} })).toThrow(Bug);
});

test('a parameter with words of its own in Chinese is said in them there, and nowhere else', () => {
  const refusal = {
    code: 'contract.unknown_kind',
    params: { kind: 'x', known: 'fee, limits', knownZh: 'fee（手续费率）' },
  };
  expect(describe(refusal, 'zh')).toContain('可用的条款：fee（手续费率）。');
  expect(describe(refusal, 'en')).toContain('Kinds of terms: fee, limits.');
});

test('a missing parameter is a bug, a missing part in brackets is left out', () => {
  expect(() => explain({ code: 'import.charset', params: { line: 3 } })).toThrow('lacks its parameter charset');
  expect(describe({ code: 'import.empty', params: {} }, 'en')).toMatch(/^The file has no rows\./);
  expect(describe({ code: 'import.empty', params: { file: 'a.csv' } }, 'zh')).toMatch(/^文件 a\.csv 里没有数据行。/);
});

test('a refusal reads as a sentence of its language', () => {
  const keptUntil = Date.parse('2015-10-28T17:40:00+08:00');
  const refused = refuseAs('approval.maker_is_checker', { subject: 'P-3', keptUntil });
  if (refused.ok) return expect.unreachable();
  expect(describe(refused.refusal, 'zh')).toBe(
    '您是 P-3 的经办人，须由他人复核。没有执行，保留到 2015-10-28 17:40:00 (GMT+8)。请一位有复核权限的同事处理。',
  );
  expect(describe(refused.refusal, 'en')).toBe(
    'You proposed P-3, so somebody else must approve it. Nothing ran; it is kept until 2015-10-28 17:40:00 (GMT+8). Ask a colleague with the role of checker.',
  );
});

test('what somebody typed is not read as a placeholder', () => {
  const refused = refuseAs('usage.bad_input', { problem: '{problem} [x] $& {constructor}' });
  if (refused.ok) return expect.unreachable();
  expect(describe(refused.refusal, 'en')).toContain('as expected: {problem} [x] $& {constructor}. Nothing');
});

test('counts are grouped by three', () => {
  expect(describe({ code: 'import.too_large', params: { limit: 200000, unit: 'rows' } }, 'en')).toContain(
    '200,000 rows',
  );
});

test('on the wire a refusal is a problem of RFC 9457', () => {
  const refused = refuseAs('customs.already_declared', { orderNo: 'o1', place: 'ZONGSHU' }, '/order_no');
  if (refused.ok) return expect.unreachable();
  expect(problemOf(refused.refusal, '8f3a21')).toEqual({
    type: '/docs/errors/customs.already_declared',
    title: 'Already declared',
    status: 409,
    code: 'customs.already_declared',
    pointer: '/order_no',
    detail: 'Order o1 was already declared at ZONGSHU. Nothing was sent this time.',
    detail_zh: '订单 o1 已向海关 ZONGSHU 报过关。这次没有发送。',
    params: { order_no: 'o1', place: 'ZONGSHU' },
    money: 'not_moved',
    retry: 'never',
    way_out: { zh: expect.stringContaining('重推计划'), en: expect.stringContaining('re-push') },
    request_id: '8f3a21',
  });
});

test('the compiler knows which parameters a code needs', () => {
  // @ts-expect-error: line is missing
  refuseAs('import.charset', { charset: 'GBK' });
  // @ts-expect-error: no such code
  expect(() => entryOf(refuseAs('import.nowhere', {}).ok ? '' : 'import.nowhere')).toThrow(Bug);
  // @ts-expect-error: a moment is a number
  refuseAs('approval.lapsed', { subject: 'P-3', lapsedAt: 'noon' });
});
