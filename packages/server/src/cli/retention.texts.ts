import type { Words } from './answer.ts';
import { count } from './layout.ts';

export const retentionTexts = {
  retention: { zh: '数据保留期限', en: 'how long things are kept' },
  showAbout: { zh: '各类数据的期限、下限和依据', en: 'terms, minima and where they come from' },
  runAbout: {
    zh: '立即删除过期数据（每晚也会自动进行）',
    en: 'delete now what is past its term; it runs every night too',
  },
  dryOption: { zh: '只数不删', en: 'count only, delete nothing' },
  setAbout: {
    zh: '更改期限（生产环境须两人）；缩短的七天后生效',
    en: 'change a term (two people in production); a shorter one begins after seven days',
  },
  heads: {
    zh: ['类别', '天数', '下限', '早于此日的会删除', '内容'],
    en: ['class', 'days', 'minimum', 'goes before', 'what'],
  },
  coming: (name: string, days: number, from: string): Words => ({
    zh: `${name} 自 ${from} 起改为 ${count(days)} 天`,
    en: `${name}: ${count(days)} days from ${from} on`,
  }),
  sources: { zh: '下限的依据：', en: 'Where the minima come from:' },
  wouldGo: (name: string, n: number): Words => ({
    zh: `${name}：${count(n)} 项已过期`,
    en: `${name}: ${count(n)} past their term`,
  }),
  later: {
    zh: '后面的类别可能在前面的删除之后才放出更多。什么都没有删除。',
    en: 'A later class may let go of more once an earlier one has gone. Nothing was deleted.',
  },
  going: (name: string): Words => ({ zh: `${name}…`, en: `${name}…` }),
  gone: (name: string, n: number): Words => ({
    zh: `${name}：删除 ${count(n)} 行`,
    en: `${name}: ${count(n)} rows deleted`,
  }),
  set: (name: string, days: number, from: string): Words => ({
    zh: `${name} 保留 ${count(days)} 天，自 ${from} 起。`,
    en: `${name} is kept for ${count(days)} days, from ${from} on.`,
  }),
} as const;
