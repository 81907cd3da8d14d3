import type { Words } from './answer.ts';

export const doctorTexts = {
  about: { zh: '检查本安装的问题和解决办法', en: 'what is wrong with this installation, and how to mend it' },
  names: {
    runtime: { zh: '运行时', en: 'runtime' },
    database: { zh: '数据库', en: 'database' },
    schema: { zh: '表结构', en: 'schema' },
    disk: { zh: '磁盘', en: 'disk' },
    born: { zh: '环境', en: 'born as' },
    keys: { zh: '主密钥', en: 'master key' },
    clock: { zh: '时钟', en: 'clock' },
    lanes: { zh: '通道', en: 'lanes' },
    jobs: { zh: '任务', en: 'jobs' },
    exchanges: { zh: '通信', en: 'exchanges' },
    accounts: { zh: '渠道账户', en: 'accounts' },
    people: { zh: '人员', en: 'people' },
    connections: { zh: '连接数', en: 'connections' },
    upkeep: { zh: '数据库维护', en: 'upkeep' },
    secrets: { zh: '渠道密钥有效期', en: 'secrets' },
    data_keys: { zh: '数据密钥', en: 'data keys' },
    workers: { zh: '进程', en: 'processes' },
    versions: { zh: '版本', en: 'versions' },
    backups: { zh: '备份', en: 'backups' },
    incidents: { zh: '事件', en: 'incidents' },
    notices: { zh: '通知地址', en: 'notices' },
  } as Readonly<Record<string, Words>>,
  sum: (all: number, warned: number, failed: number): Words => ({
    zh: `检查 ${all} 项：${failed} 项失败，${warned} 项提醒。`,
    en: `${all} checks: ${failed} failed, ${warned} to look at.`,
  }),
} as const;
