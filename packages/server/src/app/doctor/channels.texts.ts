import type { Words } from './finding.ts';

export const channelWords = {
  secretsLast: (n: number): Words => ({ zh: `${n} 个，30 天内都不到期`, en: `${n}, none ends within 30 days` }),
  ended: (account: string, field: string): Words => ({
    zh: `${account} 的 ${field} 已到期`,
    en: `${field} of ${account} has ended`,
  }),
  ending: (account: string, field: string, days: number): Words => ({
    zh: `${account} 的 ${field} 还有 ${days} 天到期`,
    en: `${field} of ${account} ends in ${days} days`,
  }),
  replaceSecret: {
    zh: '向渠道换新密钥或证书，以新账户设置登记（须两人）',
    en: 'get its successor from the channel and enter it (two people)',
  },
  channelClock: (account: string, seconds: number): Words => ({
    zh: `${account} 的渠道时钟比我方快 ${seconds} 秒`,
    en: `the channel of ${account} is ${seconds} s before us`,
  }),
  whoseClock: {
    zh: '对照可靠的时间源；多半是数据库和本机一起走偏了',
    en: 'compare with a source that is sure: most likely database and machine are wrong together',
  },
  noKeys: (names: string): Words => ({ zh: `还没有：${names}`, en: `not there yet: ${names}` }),
  startWorker: {
    zh: '任务进程会在月初前一天生成；请确认它在运行',
    en: 'a worker makes them a day before the month begins: make sure that one runs',
  },
  keys: (months: string): Words => ({ zh: `${months} 的数据密钥齐全`, en: `all there for ${months}` }),
} as const;
