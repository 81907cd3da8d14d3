import { assertNever } from '../kernel/index.ts';
import type { RetentionClassName } from './retention.data.ts';

/**
 * One kind of thing that goes together. `doomed` selects keys: `$1` is the moment before which it must lie, `$2` the largest id of that
 * moment; what anything open or kept refers to is not among them. `deletes` are the tables, each with how its rows belong to the doomed.
 */
export type RetentionPart = {
  readonly doomed: string;
  readonly deletes: Readonly<Record<string, string>>;
};

/** Columns of other tables that keep a row alive as long as they name it. */
export type Reference = { readonly table: string; readonly column: string; readonly byBucket: boolean };

export type References = {
  /** Of a declaration, besides what goes with it. */
  readonly declaration: readonly Reference[];
  readonly payment: readonly Reference[];
  readonly approval: readonly Reference[];
};

/** Everything of an order's life lies by bucket and in the order of its making (UUID version 7): old rows are found without another index. */
const byBucket = (table: string, conditions: string): string =>
  `select r.* from generate_series(0, 999) as b(bucket) cross join lateral (
     select d.bucket, d.id from ${table} d where d.bucket = b.bucket::int2 and d.id < $2::uuid and d.created_at < $1
       ${conditions} order by d.id) r`;

const unnamed = (references: readonly Reference[]): string =>
  references
    .map(({ table, column, byBucket: together }) => {
      const same = together ? 'x.bucket = d.bucket and ' : '';
      return `and not exists (select from ${table} x where ${same}x.${column} = d.id)`;
    })
    .join('\n       ');

const ended = `('refused', 'finished', 'stopped')`;
const sameRow = 't.bucket = doomed.bucket and t.id = doomed.id';
const sameId = 't.id = doomed.id';

/** Nothing of the declaration is due and no case about it is open. `d` has its bucket; `id` is the column with its id. */
const atRest = (bucket: string, id: string): string =>
  `not exists (select from jobs j where j.bucket = ${bucket} and j.subject = ${id} and j.wanted > j.done)
       and ${id}::text not in (select c.subject from cases c where c.state = 'open')`;

/** An incident that is not over counts whatever was taken in its group since it began; no place means the whole account. */
const inOpenIncident = (d: string): string =>
  `exists (select from incidents n where n.state <> 'closed' and n.account_id = ${d}.account_id
         and n.place in ('', ${d}.place) and ${d}.accepted_at >= n.onset_at)`;

function orderLife({ declaration, payment }: References): readonly RetentionPart[] {
  return [
    {
      doomed: byBucket(
        'customs_declarations',
        `and d.paid_at < $1 and ${atRest('d.bucket', 'd.id')} and not ${inOpenIncident('d')}
       and not exists (select from customs_facts f where f.bucket = d.bucket and f.declaration_id = d.id and f.last_seen_at >= $1)
       and not exists (select from exchange_subjects s where s.bucket = d.bucket and s.subject = d.id)
       ${unnamed(declaration)}`,
      ),
      deletes: {
        customs_facts: 't.bucket = doomed.bucket and t.declaration_id = doomed.id',
        channel_requests: 't.bucket = doomed.bucket and t.declaration_id = doomed.id',
        numbers: 't.bucket = doomed.bucket and t.record = doomed.id',
        jobs: 't.bucket = doomed.bucket and t.subject = doomed.id',
        customs_declarations: sameRow,
      },
    },
    {
      doomed: byBucket('payments', `and d.paid_at < $1 ${unnamed(payment)}`),
      deletes: {
        channel_trades: 't.bucket = doomed.bucket and t.payment_id = doomed.id',
        numbers: 't.bucket = doomed.bucket and t.record = doomed.id',
        payments: sameRow,
      },
    },
    {
      doomed: byBucket(
        'merchant_orders',
        'and not exists (select from payments p where p.bucket = d.bucket and p.order_id = d.id)',
      ),
      deletes: { numbers: 't.bucket = doomed.bucket and t.record = doomed.id', merchant_orders: sameRow },
    },
    { doomed: byBucket('cashiers', 'and d.expires_at < $1'), deletes: { cashiers: sameRow } },
  ];
}

const exchanges: RetentionPart = {
  doomed: byBucket(
    'exchanges',
    `and exists (select from exchange_answers a where a.bucket = d.bucket and a.exchange_id = d.id)
       and not exists (
         select from exchange_subjects s where s.exchange_bucket = d.bucket and s.exchange_id = d.id
           and (not (${atRest('s.bucket', 's.subject')})
             or exists (select from plan_items i join plans p on p.id = i.plan_id
               where i.bucket = s.bucket and i.declaration_id = s.subject and p.state not in ${ended})
             or exists (select from customs_declarations o where o.bucket = s.bucket and o.id = s.subject and ${inOpenIncident('o')})))`,
  ),
  deletes: {
    exchange_subjects: 't.exchange_bucket = doomed.bucket and t.exchange_id = doomed.id',
    exchange_answers: 't.bucket = doomed.bucket and t.exchange_id = doomed.id',
    exchanges: sameRow,
  },
};

const work: readonly RetentionPart[] = [
  {
    doomed: `select bucket, kind, subject from jobs where wanted <= done and leased_until is null and due_at < $1`,
    deletes: { jobs: 't.bucket = doomed.bucket and t.kind = doomed.kind and t.subject = doomed.subject' },
  },
  {
    doomed: 'select bucket, gap_key from gaps where free_at < $1',
    deletes: { gaps: 't.bucket = doomed.bucket and t.gap_key = doomed.gap_key' },
  },
  {
    doomed: `select bucket, epoch, day from serial_sequences where day < ($1::timestamptz at time zone 'Asia/Shanghai')::date`,
    deletes: { serial_sequences: 't.bucket = doomed.bucket and t.epoch = doomed.epoch and t.day = doomed.day' },
  },
  {
    doomed: 'select account_id, place, hour, what from incident_baselines where hour < $1',
    deletes: {
      incident_baselines:
        't.account_id = doomed.account_id and t.place = doomed.place and t.hour = doomed.hour and t.what = doomed.what',
    },
  },
];

const openCaseOf = (members: string, column: string): string =>
  `exists (select from ${members} m join cases c on c.state = 'open' and c.subject = m.declaration_id::text where m.${column} = d.id)`;

const packs: RetentionPart = {
  doomed: `select d.id from evidence_packs d where d.made_at < $1 and d.deadline_at < $1
    and not exists (select from evidence_pack_replies r where r.pack_id = d.id and r.told_at is null)
    and not exists (select from plans p where p.id = d.source and p.state not in ${ended})
    and not exists (select from incidents n where n.id = d.source and n.state <> 'closed')
    and not ${openCaseOf('evidence_pack_members', 'pack_id')}`,
  deletes: {
    evidence_pack_pieces: 't.pack_id = doomed.id',
    evidence_pack_files: 't.pack_id = doomed.id',
    evidence_pack_members: 't.pack_id = doomed.id',
    evidence_pack_replies: 't.pack_id = doomed.id',
    evidence_packs: sameId,
  },
};

const incidents: RetentionPart = {
  doomed: `select d.id from incidents d where d.state = 'closed' and d.closed_at < $1
    and not exists (select from evidence_packs e where e.source = d.id)`,
  deletes: { incidents: sameId },
};

const plans: RetentionPart = {
  doomed: `select d.id from plans d where d.state in ${ended} and greatest(d.made_at, d.started_at, d.finished_at) < $1
    and not exists (select from evidence_packs e where e.source = d.id) and not ${openCaseOf('plan_items', 'plan_id')}`,
  deletes: { plan_items: 't.plan_id = doomed.id', plan_cells: 't.plan_id = doomed.id', plans: sameId },
};

const reports: RetentionPart = {
  doomed: `select d.id from port_reports d where d.imported_at < $1
    and not exists (select from plans p where p.report_id = d.id)
    and not exists (select from evidence_packs e where e.source = d.id) and not ${openCaseOf('port_report_members', 'report_id')}`,
  deletes: {
    port_report_members: 't.report_id = doomed.id',
    port_report_rows: 't.report_id = doomed.id',
    port_reports: sameId,
  },
};

const ofStatements = `t.statement_id in (
    select s.id from statements s where s.day_bucket = doomed.bucket and s.day_id = doomed.id)`;

/** A day goes with all its versions, once the newest of them is past its term and nobody has to look at one. */
const statements: RetentionPart = {
  doomed: `select d.bucket, d.id from statement_days d where d.ready_at < $1
    and not exists (select from statements s where s.day_bucket = d.bucket and s.day_id = d.id and s.last_seen_at >= $1)
    and not exists (select from cases c where c.state = 'open' and c.subject_kind = 'statement_day'
      and c.subject = d.account_id || ' ' || d.kind || ' ' || d.day)`,
  deletes: {
    statement_lines: ofStatements,
    statement_pieces: ofStatements,
    statements: 't.day_bucket = doomed.bucket and t.day_id = doomed.id',
    jobs: 't.bucket = doomed.bucket and t.subject = doomed.id',
    statement_days: sameRow,
  },
};

const webhooks: RetentionPart = {
  doomed: `select d.id from webhook_events d where d.at < $1 and not exists (
    select from webhook_deliveries w where w.event_id = d.id and (w.state = 'waiting' or w.ended_at is null or w.ended_at >= $1))`,
  deletes: {
    webhook_tries: 't.delivery_id in (select w.id from webhook_deliveries w where w.event_id = doomed.id)',
    webhook_deliveries: 't.event_id = doomed.id',
    webhook_events: sameId,
  },
};

const logins: readonly RetentionPart[] = [
  {
    doomed: 'select digest from access_tokens where coalesce(revoked_at, expires_at) < $1',
    deletes: { access_tokens: 't.digest = doomed.digest' },
  },
  {
    doomed: 'select digest from login_claims where coalesce(claimed_at, expires_at) < $1',
    deletes: { login_claims: 't.digest = doomed.digest' },
  },
];

const audit: RetentionPart = {
  doomed: `select d.id from audit_entries d where d.id < $2::uuid and d.at < $1
    and d.subject not in (select c.id from cases c where c.state = 'open' union all select c.subject from cases c where c.state = 'open')
    and d.subject not in (select p.id from plans p where p.state not in ${ended})
    and d.subject not in (select n.id from incidents n where n.state <> 'closed')
    and d.subject not in (select a.id from approvals a where a.state in ('asked', 'approved'))`,
  deletes: { audit_entries: sameId },
};

/** What each class deletes, in an order in which nothing is left without what it refers to. */
export function partsOf(name: RetentionClassName, references: References): readonly RetentionPart[] {
  switch (name) {
    case 'idempotency': {
      const doomed = `select token_digest, key from idempotency_keys where state = 'answered' and created_at < $1`;
      return [{ doomed, deletes: { idempotency_keys: 't.token_digest = doomed.token_digest and t.key = doomed.key' } }];
    }
    case 'work':
      return work;
    case 'webhooks':
      return [webhooks];
    case 'cases':
      return [{ doomed: `select id from cases where state = 'closed' and closed_at < $1`, deletes: { cases: sameId } }];
    case 'packs':
      return [packs];
    case 'incidents':
      return [incidents];
    case 'plans':
      return [plans];
    case 'reports':
      return [reports];
    case 'approvals': {
      const over = `d.state in ('refused', 'lapsed', 'used') and coalesce(d.decided_at, d.lapses_at) < $1`;
      const doomed = `select d.id from approvals d where ${over} ${unnamed(references.approval)}`;
      return [{ doomed, deletes: { approvals: sameId } }];
    }
    case 'statements':
      return [statements];
    case 'exchanges':
      return [exchanges];
    case 'records':
      return orderLife(references);
    case 'logins':
      return logins;
    case 'audit':
      return [audit];
    default:
      return assertNever(name);
  }
}
