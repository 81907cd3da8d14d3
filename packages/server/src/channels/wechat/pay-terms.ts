import { refuse, rfc3339 } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { ChannelAccount, PayInstruction } from '../contract/index.ts';
import { partyOf } from './account.ts';
import { payRules } from './pay-rules.ts';

const serialForm = new RegExp(payRules.serialNo.pattern);
const urlMax = 256;
const day = 24 * 60 * 60_000;

export function refuseNumber({ serialNo }: PayInstruction): Result<never> | undefined {
  if (serialForm.test(serialNo)) return undefined;
  return refuse('channel.value_not_taken', { field: 'out_trade_no', allowed: payRules.serialNo.pattern }, '/serialNo');
}

/** The lengths and ranges of the ordering documents of APIv3. */
export function refuseTerms(
  instruction: PayInstruction,
  account: ChannelAccount,
  at: Instant,
): Result<never> | undefined {
  const { amount, notifyUrl, deadlineAt, subject } = instruction;
  const { minMinor, maxMinor } = payRules.amount;
  const daysMax = account.settings['sub_mchid'] === undefined ? 90 : 15;
  const ahead = deadlineAt - at;
  const number = refuseNumber(instruction);
  if (number) return number;
  if (!(payRules.currencies as readonly string[]).includes(amount.currency))
    return refuse('channel.value_not_taken', { field: 'currency', allowed: 'CNY' }, '/amount');
  if (amount.minor < minMinor || amount.minor > maxMinor)
    return refuse('channel.value_not_taken', { field: 'total', allowed: `${minMinor}–${maxMinor}` }, '/amount');
  if (descriptionText(subject) === '')
    return refuse('channel.value_not_taken', { field: 'description', allowed: `1–${descriptionMax}` }, '/subject');
  // Of the same number only the first request's deadline counts, so a later one may come close to it.
  if (ahead <= 0 || ahead > daysMax * day)
    return refuse('channel.value_not_taken', { field: 'time_expire', allowed: `≤ ${daysMax} d` }, '/deadlineAt');
  if (notifyUrl.length > urlMax || !/^https?:\/\/[^\s?#]+$/.test(notifyUrl))
    return refuse('channel.value_not_taken', { field: 'notify_url', allowed: `≤ ${urlMax}, no query` }, '/notifyUrl');
  return undefined;
}

/** What every product sends. The same instruction gives the same bytes: under one number the platform takes no other content. */
export function orderTerms(instruction: PayInstruction, account: ChannelAccount): Readonly<Record<string, unknown>> {
  const { merchants, applications } = partyOf(account, instruction.product);
  const limit = account.settings['limit_pay'];
  return {
    ...applications,
    ...merchants,
    description: descriptionText(instruction.subject),
    out_trade_no: instruction.serialNo,
    time_expire: rfc3339(instruction.deadlineAt),
    notify_url: instruction.notifyUrl,
    ...(limit === undefined ? {} : { limit_pay: [limit] }),
    // The money of such an order stays frozen until it is shared or released, for thirty days at most.
    ...(instruction.isHeldForSharing ? { settle_info: { profit_sharing: true } } : {}),
    amount: { total: Number(instruction.amount.minor), currency: instruction.amount.currency },
  };
}

const descriptionMax = 127;
export const descriptionText = (text: string): string => cleanText(text, descriptionMax);

/** Control characters and halves of a pair become blanks, and it ends after so many characters. The original stays in the instruction. */
export function cleanText(text: string, max: number): string {
  const clean = text
    .toWellFormed()
    .replaceAll('\ufffd', ' ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  // UTF-16 units are the most that anybody counts; half a pair at the end is no character.
  return clean.slice(0, max).toWellFormed().replaceAll('\ufffd', '').trim();
}
