import type { Refusal } from '../kernel/index.ts';
import type { SettingWish, ShareRules } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { ShareTerms } from './decide-share.ts';

type Settings = OpenAccount['account']['settings'];

function isSet(settings: Settings, { setting, oneOf }: SettingWish): boolean {
  const value = settings[setting] ?? '';
  return oneOf ? oneOf.includes(value) : value !== '';
}

/** The account lacks what the channel asks of those that share. */
export function refuseClosed({ openedBy = [] }: ShareRules, { account }: OpenAccount): Refusal | undefined {
  const lacking = openedBy.find((wish) => !isSet(account.settings, wish));
  return lacking && { code: 'share.not_opened', params: { account: account.id, field: lacking.setting } };
}

/** What channel and account allow together. */
export function termsFrom(rules: ShareRules, { account: { settings } }: OpenAccount): ShareTerms {
  const { percentMax, partsMax, partsMaxSetting = '' } = rules;
  const percent = percentMax && (numberOf(settings[percentMax.setting]) ?? percentMax.usual);
  return {
    ...{ rules, partsMax: numberOf(settings[partsMaxSetting]) ?? partsMax },
    ...(percent === undefined ? {} : { percentMax: percent }),
  };
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
