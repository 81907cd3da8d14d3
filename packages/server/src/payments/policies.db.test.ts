// Goal: an account takes payments from the moment that it is there, in every process.
// Method: policies are read, an account is added behind their back, and they are asked for it at once.
import { expect, test } from 'vitest';
import { addAccount } from '../accounts/index.ts';
import { Secret } from '../kernel/index.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';

const pay = usePayWorld('2015-10-28 10:00:00');

test('an account that was added since the last reading is read again, and only then', async () => {
  const { app } = pay.world;
  const { db, payments, customs } = app;
  const before = await payments.policies.load();
  const added = await db.transaction(async (tx) => {
    const settings = { partner: '2088000000000002', gateway_url: 'http://127.0.0.1:9/gateway.do' };
    const secrets = { md5_key: new Secret('k'.repeat(32)) };
    return addAccount(tx, customs, { merchantId: 'demo', channel: 'alipay', name: 'second', settings, secrets });
  });
  if (!added.ok) throw new Error(added.refusal.code);
  const { id } = added.value;
  expect(() => before(id)).toThrow('takes no payments');
  expect((await payments.policies.load([id]))(id).surplus.act).toBe('refund');
  expect((await payments.policies.load())(id).surplus.act).toBe('refund');
});
