import { hours, shanghaiText } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { Database } from '../../platform/db.ts';
import { isAlive, readProcesses } from '../../platform/processes.ts';
import type { SeenProcess } from '../../platform/processes.ts';
import { fail, good, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import { servingWords as w } from './serving.texts.ts';

const nameOf = ({ host, pid }: SeenProcess): string => `${host}/${pid}`;

/** Who serves, whether anybody works the jobs, who went without a word, and whether all are of one version and of one time. */
export function judgeProcesses(all: readonly SeenProcess[], sandbox: boolean): readonly Finding[] {
  const alive = all.filter(isAlive);
  const workers = alive.filter(({ role }) => role !== 'api');
  const bad = sandbox ? warn : fail;
  const lost = all.filter((one) => !isAlive(one));
  const kinds = [...new Set(alive.map(({ program, schema }) => `${program} (schema ${schema})`))];
  const astray = alive.filter(({ clockOffsetMs }) => Math.abs(clockOffsetMs) > 300);
  const worst = Math.max(0, ...astray.map(({ clockOffsetMs }) => Math.abs(clockOffsetMs)));
  return [
    workers.length === 0
      ? bad('workers', w.noWorker(alive.length), w.startWorker)
      : good('workers', w.alive(alive.length, workers.length)),
    ...(lost.length === 0 ? [] : [warn('workers', w.lost(lost.map(nameOf).join(', ')), w.whyLost)]),
    ...(kinds.length < 2 ? [] : [warn('versions', w.versions(kinds.join(', ')), w.finishUpgrade)]),
    ...(astray.length === 0
      ? []
      : [
          (worst > 1000 ? fail : warn)(
            'clock',
            w.astray(astray.map((one) => `${nameOf(one)} ${one.clockOffsetMs} ms`).join(', ')),
            w.synchronise,
          ),
        ]),
  ];
}

/** In production a backup is due every day. */
export function judgeBackups(last: Instant | undefined, now: Instant, sandbox: boolean): Finding {
  if (last === undefined) return sandbox ? good('backups', w.sandboxNone) : warn('backups', w.noBackup, w.takeBackup);
  const words = w.backup(shanghaiText(last), Math.floor((now - last) / hours(1)));
  if (sandbox || now - last < hours(26)) return good('backups', words);
  return (now - last < hours(24 * 7) ? warn : fail)('backups', words, w.takeBackup);
}

export type Person = {
  readonly id: string;
  /** Has a login or key that works. */
  readonly hasLogin: boolean;
  /** Machine and account from which they took the login that they made themselves. */
  readonly cameFrom: string | undefined;
};

/** Two people are two only when each came with a login of their own, and not as one account of one machine. */
export function judgePeople(people: readonly Person[], sandbox: boolean): readonly Finding[] {
  const come = people.filter(({ hasLogin }) => hasLogin);
  if (sandbox)
    return [
      people.length < 2 ? warn('people', w.people(people.length), w.needTwo) : good('people', w.people(people.length)),
    ];
  const absent = people.filter(({ hasLogin }) => !hasLogin).map(({ id }) => id);
  const places = come.flatMap(({ cameFrom }) => cameFrom ?? []);
  const shared = [...new Set(places.filter((place, at) => places.indexOf(place) !== at))];
  return [
    come.length < 2 ? fail('people', w.people(come.length), w.needTwo) : good('people', w.people(come.length)),
    ...(absent.length === 0 ? [] : [warn('people', w.notCome(absent.join(', ')), w.takeClaims)]),
    ...(shared.length === 0 ? [] : [warn('people', w.sameAccount(shared.join(', ')), w.askThem)]),
  ];
}

export function judgeIncidents(open: readonly string[]): Finding {
  return open.length === 0
    ? good('incidents', w.noIncident)
    : warn('incidents', w.incidents(open.join(', ')), w.seeRunbook);
}

export async function examineServing(db: Database, sandbox: boolean, now: Instant): Promise<readonly Finding[]> {
  const [backup] = await db.query<{ at: Instant | null }>('select max(taken_at) as at from backups_taken');
  const open = await db.query<{ id: string }>(`select id from incidents where state <> 'closed' order by onset_at`);
  return [
    ...judgePeople(await readPeople(db), sandbox),
    ...judgeProcesses(await readProcesses(db), sandbox),
    judgeBackups(backup?.at ?? undefined, now, sandbox),
    judgeIncidents(open.map(({ id }) => id)),
  ];
}

async function readPeople(db: Database): Promise<readonly Person[]> {
  const rows = await db.query<{ id: string; has_login: boolean; came_from: string | null }>(
    `select u.id, exists (select from access_tokens t where t.user_id = u.id and t.revoked_at is null
         and (t.expires_at is null or t.expires_at > clock_timestamp())) as has_login,
       (select a.detail->>'account' || '@' || (a.detail->>'host') from audit_entries a
        where a.act = 'login.claimed' and a.subject = u.id order by a.at desc limit 1) as came_from
     from users u where u.disabled_at is null order by u.id`,
  );
  return rows.map((row) => ({ id: row.id, hasLogin: row.has_login, cameFrom: row.came_from ?? undefined }));
}
