import type { Words } from './answer.ts';
import { count } from './layout.ts';

/** The CHECK list of plans.state in words. */
export const planStates: Readonly<Record<string, Words>> = {
  asked: { zh: '待复核', en: 'waits for a second person' },
  approved: { zh: '已复核，未执行', en: 'approved, not run yet' },
  refused: { zh: '复核未通过', en: 'refused' },
  running: { zh: '执行中', en: 'running' },
  finished: { zh: '已结束', en: 'finished' },
  stopped: { zh: '已停止', en: 'stopped' },
};

const digestShown = (digest: string): string => digest.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');

export const planTexts = {
  kinds: { repush: { zh: '重推', en: 're-push' }, declare_anew: { zh: '重新报关', en: 'declare anew' } },
  repush: { zh: '重推：提出、复核、执行、查看', en: 're-push: propose, approve, run, show' },
  anew: {
    zh: '没有请求号的，以新请求号重新报关：提出、复核、执行、查看',
    en: 'declare those without a request number under a new one: propose, approve, run, show',
  },
  anewAbout: {
    zh: '冻结要重新报关的清单或订单，交由另一人复核；不发送，不取号',
    en: 'freeze what is to be declared anew, of a list or by numbers, and ask a second person; nothing is sent',
  },
  orderNoOption: {
    zh: '订单号、子订单号、交易号或运单号，可多个',
    en: 'order, child order, trade or waybill numbers',
  },
  possibleDuplicate: {
    zh: '注意（possible_duplicate）：旧的报关请求号不明，旧报关可能已经存在；重新报关后，海关可能有两份支付单。',
    en: 'Note (possible_duplicate): nobody knows the old request number, and that declaration may exist. Customs may then hold two payment records.',
  },
  proposeAbout: {
    zh: '冻结要重推的报关，交由另一人复核；不发送',
    en: 'freeze what is to be pushed again and ask a second person; nothing is sent',
  },
  approveAbout: { zh: '复核通过（提出人不能复核自己的计划）', en: 'approve (nobody approves their own plan)' },
  refuseAbout: { zh: '复核不通过，须写原因', en: 'refuse, with a reason' },
  runAbout: {
    zh: '执行已复核的计划；再执行一次不会重复发送',
    en: 'run an approved plan; running it again sends nothing twice',
  },
  showAbout: { zh: '查看计划和每级证据的数量', en: 'show a plan and its evidence, level by level' },
  reasonOption: { zh: '原因，记入审计', en: 'reason, kept in the audit trail' },
  waitOption: { zh: '最多等多久，如 35m（默认 2m）', en: 'how long to wait at most, such as 35m (default 2m)' },
  proposed: (plan: string, size: number, digest: string): Words => ({
    zh: `计划 ${plan}：已冻结 ${count(size)} 笔，sha256 ${digestShown(digest)}。没有发送。请另一人复核：`,
    en: `Plan ${plan}: ${count(size)} orders frozen, sha256 ${digestShown(digest)}. Nothing was sent. A second person:`,
  }),
  leftOut: (n: number, why: Words): Words => ({
    zh: `未列入 ${count(n)} 笔：${why.zh}`,
    en: `${count(n)} left out: ${why.en}`,
  }),
  decided: (plan: string, state: Words, checker: string): Words => ({
    zh: `计划 ${plan}：${state.zh}（${checker}）。还没有发送。`,
    en: `Plan ${plan}: ${state.en} (${checker}). Nothing was sent yet.`,
  }),
  head: (plan: string, kind: Words, state: Words, size: number, digest: string): Words => ({
    zh: `计划 ${plan}（${kind.zh}）  ${state.zh}  ${count(size)} 笔  sha256 ${digestShown(digest)}`,
    en: `Plan ${plan} (${kind.en})  ${state.en}  ${count(size)} orders  sha256 ${digestShown(digest)}`,
  }),
  figures: (sent: number, effective: number, ineffective: number, open: number): Words => ({
    zh: `已推 ${count(sent)}，见效 ${count(effective)}，未见效 ${count(ineffective)}，待定 ${count(open)}`,
    en: `${count(sent)} sent, ${count(effective)} with an effect, ${count(ineffective)} with none shown, ${count(open)} open`,
  }),
  accepted: {
    zh: 'SUCCESS 只表示渠道已受理，不证明送达；见效以推送之后口岸或海关的回执为准。',
    en: 'SUCCESS means that the channel accepted it and does not prove delivery; an effect is an answer of port or customs from after the push.',
  },
  evidenceHeads: { zh: ['证据', '笔数', '含义'], en: ['evidence', 'orders', 'means'] },
  evidence: {
    E0: { zh: '推送后没有任何新动静', en: 'nothing new since the push' },
    E1: { zh: '渠道处理过', en: 'the channel worked on it' },
    E2: { zh: '电子口岸有新回执', en: 'the e-port answered anew' },
    E3: { zh: '口岸或海关证实', en: 'port or customs say it is there' },
  },
  skipped: (n: number, why: Words): Words => ({
    zh: `跳过 ${count(n)} 笔：${why.zh}`,
    en: `${count(n)} skipped: ${why.en}`,
  }),
  working: { zh: '已有结论', en: 'Settled' },
  later: {
    zh: '待定的按 1、3、10、30 分钟查询，30 分钟后下结论。再执行同一命令即可继续等，不会重复发送。',
    en: 'Open ones are asked about after 1, 3, 10 and 30 minutes, and judged then. The same command goes on waiting and sends nothing twice.',
  },
  sandboxHint: {
    zh: '模拟环境可让时间快进：LIUSHUI_TOKEN=… liushui sandbox clock --forward 31m（管理员）',
    en: 'In a sandbox time can be moved: LIUSHUI_TOKEN=… liushui sandbox clock --forward 31m (an administrator)',
  },
} as const;
