import type { Words } from './finding.ts';

export const servingWords = {
  alive: (all: number, workers: number): Words => ({
    zh: `${all} 个进程在运行，其中 ${workers} 个处理任务`,
    en: `${all} serving, ${workers} of them work the jobs`,
  }),
  noWorker: (all: number): Words => ({
    zh: `没有进程在处理任务（${all} 个在运行）`,
    en: `no process works the jobs (${all} serving)`,
  }),
  startWorker: {
    zh: 'npm start，或 liushui serve --role worker',
    en: 'npm start, or liushui serve --role worker',
  },
  lost: (names: string): Words => ({
    zh: `没有告别就消失的进程：${names}`,
    en: `gone without taking leave: ${names}`,
  }),
  whyLost: {
    zh: '看它的日志和内核日志（内存不足？被终止？）；发出的请求会先查询',
    en: 'look at its log and the kernel’s (out of memory? killed?); what it had sent is asked about first',
  },
  versions: (kinds: string): Words => ({
    zh: `几个版本同时运行：${kinds}`,
    en: `several versions side by side: ${kinds}`,
  }),
  finishUpgrade: {
    zh: '升级时如此是正常的；请把其余的也升级，见 docs/operations/upgrade.md',
    en: 'as it should be during an upgrade; finish it, see docs/operations/upgrade.md',
  },
  astray: (names: string): Words => ({
    zh: `时钟与数据库不一致：${names}`,
    en: `their clock differs from the database's: ${names}`,
  }),
  synchronise: { zh: '在那台机器上开启时间同步（NTP）', en: 'turn on time synchronisation (NTP) there' },
  sandboxNone: { zh: '模拟环境，不需要', en: 'a sandbox needs none' },
  noBackup: { zh: '从未备份', en: 'none was ever taken' },
  backup: (at: string, hours: number): Words => ({
    zh: `最近一次 ${at} (GMT+8)，${hours} 小时前`,
    en: `last ${at} (GMT+8), ${hours} hours ago`,
  }),
  takeBackup: { zh: '备份：见 docs/operations/backup.md', en: 'take one: see docs/operations/backup.md' },
  people: (n: number): Words => ({ zh: `${n} 人可登录`, en: `${n} people can log in` }),
  needTwo: {
    zh: '至少两人才能复核：liushui claim take 或 liushui users add',
    en: 'two people at least, or nothing can be approved: liushui claim take, or liushui users add',
  },
  notCome: (ids: string): Words => ({ zh: `还没有登录：${ids}`, en: `without a login: ${ids}` }),
  takeClaims: {
    zh: '请本人执行 liushui claim take（建立后七天内），或由两人另发：liushui tokens issue',
    en: 'they run liushui claim take themselves, within a week of the founding; or two people issue one: liushui tokens issue',
  },
  sameAccount: (places: string): Words => ({
    zh: `不止一人从同一账户认领登录：${places}`,
    en: `more than one person took a login as ${places}`,
  }),
  askThem: {
    zh: '一个人可能拿着两个人的登录：请当面核实，必要时撤销后重新发放',
    en: 'one person may hold the logins of two: ask them in person, and revoke and issue anew where in doubt',
  },
  noIncident: { zh: '没有未关闭的事件', en: 'none is open' },
  incidents: (ids: string): Words => ({ zh: `未关闭：${ids}`, en: `open: ${ids}` }),
  seeRunbook: {
    zh: '见 docs/runbooks/missing-payment-records.md',
    en: 'see docs/runbooks/missing-payment-records.md',
  },
} as const;
