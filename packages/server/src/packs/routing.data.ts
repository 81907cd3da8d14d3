import type { Words } from './words.ts';

/**
 * Who can mend what a row of the decision table says, and why. `both`: the facts do not tell the channel's fault from the port's.
 * A test compares the rows with those of the table.
 */
export type Side = 'channel' | 'port' | 'both' | 'ours' | 'nobody';

type Route = { readonly to: Side; readonly why: Words };

const route = (to: Side, zh: string, en: string): Route => ({ to, why: { zh, en } });

export const routeOfRow: Readonly<Record<string, Route>> = {
  '-': route('nobody', '已放行或已入库', 'released, or stored by customs'),
  '0': route('ours', '找到报关请求号', 'the request number must be found here'),
  '1': route('ours', '我方从未报关', 'we never declared it'),
  '2': route('ours', '数据须由我方修正', 'the data is ours to correct'),
  '3': route('ours', '请求未到达渠道，我方再次提交', 'the call never arrived; we submit it again'),
  '4': route('channel', '渠道曾受理，现查无此单', 'the channel took it and knows it no more'),
  '5': route('ours', '口岸或备案号须由我方更正', 'place or record number are ours to correct'),
  '6': route('ours', '我方补报缺的一程', 'we declare the missing leg'),
  '7': route('ours', '我方用推送的编号重发订单报文', 'we send the order document again with the pushed number'),
  '8': route('ours', '联系买家或重开订单', 'the buyer is ours to ask'),
  '9': route('ours', '按退单代码由我方处理', 'the code of the refusal says what is ours to do'),
  '10': route('port', '口岸称已存在，须告知按哪个编号', 'the port says it exists, and must say under which number'),
  '11': route('channel', '渠道发往海关失败', 'the channel could not pass it on'),
  '12': route('channel', '渠道迟迟未发完', 'the channel is sending for too long'),
  '12w': route('channel', '渠道积压未发', 'the channel has not sent it'),
  '13': route('port', '各渠道在该口岸同样缺回执', 'every channel misses its receipts at this place'),
  '14': route('channel', '渠道称成功，口岸没有收到', 'the channel says sent, the port has nothing'),
  '15': route('port', '电子口岸已收，未到海关', 'the e-port has it and customs does not'),
  '16': route('port', '海关已有支付单，清单比对在前', 'customs has it; the list was compared before it came'),
  '17': route('ours', '与支付无关，转物流或关务', 'not payment: handed over to logistics'),
  '18': route('ours', '该口岸不返回执，等待放行', 'this place never answers: the release is waited for'),
  '19': route('both', '事实不足，渠道和口岸都须核对', 'the facts are not enough: both must look'),
};

/** Not sorted by the table yet. */
export const notJudged = route('both', '尚未分诊', 'not sorted by the table yet');

/** Without another channel to compare with, a loss before the port and a backlog of the port look the same: the port is asked as well. */
export const cannotCompare = route(
  'both',
  '没有其他渠道可对照，无法排除口岸积压',
  'no other channel to compare with: a backlog of the port cannot be ruled out',
);

/** A plan has it: until its effect is judged nobody can say that a push did not help. */
export const underWay = route(
  'ours',
  '已在重推计划中，等待其结果',
  'in a plan that is under way: wait for what its push does',
);

export const settledMeanwhile = route('nobody', '之后已送达或放行', 'delivered or released since');
