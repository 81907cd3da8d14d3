import { shanghaiText } from '../../kernel/index.ts';
import type { Instant, Trust } from '../../kernel/index.ts';

/** One sentence or name in both languages. */
export type Words = { readonly zh: string; readonly en: string };

export const both = (zh: string, en: string): Words => ({ zh, en });

/** What somebody's word is worth; `stated`: told by people or lists, without a signature. */
export type StoryTrust = Trust | 'stated';

export const trustWords: Readonly<Record<StoryTrust, Words>> = {
  verified: both('签名已验证', 'signature ok'),
  transport_only: both('应答未签名', 'unsigned answer'),
  none: both('签名不符，不作为证明', 'wrong signature: proves nothing'),
  stated: both('陈述，无签名', 'stated, no signature'),
};

export const toChannel = (channel: Words): Words => both(`我方→${channel.zh}`, `us→${channel.en}`);
export const fromChannel = (channel: Words): Words => both(`${channel.zh}→我方`, `${channel.en}→us`);
export const ofCase = (id: string): Words => both(`差错单 ${id}`, `case ${id}`);
export const ofPerson = (actor: string, door: string): Words => both(`${actor}（${door}）`, `${actor} (${door})`);

export const callWords = (what: Words, tryNo: number, end: Words): Words =>
  both(`${what.zh}，第 ${tryNo} 次：${end.zh}`, `${what.en}, try ${tryNo}: ${end.en}`);

type Ended = 'answered' | 'silent' | 'unsent' | 'lost' | undefined;

export function endWords(ended: Ended, why: string, httpStatus: number | undefined): Words {
  const because = why === '' ? both('', '') : both(`（${why}）`, ` (${why})`);
  const status = httpStatus ?? '?';
  switch (ended) {
    case undefined:
      return both('尚无应答', 'no answer yet');
    case 'answered':
      return both(`已应答，HTTP ${status}，内容与之前相同`, `answered, HTTP ${status}, nothing new in it`);
    case 'silent':
      return both(`没有应答，结果未知${because.zh}`, `no answer, the result is unknown${because.en}`);
    case 'unsent':
      return both(`没有发出${because.zh}`, `nothing was sent${because.en}`);
    case 'lost':
      return both(`应答丢失，结果未知${because.zh}`, `the answer was lost, the result is unknown${because.en}`);
  }
}

export const caseActWords = (act: 'opened' | 'closed', kind: Words): Words =>
  both(`${act === 'opened' ? '开立' : '关闭'}：${kind.zh}`, `${act}: ${kind.en}`);

const time = (at: Instant): string => `${shanghaiText(at)} (GMT+8)`;

export function jobSentence(words: Words, channel: Words, tries: number, held: Words): Words {
  const tried = tries > 0 ? both(`，已试 ${tries} 次`, `, tried ${tries} times`) : both('', '');
  return both(`${words.zh}（${channel.zh}）${tried.zh}${held.zh}`, `${words.en} (${channel.en})${tried.en}${held.en}`);
}

export const holds = {
  nothing: both('', ''),
  running: both('，正在进行', ', running now'),
  paused: (why: string): Words => both(`，通道已暂停：${why}`, `, the lane is paused: ${why}`),
  closed: (until: Instant): Words =>
    both(`，通道因连续失败关闭至 ${time(until)}`, `, the lane is closed after failures until ${time(until)}`),
  gap: both('，等待两次发送的最小间隔', ', waits for the gap between two sendings'),
} as const;

export function dueWords(owner: string | undefined, dueAt: Instant): Words {
  return both(
    `负责人：${owner ?? '尚无人负责'}；到期 ${time(dueAt)}`,
    `owner: ${owner ?? 'nobody has taken it'}; due ${time(dueAt)}`,
  );
}

export const openCaseWords = (id: string, kind: Words, due: Words): Words =>
  both(`差错单 ${id}：${kind.zh}；${due.zh}`, `case ${id}: ${kind.en}; ${due.en}`);

export const lapseWords = (at: Instant): Words => both(`逾期失效：${time(at)}`, `lapses at ${time(at)}`);

/** What people do anywhere; a domain adds its own acts. */
const acts: ReadonlyMap<string, Words> = new Map([
  ['approval.asked', both('提交复核', 'asked for a second person')],
  ['approval.approved', both('复核通过', 'approved')],
  ['approval.refused', both('复核拒绝', 'refused')],
  ['approval.used', both('开始执行', 'started it')],
  ['approval.lapsed', both('复核逾期失效', 'the request lapsed')],
  ['case.closed', both('关闭差错单', 'closed the case')],
]);

export function actSentence(
  act: string,
  subject: string,
  reason: string,
  more: ReadonlyMap<string, Words> = new Map(),
): Words {
  const words = more.get(act) ?? acts.get(act) ?? both(act, act);
  const why = reason === '' ? both('', '') : both(`：“${reason}”`, `: "${reason}"`);
  return both(`${words.zh} ${subject}${why.zh}`, `${words.en}: ${subject}${why.en}`);
}
