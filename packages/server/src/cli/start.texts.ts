import type { Words } from './answer.ts';
import type { StartStep } from './doors.ts';

export const startSteps: Readonly<Record<StartStep, Words>> = {
  settings: { zh: '运行时和设置', en: 'runtime and settings' },
  database: { zh: '数据库', en: 'database' },
  schema: { zh: '表结构（迁移数）', en: 'schema, migrations' },
  contents: { zh: '密钥、人员、模拟渠道、示例数据', en: 'keys, people, simulators, sandbox data' },
  server: { zh: '服务和任务', en: 'server and workers' },
};

export const startTexts = {
  startAbout: {
    zh: '启动模拟环境：数据库、模拟渠道、服务、任务',
    en: 'start a sandbox: database, simulators, server, workers',
  },
  serveAbout: { zh: '运行服务（生产用）', en: 'run the server (production)' },
  roleOption: { zh: 'api、worker 或 all', en: 'api, worker or all' },
  step: (number: number, words: Words, about: string, seconds: string): Words => ({
    zh: `[${number}/5] ${words.zh}  ${about}  ${seconds} 秒`,
    en: `[${number}/5] ${words.en}  ${about}  ${seconds} s`,
  }),
  beginning: { zh: '正在启动流水…', en: 'Starting Liushui…' },
  ready: (seconds: string): Words => ({ zh: `流水已就绪，用时 ${seconds} 秒`, en: `Liushui ready in ${seconds} s` }),
  sandbox: (at: string): Words => ({
    zh: `模拟环境（模拟资金）  时钟 ${at} (GMT+8)，随真实时间走`,
    en: `SANDBOX, simulated money  clock ${at} (GMT+8), runs with real time`,
  }),
  busy: (busy: number, address: string): Words => ({
    zh: `端口 ${busy} 已被占用，改用 ${address}`,
    en: `Port ${busy} is in use by another program; using ${address}`,
  }),
  rows: {
    address: { zh: '状态页和接口', en: 'status page, API' },
    alipay: { zh: '模拟支付宝', en: 'Alipay simulator' },
    wechat: { zh: '模拟微信支付', en: 'WeChat simulator' },
    port: { zh: '模拟口岸', en: 'port simulator' },
    data: { zh: '数据位置', en: 'data' },
    logins: { zh: '登录', en: 'logins' },
    key: { zh: 'API 密钥', en: 'API key' },
    signUp: { zh: '自己开户', en: 'own account' },
  },
  signUpWay: {
    zh: 'npx liushui login chen，然后 npx liushui sandbox sign-up wechat（或 alipay），照它说的做',
    en: 'npx liushui login chen, then npx liushui sandbox sign-up wechat (or alipay), and type what it says',
  },
  loginsKept: (folder: string): Words => ({
    zh: `wang 经办（已登录）、zhao 复核、chen 管理；换人：npx liushui login zhao  （令牌在 ${folder}）`,
    en: `wang maker (logged in), zhao checker, chen admin; change: npx liushui login zhao  (tokens in ${folder})`,
  }),
  keyAgain: {
    zh: '首次启动时已显示；需要新的：以 chen 登录后 npx liushui tokens issue shop --api-key',
    en: 'was shown at the first start; a new one: log in as chen, then npx liushui tokens issue shop --api-key',
  },
  stopHint: { zh: '按 Ctrl-C 停止。', en: 'Ctrl-C stops it.' },
  stopping: { zh: '正在停止…', en: 'Stopping…' },
  stopped: { zh: '已停止，数据保留。', en: 'Stopped; the data is kept.' },
  lost: {
    zh: '数据库已断开（可能被终止）。已停止；重新执行 npm start 即可继续，数据不丢。',
    en: 'The database has gone away (killed?). Stopped; npm start goes on from here, nothing is lost.',
  },
  serving: (bornAs: string, role: string, address: string): Words => ({
    zh: `流水（${bornAs}）正在运行：${role}${address ? `，${address}` : ''}`,
    en: `Liushui (${bornAs}) is serving: ${role}${address ? `, ${address}` : ''}`,
  }),
} as const;
