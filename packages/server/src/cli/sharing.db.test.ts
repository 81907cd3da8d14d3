// Goal: from a receiver to a shared order to what is left of it, at the command line, and a second person who lets a receiver in.
// Method: the command line in this process, on a server with a simulated gateway and a moved clock.
import { expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import type { Actor } from '../identity/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer } from './answer.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, pay } = stepsOn(() => own.world);
const stranger: Actor = { ...wang, merchants: ['other'] };

const say = (actor: Actor, ...words: string[]): Promise<Result<Answer>> => typed(own.world.app, actor, words);

async function good(actor: Actor, ...words: string[]): Promise<Answer> {
  const result = await say(actor, ...words);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

const codeOf = async (actor: Actor, ...words: string[]): Promise<string> => {
  const result = await say(actor, ...words);
  return result.ok ? 'done' : result.refusal.code;
};
const english = ({ lines }: Answer): string => lines.map((line) => line.en.trimEnd()).join('\n');
const reason = ['--reason', 'test'];

test('a receiver is proposed, let in by another person, given a part, and removed', async () => {
  const { accountId, pass } = own.world;
  const add = ['receivers', 'add', accountId, 'userId', '2088000000000777'];
  expect(await codeOf(wang, ...add)).toBe('usage.option_missing');
  expect(await codeOf(stranger, ...add, ...reason)).toBe('auth.merchant_missing');
  const asked = await good(wang, ...add, ...reason);
  expect(asked).toMatchObject({ exit: 4, json: { state: 'asked', number: '****0777', approval: 'A-1' } });
  expect(await codeOf(wang, 'approvals', 'approve', 'A-1')).toBe('auth.role_missing');
  expect(english(await good(zhao, 'approvals', 'approve', 'A-1'))).toMatch(/^Receiver [0-9a-f-]{36}: being bound$/);
  await pass(5000);
  const list = await good(wang, 'receivers', 'list', accountId);
  const id = String((list.json as { receivers: { receiver: string }[] }).receivers[0]?.receiver);
  expect(english(list)).toBe(`${id} userId ****0777  bound`);

  const { order, serialNo } = await begin({ orderNo: 'A-1', shares: true });
  expect(english(await good(wang, 'shares', 'list', 'A-1'))).toBe('Nothing was shared.');
  expect(await codeOf(wang, 'shares', 'make', 'A-1', 'S-1', '--to', `${id}=20`, ...reason)).toBe('share.not_paid');
  await pay(serialNo);
  await pass(5000);
  expect(await codeOf(wang, 'shares', 'make', 'A-1', 'S-1', '--to', `${id}=0`, ...reason)).toBe('usage.bad_input');
  expect(await codeOf(stranger, 'shares', 'make', 'A-1', 'S-1', '--to', `${id}=20`, ...reason)).toBe('order.not_found');
  const made = await good(wang, 'shares', 'make', 'A-1', 'S-1', '--to', `${id}=20`, '--release', ...reason);
  expect(made).toMatchObject({ json: { share_no: 'S-1', state: 'submitting', parts: [{ amount: 2000n }] } });
  await pass(30_000);
  const lines = english(await good(wang, 'shares', 'list', 'A-1')).replaceAll(/[0-9a-f-]{36}/g, 'ID');
  expect(lines).toBe('Share S-1: done\n  part 1 ID, ¥20.00: given');
  expect(await codeOf(wang, 'shares', 'given', 'S-1', ...reason)).toBe('share.not_waiting');
  expect(await codeOf(wang, 'shares', 'not-given', 'S-1')).toBe('usage.option_missing');
  expect(await codeOf(wang, 'shares', 'came-back', 'S-1', ...reason)).toBe('share.not_found');
  expect(await codeOf(stranger, 'shares', 'not-back', 'S-1', ...reason)).toBe('share.not_found');
  expect(await codeOf(wang, 'shares', 'return', 'A-1', 'B-1', ...reason)).toBe('share.returns_with_refunds');
  expect(await codeOf(wang, 'shares', 'return', 'A-1', 'B-1', '--amount', 'x', ...reason)).toBe('usage.bad_input');

  const looked = await good(wang, 'refunds', 'create', 'A-1', 'R-1', '--dry-run');
  expect(looked.json).toMatchObject({ amount: 10_000n, refundable: 10_000n });
  expect(await good(wang, 'refunds', 'create', 'A-1', 'R-1', '--amount', '50', ...reason)).toMatchObject({ exit: 0 });
  await pass(30_000);
  const story = english(await good(wang, 'show', 'S-1'));
  expect(story).toContain(`Order ${order.orderNo}`);
  expect(story).toContain('share S-1, part 1 of 20.00 CNY: given');
  expect(english(await good(wang, 'receivers', 'remove', id, ...reason))).toContain('being removed');
  await pass(30_000);
  expect(await codeOf(wang, 'receivers', 'remove', id, ...reason)).toBe('done');
  expect(await codeOf(stranger, 'receivers', 'remove', id, ...reason)).toBe('auth.merchant_missing');
});
