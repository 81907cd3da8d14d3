import { refuse, done } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Database } from '../platform/db.ts';

export type BornAs = 'sandbox' | 'production';

export type Installation = {
  readonly bornAs: BornAs;
  /** Belongs to one life of one database: numbers of different epochs never meet. */
  readonly epoch: number;
};

type Row = { born_as: BornAs; epoch: number; cluster_identity: string };

/** What makes this life of the database this one: the cluster, and the database's place in it. A restored copy has another. */
export const identityNow = `select (select system_identifier::text from pg_control_system()) || '/' ||
  (select oid::text from pg_database where datname = current_database()) as identity`;

/**
 * Reads the birth mark, or gives it to a new database. A database is born sandbox or production and never changes (architecture rule 13);
 * when the cluster's identity changed, the epoch rises, so that no number which was sent is handed out again (rule 9).
 */
export async function openInstallation(db: Database, wanted: BornAs, at: Instant): Promise<Result<Installation>> {
  const [now] = await db.query<{ identity: string }>(identityNow);
  const identity = now?.identity ?? '';
  return db.transaction(async (tx) => {
    await tx.query(
      'insert into installation (born_as, epoch, cluster_identity, created_at) values ($1, 1, $2, $3) on conflict do nothing',
      [wanted, identity, timestamp(at)],
    );
    const [row] = await tx.query<Row>('select born_as, epoch, cluster_identity from installation for update');
    if (!row || row.born_as !== wanted) {
      return refuse('installation.born_otherwise', { born: row?.born_as ?? '', wanted });
    }
    if (row.cluster_identity === identity) return done({ bornAs: row.born_as, epoch: row.epoch });
    if (row.epoch >= 99) return refuse('installation.epochs_used_up', { epoch: row.epoch });
    await tx.query('update installation set epoch = epoch + 1, cluster_identity = $1', [identity]);
    return done({ bornAs: row.born_as, epoch: row.epoch + 1 });
  });
}

/** The birth mark of a database that may not be ours yet. */
export async function readInstallation(db: Database): Promise<Installation | undefined> {
  const [row] = await db.query<Row>('select born_as, epoch, cluster_identity from installation');
  return row && { bornAs: row.born_as, epoch: row.epoch };
}
