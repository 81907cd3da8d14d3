// Goal: the words of `liushui webhooks`, in this process: what is printed and told, without a start of the program for each.
import { expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { incident, useWebhookWorld } from '../../test/kit/webhook-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import type { Actor } from '../identity/index.ts';
import { days } from '../kernel/index.ts';
import type { Answer } from './answer.ts';

const own = useWebhookWorld('2015-10-28 16:20:00');

async function say(actor: Actor, ...words: string[]): Promise<Answer> {
  const result = await typed(own.world.app, actor, words);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

const english = ({ lines }: Answer): string => lines.map((line) => line.en).join('\n');

test('from an address to a dead letter and back, by commands alone', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const added = await say(wang, 'webhooks', 'add', receiver.url, '--types', 'incident.opened, plan.finished');
  expect(english(added)).toContain(`Secret (shown this once): ${String(added.json['secret'])}`);
  const { endpoint: id, approval } = added.json as { endpoint: string; approval: string };
  const alone = await typed(world.app, wang, ['webhooks', 'approve', approval]);
  expect(alone).toMatchObject({ refusal: { code: 'approval.maker_is_checker', params: { role: 'checker / admin' } } });
  // By the approval's own number it is the same act.
  const approved = await say(zhao, 'approvals', 'approve', approval);
  expect(english(approved)).toBe(`${id} is live: what happens from now on is told to ${receiver.url}`);
  // A checker may not send: he is not led to it.
  expect(approved.next).toBe('liushui webhooks list');
  receiver.answer = () => ({ status: 500, body: 'out of\nmemory' });
  const tested = await say(wang, 'webhooks', 'test', id);
  expect(tested).toMatchObject({ exit: 1, json: { delivered: false, http_status: 500, words: 'out of\nmemory' } });
  expect(english(tested)).toMatch(/^W-\d+: not delivered, HTTP 500 in \d+ ms\n {2}out of memory$/);
  await world.pass(1000);
  await world.tell(incident(1));
  await world.pass(days(4));
  const listed = await say(zhao, 'webhooks', 'list');
  expect(listed.json['endpoints']).toMatchObject([{ endpoint: id, state: 'live', waiting: 0, dead: 1 }]);
  expect(english(listed)).toContain('incident.opened,plan.finished');
  const dead = await say(zhao, 'webhooks', 'log', id, '--state', 'dead', '--limit', '1');
  const [{ message }] = dead.json['deliveries'] as [{ message: string }];
  expect(english(dead)).toMatch(/ {2}msg_\w+ {2}HTTP 500 out of memory \(\d+ ms\)$/);
  expect(dead.next).toBe(`liushui webhooks redeliver ${message}`);
  expect(english(await say(zhao, 'webhooks', 'log', message)).split('\n')).toHaveLength(12);
  receiver.answer = () => ({ status: 200 });
  expect((await say(wang, 'webhooks', 'redeliver', id)).json).toEqual({ about: id, deliveries: 1 });
  await world.pass(1000);
  expect((await say(wang, 'webhooks', 'log', message)).json['deliveries']).toMatchObject([{ state: 'delivered' }]);
  const lane = `webhook/${id}`;
  const lanes = (await say(zhao, 'lanes', 'list')).json['lanes'] as { lane: string; account: string | null }[];
  expect(lanes).toMatchObject([{ lane, account: null }]);
  expect((await say(zhao, 'lanes', 'pause', lane)).json).toEqual({ lane, paused: true });
  await world.tell(incident(2));
  expect((await say(zhao, 'jobs', 'due')).json['jobs']).toMatchObject([{ kind: 'webhook.deliver', lane }]);
  expect((await say(zhao, 'lanes', 'resume', lane)).json).toEqual({ lane, paused: false });
  const rotated = await say(wang, 'webhooks', 'rotate', id, '--overlap', '1h30m');
  expect(rotated.json).toMatchObject({ endpoint: id, secret: expect.stringMatching(/^whsec_/) as string });
  expect((await say(wang, 'webhooks', 'off', id, '--reason', 'moved')).json).toEqual({ endpoint: id, state: 'off' });
});

test('options that cannot be meant are refused before anything is done', async () => {
  const wrong = ['rotate W-1 --overlap soon', 'rotate W-1 --overlap 8d', 'log --state open', 'log --limit 0'];
  for (const line of wrong)
    await expect(say(wang, 'webhooks', ...line.split(' ')), line).rejects.toThrow('usage.bad_input');
  await expect(say(wang, 'webhooks', 'test', 'W-99999')).rejects.toThrow('webhook.not_found');
});
