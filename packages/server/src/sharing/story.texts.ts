import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

export const voices = {
  shop: both('商户', 'shop'),
  us: both('我方', 'us'),
  people: both('两人', 'two people'),
} as const;

const partStates: Readonly<Record<string, Words>> = {
  pending: both('待分', 'pending'),
  succeeded: both('已分出', 'given'),
  failed: both('没有分出，归还商户', "not given: the merchant's again"),
  late: both('后来还是分出了', 'given after all'),
};

const shareEnds: Readonly<Record<string, Words>> = {
  done: both('已完成', 'done'),
  partly: both('部分分出', 'partly given'),
  failed: both('一分未分', 'nothing was given'),
};

const returnEnds: Readonly<Record<string, Words>> = {
  done: both('已退回', 'came back'),
  failed: both('没有退回', 'did not come back'),
  late: both('后来还是退回了', 'came back after all'),
};

const wordsIn = (words: Readonly<Record<string, Words>>, state: string): Words => words[state] ?? both(state, state);
const because = (why: string): Words => (why === '' ? both('', '') : both(`（${why}）`, ` (${why})`));

export const shareName = (no: string): Words => both(`分账 ${no}`, `share ${no}`);
export const returnName = (no: string): Words => both(`分账回退 ${no}`, `return ${no}`);

export function shareAsked(
  no: string,
  channelNo: string,
  parts: number,
  amount: string,
  releases: boolean,
  reason: string,
): Words {
  const rest = releases ? both('，剩余解冻', ', the rest released') : both('', '');
  return both(
    `分账 ${no}（${channelNo}）：${parts} 份共 ${amount}${rest.zh}；${reason}`,
    `share ${no} (${channelNo}): ${amount} among ${parts}${rest.en}; ${reason}`,
  );
}

export function partEnded(no: string, partNo: string, amount: string, state: string, why: string): Words {
  const [words, cause] = [wordsIn(partStates, state), because(why)];
  return both(
    `分账 ${no} 第 ${partNo} 份 ${amount}：${words.zh}${cause.zh}`,
    `share ${no}, part ${partNo} of ${amount}: ${words.en}${cause.en}`,
  );
}

export function shareEnded(no: string, state: string): Words {
  const words = wordsIn(shareEnds, state);
  return both(`分账 ${no}：${words.zh}`, `share ${no}: ${words.en}`);
}

export const returnAsked = (no: string, channelNo: string, amount: string, reason: string): Words =>
  both(`分账回退 ${no}（${channelNo}）${amount}；${reason}`, `return ${no} (${channelNo}) of ${amount}; ${reason}`);

export function returnEnded(no: string, amount: string, state: string, why: string): Words {
  const [words, cause] = [wordsIn(returnEnds, state), because(why)];
  return both(`分账回退 ${no} ${amount}：${words.zh}${cause.zh}`, `return ${no} of ${amount}: ${words.en}${cause.en}`);
}

/** The channel's words are quoted. That it has taken something is not called given. */
export function said(name: Words, kind: string, word: string): Words {
  const kinds: Readonly<Record<string, Words>> = {
    succeeded: both('渠道称已结束', 'the channel says that it has ended'),
    accepted: both('渠道已受理', 'taken by the channel'),
    rejected: both('渠道拒绝', 'refused by the channel'),
    in_doubt: both('结果未知', 'the result is unknown'),
  };
  const [words, quoted] = [wordsIn(kinds, kind), word === '' ? both('', '') : both(`：“${word}”`, `: "${word}"`)];
  return both(`${name.zh}：${words.zh}${quoted.zh}`, `${name.en}: ${words.en}${quoted.en}`);
}

/** What two people know, and from where. */
export function ruled(name: Words, isDone: boolean, evidence: string): Words {
  const words = isDone ? both('其实已办成', 'was carried out') : both('确实没有办成', 'was certainly not carried out');
  return both(`${name.zh}：${words.zh}（${evidence}）`, `${name.en}: ${words.en} (${evidence})`);
}

export const purposes = {
  given: both('提出：其实已分出（附凭证，两人）', 'propose that it was given, with the proof; two people'),
  notGiven: both(
    '提出：确实没有分出（附凭证，两人）',
    'propose that nothing of it was or will be given, with the proof; two people',
  ),
  cameBack: both('提出：其实已退回（附凭证，两人）', 'propose that it came back, with the proof; two people'),
  notBack: both(
    '提出：确实没有退回（附凭证，两人）',
    'propose that it did not and will not come back, with the proof; two people',
  ),
} as const;

const calls: Readonly<Record<string, (name: Words) => Words>> = {
  'share.submit': (name) => both(`提交${name.zh}`, `send ${name.en}`),
  'share.query': (name) => both(`查询${name.zh}`, `ask about ${name.en}`),
  'share.return': (name) => both(`提交${name.zh}`, `send ${name.en}`),
  'share.return_query': (name) => both(`查询${name.zh}`, `ask about ${name.en}`),
};

export const callWordsOf = (operation: string, name: Words): Words => calls[operation]?.(name) ?? name;

/** What the channel does by itself, and nobody is told of. */
export const heldUntil = both(
  '渠道自行解冻没有分的钱；此后不能再分',
  'the channel releases by itself what was not shared; nothing can be shared after that',
);
