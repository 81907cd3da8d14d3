import type { Words } from './answer.ts';
import { count } from './layout.ts';

export const paymentsTexts = {
  import: { zh: '导入', en: 'import what other systems hold' },
  paymentsAbout: {
    zh: '接管其他系统已报关的付款（CSV、XLSX，UTF-8 或 GBK，中英文表头）',
    en: 'adopt payments that another system took and declared (CSV, XLSX, UTF-8 or GBK, Chinese or English headings)',
  },
  accountOption: { zh: '渠道账户（只有一个时可省）', en: 'channel account; not needed when there is one' },
  placeOption: { zh: '文件没有口岸列时的口岸', en: 'customs place, where the file does not tell' },
  codeOption: { zh: '文件没有备案号列时的备案号', en: 'customs record number, where the file does not tell' },
  nameOption: { zh: '文件没有备案名列时的备案名', en: 'name on the customs record, where the file does not tell' },
  templateOption: {
    zh: '由订单号得出报关请求号，如 {order_no}；先用十行查询确认',
    en: 'how a request number follows from the order, such as {order_no}; confirmed by query on ten rows first',
  },
  file: (name: string, charset: string, format: string): Words => ({
    zh: `${name}  ${charset}，${format}`,
    en: `${name}  ${charset}, ${format}`,
  }),
  counts: (found: number, adopted: number, known: number, completed: number): Words => ({
    zh: `共 ${count(found)} 行：新接管 ${count(adopted)}，已有 ${count(known)}，补全 ${count(completed)}`,
    en: `${count(found)} rows: ${count(adopted)} adopted, ${count(known)} known already, ${count(completed)} completed`,
  }),
  cannotBeAsked: (n: number): Words => ({
    zh: `${count(n)} 行没有报关请求号：已保留，但无法向渠道查询或重推。`,
    en: `${count(n)} rows have no declaration request number: kept, but the channel can neither be asked nor told to push again.`,
  }),
  template: (text: string, asked: number, completed: number): Words => ({
    zh: `${text}：向渠道核实 ${count(asked)} 笔，全部相符；补上请求号 ${count(completed)} 个。`,
    en: `${text}: the channel was asked about ${count(asked)}, and all agree; ${count(completed)} request numbers were filled in.`,
  }),
  tied: (n: number): Words => ({
    zh: `${count(n)} 行早先的口岸清单已与这些付款关联。`,
    en: `${count(n)} rows of earlier port lists were tied to these payments.`,
  }),
  refused: (line: number, words: Words): Words => ({
    zh: `第 ${line} 行：${words.zh}`,
    en: `line ${line}: ${words.en}`,
  }),
  importing: { zh: '接管付款', en: 'Adopting payments' },
} as const;
