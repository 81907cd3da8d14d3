import { inDoubt } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, NoticeReading } from '../contract/index.ts';
import { openRefundInfo } from './sign-v2.ts';
import { readV2 } from './v2-xml.ts';

/** Exactly this, or it comes again (version 2, refund notice). */
const ack = {
  ...{ status: 200, contentType: 'text/xml' },
  body: '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>',
} as const;

/**
 * The refund notice of version 2. It comes to merchants of APIv3, too: of refunds without an address, and of those that a person made on the merchant
 * web site. Nothing signs it; who wrote it knew the version 2 key. So it is a reason to ask, as all news of refunds is. Undefined: it is none, or
 * nobody can open it.
 */
export function readRefundNotice(
  body: Uint8Array,
  { settings }: ChannelAccount,
  secrets: AccountSecrets,
): NoticeReading | undefined {
  const outside = readV2(body);
  const plain = openRefundInfo(outside?.get('req_info') ?? '', secrets);
  const inside = plain === undefined ? undefined : readV2(new TextEncoder().encode(plain), 'root');
  if (!outside || !inside || outside.get('return_code') !== 'SUCCESS') return undefined;
  const [serialNo, refundNo] = [inside.get('out_trade_no') ?? '', inside.get('out_refund_no') ?? ''];
  return {
    ...{ trust: 'verified', kind: 'refund', isOurs: outside.get('mch_id') === settings['mchid'], ack },
    ...{ ...(serialNo === '' ? {} : { serialNo }), ...(refundNo === '' ? {} : { refundNo }) },
    outcome: inDoubt('news of refund, to be asked about'),
    word: `refund_status ${inside.get('refund_status') ?? ''}`,
  };
}
