import type { Words } from './answer.ts';

export const migrateTexts = {
  about: {
    zh: '升级数据库结构；会让运行中的旧进程失效的迁移不会执行',
    en: 'bring the schema forward; never under a running process that it would shut out',
  },
  lookOption: { zh: '只看不做', en: 'only say what would be done' },
  standing: (database: number, program: number): Words => ({
    zh: `数据库结构 ${database}，本程序认识到 ${program}。`,
    en: `The database had schema ${database}; this program knows ${program}.`,
  }),
  ahead: (database: number, program: number): Words => ({
    zh: `数据库结构 ${database} 比本程序（${program}）新，但可以并行使用。`,
    en: `The database has schema ${database}, newer than this program's ${program}, and works with it.`,
  }),
  applied: (names: string): Words => ({ zh: `已执行：${names}`, en: `Applied: ${names}` }),
  waiting: (names: string): Words => ({ zh: `待执行：${names}`, en: `Waiting: ${names}` }),
  heads: {
    zh: ['运行中的进程', '角色', '程序', '认识的结构', '会失效'],
    en: ['serving now', 'role', 'program', 'knows schema', 'shut out'],
  },
  shutOut: {
    zh: '标 ! 的进程会失效：先升级或停止它们，再执行 liushui migrate。',
    en: 'Those marked ! would be shut out: upgrade or stop them first, then run liushui migrate.',
  },
} as const;
