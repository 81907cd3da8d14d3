// Goal: channel and port get evidence that they can check order by order, and what they answer comes back as facts.
// Method: the two real lists against the simulators; packs made, opened with our own reader, filled in and taken back.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decideApproval } from '../../src/approvals/index.ts';
import {
  findStories,
  importPortList,
  importReceipts,
  judgeReport,
  openExchange,
  runPlan,
} from '../../src/customs/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { minutes, plus } from '../../src/kernel/index.ts';
import { makePacks, markSent, openPackFile, showPack, takeReplies } from '../../src/packs/index.ts';
import type { MadePacks, PackWish, TakenReplies } from '../../src/packs/index.ts';
import { readTable } from '../../src/platform/tables/index.ts';
import { XlsxWriter } from '../../src/platform/tables/xlsx-writer.ts';
import { merchant, useWorld, wang, zhao } from '../kit/world.ts';
import { adopt, approvedPlan, fault, good, list, orderOf, runToEnd, seed, triage } from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
const fixtures = join(import.meta.dirname, '../fixtures/2015-10-28');

function ordersIn(file: string): Order[] {
  const rows = readFileSync(join(fixtures, file), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').flatMap((cell) => (cell.trim() === '' ? [] : [cell.trim()])));
  return rows
    .filter(([orderNo]) => /^\d+$/.test(orderNo ?? ''))
    .map(([orderNo = '', waybillNo = '', tradeNo], index) =>
      orderOf(index + 1, {
        orderNo,
        waybillNo,
        ...(tradeNo?.length === 28 ? { tradeNo } : {}),
        requestNo: `LSPACK${file.replace(/\D/g, '')}${100 + index}`,
      }),
    );
}

async function listed(file: string): Promise<string> {
  const bytes = readFileSync(join(fixtures, file));
  const given = { merchantId: merchant, fileName: file, bytes, meaning: 'missing' as const };
  return good(await importPortList(own.world.app.customs, wang, given)).report.id;
}

const make = async (source: string, wish: PackWish = {}): Promise<MadePacks> =>
  good(await makePacks(own.world.app.customs, wang, source, wish));

async function fileOf(packId: string, name: string): Promise<Buffer> {
  const opened = good(await openPackFile(own.world.app.customs, wang, packId, name));
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.pieces) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  expect(bytes.length).toBe(opened.bytes);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(opened.sha256);
  return bytes;
}

async function rowsOf(packId: string, name: string): Promise<Record<string, string>[]> {
  const table = good(await readTable(await fileOf(packId, name), name));
  expect(table.problems).toEqual([]);
  const names = table.headings.map((heading) => heading.split(' ').at(-1) ?? '');
  return table.rows.map(({ cells }) => Object.fromEntries(names.map((one, at) => [one, cells[at]?.text ?? ''])));
}

const story: { report: string; orders: Order[] } = { report: '', orders: [] };

test('the packs of the first list name every stuck order to channel and port, with its numbers as they are', async () => {
  const orders = ordersIn('port-list-1.txt');
  expect(orders).toHaveLength(25);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const report = await listed('port-list-1.txt');
  await triage(own.world, report);
  Object.assign(story, { report, orders });

  const made = await make(report);
  // Only one channel is there: nobody can tell a loss before the port from a backlog of the port, so both are asked.
  expect(made.packs).toMatchObject([
    { id: 'E-1', receiver: { kind: 'channel', id: 'alipay' }, members: 19, complete: true, missing: [], again: false },
    { id: 'E-2', receiver: { kind: 'port', id: 'ZONGSHU' }, members: 19, complete: true, missing: [], again: false },
  ]);
  expect(made).toMatchObject({ settled: 6, ours: { members: 0 } });

  const stuck = good(await judgeReport(own.world.app.customs, report)).filter(
    ({ verdict }) => verdict.row.row === '14',
  );
  for (const name of ['orders.csv', 'orders.xlsx']) {
    const rows = await rowsOf('E-1', name);
    expect(rows.map((row) => row['order_no'])).toEqual(stuck.map(({ orderNo }) => orderNo));
    for (const row of rows) {
      const order = orders.find(({ orderNo }) => orderNo === row['order_no']);
      expect(row).toMatchObject({
        ...{ trade_no: order?.tradeNo, request_no: order?.requestNo, waybill_no: order?.waybillNo },
        ...{ amount: '420.00', triage_row: '14', customs_fact: 'reported missing (by port)', reply_result: '' },
      });
      expect(row['last_query_sha256']).toMatch(/^[0-9a-f]{64}$/);
      expect(row['last_query_result']).toContain('status=');
      expect(row['accepted_at']).toMatch(/^2015-10-27 20:/);
    }
  }
  const cover = (await fileOf('E-1', 'cover.html')).toString();
  expect(cover).toContain('¥7,980.00');
  expect(cover).not.toMatch(/<script|https?:|src=/);
});

test('the manifest holds the digest of every file, and the digests of raw answers are those of the kept bytes', async () => {
  const manifest = JSON.parse((await fileOf('E-2', 'manifest.json')).toString());
  expect(manifest).toMatchObject({ pack: 'E-2', members: 19, complete: true, masking: 'family name and last 4' });
  expect(manifest.files.map(({ name }: { name: string }) => name)).toEqual([
    ...['cover.html', 'orders.csv', 'orders.xlsx', 'raw/index.csv'],
  ]);
  for (const { name, sha256 } of manifest.files)
    expect(
      createHash('sha256')
        .update(await fileOf('E-2', name))
        .digest('hex'),
    ).toBe(sha256);
  const [line] = await rowsOf('E-2', 'raw/index.csv');
  const kept = good(await openExchange(own.world.app.customs, wang, line?.['exchange_id'] ?? '', 'compared in a test'));
  const answer = kept.answer?.kind === 'kept' ? kept.answer.bytes : new Uint8Array();
  expect(createHash('sha256').update(answer).digest('hex')).toBe(line?.['answer_sha256']);
});

test('the same facts make the same packs, byte for byte; a later look makes others', async () => {
  const before = await fileOf('E-1', 'manifest.json');
  await own.world.stepper.runUntil(plus(own.world.clock.now(), minutes(1)));
  const again = await make(story.report);
  expect(again.packs).toMatchObject([
    { id: 'E-1', again: true },
    { id: 'E-2', again: true },
  ]);
  expect((await fileOf('E-1', 'manifest.json')).equals(before)).toBe(true);
  const raw = await make(story.report, { raw: true });
  expect(raw.packs).toMatchObject([
    { id: 'E-3', again: false },
    { id: 'E-4', again: false },
  ]);
  const messages = (await fileOf('E-3', 'raw/messages.jsonl')).toString().trim().split('\n');
  expect(messages).toHaveLength((await rowsOf('E-3', 'raw/index.csv')).length);
  expect(JSON.parse(messages[0] ?? '').answer.text).toContain('<alipay>');
});

/** The pack's own file as a receiver sends it back. */
async function filledIn(packId: string, answers: ReadonlyMap<string, string>, all = ''): Promise<Buffer> {
  const rows = await rowsOf(packId, 'orders.xlsx');
  const names = Object.keys(rows[0] ?? {});
  const sheet = new XlsxWriter(
    'orders',
    names.map((heading) => ({ heading, width: 10 })),
  );
  for (const row of rows) {
    const answer = answers.get(row['order_no'] ?? '') ?? all;
    sheet.row(names.map((name) => (name === 'reply_result' ? answer : (row[name] ?? ''))));
  }
  return Buffer.concat(sheet.end());
}

async function take(packId: string, bytes: Uint8Array, name = 'reply.xlsx'): Promise<TakenReplies> {
  return good(await takeReplies(own.world.app.customs, wang, packId, { name, bytes }));
}

async function standing(): Promise<unknown[]> {
  return own.world.app.db.query('select order_no, state, summary from customs_declarations order by order_no');
}

test("a channel's SUCCESS about itself is kept and proves nothing, however often it comes", async () => {
  const before = await standing();
  const file = await filledIn('E-1', new Map(), 'SUCCESS');
  expect(await take('E-1', file)).toMatchObject({
    rows: 19,
    told: 19,
    again: false,
    results: { repushed: 19 },
    problems: [],
  });
  expect(await standing()).toEqual(before);
  expect(await take('E-1', file)).toMatchObject({ told: 0, again: true });
  const other = Buffer.from(`order_no,结果\n${story.orders.map(({ orderNo }) => `${orderNo},success`).join('\n')}`);
  const second = await take('E-1', other, 'other.csv');
  // Six orders of the list were released and are not in the pack. The words differ, what they say does not.
  expect(second).toMatchObject({ rows: 25, again: false, results: { repushed: 19 } });
  expect(second.problems).toHaveLength(6);
  expect(await standing()).toEqual(before);
  expect(good(await showPack(own.world.app.customs, wang, 'E-1')).replies).toEqual({ repushed: 19 });
  const [fact] = await own.world.app.db.query<{ n: bigint }>(
    "select count(*) as n from customs_facts where kind = 'pack_reply'",
  );
  expect(fact?.n).toBe(38n);
});

test('a row that its declaration does not take is named, not noted as answered, and taken when the file comes again', async () => {
  const { db } = own.world.app;
  const stuck = (await rowsOf('E-1', 'orders.csv')).slice(0, 2).map((row) => row['order_no'] ?? '');
  const file = Buffer.from(`order_no,结果\n${stuck.map((orderNo) => `${orderNo},已重推`).join('\n')}`);
  const moveTo = (channel: string) =>
    db.query('update customs_declarations set channel = $2 where order_no = $1', [stuck[1], channel]);
  const noted = async () =>
    (
      await db.query<{ reply_text: string }>(
        `select m.reply_text from evidence_pack_members m
           join customs_declarations d on d.bucket = m.bucket and d.id = m.declaration_id
         where m.pack_id = 'E-1' and d.order_no = any($1) order by array_position($1, d.order_no)`,
        [stuck],
      )
    ).map((row) => row.reply_text);
  await moveTo('gone');
  const spoilt = await take('E-1', file, 'spoilt.csv');
  await moveTo('alipay');
  expect(spoilt).toMatchObject({
    rows: 2,
    told: 1,
    again: false,
    problems: [{ line: 3, field: 'row', found: stuck[1] }],
  });
  expect(await noted()).toEqual(['已重推', 'success']);
  expect(await take('E-1', file, 'spoilt.csv')).toMatchObject({ told: 1, again: false, problems: [] });
  expect(await noted()).toEqual(['已重推', '已重推']);
  expect(await take('E-1', file, 'spoilt.csv')).toMatchObject({ told: 0, again: true });
});

test("a port's own list with other headings becomes facts; what fits nothing is named, what is unknown is kept", async () => {
  const stuck = (await rowsOf('E-2', 'orders.csv')).map((row) => row['order_no'] ?? '');
  const [has = '', lacks = '', left = '', odd = '', late = ''] = stuck;
  const lines = [
    '电商订单编号,是否收到支付单,结果,备注',
    `${has},是,,`,
    `${lacks},否,,请渠道补推`,
    `${left},,已放行,`,
    `${odd},,没有已收到的记录,见附件`,
    `${late},,,`,
    '2015102799999999999999999,是,,',
    '2.01510271546321E+24,是,,',
  ];
  const taken = await take('E-2', Buffer.from(lines.join('\n')), 'port.csv');
  expect(taken).toMatchObject({
    ...{ rows: 5, empty: 1, told: 4, results: { has: 1, missing: 1, released: 1, unknown: 1 } },
    unknownWords: ['没有已收到的记录'],
  });
  expect(taken.problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
    '7 import.field_format',
    '8 import.number_destroyed',
  ]);
  const states = await own.world.app.db.query<{ order_no: string; state: string }>(
    'select order_no, state from customs_declarations where order_no = any($1::text[])',
    [[has, lacks, left, odd]],
  );
  expect(Object.fromEntries(states.map((row) => [row.order_no, row.state]))).toEqual({
    ...{ [has]: 'at_eport', [lacks]: 'missing_reported', [left]: 'released', [odd]: 'missing_reported' },
  });
  good(await markSent(own.world.app.customs, wang, 'E-2', 'mail of 16:20'));
  const found = good(await findStories(own.world.app.customs, wang, [odd])).asked[0]?.stories[0];
  const told = found?.kind === 'declaration' ? found.timeline.map(({ what }) => what.en) : [];
  expect(told).toContain('put into the evidence pack for ZONGSHU, number 4 of 19');
  expect(told).toContain('handed to ZONGSHU: "mail of 16:20"');
  expect(told).toContain('answer to evidence pack E-2: "没有已收到的记录 · 见附件"; it does not prove delivery');
});

const hostile = '=HYPERLINK("http://x")订购人姓名：欧阳修远 身份证号999999190001010016 支付信息不存在';

test('people are masked in every file, and shown to a port only when a second person agrees', async () => {
  // Stuck, and nobody has answered about it.
  const orderNo = (await rowsOf('E-2', 'orders.csv')).at(-1)?.['order_no'];
  const sample = readFileSync(join(fixtures, '../ceb/sample-ceb622.xml'), 'utf8');
  const receipt = sample
    .replace(/<returnInfo>[^<]*/, `<returnInfo>${hostile} 订单号为[${orderNo}]`)
    .replace(/<returnTime>[^<]*/, '<returnTime>20151028162500000');
  good(await importReceipts(own.world.app.customs, wang, merchant, 'r.xml', Buffer.from(receipt)));
  await triage(own.world, story.report);
  const masked = await make(story.report);
  const ids = masked.packs.map(({ id }) => id);
  for (const id of ids) {
    const row = (await rowsOf(id, 'orders.csv')).find((one) => one['order_no'] === orderNo);
    expect(row?.['customs_text']).toContain('欧阳** 身份证号****0016');
    for (const name of ['orders.csv', 'cover.html', 'raw/index.csv', 'manifest.json'])
      expect((await fileOf(id, name)).toString()).not.toMatch(/修远|999999190001/);
  }
  const refused = await makePacks(own.world.app.customs, wang, story.report, { unmaskedForPort: true });
  if (refused.ok) throw new Error('made without a second person');
  expect(refused.refusal.code).toBe('pack.unmasked_not_approved');
  const approvalId = String(refused.refusal.params['approval']);
  const wish = { unmaskedForPort: true, approvalId };
  expect(await makePacks(own.world.app.customs, wang, story.report, wish)).toMatchObject({
    refusal: { code: 'approval.not_approved' },
  });
  const stamp = { at: own.world.clock.now(), ids: own.world.app.customs.ids };
  const decide = { id: approvalId, verdict: 'approve', checker: zhao, reason: '', onePersonAllowed: false } as const;
  good(await own.world.app.db.transaction((tx) => decideApproval(tx, decide, stamp)));
  const shown = await make(story.report, wish);
  const [channel, port] = shown.packs;
  const textOf = async (id = ''): Promise<string | undefined> =>
    (await rowsOf(id, 'orders.csv')).find((one) => one['order_no'] === orderNo)?.['customs_text'];
  expect(await textOf(channel?.id)).not.toContain('修远');
  expect(await textOf(port?.id)).toContain('欧阳修远 身份证号999999190001010016');
  expect((await fileOf(port?.id ?? '', 'cover.html')).toString()).toContain(approvalId);
});

test('what is ours to do is handed to nobody and told with what to do; another merchant sees nothing', async () => {
  const lost = { ...orderOf(700_001), requestNo: '' };
  await seed(own.world, [orderOf(700_001)]);
  await adopt(own.world, [lost]);
  const { id } = await list(own.world, [lost]);
  await triage(own.world, id);
  expect(await makePacks(own.world.app.customs, wang, id, {})).toMatchObject({
    refusal: { code: 'pack.nothing_to_say', params: { ours: 1, settled: 0 } },
  });
  const both = await list(own.world, [lost, ...story.orders.slice(0, 2)]);
  await triage(own.world, both.id);
  const made = await make(both.id);
  expect(made.ours).toMatchObject({ members: 1, rows: { 0: 1 } });
  expect(made.ours.csv).toContain(`${lost.orderNo},,,ZONGSHU,0,`);
  const stranger: Actor = { ...wang, userId: 'li', merchants: ['other'] };
  for (const result of [
    await makePacks(own.world.app.customs, stranger, story.report, {}),
    await showPack(own.world.app.customs, stranger, 'E-1'),
    await openPackFile(own.world.app.customs, stranger, 'E-1', 'orders.csv'),
    await takeReplies(own.world.app.customs, stranger, 'E-1', { name: 'x.csv', bytes: Buffer.from('order_no\n1') }),
  ])
    expect(result).toMatchObject({ ok: false, refusal: { code: 'auth.merchant_missing' } });
});

test('a plan without effect is told on the cover, and its plan is a source as well', async () => {
  const orders = ordersIn('port-list-2.txt').map((order, index) => ({ ...order, requestNo: `LSPLAN${100 + index}` }));
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const report = await listed('port-list-2.txt');
  await triage(own.world, report);
  await fault(own.world, 'no_effect_repush', orders, { is_repush: true });
  const plan = await approvedPlan(own.world, report);
  good(await runPlan(own.world.app.customs, wang, plan));
  // What is due or held back is nobody's to push again: the plan is at it.
  expect(await makePacks(own.world.app.customs, wang, plan, {})).toMatchObject({
    refusal: { code: 'pack.nothing_to_say', params: { ours: orders.length, settled: 0 } },
  });
  await runToEnd(own.world, plan);
  const made = await make(plan);
  const [channel] = made.packs;
  expect(channel).toMatchObject({ receiver: { kind: 'channel' }, complete: true });
  expect((await fileOf(channel?.id ?? '', 'cover.html')).toString()).toContain(`<td>${plan}</td>`);
  for (const row of await rowsOf(channel?.id ?? '', 'orders.csv')) expect(row['push_evidence']).toBe(`E0 (${plan})`);
});

test('an incident is a source: its members are those that it has when the packs are made', async () => {
  // Detection has made its own of the port's lists: here one with a known onset stands in its place.
  await own.world.app.db.query('delete from incidents');
  await own.world.app.db.query(
    `insert into incidents (id, merchant_id, account_id, channel, place, state, signals, onset_at, onset_within_minutes, seen_at,
       last_affected_at, usual, asked, silent, findings)
     values ('I-1', $1, $2, 'alipay', 'ZONGSHU', 'open', '[]', '2015-10-27T11:00:00Z', 1, '2015-10-28T08:00:00Z',
       '2015-10-28T08:00:00Z', 0.01, 50, 40, '{}')`,
    [merchant, own.world.accountId],
  );
  const { packs, ours, settled } = await make('I-1');
  const listedByNow = await own.world.app.db.query<{ order_no: string }>(
    "select order_no from customs_declarations where not answered and accepted_at >= '2015-10-27T11:00:00Z'",
  );
  const port = packs.find(({ receiver }) => receiver.kind === 'port');
  expect(port?.members).toBe(listedByNow.length - ours.members - settled);
  const named = (await rowsOf(port?.id ?? '', 'orders.csv')).map((row) => row['order_no']);
  const known = new Set(listedByNow.map((row) => row.order_no));
  expect(named.filter((orderNo) => !known.has(orderNo ?? ''))).toEqual([]);
});
