import { refuse, toDecimal } from '../../kernel/index.ts';
import type { Money, Result } from '../../kernel/index.ts';
import type { ChannelAccount, ReceiverKind, ShareInstruction, ShareReceiver } from '../contract/index.ts';
import { cleanText } from './pay-terms.ts';
import { shareRules } from './share-rules.ts';
import { personalText } from './sign.ts';

const kinds: ReadonlyMap<string, ReceiverKind> = new Map(Object.entries(shareRules.kinds));
const shareNoForm = new RegExp(shareRules.shareNo.pattern);
const tradeNoForm = /^[0-9A-Za-z]{1,32}$/;
const amountMax = 10_000_000_000n;

export const kindOf = ({ kind }: ShareReceiver): ReceiverKind | undefined => kinds.get(kind);

export const notTaken = (field: string, allowed: string, pointer: string): Result<never> =>
  refuse('channel.value_not_taken', { field, allowed }, pointer);

/** The merchant whose payments are shared: what is released goes to him. */
const payeeOf = ({ settings }: ChannelAccount): string => settings['sub_mchid'] ?? settings['mchid'] ?? '';

/** How a receiver is called in requests and answers alike. */
export const calledOf = (receiver: ShareReceiver): { readonly type: string; readonly account: string } => ({
  type: receiver.kind,
  account: personalText(receiver.account),
});

export const isPayee = (type: string, account: string, own: ChannelAccount): boolean =>
  type === 'MERCHANT_ID' && account === payeeOf(own);

export function refuseReceiver(receiver: ShareReceiver, own: ChannelAccount, at: string): Result<never> | undefined {
  const kind = kindOf(receiver);
  if (!kind) return notTaken('type', [...kinds.keys()].join(' | '), `${at}/kind`);
  const { type, account } = calledOf(receiver);
  if (!new RegExp(kind.pattern).test(account)) return notTaken('account', kind.pattern, `${at}/account`);
  // What is released to the merchant is answered as a line of his own: a part of his could not be told from it.
  if (isPayee(type, account, own)) return notTaken('account', 'another merchant', `${at}/account`);
  return undefined;
}

export function refuseAmount({ minor, currency }: Money, pointer: string): Result<never> | undefined {
  if (currency === 'CNY' && minor > 0n && minor <= amountMax) return undefined;
  return notTaken('amount', `0.01–${toDecimal({ minor: amountMax, currency })} CNY`, pointer);
}

export function refuseShareNo(shareNo: string): Result<never> | undefined {
  return shareNoForm.test(shareNo) ? undefined : notTaken('out_order_no', shareRules.shareNo.pattern, '/shareNo');
}

/** All that a question needs: what was sent once may be asked about whatever account and rules say today. */
export function refuseNumbers({ shareNo, tradeNo }: ShareInstruction): Result<never> | undefined {
  const number = refuseShareNo(shareNo);
  if (number) return number;
  return tradeNoForm.test(tradeNo) ? undefined : notTaken('transaction_id', tradeNoForm.source, '/tradeNo');
}

/** Two parts of one receiver would be told apart by nothing, and a request of nothing asks for nothing. */
export function refuseShare(instruction: ShareInstruction, own: ChannelAccount): Result<never> | undefined {
  const { parts, releasesRest } = instruction;
  const { partsMax } = shareRules;
  const numbers = refuseNumbers(instruction);
  if (numbers) return numbers;
  if (parts.length > partsMax || (parts.length === 0 && !releasesRest))
    return notTaken('receivers', `1–${partsMax}`, '/parts');
  for (const [index, { receiver, amount }] of parts.entries()) {
    const refusal =
      refuseReceiver(receiver, own, `/parts/${index}/receiver`) ?? refuseAmount(amount, `/parts/${index}/amount`);
    if (refusal) return refusal;
  }
  const called = new Set(parts.map(({ receiver }) => JSON.stringify(calledOf(receiver))));
  return called.size === parts.length ? undefined : notTaken('receivers', 'each receiver once', '/parts');
}

const descriptionMax = 80;

/** It is required, and receivers read it: without words of ours it is the number. */
export const descriptionOr = (reason: string, number: string): string => cleanText(reason, descriptionMax) || number;
