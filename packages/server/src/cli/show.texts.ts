import type { Words } from './answer.ts';
import { count } from './layout.ts';

const numberKinds: Readonly<Record<string, Words>> = {
  order: { zh: '订单号', en: 'order number' },
  child_order: { zh: '子订单号', en: 'child order number' },
  request: { zh: '报关请求号', en: 'declaration request number' },
  trade: { zh: '渠道交易号', en: 'trade number' },
  pushed_payment: { zh: '推送支付号', en: 'pushed payment number' },
  waybill: { zh: '运单号', en: 'waybill number' },
  declaration: { zh: '报关记录编号', en: 'declaration' },
  plan: { zh: '计划', en: 'plan' },
  report: { zh: '口岸清单', en: 'port report' },
  approval: { zh: '复核', en: 'approval' },
  case: { zh: '差错单', en: 'case' },
  payment_serial: { zh: '支付流水号', en: 'payment serial number' },
  refund: { zh: '退款号', en: 'refund number' },
  payment: { zh: '支付单编号', en: 'payment' },
  attempt: { zh: '支付流水编号', en: 'attempt' },
  surplus: { zh: '多收款编号', en: 'surplus receipt' },
};

export const showTexts = {
  found: (number: string, kinds: readonly string[], records: number): Words => ({
    zh: `${number}  ${kinds.map((kind) => numberKinds[kind]?.zh ?? kind).join('、')}，${count(records)} 条记录`,
    en: `${number}  ${kinds.map((kind) => numberKinds[kind]?.en ?? kind).join(', ')}, ${count(records)} ${records === 1 ? 'record' : 'records'}`,
  }),
  declaration: (order: string, amount: string, place: string, state: Words): Words => ({
    zh: `订单 ${order}   ${amount}   ${place}   ${state.zh}`,
    en: `Order ${order}   ${amount}   ${place}   ${state.en}`,
  }),
  numbers: (request: string, trade: string, waybill: string): Words => ({
    zh: `请求号 ${request || '无'}   交易号 ${trade}   运单 ${waybill || '尚无'}`,
    en: `request ${request || 'none'}   trade ${trade}   waybill ${waybill || 'not yet'}`,
  }),
  order: (order: string, merchant: string, due: string, state: Words, subject: string): Words => ({
    zh: `订单 ${order}   ${merchant}   应付 ${due}   ${state.zh}   “${subject}”`,
    en: `Order ${order}   ${merchant}   ${due} due   ${state.en}   "${subject}"`,
  }),
  sums: (received: string, refunded: string, held: string, returned: string): Words => ({
    zh: `已收 ${received}   已退 ${refunded}   多收待处理 ${held}   多收已退 ${returned}`,
    en: `received ${received}   refunded ${refunded}   surplus held ${held}   surplus returned ${returned}`,
  }),
  parts: {
    payment: { zh: '支付单', en: 'payment' },
    surplus: { zh: '多收款', en: 'surplus' },
    refund: { zh: '退款', en: 'refund' },
    received: (amount: string, fee: string): Words => ({
      zh: `实收 ${amount}，手续费 ${fee}`,
      en: `received ${amount}, fee ${fee}`,
    }),
    trade: (number: string): Words => ({ zh: `交易号 ${number}`, en: `trade ${number}` }),
    payer: (payer: string): Words => ({ zh: `付款人 ${payer}`, en: `payer ${payer}` }),
    until: (at: string): Words => ({ zh: `截止 ${at}`, en: `until ${at}` }),
    back: (at: string): Words => ({ zh: `${at} 退回`, en: `goes back ${at}` }),
    feeBack: (amount: string): Words => ({ zh: `退回手续费 ${amount}`, en: `fee back ${amount}` }),
    serial: (number: string): Words => ({ zh: `退款流水号 ${number}`, en: `refund serial ${number}` }),
  },
  zone: { zh: '时间为北京时间 (GMT+8)', en: 'Times are Beijing time (GMT+8)' },
  seen: (times: number, last: string): Words => ({
    zh: `（共 ${count(times)} 次，最近 ${last}）`,
    en: ` (${count(times)} times, last ${last})`,
  }),
  nextAt: (at: string, what: Words): Words => ({ zh: `接下来 ${at}  ${what.zh}`, en: `next ${at}  ${what.en}` }),
  nextWhen: (what: Words): Words => ({ zh: `接下来 ${what.zh}`, en: `next ${what.en}` }),
  can: (command: string, what: Words): Words => ({
    zh: `可以：${command}  ${what.zh}`,
    en: `you can: ${command}  ${what.en}`,
  }),
  exchange: (id: string, account: string, operation: string, at: string): Words => ({
    zh: `调用 ${id}   账户 ${account}   ${operation}   ${at}`,
    en: `call ${id}   account ${account}   ${operation}   ${at}`,
  }),
  unheard: { zh: '尚无应答', en: 'nothing was heard yet' },
  ended: (how: string, status: number | undefined, at: string, why: string): Words => {
    const told = [how, status === undefined ? '' : `HTTP ${status}`, at, why].filter((part) => part !== '').join('  ');
    return { zh: `结果：${told}`, en: `ended: ${told}` };
  },
  closedSeal: {
    erased: { zh: '  密钥已按规定销毁，内容不可读', en: '  its key was destroyed on purpose: nobody can read it' },
    broken: { zh: '  内容与封存时不符，不予显示', en: '  it differs from what was sealed and is not shown' },
  },
  cut: (shown: number, all: number): Words => ({
    zh: `  … 只显示前 ${count(shown)} 个字符，共 ${count(all)}`,
    en: `  … the first ${count(shown)} of ${count(all)} characters`,
  }),
  masked: (id: string): Words => ({
    zh: `个人信息已遮盖，本次查看已记录。需要原文时：GET /v1/exchanges/${id}?reason=原因`,
    en: `People are masked, and this look was written down. As it came, for a reason: GET /v1/exchanges/${id}?reason=WHY`,
  }),
  waits: (at: string): Words => ({
    zh: `等到 ${at}：系统届时自会查询或重发，结果多半会自己清楚；人先不下结论。`,
    en: `Wait until ${at}: the program asks or sends again by itself then. Until it has, nobody needs to say what happened.`,
  }),
  more: {
    zh: '匹配的记录太多，只显示前一部分；请少给几个号码。',
    en: 'More records carry these numbers than are shown: ask with fewer numbers.',
  },
} as const;
