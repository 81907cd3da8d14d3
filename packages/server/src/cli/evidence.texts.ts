import type { Words } from './answer.ts';
import { count } from './layout.ts';

export const receiverKinds: Readonly<Record<'channel' | 'port', Words>> = {
  channel: { zh: '渠道', en: 'channel' },
  port: { zh: '口岸', en: 'port' },
};

export const evidenceTexts = {
  evidenceAbout: {
    zh: '由清单、计划或事件生成给渠道和口岸的证据包；E-3 则重新写出已生成的',
    en: 'evidence packs for channel and port of a list, plan or incident; E-3 writes out one that was made',
  },
  packsAbout: { zh: '列出证据包、期限和答复', en: 'the packs, their deadlines and what was answered' },
  repliesAbout: { zh: '导入渠道或口岸对证据包的答复', en: 'take what a channel or port answered to a pack' },
  outOption: { zh: '写出到此文件夹', en: 'writes the files into this folder' },
  zipOption: { zh: '每个证据包一个 .zip', en: 'one .zip for each pack' },
  rawOption: {
    zh: '附上往来原始报文（已遮蔽）；摘要总是附上',
    en: 'puts the raw messages in, masked; their digests always are',
  },
  unmaskedOption: {
    zh: '口岸包不遮蔽个人信息，须另一人复核',
    en: 'shows people to the port as they are; takes a second person',
  },
  approvalOption: { zh: '已批准不遮蔽的复核号', en: 'the approval that lets people be seen' },
  answerOption: { zh: '多久内答复，如 24h（默认）', en: 'when an answer is wanted, such as 24h (default)' },
  sentOption: { zh: '记下已发给对方，以及用什么方式', en: 'notes that the pack went out, and by which way' },
  packOption: { zh: '答复的是哪个证据包', en: 'the pack that is answered' },
  heads: {
    zh: ['证据包', '给', '笔数', '金额', '资料', '期限'],
    en: ['pack', 'for', 'orders', 'amount', 'facts', 'answer by'],
  },
  listHeads: {
    zh: ['证据包', '来源', '给', '笔数', '生成', '期限', '已发', '已答复'],
    en: ['pack', 'source', 'for', 'orders', 'made', 'answer by', 'sent', 'answered'],
  },
  complete: { zh: '齐全', en: 'complete' },
  gaps: (n: number): Words => ({ zh: `${count(n)} 笔不全`, en: `${count(n)} with gaps` }),
  ours: (n: number, file: string | undefined): Words => ({
    zh: `另有 ${count(n)} 笔由我方处理，不交给对方${file === undefined ? '' : `：${file}`}`,
    en: `${count(n)} more are ours to do and handed to nobody${file === undefined ? '' : `: ${file}`}`,
  }),
  settled: (n: number): Words => ({
    zh: `${count(n)} 笔已送达或放行，未列入`,
    en: `${count(n)} were delivered or released and left out`,
  }),
  again: (ids: string): Words => ({
    zh: `事实没有变化：${ids} 与上次相同`,
    en: `nothing has changed: ${ids} as before`,
  }),
  written: (path: string): Words => ({ zh: `已写出 ${path}`, en: `written: ${path}` }),
  nothingSent: { zh: '没有发送：请自行交给对方。', en: 'Nothing was sent: handing it over is yours.' },
  sent: (id: string): Words => ({ zh: `已记下：${id} 已交给对方`, en: `noted: ${id} went out` }),
  none: { zh: '还没有证据包。', en: 'No packs yet.' },
  taken: (pack: string, rows: number, told: number): Words => ({
    zh: `${pack}：${count(rows)} 行答复，其中新的 ${count(told)} 行`,
    en: `${pack}: ${count(rows)} rows answered, ${count(told)} of them news`,
  }),
  takenAgain: { zh: '这个文件已导入过，没有变化。', en: 'This file came in before: nothing has changed.' },
  result: (n: number, words: Words): Words => ({ zh: `${count(n)} 笔 ${words.zh}`, en: `${count(n)} ${words.en}` }),
  unknownWords: (words: readonly string[]): Words => ({
    zh: `无法归类的原文（已保留，未据此判断）：${words.join('；')}`,
    en: `words that we do not know (kept, and nothing concluded): ${words.join('; ')}`,
  }),
  emptyRows: (n: number): Words => ({ zh: `${count(n)} 行没有填写`, en: `${count(n)} rows were not filled in` }),
} as const;
