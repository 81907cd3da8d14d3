import type { Words } from './words.ts';

/**
 * What receivers answer, by who answers and under which kind of heading. A whole cell is compared, without signs and blanks, never a part
 * of it: "没有收到" holds "收到". Collected from ports' and channels' lists as merchants get them; a word that is not here is kept as it
 * came and concludes nothing.
 */
export type ReplyResult =
  'has' | 'missing' | 'released' | 'not_released' | 'repushed' | 'not_sent' | 'cannot' | 'unknown';

export const resultWords: Readonly<Record<ReplyResult, Words>> = {
  has: { zh: '已有该支付单', en: 'has the record' },
  missing: { zh: '没有该支付单', en: 'does not have the record' },
  released: { zh: '已放行', en: 'released' },
  not_released: { zh: '未放行', en: 'not released' },
  repushed: { zh: '称已重推（不证明送达）', en: 'says that it pushed again (does not prove delivery)' },
  not_sent: { zh: '称尚未发送', en: 'says that it has not sent it' },
  cannot: { zh: '称不能处理', en: 'says that it cannot' },
  unknown: { zh: '原文无法归类', en: 'words that we do not know' },
};

/** Of a member that nobody has answered about. */
export const openWords: Words = { zh: '尚未答复', en: 'not answered yet' };

type WordList = Partial<Readonly<Record<ReplyResult, string>>>;

/** Under `reply_result`, 结果, 反馈. A bare 1, 是 or Y says nothing there: nobody knows to which question. */
export const freeWords: Readonly<Record<'channel' | 'port', WordList>> = {
  port: {
    has: '已收到 收到 已到 已到达 已接收 已入库 已存在 存在 有 有支付单 已有支付单 支付单已存在 支付单已收到 已收到支付单 支付信息存在 已查到 查到 has have received arrived exists present found on_file stored in_system record_received',
    missing:
      '未收到 没收到 没有收到 没有 无 无支付单 没有支付单 缺支付单 缺少支付单 缺支付流 缺少支付流 支付单缺失 缺失 不存在 支付单不存在 支付信息不存在 查无 查无此单 未查到 未到 missing not_received not_found no_record not_arrived does_not_exist absent none',
    released: '已放行 放行 已出关 released left',
    not_released: '未放行 未出关 查验 查验中 人工审核 审核中 待审核 not_released inspection manual_review held',
  },
  channel: {
    repushed:
      '已重推 重推成功 已重新推送 已补推 补推成功 已重发 已发送 已推送 推送成功 成功 已处理 处理完成 repushed success succeeded done re_pushed resent pushed sent ok processed',
    not_sent: '未发送 尚未发送 未推送 待发送 排队中 积压 处理中 not_sent queued pending in_queue processing',
    cannot:
      '失败 推送失败 重推失败 不能重推 无法重推 拒绝 无此单 查无此单 fail failed refused cannot rejected not_found',
  },
};

/** Under a heading that asks whether the record arrived. */
export const arrivedWords: WordList = {
  has: '是 y yes t true 1 已收到 收到 有',
  missing: '否 n no f false 0 未收到 没有 无',
};

/** Under a heading that asks whether it left. */
export const releasedWords: WordList = {
  released: '1 是 y yes t true 800 已放行 放行 已出关 出关 已离港 released left',
  not_released: '0 否 n no f false 未放行 不放行 未出关 未离港 滞留 查验 查验中 stuck held not_released inspection',
};

/** Headings of the three kinds of columns; the texts beside them. In normal form. */
export const replyHeadings = {
  arrived:
    '是否收到 是否收到支付单 是否到达 是否有支付单 支付单是否存在 是否存在 arrived received record_received has_record',
  free: 'reply_result 回复结果 结果 处理结果 核查结果 查询结果 反馈 反馈结果 回复 result reply answer feedback',
  released: '出关状态 放行状态 是否放行 通关状态 是否出关 放行 exit_status released',
  text: 'reply_text 回复说明 说明 备注 原因 情况说明 回执 回执信息 text remark remarks note notes reason comment',
  request_no: 'request_no 报关请求号 报关流水号 请求号 out_request_no',
  child_order_no: 'child_order_no 子订单号 拆单号 子单号 sub_out_biz_no sub_order_no',
  order_no:
    'order_no customs_order_no 订单号 订单编号 报关订单号 电商订单号 电商订单编号 商户订单号 平台订单号 order order_number out_trade_no',
} as const;
