import { inDoubt } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, InboundMessage } from '../contract/index.ts';
import type { NoticeReading, PayOperations } from '../contract/index.ts';
import { readFields } from './json.ts';
import type { Fields } from './json.ts';
import { openSealed, vouchedFor } from './sign.ts';
import { fenIn, stateOutcome } from './trade.ts';
import { readRefundNotice } from './v2-notice.ts';

/** Messages of APIv3: signed over the raw body, their content sealed under the APIv3 key. */
export const notice: PayOperations['notice'] = { read };

const bodyBytesMax = 65_536;
const xmlBegins = 0x3c;

function read(
  message: InboundMessage,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): NoticeReading {
  const { method, headers, body } = message;
  if (method !== 'POST' || body.byteLength > bodyBytesMax)
    return unreadable('the message is none that we can read', 'transport_only');
  // Version 2 writes XML, and nothing else here does.
  if (body[0] === xmlBegins)
    return readRefundNotice(body, account, secrets) ?? unreadable('the notice of version 2 cannot be opened', 'none');
  const { trust, why } = vouchedFor(headers, body, account, secrets, heardAt);
  if (trust !== 'verified') return unreadable(why, trust);
  const envelope = readFields(body);
  const resource = envelope?.group('resource');
  const content = resource && contentOf(resource, secrets);
  // Signed rightly and yet not to be opened: without the key of today nothing is believed, and the platform sends it again.
  if (!envelope || !resource || !content) return unreadable('the content cannot be opened', 'none');
  return readContent(envelope, resource.text('original_type'), content, account);
}

/** Nothing of an unproven message is passed on: anybody may have written it. */
function unreadable(why: string, trust: 'transport_only' | 'none'): NoticeReading {
  return { trust, kind: 'other', isOurs: false, outcome: inDoubt(why), word: '' };
}

function contentOf(resource: Fields, secrets: AccountSecrets): Fields | undefined {
  if (resource.text('algorithm') !== 'AEAD_AES_256_GCM') return undefined;
  const plain = openSealed(
    {
      ciphertext: resource.text('ciphertext'),
      nonce: resource.text('nonce'),
      associatedData: resource.text('associated_data'),
    },
    secrets,
  );
  return plain && readFields(plain);
}

/** `original_type` tells what it is about: payments and profit sharing share their `event_type`. */
function readContent(envelope: Fields, about: string, content: Fields, account: ChannelAccount): NoticeReading {
  const kind = about === 'transaction' ? 'payment' : about === 'refund' ? 'refund' : 'other';
  const amount = fenIn(content.group('amount'), 'total');
  const optional = {
    // Whether it is the same over repeats is not published; nothing depends on it.
    noticeId: envelope.text('id'),
    serialNo: content.text('out_trade_no'),
    refundNo: content.text('out_refund_no'),
  };
  return {
    ...{ trust: 'verified', kind, isOurs: isOurs(content, account) },
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    outcome: kind === 'payment' ? paymentOutcome(content) : inDoubt(`news of ${about}, to be asked about`),
    ...(amount ? { says: amount } : {}),
    word: envelope.text('event_type'),
  };
}

function paymentOutcome(content: Fields): NoticeReading['outcome'] {
  const outcome = stateOutcome(content);
  if (outcome.kind === 'succeeded' && outcome.facts.amount === undefined) return inDoubt('paid, without an amount');
  return outcome;
}

/** Signed rightly is not enough: the message must be about this merchant and, where it names one, an application of the account. */
function isOurs(content: Fields, { settings }: ChannelAccount): boolean {
  const { mchid, sub_mchid: subMchid, appid, app_appid: app, mini_appid: mini, sub_appid: subAppid } = settings;
  const merchants = subMchid === undefined ? { mchid } : { sp_mchid: mchid, sub_mchid: subMchid };
  const applications: readonly (string | undefined)[] = [appid, app, mini];
  return (
    Object.entries(merchants).every(([name, value]) => content.text(name) === value) &&
    ['appid', 'sp_appid'].every((name) => !content.has(name) || applications.includes(content.text(name))) &&
    (!content.has('sub_appid') || content.text('sub_appid') === subAppid)
  );
}
