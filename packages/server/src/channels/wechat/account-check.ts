import type { Instant, Refusal } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { secrets as secretFields, settings as settingFields } from './account.ts';
import { allowed as words } from './account-words.data.ts';
import { keysThatFail } from './sign-keys.ts';

/** Said while the account is added or changed, not while a buyer pays: what is incomplete, contradicts itself, or cannot be read. */
export function refuseAccount(account: ChannelAccount, secrets: AccountSecrets, at: Instant): readonly Refusal[] {
  const { settings } = account;
  const found: Refusal[] = [];
  if (settings['fund_flow'] === 'new' && settings['refund_from'] === 'available')
    found.push({
      ...{ code: 'account.setting_invalid', pointer: '/settings/refund_from' },
      params: { ...labelsOf(settingFields, 'refund_from'), found: 'available', allowed: 'default' },
    });
  if (settings['sub_appid'] !== undefined && settings['sub_mchid'] === undefined)
    found.push({
      ...{ code: 'account.setting_missing', pointer: '/settings/sub_mchid' },
      params: { ...labelsOf(settingFields, 'sub_mchid'), ...words.sub_mchid },
    });
  const unread = keysThatFail(secrets, at).map((field) => ({
    ...{ code: 'account.secret_unreadable', pointer: `/secrets/${field}` },
    params: { ...labelsOf(secretFields, field), ...words[field] },
  }));
  return [...found, ...unread];
}

type Labelled = { readonly name: string; readonly labelZh: string; readonly labelEn: string };

function labelsOf(fields: readonly Labelled[], field: string) {
  const { labelEn = field, labelZh = field } = fields.find(({ name }) => name === field) ?? {};
  return { field, label: labelEn, labelZh };
}
