import { refuse, shanghaiText, toDecimal } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { PayInstruction } from '../contract/index.ts';
import type { Biz } from './openapi.ts';
import { payRules } from './pay-rules.ts';
import { subjectText } from './text.ts';

const serialForm = new RegExp(payRules.serialNo.pattern);
const urlMax = 256;

/** A number that the channel cannot take refuses itself here, before anything leaves. */
export function refuseNumber(instruction: PayInstruction): Result<never> | undefined {
  return serialForm.test(instruction.serialNo)
    ? undefined
    : refuse('channel.value_not_taken', { field: 'out_trade_no', allowed: payRules.serialNo.pattern }, '/serialNo');
}

/** The lengths and ranges of the request tables of alipay.trade.page.pay, .precreate, .create and .pay. */
export function refuseTerms(instruction: PayInstruction, at: Instant): Result<never> | undefined {
  const { amount, notifyUrl, returnUrl, deadlineAt } = instruction;
  const { minMinor, maxMinor } = payRules.amount;
  const { minMs, maxMs } = payRules.expiry;
  const ahead = deadlineAt - at;
  const number = refuseNumber(instruction);
  if (number) return number;
  if (!(payRules.currencies as readonly string[]).includes(amount.currency))
    return refuse('channel.value_not_taken', { field: 'currency', allowed: 'CNY' }, '/amount');
  if (amount.minor < minMinor || amount.minor > maxMinor)
    return refuse('channel.value_not_taken', { field: 'total_amount', allowed: '0.01–100000000.00' }, '/amount');
  if (subjectText(instruction.subject) === '')
    return refuse('channel.value_not_taken', { field: 'subject', allowed: '1–256' }, '/subject');
  if (ahead < minMs || ahead > maxMs)
    return refuse('channel.value_not_taken', { field: 'time_expire', allowed: '1 min – 15 d' }, '/deadlineAt');
  if (!isAddress(notifyUrl))
    return refuse('channel.value_not_taken', { field: 'notify_url', allowed: `http(s), ≤ ${urlMax}` }, '/notifyUrl');
  if (returnUrl !== undefined && !isAddress(returnUrl))
    return refuse('channel.value_not_taken', { field: 'return_url', allowed: `http(s), ≤ ${urlMax}` }, '/returnUrl');
  return undefined;
}

const isAddress = (url: string): boolean => url.length <= urlMax && /^https?:\/\/[^\s]+$/.test(url);

/** What every product sends. The deadline is absolute always: a relative one begins at another moment for each product. */
export function tradeTerms(instruction: PayInstruction): Biz {
  return {
    out_trade_no: instruction.serialNo,
    total_amount: toDecimal(instruction.amount),
    subject: subjectText(instruction.subject),
    time_expire: shanghaiText(instruction.deadlineAt),
    // What comes in stays frozen until it is shared or released, for thirty days at most (商家分账).
    extend_params: instruction.isHeldForSharing ? { royalty_freeze: 'true' } : undefined,
  };
}
