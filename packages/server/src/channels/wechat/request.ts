import { done, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment } from '../contract/index.ts';
import { defaultGatewayUrl } from './account.ts';
import { wantedSerial } from './sign.ts';

export type Call = {
  readonly method: 'GET' | 'POST';
  /** With its query, encoded already: the signature covers it as it stands on the wire. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Another host than the account's gateway. */
  readonly gateway?: string;
};

const scheme = 'WECHATPAY2-SHA256-RSA2048';

/** A request of APIv3 and the five lines that its signature covers; the last of them ends with a line feed, too. */
export function draftCall(
  { method, path, body, gateway }: Call,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { settings } = account;
  const verifiesByKey = settings['platform_keys'] !== 'certificate';
  if (verifiesByKey && settings['public_key_id'] === undefined)
    return refuse('channel.not_set_up', { setting: 'public_key_id' });
  const url = `${gateway ?? settings['gateway_url'] ?? defaultGatewayUrl}${path}`;
  const text = body === undefined ? '' : JSON.stringify(body);
  const time = String(Math.floor(moment.at / 1000));
  // Any text of up to 32 characters; ours are UUIDs.
  const nonce = moment.nonce.replaceAll('-', '').slice(0, 32);
  const serial = wantedSerial(account, secrets, moment.at);
  const lines = [method, url.replace(/^https?:\/\/[^/]+/, ''), time, nonce, text];
  return done({
    toSign: new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')),
    finish: (signature) => ({
      ...{ method, url },
      headers: {
        accept: 'application/json',
        // Without one, some doors answer INVALID_REQUEST before they look at the signature.
        'user-agent': 'liushui',
        authorization:
          `${scheme} mchid="${settings['mchid'] ?? ''}",nonce_str="${nonce}",timestamp="${time}",` +
          `serial_no="${settings['merchant_serial_no'] ?? ''}",signature="${signature}"`,
        ...(serial === undefined ? {} : { 'wechatpay-serial': serial }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: new TextEncoder().encode(text) }),
    }),
  });
}

/** `?a=1&b=2`, encoded. */
export const queryText = (fields: Readonly<Record<string, string>>): string =>
  `?${Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`;
