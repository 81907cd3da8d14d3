import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAny, readPlain } from '../src/port/ceb.ts';
import { writePaymentMessage } from '../src/port/messages.ts';
import { list, minute, orderNo, payer, play, start, tradeNo } from './player.ts';

let sim: Awaited<ReturnType<typeof play>>;
beforeEach(async () => {
  sim = await play();
  await sim.open(3);
});
afterEach(async () => {
  await sim.close();
  sim.remove();
});

const payment = (n: number, changes: object = {}) =>
  writePaymentMessage({
    guid: `7D3C0B5E-1A44-4C0E-9C61-00000000000${n}`,
    appType: '1',
    payCode: '9999PY0001',
    payName: '流水沙箱支付有限公司',
    paymentNo: tradeNo(n),
    orderNo: orderNo(n),
    ebpCode: '9999LS0001',
    ebpName: '流水示例商城',
    payerId: payer.id_no,
    payerName: payer.name,
    amountFen: 19_900,
    paidAt: start,
    sentAt: start,
    place: 'ZONGSHU',
    ...changes,
  });
const prefixed = (xml: string) => xml.replace(/<(\/?)(?!\?)/g, '<$1ceb:').replace('xmlns=', 'xmlns:ceb=');
async function receipts(): Promise<string[][]> {
  const { messages } = JSON.parse((await sim.port('receipts')).text) as { messages: { xml: string }[] };
  return messages.flatMap(({ xml }) =>
    readAny(xml, /<(CEB\d+Message)/.exec(xml)![1]!, xml.includes('CEB412') ? 'PaymentReturn' : 'InventoryReturn').map(
      (head) => [
        xml.includes('CEB412') ? '412' : '622',
        head.get('returnStatus')!,
        head.get('returnTime')!,
        head.get('returnInfo')!,
      ],
    ),
  );
}
const listMessage = (n: number) =>
  `<?xml version="1.0" encoding="gb2312"?><c:CEB621Message xmlns:c="http://www.chinaport.gov.cn/ceb" guid="x" version="1.0"><c:Inventory><c:InventoryHead><c:orderNo>${orderNo(n)}</c:orderNo><c:ebpCode>9999LS0001</c:ebpCode><c:ebpName>流水示例商城</c:ebpName><c:logisticsNo>1132703583706</c:logisticsNo><c:copNo>INV0001</c:copNo><c:buyerIdNumber>${payer.id_no}</c:buyerIdNumber></c:InventoryHead></c:Inventory></c:CEB621Message>`;

describe('the port reads customs messages as they come', () => {
  test.each([
    ['default namespace', Buffer.from(payment(1))],
    ['prefix', Buffer.from(prefixed(payment(1)))],
    [
      'another prefix, comments, character data',
      Buffer.from(
        prefixed(payment(1))
          .replaceAll('ceb:', 'x:')
          .replace(':ceb=', ':x=')
          .replace(/(<x:note>)([^<]*)/, '<!-- n -->$1<![CDATA[$2]]>'),
      ),
    ],
    ['byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(payment(1))])],
    ['gb2312', iconv.encode(payment(1).replace('UTF-8', 'gb2312'), 'gb2312')],
  ])('%s', async (_, bytes) => {
    expect(await sim.port('ceb411', bytes)).toMatchObject({ code: 200 });
    await sim.control('lists', [list(1, start)]);
    await sim.after(minute);
    expect((await sim.port('port-list?format=json')).text).toContain('"exit_status":1');
  });

  test('the fast reader reads the same as the parser, or leaves it to the parser', () => {
    for (const xml of [payment(1), prefixed(payment(2)), payment(1).replace('><', '>\n  <')]) {
      const fast = readPlain(xml, 'CEB411Message', 'PaymentHead');
      expect(fast).toBeDefined();
      expect(fast).toEqual(readAny(xml, 'CEB411Message', 'PaymentHead'));
    }
    const hard = [
      payment(1).replace('流水', '&amp;'),
      payment(1).replace('<note>', '<note a="1">'),
      payment(1).replace('<note>', '<!-- --><note>'),
    ];
    for (const xml of hard) expect(readPlain(xml, 'CEB411Message', 'PaymentHead')).toBeUndefined();
    expect(readPlain(payment(1).replace('</note>', ''), 'CEB411Message', 'PaymentHead')).toBeUndefined();
  });

  test.each([
    ['another root', payment(1).replaceAll('CEB411', 'CEB412')],
    ['another namespace', payment(1).replace('chinaport.gov', 'chinaport.example')],
    ['a missing element', payment(1).replace(/<orderNo>.*<\/orderNo>/, '')],
    ['an entity bomb', payment(1).replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>')],
    ['half a message', payment(1).slice(0, 600)],
    ['no XML', 'order_no,payment_no'],
    ['101 documents', payment(1).replace(/<Payment>.*<\/Payment>/, (one) => one.repeat(101))],
  ])('%s is refused as a whole', async (_, xml) => {
    expect((await sim.port('ceb411', xml)).code).toBe(400);
    expect(await receipts()).toEqual([]);
  });
});

describe('the port compares payment records and lists', () => {
  test('payment first: the list is taken and released after 16 seconds', async () => {
    await sim.port('ceb411', payment(1));
    await sim.control('lists', [list(1, start + minute)]);
    await sim.after(20 * minute);
    expect((await receipts()).map((receipt) => receipt.slice(0, 3))).toEqual([
      ['412', '2', '20151027120000000'],
      ['412', '3', '20151027120020000'],
      ['412', '120', '20151027120025000'],
      ['622', '2', '20151027120106000'],
      ['622', '120', '20151027120116000'],
      ['622', '800', '20151027120116000'],
      ['412', '399', '20151027120945000'],
    ]);
  });

  test('list first: the receipt says that the payment does not exist; a late record releases it, unless switched off', async () => {
    await sim.port('ceb621', iconv.encode(listMessage(1), 'gb2312'));
    await sim.after(minute);
    const missing = `清单新增申报成功[电商企业编码：9999LS0001订单编号：${orderNo(1)}]; 对应电商平台为[9999LS0001]订单号为[${orderNo(1)}]支付信息不存在`;
    expect(await receipts()).toEqual([['622', '2', '20151027120006000', missing]]);
    await sim.control('settings', { late_payment_revives: false });
    await sim.port('ceb411', payment(1));
    await sim.after(60 * minute);
    expect((await sim.port('port-list?format=json&only=stuck')).text).toContain(orderNo(1));
    await sim.port('ceb621', iconv.encode(listMessage(1), 'gb2312'));
    await sim.after(minute);
    expect((await sim.port('port-list?format=json&only=stuck')).text).toBe('[]\n');
  });

  test.each([
    ['another payment number', { payment_no: tradeNo(2) }, '2', '支付信息不存在'],
    ['another place', { place: 'NINGBO' }, '2', '支付信息不存在'],
    ['another amount', { amount: '198.00' }, '100', '金额不一致'],
    ['another buyer', { buyer_id_no: '999999190001010023' }, '100', '[Code:1327;'],
  ])('%s does not match', async (_, changes, code, words) => {
    await sim.port('ceb411', payment(1));
    await sim.control('lists', [{ ...list(1, start), ...changes }]);
    await sim.after(minute);
    const last = (await receipts()).filter(([kind]) => kind === '622').at(-1)!;
    expect([last[1], last[3]!.includes(words)]).toEqual([code, true]);
  });

  test('a new document with a known number is -401007 and stays; a change of nothing is -401006', async () => {
    await sim.port('ceb411', payment(1));
    await sim.port('ceb411', payment(1));
    await sim.port('ceb411', payment(2, { appType: '2' }));
    expect((await receipts()).map(([, code]) => code)).toEqual(['2', '-401007', '-401006']);
    await sim.port('ceb411', payment(1, { appType: '2', amountFen: 100 }));
    await sim.control('lists', [{ ...list(1, start), amount: '1.00' }]);
    await sim.after(minute);
    expect((await sim.port('port-list?format=json')).text).toContain('"exit_status":1');
  });

  test('a re-push sent as new to a port that has it comes back as "exists already"', async () => {
    await sim.control('settings', { repush_app_type: 'new' });
    await sim.declare(1);
    await sim.after(10 * minute);
    await sim.declare(1);
    await sim.after(minute);
    const found = await sim.query(1);
    expect([found.get('status'), found.get('customs_code')]).toEqual(['succ', '-401007']);
  });
});

test('receipts are read on from a number, in messages of one kind and at most 100 documents', async () => {
  await sim.control(
    'lists',
    Array.from({ length: 230 }, (_, n) => list(n, start)),
  );
  await sim.port('ceb411', payment(1));
  await sim.after(minute);
  const sizes = [];
  let next = 0;
  for (let page = 0; page < 6; page += 1) {
    const read = JSON.parse((await sim.port(`receipts?after=${next}&limit=1`)).text);
    next = read.next;
    if (read.messages.length > 0) sizes.push(read.messages[0].xml.match(/<guid>/g).length);
  }
  expect(sizes).toEqual([1, 100, 100, 32, 2]);
});

test('the port’s complaint list has the layout of the e-mail, and a CSV and a JSON form', async () => {
  await sim.port('ceb411', payment(1));
  await sim.control('lists', [
    { ...list(1, start), waybill_no: '359876350074' },
    { ...list(2, start), waybill_no: '1132703583706' },
  ]);
  await sim.after(minute);
  expect((await sim.port(`port-list?orders=${orderNo(2)},${orderNo(1)},nobody`)).text.split('\n')).toEqual([
    '订单号                      运单号          支付id                          出关状态',
    '| 2015102712000000000000002 | 1132703583706 | 2015102700001000000000000002 | 0         |',
    '| 2015102712000000000000001 | 359876350074  | 2015102700001000000000000001 | 1         |',
    '',
  ]);
  const csv = (await sim.port('port-list?format=csv&only=stuck')).text;
  expect(csv).toBe(`订单号,运单号,支付id,出关状态\n${orderNo(2)},1132703583706,${tradeNo(2)},0\n`);
  expect((await sim.port('port-list?format=xlsx')).code).toBe(400);
});
