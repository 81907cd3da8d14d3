import type { Words } from './finding.ts';

const n = (value: number): string => Math.round(value).toLocaleString('en-US');

export const serverWords = {
  database: (version: string, whose: string): Words => ({
    zh: `PostgreSQL ${version}，${whose}`,
    en: `PostgreSQL ${version}, ${whose}`,
  }),
  tooOld: { zh: '请用 PostgreSQL 15 或更新', en: 'use PostgreSQL 15 or newer' },
  unsupported: (version: string, until: string): Words => ({
    zh: `PostgreSQL ${version} 已于 ${until} 停止维护`,
    en: `PostgreSQL ${version} has had no security fixes since ${until}`,
  }),
  upgradeServer: { zh: '请升级到受维护的主版本', en: 'upgrade to a major version that is maintained' },
  schema: (database: number, program: number): Words => ({
    zh: `数据库结构 ${database}，程序 ${program}`,
    en: `database ${database}, program ${program}`,
  }),
  ahead: (database: number, program: number): Words => ({
    zh: `数据库结构 ${database} 比程序 ${program} 新，可以并行`,
    en: `database ${database} is newer than the program's ${program} and works with it`,
  }),
  migrate: { zh: 'liushui migrate', en: 'liushui migrate' },
  upgradeProgram: {
    zh: '请升级本机的程序，见 docs/operations/upgrade.md',
    en: 'upgrade the program here too, see docs/operations/upgrade.md',
  },
  connections: (used: number, most: number): Words => ({
    zh: `已用 ${used} / ${most} 个连接`,
    en: `${used} of ${most} in use`,
  }),
  moreConnections: {
    zh: '提高 max_connections 或减少进程，见 docs/operations/sizing.md',
    en: 'raise max_connections or run fewer processes, see docs/operations/sizing.md',
  },
  noAutovacuum: { zh: 'autovacuum 已关闭', en: 'autovacuum is off' },
  turnOnAutovacuum: { zh: '在 postgresql.conf 里设置 autovacuum = on', en: 'set autovacuum = on in postgresql.conf' },
  wraparound: (age: number, stops: number): Words => ({
    zh: `最旧的事务已过 ${n(age)} 个，到 ${n(stops)} 时数据库停止写入`,
    en: `the oldest row is ${n(age)} transactions old; at ${n(stops)} the database stops taking writes`,
  }),
  vacuumFreeze: {
    zh: '找出阻碍清理的长事务，再执行 vacuumdb --all --freeze',
    en: 'end what holds vacuum back, then run vacuumdb --all --freeze',
  },
  longOpen: (seconds: number): Words => ({
    zh: `有事务已打开 ${n(seconds / 60)} 分钟，旧行无法清理`,
    en: `a transaction has been open for ${n(seconds / 60)} minutes; dead rows pile up behind it`,
  }),
  endSession: {
    zh: '在 pg_stat_activity 里找到它，用 pg_terminate_backend 结束',
    en: 'find it in pg_stat_activity and end it with pg_terminate_backend',
  },
  bloated: (tables: string): Words => ({
    zh: `一天多没有清理，死行过多：${tables}`,
    en: `not vacuumed for a day and full of dead rows: ${tables}`,
  }),
  vacuum: { zh: '执行 vacuumdb --analyze', en: 'run vacuumdb --analyze' },
  kept: (age: number): Words => ({ zh: `autovacuum 正常，事务年龄 ${n(age)}`, en: `autovacuum works, age ${n(age)}` }),
} as const;
