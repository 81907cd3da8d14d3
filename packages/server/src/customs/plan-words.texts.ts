import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

/** Why a declaration was not put into a plan, or was skipped by one. Codes with a point are those of the pre-check (the catalogue of refusals). */
const words: ReadonlyMap<string, Words> = new Map([
  ['place_without_repush', both('该口岸不支持重推', 'the place takes no re-push')],
  ['released', both('已放行', 'released')],
  ['customs_has_it', both('海关已收', 'customs has it')],
  ['eport_has_it', both('电子口岸已收', 'the e-port has it')],
  ['refused_by_customs', both('海关已退单', 'refused by customs')],
  ['cannot_be_asked', both('无报关请求号，无法查询', 'no declaration request number: it cannot be asked about')],
  [
    'channel_state',
    both('渠道在该状态下不重推，先等它到头', 'in this state the channel pushes nothing again: wait for its end'),
  ],
  ['in_another_plan', both('已在另一计划中', 'in another plan already')],
  ['not_judged', both('尚未分诊', 'not triaged yet')],
  ['no_effect', both('推送的不比留存的多见回执', 'those pushed got no more receipts than those held back')],
  ['nothing_pushed', both('试推的一笔也没有推成', 'nothing of the canary could be pushed')],
  ['plan_stopped', both('计划已停止', 'the plan was stopped')],
  ['gone', both('记录已不在', 'no longer there')],
  ['has_request_no', both('已有报关请求号，应走重推', 'it has a request number: re-push it instead')],
  ['number_rule_changed', both('报关订单号规则在复核后改过', 'the number rule was changed after it was agreed to')],
  [
    'earlier_declaration_stands',
    both(
      '渠道称早先的报关仍有效，再推也一样',
      'the channel says that an earlier declaration stands: pushing changes nothing',
    ),
  ],
  ['customs.already_declared', both('该付款已向这个口岸报过关', 'the payment was declared to this place before')],
  ['customs.child_order_no_unfit', both('子订单号不能用', 'its child order number cannot be used')],
  ['customs.declared_exceeds_paid', both('报关金额超过实付', 'more would be declared than was paid')],
  [
    'customs.number_rule_missing',
    both('没有选定报关订单号规则', 'no number rule was chosen for its account and place'),
  ],
  ['customs.split_not_allowed', both('该口岸不接受拆单', 'the place takes no split declaration')],
  ['customs.text_not_representable', both('含渠道无法表示的字符', 'it holds characters that the channel cannot carry')],
  ['declaration.amount_not_positive_yuan', both('金额不是正的人民币', 'its amount is not a positive one in yuan')],
  ['declaration.place_malformed', both('口岸代码格式不符', 'its place has another form than the channel takes')],
  ['declaration.request_no_malformed', both('报关请求号格式不符', 'its request number has a wrong form')],
  ['declaration.value_length', both('备案号或备案名长度不符', 'its customs record has a wrong length')],
]);

export function skipWords(why: string): Words {
  const row = /^row_(.+)$/.exec(why)?.[1];
  if (row !== undefined)
    return both(`决策表第 ${row} 行不建议重推`, `row ${row} of the decision table does not re-push`);
  return words.get(why) ?? both(why, why);
}

/** Those that have words of their own. */
export const skipReasons: readonly string[] = [...words.keys()];
