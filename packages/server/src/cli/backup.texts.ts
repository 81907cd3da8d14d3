import type { Words } from './answer.ts';

export const backupTexts = {
  about: {
    zh: '备份全部数据到一个文件；不停机，不加锁',
    en: 'back up everything into one file, while all goes on',
  },
  toOption: {
    zh: '尚不存在的文件，或一个文件夹（文件名由程序取）',
    en: 'a file that does not exist, or a folder, where the name is made',
  },
  checkAbout: { zh: '核对备份的每个字节，不需要数据库', en: 'compare every byte of a backup; needs no database' },
  restoreAbout: {
    zh: '恢复到空数据库：世代加一，渠道通道暂停，先查询后发送',
    en: 'restore into an empty database: new epoch, lanes paused, everything asked first',
  },
  epochOption: {
    zh: '新的世代；同一备份曾恢复过时必须给出更大的数',
    en: 'the new epoch; to be given, and higher, when this backup was restored before',
  },
  copying: (table: string): Words => ({ zh: `备份 ${table}`, en: `copying ${table}` }),
  comparing: (table: string): Words => ({ zh: `核对 ${table}`, en: `comparing ${table}` }),
  restoring: (table: string): Words => ({ zh: `恢复 ${table}`, en: `restoring ${table}` }),
  taken: (file: string): Words => ({ zh: `已备份到 ${file}`, en: `Backed up into ${file}` }),
  whole: (file: string): Words => ({ zh: `备份完好：${file}`, en: `The backup is whole: ${file}` }),
  holds: (at: string, tables: string, rows: string, kilobytes: string): Words => ({
    zh: `时点 ${at}，${tables} 个表，${rows} 行，${kilobytes} KB`,
    en: `as of ${at}: ${tables} tables, ${rows} rows, ${kilobytes} kB`,
  }),
  bornAs: (kind: string, epoch: number, schema: number, program: string): Words => ({
    zh: `${kind}，世代 ${epoch}，结构 ${schema}，程序 ${program}`,
    en: `${kind}, epoch ${epoch}, schema ${schema}, written by ${program}`,
  }),
  needsKey: (fingerprint: string): Words => ({
    zh: `恢复需要指纹为 ${fingerprint} 的主密钥，备份里没有它。`,
    en: `Restoring it needs the master key ${fingerprint}, which is not in it.`,
  }),
  needsNoKey: { zh: '其中没有加密的内容。', en: 'Nothing in it is sealed.' },
  named: (sha256: string): Words => ({ zh: `清单 sha256 ${sha256}`, en: `manifest sha256 ${sha256}` }),
  restored: (at: string, epoch: number): Words => ({
    zh: `已恢复到 ${at} 的状态，世代 ${epoch}。此后旧库所做的，只有渠道知道。`,
    en: `Restored as of ${at}, epoch ${epoch}. What was done after that, only the channels know.`,
  }),
  lanesPaused: (lanes: string): Words => ({
    zh: `已暂停的通道（先查看再打开）：${lanes}`,
    en: `Lanes paused until somebody has looked: ${lanes}`,
  }),
  toAsk: (n: string): Words => ({
    zh: `打开查询通道后先向渠道查询 ${n} 笔；没有查询结果的不会推送。`,
    en: `${n} declarations are asked about first; nothing is pushed before its answer.`,
  }),
  plansStopped: (plans: string): Words => ({
    zh: `已停止的重新报关计划：${plans}。逐单向渠道查询后重新提出`,
    en: `Plans stopped that declare anew: ${plans}. Look each order up at the channel, then propose again`,
  }),
  plansPaused: (plans: string): Words => ({ zh: `已暂停的计划：${plans}`, en: `Plans paused: ${plans}` }),
  lapsed: (ids: string): Words => ({
    zh: `已复核未使用的复核单失效，须重新提出：${ids}`,
    en: `Approvals given and not used have lapsed, to be asked for again: ${ids}`,
  }),
  lost: (n: string): Words => ({
    zh: `${n} 个接口请求的结果不明，其幂等键会如实答复。`,
    en: `${n} requests of the API have lost their results; their keys say so.`,
  }),
  tokens: (n: string): Words => ({
    zh: `${n} 个登录和密钥与备份时一样有效：此后注销过的请再注销（liushui tokens list）。`,
    en: `${n} logins and keys are as they were: revoke again what was revoked since (liushui tokens list).`,
  }),
  another: {
    zh: '生产环境：通道须由另一人打开。',
    en: 'Production: somebody else than you resumes the lanes.',
  },
} as const;
