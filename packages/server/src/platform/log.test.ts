import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';

const clock = { now: () => Date.parse('2015-10-28T16:20:11.007+08:00') as Instant };

function collecting(): { log: Log; lines: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const log = createLog({ clock, level: 'info', to: { write: (line) => void written.push(line) } });
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  };
}

test('a line is JSON with its Beijing time, from the clock that was passed in', () => {
  const { log, lines } = collecting();
  log.with({ lane: 'a2' }).warn('lane slowed down', { rate: 3, amount: 42000n });
  expect(lines()).toMatchObject([
    {
      level: 'warn',
      time: '2015-10-28T16:20:11.007+08:00',
      msg: 'lane slowed down',
      lane: 'a2',
      rate: 3,
      amount: '42000',
    },
  ]);
});

test('below its level a line is not written', () => {
  const { log, text } = collecting();
  log.debug('nothing');
  expect(text()).toBe('');
});

const hidden: [string, Record<string, unknown>, string][] = [
  ['a Secret', { key: new Secret('hunter2') }, 'hunter2'],
  ['a field by its name', { md5Key: 'hunter2' }, 'hunter2'],
  ['a field deep inside', { account: { secrets: [{ privateKey: 'hunter2' }] } }, 'hunter2'],
  ['a header', { headers: { Authorization: 'Bearer hunter2' } }, 'hunter2'],
  ['a signature in an address', { url: 'https://x/gateway.do?a=1&sign=hunter2&b=2' }, 'hunter2'],
  ['a password in an address', { to: 'postgres://u:hunter2@db/x' }, 'hunter2'],
  ['a password with an @', { to: 'postgres://u:hun@ter2@db/x' }, 'ter2'],
  ['a PEM block', { found: '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----' }, 'hunter2'],
  ['a name', { buyerName: '欧阳小明' }, '小明'],
  ['an id number by its name', { buyer_id_no: 'AB1234567' }, 'AB12345'],
  ['an id number inside a text', { text: '身份证11010519491231002X有误' }, '19491231'],
  ['a mobile number', { text: 'call 13812345678' }, '13812345678'],
  ['bytes', { body: Buffer.from('hunter2') }, 'hunter2'],
  ['an error', { error: new Error('no: postgres://u:hunter2@db/x') }, 'hunter2'],
  ['a cause', { error: new Error('no', { cause: { token: 'hunter2' } }) }, 'hunter2'],
];
test.each(hidden)('%s does not reach the log', (_, fields, words) => {
  const { log, text } = collecting();
  log.info('seen', fields);
  expect(text()).toContain('seen');
  expect(text()).not.toContain(words);
  expect(text()).not.toContain(JSON.stringify(words).slice(1, -1));
});

test('what operators search for stays readable', () => {
  const { log, lines } = collecting();
  const fields = {
    orderNo: '2015102720071011005551292',
    n18: '201510272007101100',
    partner: '2088001159940003',
    code: 'ILLEGAL_SIGN',
  };
  log.info('seen', fields);
  expect(lines()).toMatchObject([fields]);
});

test('the message is masked too, and a value without end is cut', () => {
  const { log, text } = collecting();
  const loop: Record<string, unknown> = { text: 'x'.repeat(100_000), many: Array.from({ length: 5_000 }, () => 1) };
  loop['self'] = loop;
  log.error('user 13812345678', loop);
  expect(text()).not.toContain('13812345678');
  expect(text().length).toBeLessThan(60_000);
});

test('a file is appended to at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'liushui-log-'));
  const file = join(folder, 'deep', 'log.jsonl');
  createLog({ clock, level: 'info', to: { file } }).info('one');
  createLog({ clock, level: 'info', to: { file } }).info('two');
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  rmSync(folder, { recursive: true });
});

test('bytes are told by their number', () => {
  const { log, lines } = collecting();
  log.info('seen', { body: Buffer.from('hunter2'), other: new Uint8Array(3) });
  expect(lines()).toMatchObject([{ body: '7 bytes', other: '3 bytes' }]);
});
