import type { PayWorld } from './pay-world.ts';

type App = PayWorld['app'];

/** Beside a share that was carried out: one in doubt, a return in doubt, and one that failed. By hand, as this world's channel answers at once. */
export async function insertOpenShares({ db, customs: { ids } }: App, shareId: string, partId: string) {
  const open = { shareOpen: ids.next(), shareReturn: ids.next() };
  await db.query(
    `insert into shares (bucket, id, order_id, payment_id, attempt_id, merchant_id, account_id, shop_share_no, share_no, state, releases_rest,
       reason, due_at, created_at)
     select bucket, $1, order_id, payment_id, attempt_id, merchant_id, account_id, 'S2', 'S2', 'in_doubt', false, 'test', due_at, created_at
       from shares where id = $2`,
    [open.shareOpen, shareId],
  );
  await db.query(
    `insert into share_returns (bucket, id, order_id, share_id, part_id, merchant_id, account_id, shop_return_no, return_no, state,
       amount_minor, currency, reason, created_at, ended_at)
     select s.bucket, t.id, s.order_id, s.id, $1, s.merchant_id, s.account_id, t.no, t.no, t.state, t.minor, 'CNY', 'test', s.created_at,
         case t.state when 'failed' then s.created_at end
       from shares s, (values ($2::uuid, 'SR1', 'failed', 100), ($3::uuid, 'SR2', 'in_doubt', 1)) as t (id, no, state, minor)
      where s.id = $4`,
    [partId, ids.next(), open.shareReturn, shareId],
  );
  return open;
}
