import { done, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { ChannelAccount, Draft, Moment } from '../contract/index.ts';
import { defaultGatewayUrl } from './account.ts';
import { v2Kinds } from './sign.ts';
import { v2Text } from './sign-v2.ts';
import type { V2SignType } from './sign-v2.ts';
import { writeV2 } from './v2-xml.ts';

type V2Call = {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Payments sign with HMAC and say so; customs knows MD5 only, and neither says so nor takes a nonce. */
  readonly signType: V2SignType;
  readonly isPlain?: true;
};

/** A request of version 2: XML in UTF-8, signed over its non-empty fields with the merchant's key of that version. */
export function draftV2(call: V2Call, account: ChannelAccount, moment: Moment): Result<Draft> {
  const { settings } = account;
  if (settings['api_v2'] !== 'on') return refuse('channel.not_set_up', { setting: 'api_v2' });
  const nonce = moment.nonce.replaceAll('-', '').slice(0, 32);
  const fields = {
    ...merchantFields(account),
    ...(call.isPlain ? {} : { nonce_str: nonce, sign_type: call.signType }),
    ...call.fields,
  };
  return done({
    toSign: new TextEncoder().encode(v2Text(Object.entries(fields))),
    signWith: v2Kinds[call.signType],
    finish: (signature) => ({
      method: 'POST',
      url: `${settings['gateway_url'] ?? defaultGatewayUrl}${call.path}`,
      headers: { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'liushui' },
      body: writeV2({ ...fields, sign: signature }),
    }),
  });
}

/** Version 2 has names of its own for the parties. */
export function merchantFields({ settings }: ChannelAccount): Readonly<Record<string, string>> {
  const names = { appid: 'appid', mch_id: 'mchid', sub_appid: 'sub_appid', sub_mch_id: 'sub_mchid' } as const;
  return Object.fromEntries(Object.entries(names).map(([name, setting]) => [name, settings[setting] ?? '']));
}
