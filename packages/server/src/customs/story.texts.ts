import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';
import type { DeclarationState } from './declaration.ts';
import type { ChannelSnapshot, FactBody } from './facts.ts';

/** *accepted* is never worded as delivered: taking a declaration proves nothing about customs (Alipay acquire.customs document). */
export const stateWords: Readonly<Record<DeclarationState, Words>> = {
  draft: both('草稿', 'draft'),
  blocked: both('未通过预检', 'did not pass the checks'),
  ready: both('待报关', 'ready to declare'),
  submitting: both('提交中', 'being sent'),
  in_doubt: both('结果未知', 'result unknown'),
  accepted: both('渠道已受理，未见回执', 'accepted by the channel, no receipt yet'),
  at_eport: both('电子口岸已收', 'the e-port has it'),
  at_customs: both('海关已收', 'customs has it'),
  missing_reported: both('口岸报支付单缺失', 'the port reports it missing'),
  mismatch: both('编号不一致', 'numbers differ'),
  hop_failed: both('发往海关失败', 'could not be passed on to customs'),
  repush_due: both('待重推', 'waits for a re-push'),
  repushing: both('重推中', 'being pushed again'),
  rejected: both('海关退单', 'refused by customs'),
  refused_by_channel: both('渠道拒绝', 'refused by the channel'),
  escalated: both('已上报', 'escalated'),
  released: both('已放行', 'released'),
  cancelled: both('已取消', 'cancelled'),
  closed: both('已关闭', 'closed'),
  closed_manual: both('人工关闭', 'closed by people'),
  cannot_be_asked: both('无报关请求号，无法查询', 'no request number: cannot be asked'),
};

export const evidenceWords = {
  E0: both('未见效果', 'no effect shown'),
  E1: both('渠道有动作', 'the channel worked on it'),
  E2: both('电子口岸有应答', 'the e-port answered'),
  E3: both('口岸或海关已证实', 'port or customs confirm it'),
} as const;

const reasonWords: ReadonlyMap<string, Words> = new Map([
  ['released_after_push', both('推送后放行', 'released after the push')],
  ['customs_receipt_after_push', both('推送后有海关回执', 'a customs receipt after the push')],
  ['receipt_time_after_push', both('回执时间晚于推送', 'a receipt dated after the push')],
  ['another_receipt_id', both('回执编号不同', 'another receipt number')],
  ['receipt_became_good', both('回执转为正常', 'the receipt became good')],
  ['modified_after_push', both('推送后渠道改动过记录', 'the channel changed its record after the push')],
  ['channel_started_again', both('渠道重新开始发送', 'the channel began to send again')],
  ['found_after_push', both('推送后查到', 'found after the push')],
]);

export function reasonOf(reason: string): Words {
  return reasonWords.get(reason) ?? both(reason, reason);
}

const operationWords: ReadonlyMap<string, Words> = new Map([
  ['customs.query', both('查询报关', 'ask about the declaration')],
  ['customs.declare', both('推送报关', 'push the declaration')],
]);

export function operationOf(operation: string): Words {
  return operationWords.get(operation) ?? both(operation, operation);
}

export const jobWords: ReadonlyMap<string, Words> = new Map([
  ['customs.ask', both('向渠道查询', 'ask the channel')],
  ['customs.push', both('重推', 'push again')],
]);

const time = (at: Instant): string => `${shanghaiText(at)} (GMT+8)`;
const quoted = (text: string): Words => (text === '' ? both('', '') : both(`：“${text}”`, `: "${text}"`));

/** What a fact says, in a sentence. Channels' and ports' own words are quoted. */
export function factWords(body: FactBody): Words {
  switch (body.kind) {
    case 'adopted':
      return both('由其他系统申报，导入接管', 'declared by another system and taken over');
    case 'earlier_push':
      return both(
        `原系统曾推送，应答“${body.answer}”；不证明送达`,
        `another system pushed it and heard "${body.answer}"; that does not prove delivery`,
      );
    case 'push_started':
      return both(`推送，第 ${body.try} 次，计划 ${body.planId}`, `push, try ${body.try}, plan ${body.planId}`);
    case 'push_accepted':
      return both('渠道已受理；不证明送达', 'accepted by the channel; does not prove delivery');
    case 'push_rejected':
      return both(`渠道拒绝：“${body.code} ${body.text}”`, `refused by the channel: "${body.code} ${body.text}"`);
    case 'push_in_doubt':
      return both(`推送结果未知${quoted(body.why).zh}`, `the result of the push is unknown${quoted(body.why).en}`);
    case 'push_unsent':
      return both(`没有发出${quoted(body.why).zh}`, `nothing was sent${quoted(body.why).en}`);
    case 'channel_record':
      return snapshotWords(body.snapshot);
    case 'channel_not_found':
      return both('渠道查无此请求号', 'the channel does not know the request number');
    case 'query_in_doubt':
      return both(`查询结果未知${quoted(body.why).zh}`, `the answer to the query is in doubt${quoted(body.why).en}`);
    case 'port_missing':
    case 'port_released':
    case 'port_status':
      return portWords(body);
    case 'port_has':
      return both(`口岸：已有支付单“${body.text}”`, `port: has the payment record "${body.text}"`);
    case 'pack_reply':
      return both(
        `对证据包 ${body.reportId} 的答复“${body.text}”；不证明送达`,
        `answer to evidence pack ${body.reportId}: "${body.text}"; it does not prove delivery`,
      );
    case 'payment_receipt':
      return both(
        `海关支付单回执 ${body.status}“${body.text}”`,
        `customs receipt of the payment: ${body.status} "${body.text}"`,
      );
    case 'list_receipt':
      return both(
        `海关清单回执 ${body.status}“${body.text}”${body.missingPayment ? '，称支付单缺失' : ''}`,
        `customs receipt of the list: ${body.status} "${body.text}"${body.missingPayment ? ', says the payment is missing' : ''}`,
      );
  }
}

function portWords(body: Extract<FactBody, { kind: 'port_missing' | 'port_released' | 'port_status' }>): Words {
  if (body.kind === 'port_missing') return both('口岸：支付单缺失', 'port: payment record missing');
  const released = body.kind === 'port_released' || body.released;
  return released ? both('口岸：已放行', 'port: released') : both('口岸：未放行', 'port: not released');
}

function snapshotWords({ channelStatus, receipt, pushedPaymentNo }: ChannelSnapshot): Words {
  const pushed =
    pushedPaymentNo === ''
      ? both('', '')
      : both(`，支付编号 ${pushedPaymentNo}`, `, payment number ${pushedPaymentNo}`);
  if (!receipt)
    return both(
      `渠道状态“${channelStatus}”${pushed.zh}，无回执`,
      `the channel's status is "${channelStatus}"${pushed.en}, no receipt`,
    );
  const at = receipt.at === undefined ? '' : ` ${time(receipt.at)}`;
  return both(
    `渠道状态“${channelStatus}”${pushed.zh}，回执 ${receipt.code}“${receipt.text}”${at}`,
    `the channel's status is "${channelStatus}"${pushed.en}, receipt ${receipt.code} "${receipt.text}"${at}`,
  );
}
