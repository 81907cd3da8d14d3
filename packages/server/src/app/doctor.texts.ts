type Words = { readonly zh: string; readonly en: string };

/** What `doctor` finds, and the way out. */
export const doctorWords = {
  runtime: (version: string, range: string): Words => ({
    zh: `Node ${version}，要求 ${range}`,
    en: `Node ${version}, pinned to ${range}`,
  }),
  runtimeOther: {
    zh: '请用 npm start 或 npx liushui 启动，它们会换到锁定的版本',
    en: 'start with npm start or npx liushui: they switch to the locked runtime',
  },
  noDatabase: (where: string): Words => ({ zh: `${where} 里没有数据库`, en: `no database in ${where}` }),
  makeOne: {
    zh: 'npm start（模拟）或 liushui init --production',
    en: 'npm start (sandbox) or liushui init --production',
  },
  unreachable: (why: string): Words => ({ zh: `连不上：${why}`, en: `not reachable: ${why}` }),
  checkDatabase: {
    zh: '检查 DATABASE_URL、网络和 PostgreSQL 是否在运行',
    en: 'check DATABASE_URL, the network, and that PostgreSQL runs',
  },
  disk: (gigabytes: string, folder: string): Words => ({
    zh: `${folder} 剩余 ${gigabytes} GB`,
    en: `${gigabytes} GB free in ${folder}`,
  }),
  freeDisk: { zh: '请清理磁盘或换数据文件夹', en: 'free some space, or move the data folder' },
  sandbox: { zh: '模拟环境', en: 'SANDBOX' },
  production: { zh: '生产环境', en: 'PRODUCTION' },
  bornUnknown: { zh: '数据库还不是流水的', en: 'this database is not ours yet' },
  keysOpen: (n: number, fingerprint: string): Words => ({
    zh: `能打开全部 ${n} 个数据密钥，指纹 ${fingerprint}`,
    en: `opens all ${n} data keys, fingerprint ${fingerprint}`,
  }),
  keysClosed: (n: number, of: number): Words => ({
    zh: `有 ${n} / ${of} 个数据密钥打不开`,
    en: `${n} of ${of} data keys cannot be opened`,
  }),
  rightKey: { zh: '请从托管处取回原来的主密钥', en: 'put the original master key from escrow back' },
  clock: (ms: number): Words => ({
    zh: `本机与数据库相差 ${ms} 毫秒`,
    en: `${ms} ms between this machine and the database`,
  }),
  sandboxClock: (at: string, running: boolean): Words => ({
    zh: `模拟时钟 ${at} (GMT+8)，${running ? '在走' : '停住'}`,
    en: `sandbox clock ${at} (GMT+8), ${running ? 'running' : 'standing'}`,
  }),
  synchronise: { zh: '开启时间同步（NTP）', en: 'turn on time synchronisation (NTP)' },
  startClock: { zh: 'liushui sandbox clock --run', en: 'liushui sandbox clock --run' },
  lanesOpen: (n: number): Words => ({ zh: `${n} 条，全部正常`, en: `${n}, all open` }),
  lanesShut: (names: string): Words => ({ zh: `暂停或关闭：${names}`, en: `paused or closed: ${names}` }),
  openLanes: { zh: '查看原因：liushui lanes list', en: 'see why: liushui lanes list' },
  nothingDue: { zh: '没有到期未做的任务', en: 'nothing is overdue' },
  due: (n: number, seconds: number): Words => ({
    zh: `到期 ${n} 个，最早的已等 ${seconds} 秒`,
    en: `${n} due, the oldest for ${seconds} s`,
  }),
  runWorker: {
    zh: '没有任务进程？npm start 或 liushui serve --role worker',
    en: 'is a worker running? npm start or liushui serve --role worker',
  },
  answered: { zh: '每次发出的都有结果', en: 'every call has its end' },
  unanswered: (n: number): Words => ({
    zh: `${n} 次发出后 5 分钟没有结果`,
    en: `${n} calls have no end after 5 minutes`,
  }),
  askFirst: {
    zh: '任务进程会先查询再决定；liushui jobs due',
    en: 'the worker asks before anything is sent again; liushui jobs due',
  },
  accountsGood: (n: number): Words => ({ zh: `${n} 个，密钥齐全`, en: `${n}, none lacks a secret` }),
  noAccounts: { zh: '还没有渠道账户', en: 'none yet' },
  addAccount: { zh: 'liushui accounts add', en: 'liushui accounts add' },
  lacksSecrets: (ids: string): Words => ({ zh: `缺少可用密钥：${ids}`, en: `without a live secret: ${ids}` }),
  plainHttp: (ids: string): Words => ({ zh: `地址不是 https：${ids}`, en: `address is not https: ${ids}` }),
  fixAccount: { zh: '请更正账户设置（须两人）', en: "correct the account's settings (two people)" },
} as const;
