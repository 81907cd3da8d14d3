import { refuse, toDecimal } from '../../kernel/index.ts';
import type { Money, Result } from '../../kernel/index.ts';
import type { ChannelAccount, ReceiverKind, ShareInstruction, ShareReceiver } from '../contract/index.ts';
import { sharePartsSetting, shareRules } from './share-rules.ts';
import { payerText } from './sign-openapi.ts';

const kinds: ReadonlyMap<string, ReceiverKind> = new Map(Object.entries(shareRules.kinds));
const shareNoForm = new RegExp(shareRules.shareNo.pattern);
const tradeNoForm = /^[A-Za-z0-9]{16,64}$/;
const amountMax = 10_000_000_000n;

export const notTaken = (field: string, allowed: string, pointer: string): Result<never> =>
  refuse('channel.value_not_taken', { field, allowed }, pointer);

export const needsName = ({ kind }: ShareReceiver): boolean => kinds.get(kind)?.needsName === true;

export function refuseReceiver(receiver: ShareReceiver, at: string): Result<never> | undefined {
  const kind = kinds.get(receiver.kind);
  if (!kind) return notTaken('type', [...kinds.keys()].join(' | '), `${at}/kind`);
  const fits = new RegExp(kind.pattern).test(payerText(receiver.account));
  return fits ? undefined : notTaken('account', kind.pattern, `${at}/account`);
}

export function refuseAmount({ minor, currency }: Money, pointer: string): Result<never> | undefined {
  if (currency === 'CNY' && minor > 0n && minor <= amountMax) return undefined;
  return notTaken('amount', `0.01–${toDecimal({ minor: amountMax, currency })} CNY`, pointer);
}

/** All that a question needs: what was sent once may be asked about whatever account and rules say today. */
export function refuseNumbers({ shareNo, tradeNo }: ShareInstruction): Result<never> | undefined {
  if (!shareNoForm.test(shareNo)) return notTaken('out_request_no', shareRules.shareNo.pattern, '/shareNo');
  return tradeNoForm.test(tradeNo) ? undefined : notTaken('trade_no', tradeNoForm.source, '/tradeNo');
}

/** Two parts of one receiver would be told apart by nothing, and a request of nothing asks for nothing. */
export function refuseShare(instruction: ShareInstruction, { settings }: ChannelAccount): Result<never> | undefined {
  const { parts, releasesRest } = instruction;
  const partsMax = Number(settings[sharePartsSetting] ?? shareRules.partsMax);
  const numbers = refuseNumbers(instruction);
  if (numbers) return numbers;
  if (parts.length > partsMax || (parts.length === 0 && !releasesRest))
    return notTaken('royalty_parameters', `1–${partsMax}`, '/parts');
  for (const [index, { receiver, amount }] of parts.entries()) {
    const refusal =
      refuseReceiver(receiver, `/parts/${index}/receiver`) ?? refuseAmount(amount, `/parts/${index}/amount`);
    if (refusal) return refusal;
  }
  const called = new Set(parts.map(({ receiver }) => JSON.stringify([receiver.kind, payerText(receiver.account)])));
  return called.size === parts.length ? undefined : notTaken('royalty_parameters', 'each receiver once', '/parts');
}
