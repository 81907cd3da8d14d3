import type { Words } from './answer.ts';
import { count } from './layout.ts';

/** The CHECK list of plans.state in words. */
export const planStates: Readonly<Record<string, Words>> = {
  asked: { zh: '待复核', en: 'waits for a second person' },
  approved: { zh: '已复核，未执行', en: 'approved, not run yet' },
  refused: { zh: '复核未通过', en: 'refused' },
  running: { zh: '执行中', en: 'running' },
  paused: { zh: '已暂停', en: 'paused' },
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
  pauseAbout: { zh: '暂停：不再发送，已发出的照常查询', en: 'pause: nothing more is sent; what was sent is looked at' },
  resumeAbout: { zh: '继续已暂停的计划', en: 'go on with a paused plan' },
  stopAbout: { zh: '终止计划：未发送的不再发送', en: 'stop a plan for good: what was not sent never is' },
  canaryOption: {
    zh: '每格先推几笔（默认 10；不超过 20 笔的计划不分组）',
    en: 'how many of each cell are pushed first (default 10; a plan of at most 20 goes at once)',
  },
  controlOption: {
    zh: '每格留存几笔作对照（默认 10）',
    en: 'how many of each cell are held back to compare with (default 10)',
  },
  cellsOption: {
    zh: '按什么分格：hour、date、account、place、split、carrier（默认取清单里区分滞留与放行的那一维，否则按小时）',
    en: 'cut cells by hour, date, account, place, split or carrier (default: what separates stuck from released, else the hour)',
  },
  accountOption: {
    zh: '不用清单：该账户全部未放行的',
    en: 'instead of a list: all of this account that are not released',
  },
  placeOption: { zh: '口岸代码', en: 'customs place' },
  fromOption: { zh: '受理时间从何时起，如 "2015-10-27 11:00"', en: 'accepted from, such as "2015-10-27 11:00"' },
  toOption: { zh: '到何时止（不含）', en: 'accepted before' },
  cellsFrozen: (cells: number, canary: number, control: number): Words => ({
    zh: `分 ${count(cells)} 格，每格先推 ${count(canary)} 笔、留存 ${count(control)} 笔对照；4 条停止规则。`,
    en: `${count(cells)} ${cells === 1 ? 'cell' : 'cells'}, in each ${count(canary)} pushed first and ${count(control)} held back; 4 stop rules.`,
  }),
  cellHeads: {
    zh: ['格', '先推：见回执', '留存：见回执', '效果（95% 区间）', '结论'],
    en: ['cell', 'pushed: receipts', 'held back: receipts', 'effect (95% range)', 'reading'],
  },
  cellOf: (some: number, of: number): Words => ({
    zh: `${count(some)} / ${count(of)}`,
    en: `${count(some)} of ${count(of)}`,
  }),
  ramp: (sent: number, effective: number): Words => ({
    zh: `有效，已推 ${count(sent)}，见回执 ${count(effective)}`,
    en: `it works: ${count(sent)} pushed, ${count(effective)} with a receipt`,
  }),
  readings: {
    waiting: { zh: '未开始', en: 'not begun' },
    canary: { zh: '观察中', en: 'watching' },
    no_effect: { zh: '未显效，已停；交证据包', en: 'not shown: stopped; send the evidence pack' },
    nothing_pushed: { zh: '一笔也没推成，已停', en: 'nothing could be pushed: stopped' },
    stopped: { zh: '已停', en: 'stopped' },
  },
  canaryFigures: (sent: number, sentWith: number, held: number, heldWith: number, notSent: number): Words => ({
    zh: `已推 ${count(sent)}，其中见回执 ${count(sentWith)}；曾留存 ${count(held)}，留存期间见回执 ${count(heldWith)}；未发送 ${count(notSent)}。`,
    en: `${count(sent)} sent, ${count(sentWith)} of these with a receipt; ${count(held)} held back, ${count(heldWith)} with one all the same; ${count(notSent)} not sent.`,
  }),
  stoppedBy: (why: Words): Words => ({ zh: `由规则停止：${why.zh}`, en: `Stopped by its rule: ${why.en}` }),
  stopReasons: {
    no_effect: { zh: '未显效', en: 'no effect shown' },
    nothing_pushed: { zh: '一笔也没推成', en: 'nothing could be pushed' },
    channel_errors: { zh: '渠道错误超过 2%', en: 'more than 2% of the pushes without a clear answer' },
    number_changes: { zh: '支付编号变更超过 0.1%', en: 'the payment number changed for more than 0.1%' },
    new_refusal: { zh: '出现该组从未有过的拒绝码', en: 'a refusal code that this group never gave before' },
    person: { zh: '由人停止', en: 'stopped by a person' },
    restored: { zh: '恢复备份时停止', en: 'stopped by a restore' },
  },
  pausedWhy: (why: string): Words => ({ zh: `暂停原因：${why}`, en: `Paused: ${why}` }),
  stillWithout: (n: number): Words => ({ zh: `仍有 ${count(n)} 笔无回执。`, en: `${count(n)} still without receipt.` }),
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
