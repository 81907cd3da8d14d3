import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { days, hours, plus } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { SeenProcess } from '../../platform/processes.ts';
import { judgeAddress, lookAtAddress, shakeHands } from './address.ts';
import type { SeenAddress } from './address.ts';
import { judgeChannelClocks, judgeDataKeys, judgeSecrets } from './channels.ts';
import type { Finding } from './finding.ts';
import { judgeConnections, judgeSchema, judgeUpkeep, judgeVersion } from './server.ts';
import type { Upkeep } from './server.ts';
import { judgeBackups, judgeIncidents, judgePeople, judgeProcesses } from './serving.ts';

const now = Date.parse('2026-11-22T01:00:00+08:00') as Instant;
const url = 'https://pay.example.com';
const spoke = (daysLeft: number, distrust?: string): SeenAddress['tls'] => ({
  ...{ kind: 'spoke', endsAt: plus(now, days(daysLeft)), distrust },
});
const at = (tls: SeenAddress['tls'], ...addresses: string[]): Finding => judgeAddress(url, { addresses, tls }, now);
const one: SeenProcess = {
  ...{ id: 'a/1', role: 'all', program: '1.0.0', schema: 6, host: 'a', pid: 1 },
  ...{ startedAt: now, lastSeenAt: now, silentMs: 100, clockOffsetMs: 0 },
};
const well: Upkeep = { autovacuum: true, age: 1e6, forcedAt: 2e8, bloated: [], openForSeconds: 1 };
const secret = (daysLeft: number | undefined) =>
  judgeSecrets(
    [{ account: 'A1', field: 'rsa', endsAt: daysLeft === undefined ? undefined : plus(now, days(daysLeft)) }],
    now,
  );
const keysOf = (...months: string[]): Set<string> =>
  new Set(months.flatMap((month) => ['personal', 'exchange', 'credential'].map((name) => `${month} ${name}`)));
const came = (id: string, cameFrom: string) => ({ id, hasLogin: true, cameFrom });
const absent = { id: 'zhao', hasLogin: false, cameFrom: undefined };
const schema = (database: number, worksWith: number) => judgeSchema({ database, worksWith, program: 6 });

/** Each condition, and what the doctor says of it. */
const table: readonly (readonly [condition: string, found: Finding | readonly Finding[], expected: string])[] = [
  ['PostgreSQL 17 today', judgeVersion('17.10', 'x', now), 'database ok'],
  ['PostgreSQL 14', judgeVersion('14.9', 'x', now), 'database fail'],
  ['PostgreSQL 15 in 2028', judgeVersion('15.9', 'x', plus(now, days(500))), 'database warn'],
  ['a major that nobody knows yet', judgeVersion('31.1', 'x', now), 'database ok'],
  ['the same schema', schema(6, 1), 'schema ok'],
  ['a schema that a newer program expanded', schema(8, 6), 'schema warn'],
  ['a schema that shut this program out', schema(8, 7), 'schema fail'],
  ['a schema that waits to be migrated', schema(5, 1), 'schema fail'],
  ['room for connections', judgeConnections({ used: 40, most: 97 }), 'connections ok'],
  ['a fifth of the connections left', judgeConnections({ used: 79, most: 97 }), 'connections warn'],
  ['no room for another process', judgeConnections({ used: 90, most: 97 }), 'connections fail'],
  ['a database in order', judgeUpkeep(well, false), 'upkeep ok'],
  ['autovacuum off', judgeUpkeep({ ...well, autovacuum: false }, false), 'upkeep fail'],
  ['autovacuum off in a sandbox', judgeUpkeep({ ...well, autovacuum: false }, true), 'upkeep warn'],
  ['rows that should have been frozen', judgeUpkeep({ ...well, age: 301_000_000 }, false), 'upkeep warn'],
  ['half way to the stop', judgeUpkeep({ ...well, age: 1_100_000_000 }, false), 'upkeep fail'],
  ['a transaction open for two hours', judgeUpkeep({ ...well, openForSeconds: 7200 }, false), 'upkeep warn'],
  ['a table full of dead rows', judgeUpkeep({ ...well, bloated: ['jobs'] }, false), 'upkeep warn'],
  ['a server that works', judgeProcesses([one], false), 'workers ok'],
  ['no worker in production', judgeProcesses([{ ...one, role: 'api' }], false), 'workers fail'],
  ['no worker in a sandbox', judgeProcesses([], true), 'workers warn'],
  ['a process that was killed', judgeProcesses([one, { ...one, silentMs: 31_000 }], false), 'workers ok workers warn'],
  ['two versions', judgeProcesses([one, { ...one, schema: 7 }], false), 'workers ok versions warn'],
  ['a clock astray', judgeProcesses([{ ...one, clockOffsetMs: -400 }], false), 'workers ok clock warn'],
  ['a clock far astray', judgeProcesses([{ ...one, clockOffsetMs: 1400 }], false), 'workers ok clock fail'],
  ['a backup of last night', judgeBackups(plus(now, -hours(20)), now, false), 'backups ok'],
  ['a backup missed', judgeBackups(plus(now, -hours(27)), now, false), 'backups warn'],
  ['a backup missed all week', judgeBackups(plus(now, -days(8)), now, false), 'backups fail'],
  ['no backup ever', judgeBackups(undefined, now, false), 'backups warn'],
  ['no backup of a sandbox', judgeBackups(undefined, now, true), 'backups ok'],
  ['two people who came', judgePeople([came('wang', 'w@a'), came('zhao', 'z@b')], false), 'people ok'],
  ['one who came, and one who did not', judgePeople([came('wang', 'w@a'), absent], false), 'people fail people warn'],
  ['two who came as one', judgePeople([came('wang', 'w@a'), came('zhao', 'w@a')], false), 'people ok people warn'],
  ['one person in a sandbox', judgePeople([absent], true), 'people warn'],
  ['an open incident', judgeIncidents(['I-1']), 'incidents warn'],
  ['no incident', judgeIncidents([]), 'incidents ok'],
  ['a secret without an end', secret(undefined), 'secrets ok'],
  ['a secret for 31 days', secret(31), 'secrets ok'],
  ['a secret for 29 days', secret(29), 'secrets warn'],
  ['a secret on its last day', secret(0.5), 'secrets fail'],
  ['a secret that has ended', secret(-2), 'secrets fail'],
  ['data keys of the month', judgeDataKeys(keysOf('2026-11'), now), 'data_keys ok'],
  ['no data keys for tomorrow', judgeDataKeys(keysOf('2026-11'), plus(now, days(8.5))), 'data_keys warn'],
  ['a channel in step', judgeChannelClocks([{ account: 'A1', offsetMs: -900 }]), ''],
  ['a channel 20 s behind', judgeChannelClocks([{ account: 'A1', offsetMs: -20_000 }]), 'clock warn'],
  ['a channel 2 minutes before', judgeChannelClocks([{ account: 'A1', offsetMs: 120_000 }]), 'clock fail'],
  ['a good certificate', at(spoke(90), '8.8.8.8'), 'notices ok'],
  ['a certificate for 29 days', at(spoke(29), '8.8.8.8'), 'notices warn'],
  ['a certificate on its last day', at(spoke(0.9), '8.8.8.8'), 'notices fail'],
  ['a certificate of nobody', at(spoke(90, 'SELF_SIGNED'), '8.8.8.8'), 'notices fail'],
  ['a name without an address', at(spoke(90)), 'notices fail'],
  ['a name that leads into the house', at(spoke(90), '8.8.8.8', '192.168.1.9'), 'notices fail'],
  ['a name that leads to this machine', at(spoke(90), '127.0.0.1'), 'notices fail'],
  ['an address that is silent', at({ kind: 'silent', why: 'ECONNREFUSED' }, '8.8.8.8'), 'notices warn'],
];

test.each(table)('%s', (_condition, found, expected) => {
  const findings = [found].flat();
  expect(findings.map(({ name, state }) => `${name} ${state}`).join(' ')).toBe(expected);
  for (const { state, wayOut, found: words } of findings) {
    if (state !== 'ok') expect(wayOut?.zh && wayOut.en).toBeTruthy();
    expect(words.zh).toMatch(/[\u4e00-\u9fff]|^https|^PostgreSQL/);
    expect(words.en).not.toMatch(/[\u4e00-\u9fff]|undefined|NaN/);
  }
});

const fixtures = join(import.meta.dirname, '../../../test/fixtures/tls');
const pem = (name: string): string => readFileSync(join(fixtures, `test-only-${name}.pem`), 'utf8');

test('a handshake tells when a certificate ends and why it is not trusted, and silence says why', async () => {
  const server = createServer({ key: pem('key'), cert: pem('certificate') }, (socket) => socket.end());
  onTestFinished(() => void server.close());
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const seen = await shakeHands('127.0.0.1', String(port));
  expect(seen).toMatchObject({ kind: 'spoke', distrust: expect.stringMatching(/SELF_SIGNED/) });
  expect(seen.kind === 'spoke' && seen.endsAt).toBeGreaterThan(now);
  const refused = await lookAtAddress(new URL('https://127.0.0.1:1'));
  expect(refused).toEqual({ addresses: ['127.0.0.1'], tls: { kind: 'silent', why: 'ECONNREFUSED' } });
});
