import { both } from '../platform/story/index.ts';

/** Why no job is due. */
export const silences = {
  ended: both('无需再查询', 'nobody needs to ask'),
  noRequestNo: both('没有报关请求号，无法自动查询', 'without a request number nothing can be asked by itself'),
  case: both('没有自动任务，由差错单处理', 'no job is due: the case takes care of it'),
  idle: both('没有到期任务；需要时由人发起分诊', 'no job is due; a person may start a triage'),
} as const;

/** The group of commands that a kind of plan belongs to. */
export const planGroup = { repush: 'customs repush', declare_anew: 'customs declare-anew' } as const;

export const purposes = {
  approvePlan: both('由他人复核计划', 'a second person approves the plan'),
  runPlan: both('执行或继续计划', 'run the plan, or go on with it'),
  showPlan: both('查看进度', 'see how far it is'),
  triage: both('查询并分诊', 'ask the channel and judge'),
  propose: both('提出重推', 'propose a re-push'),
  proposeAnew: both(
    '以新请求号重新报关；旧报关可能仍在，须两人',
    'declare it under a new number: the old declaration may exist, two people decide',
  ),
  importNumber: both('补录报关请求号', 'import its request number'),
  approve: both('由他人复核', 'a second person approves'),
  closeCase: both('处理后关闭差错单', 'close the case once settled'),
} as const;
