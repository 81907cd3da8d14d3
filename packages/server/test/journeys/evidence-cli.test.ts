// Goal: the packs of a list are written as folders or archives, noted as sent and answered, by the words a person types.
// Method: the program's own commands, performed in this process on the world's database.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { printAnswer } from '../../src/cli/answer.ts';
import type { Answer } from '../../src/cli/answer.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Args, Options, Session, Use } from '../../src/cli/session.ts';
import { done } from '../../src/kernel/index.ts';
import { useWorld, wang } from '../kit/world.ts';
import { adopt, good, list, orderOf, seed, triage } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
const folder = mkdtempSync(join(tmpdir(), 'liushui-evidence-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function type(line: string): Promise<Answer> {
  let answer: Answer | undefined;
  const { customs, db, clock } = own.world.app;
  const session = { customs, db, clock, actor: wang } as unknown as Session;
  const use = { session: () => Promise.resolve(done(session)) } as unknown as Use;
  const perform = async (
    _command: unknown,
    run: (use: Use, args: Args, options: Options) => Promise<{ ok: boolean }>,
    args: Args,
    options: Options,
  ): Promise<void> => {
    answer = good((await run(use, args, options)) as never);
  };
  const silent = (): void => undefined;
  await buildProgram({ lang: 'en', perform: perform }, silent, silent).parseAsync(line.split(' '), {
    from: 'user',
  });
  if (!answer) throw new Error(`nothing ran: ${line}`);
  return answer;
}

const said = (answer: Answer): string => printAnswer(answer, 'en', false).stdout;

test('packs go out as folders and archives, are noted as sent, and their answer comes in', async () => {
  const orders = [orderOf(1), orderOf(2), orderOf(3)];
  await seed(own.world, orders);
  await adopt(own.world, [orderOf(1), orderOf(2), orderOf(3, { requestNo: '' })]);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);

  const made = await type(`customs evidence ${id} --out ${join(folder, 'a')}`);
  expect(made.exit).toBe(0);
  expect(said(made)).toMatch(/E-1\s+channel alipay\s+2\s+¥840\.00\s+complete/);
  expect(said(made)).toContain('1 more are ours to do and handed to nobody');
  expect(said(made)).toContain('Nothing was sent');
  expect(readdirSync(join(folder, 'a')).sort()).toEqual([
    'ours.csv',
    'pack-for-channel-alipay',
    'pack-for-port-ZONGSHU',
  ]);
  const files = ['cover.html', 'manifest.json', 'orders.csv', 'orders.xlsx', 'raw'];
  expect(readdirSync(join(folder, 'a/pack-for-port-ZONGSHU')).sort()).toEqual(files);

  const again = await type(`customs evidence ${id} --out ${join(folder, 'b')} --zip`);
  expect(said(again)).toContain('nothing has changed: E-1, E-2 as before');
  const archive = unzipSync(readFileSync(join(folder, 'b/pack-for-port-ZONGSHU.zip')));
  expect(Object.keys(archive).sort()).toEqual([...files.slice(0, 4), 'raw/index.csv']);
  const kept = readFileSync(join(folder, 'a/pack-for-port-ZONGSHU/orders.xlsx'));
  expect(Buffer.from(archive['orders.xlsx'] ?? []).equals(kept)).toBe(true);

  expect(said(await type('customs evidence E-2 --sent mail'))).toContain('noted: E-2 went out');
  const reply = join(folder, 'reply.csv');
  writeFileSync(reply, `订单号,结果\n${orderOf(1).orderNo},已收到\n${orderOf(2).orderNo},查无结果\n`);
  const taken = said(await type(`customs replies ${reply} --pack E-2`));
  expect(taken).toContain('E-2: 2 rows answered, 2 of them news');
  expect(taken).toContain('1 has the record');
  expect(taken).toContain('words that we do not know (kept, and nothing concluded): 查无结果');
  expect(said(await type('customs packs'))).toMatch(/E-2.*port ZONGSHU\s+2 .*\s2\n/);
});
