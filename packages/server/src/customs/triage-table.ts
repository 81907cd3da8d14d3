/**
 * Why a payment record is missing, and what helps: first match wins. Kept as data, so that an operator can read it and a test can
 * compare it. Sources: Alipay customs query document (status, customs_code), Alipay help page "Why the customs E-port system responds
 * that no payment info is found", GACC import message specification 202205 (returnStatus), public integrators' notes.
 */
export const triageFacts = [
  'released',
  'no_request_no',
  'never_pushed',
  'blocked',
  'accepted',
  'push_in_doubt',
  'not_found_twice',
  'not_found',
  'found',
  'missing_reported',
  'place_or_record_differs',
  'leg_missing',
  'numbers_differ',
  'person_or_amount_differs',
  'refused_by_customs',
  'exists_already',
  'hop_failed',
  'waiting_too_long',
  'sending_too_long',
  'channel_done',
  'no_receipt',
  'place_gives_codes',
  'all_channels_affected',
  'only_this_channel',
  'eport_has_it',
  'customs_has_it',
  'list_waits_for_people',
] as const;
export type TriageFact = (typeof triageFacts)[number];

export type TriageAction =
  | 'none'
  | 'find_number_or_declare_anew'
  | 'declare_now'
  | 'fix_data'
  | 'submit_again'
  | 'modify'
  | 'declare_leg'
  | 'resend_order_document'
  | 'contact_buyer'
  | 'by_code'
  | 'repush'
  | 'alert_channel'
  | 'hold_and_ask_port'
  | 'escalate_port'
  | 'agent_resends_list'
  | 'hand_over'
  | 'wait_for_release'
  | 'look';

export type TriageRow = {
  /** The row's number in the table; `-` for what needs nothing. */
  readonly row: string;
  /** All must hold; a leading `!` means that it must not. */
  readonly when: readonly (TriageFact | `!${TriageFact}`)[];
  readonly cause: string;
  readonly causeZh: string;
  readonly causeEn: string;
  readonly action: TriageAction;
  readonly who: 'automatic' | 'person' | 'nobody';
  readonly doZh: string;
  readonly doEn: string;
  /** What a re-push could harm here. Empty: nothing known. */
  readonly repushHarmEn: string;
  readonly repushHarmZh: string;
  readonly overturnedByEn: string;
  readonly overturnedByZh: string;
  readonly confidence: 'high' | 'medium' | 'low';
};

type Words = readonly [zh: string, en: string];
const nothing: Words = ['', ''];

function row(
  number: string,
  cause: string,
  when: TriageRow['when'],
  action: TriageAction,
  who: TriageRow['who'],
  confidence: TriageRow['confidence'],
  causeWords: Words,
  doWords: Words,
  harm: Words,
  overturnedBy: Words,
): TriageRow {
  return {
    row: number,
    when,
    cause,
    causeZh: causeWords[0],
    causeEn: causeWords[1],
    action,
    who,
    confidence,
    doZh: doWords[0],
    doEn: doWords[1],
    repushHarmZh: harm[0],
    repushHarmEn: harm[1],
    overturnedByZh: overturnedBy[0],
    overturnedByEn: overturnedBy[1],
  };
}

const anyBetterFact: Words = ['任何更新的回执或放行', 'any newer receipt or a release'];

// prettier-ignore
export const triageTable: readonly TriageRow[] = [
  row('-', 'released', ['released'], 'none', 'nobody', 'high',
    ['已放行', 'released'], ['无需处理', 'nothing'], nothing, ['口岸再次报缺失', 'the port reports it missing again']),
  row('0', 'cannot_be_asked', ['no_request_no'], 'find_number_or_declare_anew', 'person', 'high',
    ['无报关请求号，无法查询', 'no declaration request number: the channel cannot be asked'],
    ['找到请求号后重新导入，或另行审批后重新报关', 'find the number and import it, or declare anew by its own approval'],
    ['新请求号是一笔新报关，可能重复', 'a new number is a second declaration'],
    ['补录请求号', 'the request number is imported']),
  row('1', 'never_declared', ['never_pushed'], 'declare_now', 'automatic', 'high',
    ['从未报关（我方任务或通知丢失）', 'never declared: a job or notification of ours was lost'], ['立即报关', 'declare now'],
    nothing, anyBetterFact),
  row('2', 'blocked', ['blocked'], 'fix_data', 'person', 'high',
    ['数据未通过预检', 'the data did not pass the checks'], ['按原因修正数据', 'correct the data; the reasons are listed'],
    ['会以同样的错误数据再推', 'it would push the same wrong data'], ['数据已修正', 'the data is corrected']),
  row('3', 'call_lost', ['push_in_doubt', 'not_found_twice'], 'submit_again', 'automatic', 'high',
    ['报关请求未到达渠道', 'our call never reached the channel'], ['用同一请求号再次提交', 'submit again with the same request number'],
    nothing, ['渠道查到该请求号', 'the channel finds the number']),
  row('4', 'channel_lost', ['accepted', 'not_found', '!push_in_doubt'], 'submit_again', 'automatic', 'medium',
    ['渠道曾受理，现查无此单', 'the channel took it and does not know it any more'],
    ['用同一请求号再次提交，并上报渠道', 'submit again with the same request number; escalate to the channel'],
    nothing, ['渠道查到该请求号', 'the channel finds the number']),
  row('5', 'wrong_place', ['found', 'place_or_record_differs', 'missing_reported'], 'modify', 'person', 'high',
    ['报到了别的口岸或备案号', 'declared to another place or under another record number'],
    ['更正口岸或备案信息后重推', 'correct place or record and push again'],
    ['原样重推仍到错误口岸', 'an unchanged re-push goes to the wrong place again'], ['口岸确认该备案号正确', 'the port confirms that record number']),
  row('6', 'leg_missing', ['leg_missing', 'missing_reported'], 'declare_leg', 'automatic', 'high',
    ['双口岸缺一程', 'a two-leg port lacks one leg'], ['按顺序补报缺的一程', 'declare the missing leg, in order'], nothing, anyBetterFact),
  row('7', 'numbers_differ', ['found', 'numbers_differ', 'missing_reported'], 'resend_order_document', 'person', 'high',
    ['订单报文与支付单的编号不一致', 'order document and payment record carry different numbers'],
    ['用推送的编号重发订单报文', 'send the order document again with the pushed number'],
    ['重推无用，还可能再次改变编号', 'a re-push cannot help and may change the number again'],
    ['口岸名单里的编号有误', 'the number on the port list was a mistake']),
  row('8', 'person_or_amount', ['refused_by_customs', 'person_or_amount_differs'], 'contact_buyer', 'person', 'high',
    ['订购人与支付人或金额不一致', 'orderer and payer, or the amounts, differ'],
    ['联系买家或重开订单，不得改动支付人', 'contact the buyer or issue the order again; the payer is never edited'],
    ['会以同样数据再被退单', 'customs would refuse the same data again'], anyBetterFact),
  row('9', 'refused', ['refused_by_customs'], 'by_code', 'person', 'high',
    ['海关退单', 'refused by customs'], ['按回执代码处理', 'act by the code of the receipt'],
    ['原样重推会再被退单', 'an unchanged re-push is refused again'], anyBetterFact),
  row('10', 'present_under_other_key', ['exists_already', 'missing_reported'], 'resend_order_document', 'person', 'medium',
    ['支付单已存在，口岸按别的编号在找', 'the record is there, the port looks under another key'],
    ['核对编号（见第 7 行）', 'compare the keys, as in row 7'], ['重推只会再次回“已存在”', 'a re-push only hears "exists" again'], anyBetterFact),
  row('11', 'hop_failed', ['hop_failed', 'missing_reported'], 'repush', 'automatic', 'high',
    ['渠道发往海关失败', 'the channel could not pass it to customs'], ['重推', 're-push'], nothing, anyBetterFact),
  row('12w', 'channel_not_sending', ['found', 'waiting_too_long', '!eport_has_it', '!customs_has_it', 'only_this_channel'], 'alert_channel', 'person', 'high',
    ['渠道积压未发', 'the channel has not sent it yet'], ['通知渠道，不重推（尚未发送）', 'alert the channel; no re-push, nothing was sent yet'],
    ['原单还未发出', 'the first one has not left yet'], anyBetterFact),
  row('12', 'channel_not_sending', ['found', 'sending_too_long', '!eport_has_it', '!customs_has_it', 'only_this_channel'], 'repush', 'automatic', 'medium',
    ['渠道发送中，超时未果', 'the channel has been sending for too long'],
    ['先小批重推并留对照，上报渠道', 'canary re-push, escalate to the channel'], nothing, anyBetterFact),
  row('13', 'port_backlog', ['channel_done', 'no_receipt', '!missing_reported', 'place_gives_codes', 'all_channels_affected'],
    'hold_and_ask_port', 'automatic', 'medium', ['口岸积压', 'backlog at the port'], ['暂停，抽样查询，上报口岸', 'hold, sample, escalate to the port'],
    ['重推加重积压', 'a re-push adds to the backlog'], ['其他渠道恢复', 'other channels recover']),
  row('14', 'lost_before_port', ['channel_done', 'no_receipt', 'missing_reported', 'only_this_channel'], 'repush', 'automatic', 'medium',
    ['渠道已受理，到口岸前丢失', 'accepted by the channel, lost before the port'],
    ['重推并留对照组', 're-push with a held-back group'], nothing, ['其他渠道在该口岸同样缺失', 'other channels at this place miss theirs too']),
  row('15', 'eport_to_customs', ['eport_has_it', 'missing_reported', '!numbers_differ'], 'escalate_port', 'person', 'high',
    ['电子口岸已收，未到海关', 'the e-port has it, customs does not'], ['带回执找口岸，口岸要求时才重推', 'go to the port with the receipt; re-push only when it asks'],
    ['口岸已有该支付单', 'the port already has this record'], anyBetterFact),
  row('16', 'list_too_early', ['customs_has_it', 'missing_reported'], 'agent_resends_list', 'person', 'high',
    ['海关已有支付单，清单比对在前', 'customs has it; the list was compared before it came'], ['请报关行重发清单', 'ask the agent to send the list again'],
    ['海关已有该支付单', 'customs already has this record'], anyBetterFact),
  row('17', 'not_payment', ['customs_has_it', 'list_waits_for_people'], 'hand_over', 'nobody', 'high',
    ['与支付无关（人工审核或查验）', 'not payment: manual review or inspection'], ['转物流/关务', 'hand over'], nothing, anyBetterFact),
  row('18', 'cannot_know', ['channel_done', 'no_receipt', '!place_gives_codes', '!missing_reported'], 'wait_for_release', 'nobody', 'high',
    ['该口岸从不返回回执，无从得知', 'this place never answers with codes: nobody can know'], ['以放行为准', 'rely on the release'], nothing, ['口岸报缺失', 'the port reports it missing']),
  row('-', 'at_customs', ['customs_has_it', '!missing_reported'], 'none', 'nobody', 'high',
    ['海关已入库', 'at customs'], ['无需处理', 'nothing'], nothing, ['口岸报缺失', 'the port reports it missing']),
  row('19', 'unknown', [], 'look', 'person', 'low',
    ['事实不足或不符合以上各行', 'the facts are not enough, or fit no row above'], ['人工查看原始事实', 'look at the raw facts'], nothing, ['任何新的事实', 'any new fact']),
];
