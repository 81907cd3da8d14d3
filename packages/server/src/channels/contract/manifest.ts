import type { PayRules, RefundRules, SettingWish } from './pay.ts';
import type { ShareRules } from './share.ts';
import type { StatementRules } from './statement.ts';

/** A field of the account form: console, CLI and API ask for it by this description. */
export type SettingField = {
  readonly name: string;
  readonly labelZh: string;
  readonly labelEn: string;
  /** A regular expression for the whole value, as text. */
  readonly pattern: string;
  /** What the pattern says, where letters and digits alone do not tell it. */
  readonly formZh?: string;
  readonly formEn?: string;
  readonly required: boolean;
  /** When an account needs this setting though not every one does: another setting and the values that ask for it. */
  readonly neededWhen?: { readonly setting: string; readonly oneOf: readonly string[] };
  readonly default?: string;
  readonly oneOf?: readonly string[];
  /** What was sent with one value of it can be asked about with that value only: it stays once anything was sent. */
  readonly staysOnceUsed?: true;
};

export type SecretField = {
  readonly name: string;
  readonly labelZh: string;
  readonly labelEn: string;
  /** When the account needs this secret: a setting and the values that ask for it. Absent: always. */
  readonly neededWhen?: { readonly setting: string; readonly oneOf: readonly string[] };
};

/** How fast one operation of one account may call. The pace is where we start; a lane learns to slow down. */
export type LaneRule = {
  readonly callsPerSecond: number;
  /** Things in one call at most. */
  readonly itemsPerCall: number;
  /** Minutes between two calls about the same thing, our margin included; 0 where the channel asks for none. */
  readonly gapMinutes: number;
  /** Limit of one call on the monotonic clock, first byte to last. */
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
};

/** What the customs place behind a code can do. Not listed: `unlisted` of the manifest applies. */
export type PlaceRule = {
  /** The unified version answers with receipt codes; a local port never does, so silence there means nothing. */
  readonly givesCodes: boolean;
  readonly rePush: boolean;
  readonly split: 'yes' | 'no' | 'unconfirmed';
  /** The other places that the same payment must be declared to, in order, this one included. */
  readonly legs?: readonly string[];
};

export type CustomsRules = {
  /** Answers say whether the buyer is the payer. Only where declarations name the buyer, which none of ours does yet. */
  readonly checksIdentity?: boolean;
  /** An account declares where one of these settings is as meant. Absent: every account does. */
  readonly openedByOneOf?: readonly SettingWish[];
  /** With one of these settings nothing of the account is declared. */
  readonly closedBy?: readonly SettingWish[];
  /** `isKept: false`: the channel knows declarations by payment and place, so that an answer says nothing of the number. */
  readonly requestNo: { readonly pattern: string; readonly isKept?: false };
  readonly placePattern: string;
  readonly places: Readonly<Record<string, PlaceRule>>;
  readonly unlistedPlace: PlaceRule;
  readonly query: {
    /** Numbers in one call at most. */
    readonly batchMax: number;
    /** What "not found" proves. */
    readonly absenceProves: 'never_accepted' | 'nothing';
    /** Codes with which the channel refuses a whole batch because of one bad item: halve the batch. */
    readonly refusesWholeBatchWith: readonly string[];
    /** True where the card says that the signing rule of this answer is unconfirmed: an unknown signature then counts as unsigned. */
    readonly signingUnconfirmed: boolean;
  };
  readonly declare: {
    /** The same number again is the same declaration: sending again after doubt cannot make a second one. */
    readonly resendIsSafe: boolean;
    /** Refusal codes that say: an earlier declaration stands. Ask, do not call it failed. */
    readonly standsAlreadyCodes: readonly string[];
  };
  readonly rePush: {
    readonly how: 'same_request_no' | 'own_operation' | 'none';
    /** The channel's own words for the states from which it pushes again. Absent: from every one. */
    readonly fromStatuses?: readonly string[];
    /** What has stood so long in another state comes to no end by itself: a plan may push it. Absent: never. */
    readonly stuckAfterMinutes?: number;
    /** Minutes between any two pushes of one trade, our margin included. */
    readonly gapMinutes: number;
    readonly gapPer: 'trade' | 'declaration';
    /** True: SUCCESS to a re-push says nothing about whether anything was sent. */
    readonly acceptsWithoutSending: boolean;
    readonly attemptsMax: number;
    /** Evidence of an effect is looked for this many minutes after the push. */
    readonly lookAfterMinutes: readonly number[];
    /** Without evidence after this many minutes the push counts as without shown effect. */
    readonly evidenceWindowMinutes: number;
    /** Instruction fields that a modification may change. */
    readonly changeable: readonly string[];
  };
};

export type Manifest = {
  readonly id: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** What one unit on the wire is, where the channel counts in whole units. */
  readonly amountUnit: 'fen' | 'yuan_text';
  /** Names of this channel that other parties use for it, lower case: 支付宝, alipay … */
  readonly alsoKnownAs: readonly string[];
  readonly settings: readonly SettingField[];
  readonly secrets: readonly SecretField[];
  readonly lanes: Readonly<Record<string, LaneRule>>;
  readonly customs?: CustomsRules;
  readonly pay?: PayRules;
  readonly refund?: RefundRules;
  readonly share?: ShareRules;
  readonly statement?: StatementRules;
};
