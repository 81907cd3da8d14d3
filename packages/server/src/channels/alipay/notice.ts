import { inDoubt, parseShanghai } from '../../kernel/index.ts';
import type { Outcome } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, InboundMessage } from '../contract/index.ts';
import type { NoticeReading, PayOperations, TradeFacts } from '../contract/index.ts';
import { encodeText } from './charset.ts';
import { joinSorted } from './mapi.ts';
import type { Field } from './mapi.ts';
import { readForm } from './openapi-form.ts';
import type { ReadForm } from './openapi-form.ts';
import { yuan } from './openapi-trade.ts';
import { openapiSignatureFits } from './sign-openapi.ts';

/** "Asynchronous notification" of the open platform: a signed form, sent to the notify_url of the payment for every later event. */
export const notice: PayOperations['notice'] = { read };

const bodyBytesMax = 65_536;

function read(message: InboundMessage, account: ChannelAccount, secrets: AccountSecrets): NoticeReading {
  const form = message.body.byteLength > bodyBytesMax ? undefined : readForm(message.body);
  if (message.method !== 'POST' || !form)
    return unreadable('the message is no form that we can read', 'transport_only');
  if (!form.fields.has('sign')) return unreadable('the message is not signed', 'transport_only');
  if (!formFits(form, account, secrets)) return unreadable('the signature does not fit', 'none');
  const text = (name: string): string => form.fields.get(name) ?? '';
  const amount = yuan(text('total_amount'));
  const optional = { noticeId: text('notify_id'), serialNo: text('out_trade_no'), refundNo: text('out_biz_no') };
  return {
    trust: 'verified',
    kind: kindOf(text),
    isOurs: isOurs(text, account),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    outcome: outcomeOf(text),
    ...(amount ? { says: amount } : {}),
    word: text('trade_status') || text('notify_type'),
  };
}

type Text = (name: string) => string;

/** Nothing of an unproven message is passed on: anybody may have written it. */
function unreadable(why: string, trust: 'transport_only' | 'none'): NoticeReading {
  return { trust, kind: 'other', isOurs: false, outcome: inDoubt(why), word: '' };
}

/**
 * Unlike a request, a notification is signed without `sign_type`. Whether empty values belong to the text is not published; other families
 * of messages keep `sign_type`. Unknown members belong to it, so it is built from what arrived.
 */
function formFits({ fields, charset }: ReadForm, account: ChannelAccount, secrets: AccountSecrets): boolean {
  const signature = fields.get('sign') ?? '';
  if (fields.get('sign_type') !== 'RSA2') return false;
  const unsigned = [...fields].filter(([name]) => name !== 'sign');
  const usual = unsigned.filter(([name]) => name !== 'sign_type');
  const said = usual.filter(([, value]) => value !== '');
  const readings: readonly (readonly Field[])[] =
    said.length < usual.length ? [said, usual, unsigned] : [usual, unsigned];
  return readings.some((reading) => {
    const signed = encodeText(joinSorted(reading), charset);
    return signed !== undefined && openapiSignatureFits(signed, signature, account, secrets);
  });
}

/** Signed rightly is not enough: the message must be about this application and, where the account names one, this receiver. */
function isOurs(text: Text, account: ChannelAccount): boolean {
  const { app_id: appId, seller_id: sellerId } = account.settings;
  return text('app_id') === appId && (sellerId === undefined || text('seller_id') === sellerId);
}

/** Refunds come over the address of the payment, under a status that the payment may have, too: these members tell. */
const refundNames = ['refund_fee', 'gmt_refund', 'out_biz_no'];
const isRefundNews = (text: Text): boolean => refundNames.some((name) => text(name) !== '');

function kindOf(text: Text): NoticeReading['kind'] {
  if (text('notify_type') !== 'trade_status_sync') return 'other';
  return isRefundNews(text) ? 'refund' : 'payment';
}

function outcomeOf(text: Text): Outcome<TradeFacts> {
  const status = text('trade_status');
  if (text('notify_type') !== 'trade_status_sync') return inDoubt(`a message of type ${text('notify_type')}`);
  if (text('out_trade_no') === '') return inDoubt('the message is about no number');
  if (status === 'TRADE_SUCCESS' || status === 'TRADE_FINISHED') return paidOutcome(text, status);
  if (status === 'WAIT_BUYER_PAY') return { kind: 'accepted', facts: { ...factsOf(text, status), isOpened: true } };
  if (status !== 'TRADE_CLOSED') return inDoubt(`trade_status ${status} is not listed`);
  // Closed says "never paid" only when nothing says that it was: a full refund closes, too.
  if (isRefundNews(text)) return paidOutcome(text, status);
  if (['gmt_payment', 'receipt_amount', 'buyer_pay_amount'].some((name) => saysMoney(text(name))))
    return inDoubt('closed, and yet something was paid');
  return { kind: 'rejected', code: status, text: 'closed without payment' };
}

const saysMoney = (value: string): boolean => value !== '' && yuan(value)?.minor !== 0n;

function paidOutcome(text: Text, status: string): Outcome<TradeFacts> {
  const facts = factsOf(text, status);
  if (facts.amount === undefined || facts.tradeNo === undefined) return inDoubt('paid, without an amount or a trade');
  return { kind: 'succeeded', facts: isRefundNews(text) ? { ...facts, hasRefunds: true } : facts };
}

function factsOf(text: Text, channelStatus: string): TradeFacts {
  const amount = yuan(text('total_amount'));
  const received = yuan(text('receipt_amount'));
  const payerPaid = yuan(text('buyer_pay_amount'));
  const paidAt = parseShanghai(text('gmt_payment'));
  return {
    serialNo: text('out_trade_no'),
    ...(text('trade_no') === '' ? {} : { tradeNo: text('trade_no') }),
    ...(amount ? { amount } : {}),
    ...(received ? { received } : {}),
    ...(payerPaid ? { payerPaid } : {}),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(text('buyer_logon_id') === '' ? {} : { payer: text('buyer_logon_id') }),
    channelStatus,
  };
}
