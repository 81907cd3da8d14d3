import type { Instant, Refusal } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { secrets as secretFields, settings as settingFields } from './account.ts';
import { keysThatFail } from './sign-keys.ts';

const forms = {
  merchant_private_key: 'PEM, RSA, PKCS#8 | PKCS#1',
  api_v3_key: '32 characters',
  platform_public_key: 'PEM, RSA public key',
  api_v2_key: '32 characters',
  platform_certificate: 'PEM, X.509, not expired',
} as const;

/** Said while the account is added or changed, not while a buyer pays: what is incomplete, contradicts itself, or cannot be read. */
export function refuseAccount(account: ChannelAccount, secrets: AccountSecrets, at: Instant): readonly Refusal[] {
  const { settings } = account;
  const found: Refusal[] = [];
  if (settings['platform_keys'] !== 'certificate' && settings['public_key_id'] === undefined)
    found.push(missing('public_key_id', 'PUB_KEY_ID_…'));
  if (settings['fund_flow'] === 'new' && settings['refund_from'] === 'available')
    found.push({
      ...{ code: 'account.setting_invalid', pointer: '/settings/refund_from' },
      params: { ...labelsOf(settingFields, 'refund_from'), found: 'available', allowed: 'default' },
    });
  if (settings['sub_appid'] !== undefined && settings['sub_mchid'] === undefined)
    found.push(missing('sub_mchid', '8–10 digits'));
  const unread = keysThatFail(secrets, at).map((field) => ({
    ...{ code: 'account.secret_unreadable', pointer: `/secrets/${field}` },
    params: { ...labelsOf(secretFields, field), allowed: forms[field] },
  }));
  return [...found, ...unread];
}

const missing = (field: string, allowed: string): Refusal => ({
  ...{ code: 'account.setting_missing', pointer: `/settings/${field}` },
  params: { ...labelsOf(settingFields, field), allowed },
});

type Labelled = { readonly name: string; readonly labelZh: string; readonly labelEn: string };

function labelsOf(fields: readonly Labelled[], field: string) {
  const { labelEn = field, labelZh = field } = fields.find(({ name }) => name === field) ?? {};
  return { field, label: labelEn, labelZh };
}
