import type { Instant, Refusal } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { secrets as fields } from './account.ts';
import { keysThatFail } from './sign-keys.ts';

const forms = {
  merchant_private_key: 'PEM, RSA, PKCS#8 | PKCS#1',
  api_v3_key: '32 characters',
  platform_public_key: 'PEM, RSA public key',
  api_v2_key: '32 characters',
  platform_certificate: 'PEM, X.509, not expired',
} as const;

/** Said while the account is added, not while a buyer pays: what is incomplete, contradicts itself, or cannot be read. */
export function refuseAccount(account: ChannelAccount, secrets: AccountSecrets, at: Instant): Refusal | undefined {
  const { settings } = account;
  if (settings['platform_keys'] !== 'certificate' && settings['public_key_id'] === undefined)
    return setting('public_key_id', 'Id of the WeChat Pay public key', '', 'PUB_KEY_ID_…');
  if (settings['fund_flow'] === 'new' && settings['refund_from'] === 'available')
    return setting('refund_from', 'Where refunds are taken from', 'available', 'default');
  if (settings['sub_appid'] !== undefined && settings['sub_mchid'] === undefined)
    return setting('sub_mchid', 'Sub-merchant number', '', '8–10 digits');
  const [unread] = keysThatFail(secrets, at);
  if (unread === undefined) return undefined;
  const label = fields.find(({ name }) => name === unread)?.labelEn ?? unread;
  const params = { field: unread, label, allowed: forms[unread] };
  return { code: 'account.secret_unreadable', params, pointer: `/secrets/${unread}` };
}

function setting(field: string, label: string, found: string, allowed: string): Refusal {
  return { code: 'account.setting_invalid', params: { field, label, found, allowed }, pointer: `/settings/${field}` };
}
