import type { Words } from './answer.ts';

const both = (zh: string, en: string): Words => ({ zh, en });

const shareStates = {
  submitting: both('已提交', 'submitting'),
  processing: both('渠道处理中', 'under way at the channel'),
  in_doubt: both('结果未知', 'in doubt'),
  done: both('已完成', 'done'),
  partly: both('部分分出', 'partly given'),
  failed: both('没有分出', 'nothing given'),
  late: both('后来分出', 'given after all'),
  pending: both('待分', 'pending'),
  succeeded: both('已分出', 'given'),
} as const;

export const sharingTexts = {
  shares: both('分账', 'profit sharing'),
  receivers: both('分账接收方', 'receivers of shared payments'),
  makeAbout: both(
    '把已付的订单分给接收方，或解冻剩余款；同一分账号是同一次',
    'share a paid order among receivers, or release the rest; the same number is the same request',
  ),
  listAbout: both('一个订单的分账、回退和剩余', 'what was shared of an order, what came back, what is left'),
  returnAbout: both(
    '向接收方要回一份（渠道有单独回退的）',
    'ask a part back from its receiver, where that is a call of its own',
  ),
  givenAbout: both(
    '提出：待定的各份其实已分出（附凭证，两人）',
    'propose that the open parts of a share were given, with the proof; two people',
  ),
  notGivenAbout: both(
    '提出：确实一分未分、也不会再分（附凭证，两人）',
    'propose that nothing of a share was or will be given, with the proof; two people',
  ),
  cameBackAbout: both(
    '提出：其实已退回（附凭证，两人）',
    'propose that a return came back, with the proof; two people',
  ),
  notBackAbout: both(
    '提出：确实没有退回、也不会再退（附凭证，两人）',
    'propose that a return did not and will not come back, with the proof; two people',
  ),
  evidenceOption: both(
    '凭证：对账单的哪一行、渠道的哪封信（必填）',
    'from where it is known: a line of the statement, a letter of the channel; needed',
  ),
  toOption: both('接收方=金额，如 ID=12.00；可多次', 'receiver=amount such as ID=12.00; may be repeated'),
  releaseOption: both('剩余款解冻给商户，以后不能再分', "the rest is the merchant's: nothing more can be shared"),
  partOption: both('哪一份；只有一份时可不给', 'which part; not needed where there is only one'),
  amountOption: both('金额，如 12.00；不给则全部', 'amount such as 12.00; all of it unless given'),
  reasonOption: both(
    '原因，给渠道看并记入审计（必填）',
    'reason, seen by the channel and kept in the audit trail; needed',
  ),
  addAbout: both('提出一个接收方（两人）；同意后告诉渠道', 'propose a receiver; two people, then the channel is told'),
  removeAbout: both('移除接收方：以后不再分给他', 'remove a receiver: nothing more is given to him'),
  receiversAbout: both('渠道账户的接收方（打码）', 'receivers of an account, masked'),
  nameOption: both('名称，渠道会核对', 'name, which the channel checks'),
  relationOption: both('与商户的关系，用渠道的词', "relation to the merchant, in the channel's words"),
  states: shareStates,
  receiverStates: {
    asked: both('待复核', 'waits for a second person'),
    binding: both('绑定中', 'being bound'),
    bound: both('已绑定', 'bound'),
    refused: both('被拒绝', 'refused'),
    unbinding: both('解绑中', 'being removed'),
    removed: both('已移除', 'removed'),
  },
  share: (no: string, state: Words): Words => both(`分账 ${no}：${state.zh}`, `Share ${no}: ${state.en}`),
  part: (no: string, amount: string, state: Words, why: string): Words =>
    both(
      `  第 ${no} 份 ${amount}：${state.zh}${why === '' ? '' : `（${why}）`}`,
      `  part ${no}, ${amount}: ${state.en}${why === '' ? '' : ` (${why})`}`,
    ),
  back: (no: string, amount: string, state: Words): Words =>
    both(`回退 ${no} ${amount}：${state.zh}`, `Return ${no}, ${amount}: ${state.en}`),
  backStates: { ...shareStates, done: both('已退回', 'back'), failed: both('没有退回', 'not back') },
  none: both('没有分账。', 'Nothing was shared.'),
  noReceivers: both('没有接收方。', 'There are no receivers.'),
  receiver: (id: string, kind: string, account: string, name: string, state: Words): Words =>
    both(`${id} ${kind} ${account} ${name} ${state.zh}`, `${id} ${kind} ${account} ${name} ${state.en}`),
  asked: (approval: string): Words =>
    both(`须两人：已提交复核 ${approval}。`, `This takes two people: ${approval} was asked.`),
  ruled: (approval: string, state: Words): Words => both(`${approval}：${state.zh}`, `${approval}: ${state.en}`),
  decided: (id: string, state: Words): Words => both(`接收方 ${id}：${state.zh}`, `Receiver ${id}: ${state.en}`),
} as const;
