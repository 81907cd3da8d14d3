import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptySummary, foldFact, foldFacts } from '../customs/declaration.ts';
import type { Fact } from '../customs/facts.ts';
import type { Instant } from '../kernel/index.ts';
import { readTable } from '../platform/tables/index.ts';
import { freeWords, resultWords } from './reply-words.data.ts';
import { readReplies } from './replies.ts';
import type { ReplyFile } from './replies.ts';

const order = '2015102720071011005551292';

async function read(text: string, receiver: 'channel' | 'port'): Promise<ReplyFile> {
  const table = await readTable(Buffer.from(text), 'reply.csv');
  if (!table.ok) throw new Error(table.refusal.code);
  const file = readReplies(table.value, receiver);
  if (!file.ok) throw new Error(file.refusal.code);
  return file.value;
}

// heading, cell, what a port means by it, and what a channel means by it.
const words = `
  reply_result      已收到             has           unknown
  回复结果          未收到             missing       unknown
  结果              没有收到           missing       unknown
  结果              没有已收到的记录   unknown       unknown
  结果              收到投诉           unknown       unknown
  结果              是                 unknown       unknown
  结果              1                  unknown       unknown
  结果              SUCCESS            unknown       repushed
  结果              已重推             unknown       repushed
  结果              失败               unknown       cannot
  结果              查无此单           missing       cannot
  结果              查验               not_released  unknown
  是否收到支付单    是                 has           unknown
  是否收到支付单    否                 missing       unknown
  是否收到支付单    不清楚             unknown       unknown
  出关状态          1                  released      unknown
  出关状态          0                  not_released  unknown
  出关状态          已收到             unknown       unknown
  Answer            Not received       missing       unknown
  Answer            received           has           unknown
`;
const rows = words
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s{2,}/) as [string, string, string, string]);

test.each(rows)('under %s, "%s" of a port means %s, of a channel %s', async (heading, cell, port, channel) => {
  const text = `订单号,${heading}\n${order},${cell}\n`;
  for (const [receiver, result] of [
    ['port', port],
    ['channel', channel],
  ] as const) {
    const { rows: found, problems } = await read(text, receiver);
    expect(problems).toEqual([]);
    expect(found).toMatchObject([{ orderNo: order, result, words: cell }]);
  }
});

test('no word of a receiver means two things', () => {
  for (const lists of Object.values(freeWords)) {
    const all = Object.values(lists).flatMap((list) => list.split(' '));
    expect(all.length).toBe(new Set(all).size);
  }
});

test('a file without a column of answers, or of numbers, is refused as a whole', async () => {
  for (const text of [`订单号,城市\n${order},杭州\n`, '城市,结果\n杭州,已收到\n']) {
    const table = await readTable(Buffer.from(text), 'reply.csv');
    if (!table.ok) throw new Error(table.refusal.code);
    expect(readReplies(table.value, 'port')).toMatchObject({ refusal: { code: 'pack.reply_columns' } });
  }
});

test('evidence never rises from what a receiver says about itself: the summary stays as it was', () => {
  const at = (ms: number): Instant => ms as Instant;
  const fact = (body: Fact['body'], ms: number): Fact => ({
    ...{ id: `f${ms}`, source: 'channel', trust: 'stated', happenedAt: at(ms), heardAt: at(ms), body },
  });
  const earlier = fc.constantFrom<Fact['body']>(
    { kind: 'adopted' },
    { kind: 'push_started', try: 1, planId: 'P-1' },
    { kind: 'push_in_doubt', try: 1, why: 'silent' },
    { kind: 'port_missing', reportId: 'R-1', line: 1 },
    { kind: 'channel_not_found' },
    { kind: 'payment_receipt', status: '100', text: '', payCode: '' },
  );
  fc.assert(
    fc.property(
      fc.array(earlier),
      fc.constantFrom(...Object.keys(resultWords)),
      fc.string(),
      (bodies, result, text) => {
        const before = foldFacts(
          bodies.map((body, index) => fact(body, index * 1000)),
          emptySummary,
        );
        const reply = fact({ kind: 'pack_reply', reportId: 'E-1', line: 2, result, text }, bodies.length * 1000);
        expect(foldFact(before, reply)).toEqual(before);
      },
    ),
  );
});
