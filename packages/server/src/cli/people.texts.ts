import type { Words } from './answer.ts';

export const peopleTexts = {
  loginAbout: {
    zh: '保存登录令牌；模拟环境可直接写人名，如 zhao',
    en: "keep a login; in a sandbox a person's name will do, such as zhao",
  },
  logoutAbout: { zh: '忘记本机保存的登录', en: 'forget the login kept on this machine' },
  whoamiAbout: { zh: '当前登录的人', en: 'who is logged in' },
  users: { zh: '用户', en: 'users' },
  usersListAbout: { zh: '列出用户', en: 'list users' },
  usersAddAbout: { zh: '新增用户（生产环境须两人）', en: 'add a user (two people in production)' },
  usersDisableAbout: {
    zh: '停用用户，其登录和密钥立即失效',
    en: 'disable a user; all their logins and keys stop working',
  },
  usersRolesAbout: { zh: '更改角色和商户', en: 'change roles and merchants' },
  nameOption: { zh: '姓名', en: 'name' },
  rolesOption: {
    zh: '角色，逗号分隔：viewer,maker,checker,finance,admin,auditor',
    en: 'roles, separated by commas: viewer,maker,checker,finance,admin,auditor',
  },
  merchantsOption: { zh: '商户，逗号分隔；* 表示全部', en: 'merchants, separated by commas; * for all' },
  tokens: { zh: '登录令牌和 API 密钥', en: 'logins and API keys' },
  issueAbout: {
    zh: '发给用户一个登录（或 --api-key），只显示一次',
    en: 'give a user a login (or an API key); it is shown once',
  },
  tokensListAbout: { zh: '列出登录和密钥（不含内容）', en: 'list logins and keys, never their contents' },
  revokeAbout: { zh: '撤销；一个人即可', en: 'revoke; one person is enough' },
  apiKeyOption: { zh: '发 API 密钥而不是命令行登录', en: 'an API key instead of a login of the command line' },
  scopesOption: { zh: 'API 密钥的权限，逗号分隔', en: 'permissions of the API key, separated by commas' },
  labelOption: { zh: '用途说明', en: 'what it is for' },
  expiresOption: {
    zh: '有效期，如 90d（默认不限）',
    en: 'how long it is valid, such as 90d; until revoked by default',
  },
  ipOption: { zh: '允许的地址或网段，逗号分隔', en: 'addresses or blocks it may come from, separated by commas' },
  initAbout: { zh: '建立生产环境（至少两人）', en: 'set up production (two people or more)' },
  productionOption: {
    zh: '确认建立生产环境，此后不能改为模拟',
    en: 'production it shall be; it never becomes a sandbox',
  },
  userOption: {
    zh: '人员 编号:姓名:角色[,角色]:认领码，可重复',
    en: 'a person id:name:role[,role]:claim; repeat it',
  },
  merchantInitOption: { zh: '商户 编号:中文名:英文名', en: 'merchant id:Chinese name:English name' },
  loggedIn: (id: string, name: string, roles: string): Words => ({
    zh: `已登录：${id}（${name}），角色 ${roles}`,
    en: `Logged in: ${id} (${name}), ${roles}`,
  }),
  loggedOut: { zh: '已退出登录。', en: 'Logged out.' },
  who: (id: string, name: string, roles: string, merchants: string, kind: Words): Words => ({
    zh: `${id}（${name}）  角色 ${roles}  商户 ${merchants}  ${kind.zh}`,
    en: `${id} (${name})  roles ${roles}  merchants ${merchants}  ${kind.en}`,
  }),
  sandbox: { zh: '模拟环境', en: 'SANDBOX' },
  production: { zh: '生产环境', en: 'PRODUCTION' },
  userHeads: { zh: ['编号', '姓名', '角色', '商户', '状态'], en: ['user', 'name', 'roles', 'merchants', 'state'] },
  disabled: { zh: '已停用', en: 'disabled' },
  userDone: (id: string): Words => ({ zh: `用户 ${id} 已更新。`, en: `User ${id} is as wished.` }),
  tokenHeads: {
    zh: ['编号', '用户', '类型', '用途', '到期 (GMT+8)', '撤销'],
    en: ['token', 'user', 'kind', 'label', 'expires (GMT+8)', 'revoked'],
  },
  issued: (user: string): Words => ({
    zh: `给 ${user} 的令牌，只显示这一次：`,
    en: `Token for ${user}, shown this once:`,
  }),
  revoked: (id: string): Words => ({ zh: `${id} 已撤销。`, en: `${id} is revoked.` }),
  founded: (ids: string): Words => ({
    zh: `生产环境已建立。没有发出任何登录：${ids} 请各自在自己的机器和账户上执行 liushui claim take（七天内）。`,
    en: `Production is founded. No login was handed out: ${ids} each run liushui claim take on their own machine and account, within seven days.`,
  }),
  claim: { zh: '自己的登录：先做，后认领', en: "one's own login: made first, taken later" },
  claimMakeAbout: {
    zh: '在本机生成自己的登录，显示交给建立者的认领码',
    en: 'make your own login on this machine, and show the claim to hand to whoever founds production',
  },
  claimTakeAbout: { zh: '生产环境建立之后，认领自己的登录', en: 'take your own login once production is founded' },
  claimMade: (file: string): Words => ({
    zh: `登录已保存在 ${file}，不要给任何人。把这个认领码交给建立者：`,
    en: `Your login is in ${file}; show it to nobody. Hand this claim to whoever founds production:`,
  }),
  claimTaken: (id: string): Words => ({ zh: `这个登录现在是 ${id} 的。`, en: `This login is ${id}'s now.` }),
} as const;
