import { refuseAs, problemOf } from '../../platform/refusals.ts';
import { shanghaiText } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { askAllFirst } from '../../customs/index.ts';
import type { AskedFirst } from '../../customs/index.ts';
import { writeAudit } from '../../identity/index.ts';
import type { Actor, Stamp } from '../../identity/index.ts';
import { timestamp } from '../../platform/db.ts';
import type { Tx } from '../../platform/db.ts';
import { identityNow } from '../installation.ts';
import type { BackupManifest } from './manifest.ts';

export type NewLife = {
  readonly manifest: BackupManifest;
  readonly file: string;
  readonly sha256: string;
  readonly epoch: number;
  readonly reason: string;
  readonly by: Actor;
};

export type AfterRestore = AskedFirst & {
  readonly lanes: readonly string[];
  /** Logins and keys that work as they did at the backup, also when they were revoked since. */
  readonly tokens: number;
  /** Approvals that were given and not used: they have to be given again. */
  readonly lapsed: readonly string[];
  /** Requests of the API that were running, and whose keys now answer that the result is lost. */
  readonly lostResults: number;
};

/**
 * Makes of the copied rows a life of its own, in the transaction that copied them. What the lost life did after the backup, its channels
 * remember and we do not: no number of it is handed out again, and nothing is sent before somebody has looked and the channel was asked.
 */
export async function beginNewLife(tx: Tx, life: NewLife, stamp: Stamp): Promise<AfterRestore> {
  const { manifest, file, sha256, epoch, reason, by } = life;
  const why = `restored ${shanghaiText(stamp.at)}: a person must look`;
  await raiseEpoch(tx, epoch);
  await tx.query(
    `insert into restores (epoch, restored_at, restored_by, reason, file, sha256, taken_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [epoch, timestamp(stamp.at), by.userId, reason, file, sha256, manifest.taken_at],
  );
  const lanes = await pauseLanes(tx, stamp.at, why, manifest.born_as === 'production' ? by.userId : undefined);
  // Who served the lost life holds no work here, and stands in no upgrade's way.
  await tx.query('update jobs set lease_owner = null, leased_until = null where lease_owner is not null');
  await tx.query('delete from processes');
  const first = await askAllFirst(tx, stamp.at, why);
  const lapsed = await lapseUnused(tx);
  const lostResults = await answerLostRequests(tx, stamp.at);
  await skipShownNumbers(tx);
  const [valid] = await tx.query<{ n: number }>(
    `select count(*)::int4 as n from access_tokens where revoked_at is null and (expires_at is null or expires_at > $1)`,
    [timestamp(stamp.at)],
  );
  const told = { ...first, lanes, lapsed, lostResults, tokens: valid?.n ?? 0 };
  const detail = { file, sha256, taken_at: manifest.taken_at, epoch, ...told };
  await writeAudit(tx, [{ actor: by, act: 'installation.restored', subject: 'installation', reason, detail }], stamp);
  return told;
}

/** Architecture rule 9: serial numbers carry the epoch, so that none which the lost life sent is handed out again. */
async function raiseEpoch(tx: Tx, epoch: number): Promise<void> {
  await tx.query(`update installation set epoch = $1, cluster_identity = now.identity from (${identityNow}) now`, [
    epoch,
  ]);
}

/** The gap between two calls that share a key counts from this moment at least: the lost life may have made one until now. */
async function pauseLanes(tx: Tx, at: Instant, why: string, notBy: string | undefined): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `update lanes set paused_at = $1, paused_why = $2, not_resumed_by = $3, failures = 0, closed_until = null,
       next_free_at = greatest(next_free_at, $1::timestamptz + make_interval(secs => gap_ms / 1000.0))
     where account_id is not null returning id`,
    [timestamp(at), why, notBy ?? null],
  );
  return rows.map((row) => row.id).sort();
}

/**
 * Given and not used at the backup: the lost life may have used it since. Whoever agreed agrees again, knowing of the restore. Declaring
 * anew lapses as long as it was only asked for: the lost life may have agreed and declared, under numbers that nobody knows.
 */
async function lapseUnused(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `update approvals set state = 'lapsed', reason = 'restored' where state = 'approved'
       or (state = 'asked' and command = 'customs.declare_anew') returning id`,
  );
  return rows.map((row) => row.id).sort();
}

/** A client that asks with its key again hears that nobody knows, instead of "still running" for ever. */
async function answerLostRequests(tx: Tx, at: Instant): Promise<number> {
  const rows = await tx.query<{ token_digest: Buffer; key: string }>(
    `select token_digest, key from idempotency_keys where state = 'running'`,
  );
  for (const { token_digest, key } of rows) {
    const lost = refuseAs('idempotency.result_lost', { key, restoredAt: at });
    const body = lost.ok ? undefined : problemOf(lost.refusal, 'restore');
    await tx.query(
      `update idempotency_keys set state = 'answered', status = $3, answer = $4 where token_digest = $1 and key = $2`,
      [token_digest, key, body?.status ?? 409, JSON.stringify(body)],
    );
  }
  return rows.length;
}

/** P-12 and A-7 of the lost life stand in people's messages: those of this one begin at the next thousand. */
async function skipShownNumbers(tx: Tx): Promise<void> {
  await tx.query('update counters set value = (value / 1000 + 1) * 1000');
}
