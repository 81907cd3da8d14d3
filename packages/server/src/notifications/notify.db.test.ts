import { expect, test } from 'vitest';
import { good, incident, useWebhookWorld } from '../../test/kit/webhook-world.ts';
import { merchant, wang, zhao } from '../../test/kit/world.ts';
import { openCases } from '../cases/index.ts';
import { systemActor } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { days, hours, seconds } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { decideEndpoint, proposeEndpoint, redeliver, rotateSecret, switchOff } from './commands.ts';
import { readLog } from './log-store.ts';
import { notify } from './notify.ts';

const own = useWebhookWorld('2015-10-28 16:20:00');
const all = { merchants: 'all', limit: 500 } as const;
const wish = (url: string) => ({ merchantId: merchant, url, types: undefined });
const codeOf = (result: Result<unknown>): string => (result.ok ? 'done' : result.refusal.code);
const count = async (table: string): Promise<number> => (await own.world.query(`select from ${table}`)).length;

test('each event goes to the live endpoints of its merchant that want its type', async () => {
  const { world } = own;
  const [every, some] = [await world.receiver(), await world.receiver()];
  await world.endpoint(every.url);
  await world.endpoint(some.url, ['plan.finished', 'plan.stopped']);
  const finished = incident(1, { type: 'plan.finished', subject: 'P-1' });
  await world.tell(incident(1), finished, incident(2, { merchantId: 'other' }));
  await world.pass(seconds(30));
  const types = [every, some].map(({ received }) =>
    received.map(({ body }) => (JSON.parse(body) as { type: string }).type),
  );
  expect(types.map((list) => list.toSorted())).toEqual([['incident.opened', 'plan.finished'], ['plan.finished']]);
  expect(await count('webhook_events')).toBe(3);
});

test('what rolls back was never told, and what is told twice is one event', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  await world.endpoint(receiver.url);
  const undone = world.app.db.transaction(async (tx) => {
    await notify(tx, [incident(3)], world.clock.now());
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await count('webhook_events')).toBe(0);
  await world.tell(incident(3), incident(3));
  await world.tell(incident(3));
  await world.pass(days(1));
  await world.tell(incident(3));
  await world.pass(seconds(5));
  // The same words a day later are another event.
  expect(receiver.received).toHaveLength(2);
  expect(await count('webhook_events')).toBe(2);
});

test('a thousand events take as many statements as one', async () => {
  const { world } = own;
  await world.endpoint('http://127.0.0.1:9/hook');
  const statements = async (events: number): Promise<number> => {
    let asked = 0;
    const list = Array.from({ length: events }, (_, index) => incident(1000 + events + index));
    await world.app.db.transaction(async (tx) => {
      const counting = { query: (text: string, values?: unknown[]) => ((asked += 1), tx.query(text, values)) };
      await notify(counting as unknown as Tx, list, world.clock.now());
    });
    return asked;
  };
  expect(await statements(1)).toBe(3);
  expect(await statements(1000)).toBe(3);
  expect(await count('webhook_deliveries')).toBe(1001);
});

test('a case that opens is told to its merchant; one of the whole installation to nobody', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  await world.endpoint(receiver.url);
  const about = { subjectKind: 'customs_declaration', bucket: 1, subject: 'd1', params: { orderNo: 'N1' } };
  const list = [
    { ...about, merchantId: merchant, kind: 'customs.repush_without_effect' },
    { ...about, merchantId: '*', kind: 'lane.closed' },
  ] as const;
  await world.app.db.transaction((tx) => openCases(tx, list, world.clock.now()));
  await world.app.db.transaction((tx) => openCases(tx, list, world.clock.now()));
  await world.pass(seconds(5));
  const told = receiver.received.map(({ body }) => JSON.parse(body) as unknown);
  expect(told).toMatchObject([
    {
      type: 'case.opened',
      data: { kind: 'customs.repush_without_effect', subject: 'd1', params: { order_no: 'N1' } },
    },
  ]);
});

test('an address takes two people: nothing is told before the second, and neither half can be done by the wrong one', async () => {
  const { world } = own;
  const { webhooks } = world.app;
  const receiver = await world.receiver();
  expect(codeOf(await proposeEndpoint(webhooks, zhao, wish(receiver.url), ''))).toBe('auth.role_missing');
  const asked = good(await proposeEndpoint(webhooks, wang, wish(receiver.url), 'ERP'));
  const both: Actor = { ...wang, roles: ['maker', 'checker', 'admin'] };
  const stranger: Actor = { ...zhao, userId: 'qian', merchants: ['other'] };
  const decide = async (actor: Actor, digest?: string): Promise<string> =>
    codeOf(await decideEndpoint(webhooks, actor, asked.approvalId, 'approve', '', digest));
  expect(await decide(wang)).toBe('approval.maker_is_checker');
  expect(await decide(both)).toBe('approval.maker_is_checker');
  expect(await decide(stranger)).toBe('auth.merchant_missing');
  expect(await decide(systemActor)).toBe('approval.role_missing');
  expect(await decide(zhao, 'another')).toBe('approval.digest_differs');
  await world.tell(incident(20));
  await world.pass(seconds(5));
  expect(receiver.received).toEqual([]);
  expect(await decide(zhao, asked.digest)).toBe('done');
  expect(await decide(zhao)).toBe('approval.already_decided');
  await world.tell(incident(21));
  await world.pass(seconds(5));
  expect(receiver.received).toHaveLength(1);
});

test('an address that was changed behind the approval does not go live', async () => {
  const { world } = own;
  const asked = good(await proposeEndpoint(world.app.webhooks, wang, wish('http://127.0.0.1:9/a'), ''));
  await world.query(`update webhook_endpoints set url = 'http://127.0.0.1:9/b'`);
  const decided = await decideEndpoint(world.app.webhooks, zhao, asked.approvalId, 'approve', '');
  expect(codeOf(decided)).toBe('approval.digest_differs');
  expect(await world.query('select state from webhook_endpoints')).toEqual([{ state: 'asked' }]);
});

test('a secret is shown once and lies nowhere in clear', async () => {
  const { world } = own;
  const { id, secret } = await world.endpoint('http://127.0.0.1:9/hook');
  const rotated = good(await rotateSecret(world.app.webhooks, wang, id, hours(1), ''));
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(rotated.secret).not.toBe(secret);
  for (const table of ['webhook_endpoints', 'webhook_secrets', 'approvals', 'audit_entries', 'webhook_events']) {
    const rows = await world.query(`select t::text as row, to_jsonb(t)::text as json from ${table} t`);
    for (const kept of [secret, rotated.secret].map((one) => one.slice(6)))
      expect(JSON.stringify(rows).includes(kept), table).toBe(false);
  }
  const sealed = await world.query('select sealed from webhook_secrets');
  expect(sealed).toHaveLength(2);
  for (const row of sealed) expect((row['sealed'] as Buffer).includes(Buffer.from('whsec_'))).toBe(false);
});

test('switched off, an endpoint hears nothing more; a message may be sent by hand to one that came later', async () => {
  const { world } = own;
  const { webhooks } = world.app;
  const [first, second] = [await world.receiver(), await world.receiver()];
  first.answer = () => ({ status: 500 });
  const { id } = await world.endpoint(first.url);
  await world.tell(incident(30));
  await world.pass(seconds(1));
  good(await switchOff(webhooks, wang, id, 'moved'));
  await world.tell(incident(31));
  await world.pass(days(1));
  expect(first.received).toHaveLength(1);
  const [logged] = await readLog(world.app.db, all);
  expect(logged).toMatchObject({ subject: 'I-30', state: 'dead' });
  const message = logged?.messageId ?? '';
  expect(codeOf(await redeliver(webhooks, wang, id, ''))).toBe('webhook.not_live');
  expect(codeOf(await redeliver(webhooks, wang, message, ''))).toBe('webhook.nobody_wants');
  expect(codeOf(await redeliver(webhooks, wang, 'msg_0', ''))).toBe('webhook.message_not_found');
  expect(codeOf(await switchOff(webhooks, wang, id, ''))).toBe('webhook.not_live');
  await world.endpoint(second.url);
  expect(good(await redeliver(webhooks, wang, message, ''))).toEqual({ deliveries: 1 });
  await world.pass(seconds(1));
  expect(second.received.map(({ headers }) => headers['webhook-id'])).toEqual([message]);
  // Also what was taken already, when somebody asks for it.
  expect(good(await redeliver(webhooks, wang, message, ''))).toEqual({ deliveries: 1 });
  await world.pass(seconds(1));
  expect(second.received).toHaveLength(2);
});
