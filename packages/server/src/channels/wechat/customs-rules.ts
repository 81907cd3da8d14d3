import type { CustomsRules, PlaceRule } from '../contract/index.ts';

/** States, never codes: SUCCESS is the most that is ever said, and does not prove that the port has the record. */
const port: PlaceRule = { givesCodes: false, rePush: true, split: 'yes' };

/** The list of the customs documents (2024-11), and two older places. It changes: data, never code. Other ports are filed under GUANGZHOU_ZS. */
const places: Readonly<Record<string, PlaceRule>> = {
  GUANGZHOU_ZS: port,
  HANGZHOU_ZS: port,
  NINGBO: port,
  ZHENGZHOU_BS: port,
  CHONGQING: port,
  SHANGHAI_ZS: port,
  SHENZHEN: port,
  ZHENGZHOU_ZH_ZS: port,
  TIANJIN: port,
  ZONGSHU: port,
  GUANGZHOU_HP_GJ: port,
  GUANGZHOU_NS_GJ: port,
};

export const customsRules = {
  // Version 2 of mainland merchants needs its own key, the overseas interface does not; for sub-merchants neither is built.
  openedByOneOf: [
    { setting: 'api_v2', oneOf: ['on'] },
    { setting: 'customs_api', oneOf: ['v3'] },
  ],
  closedBy: [{ setting: 'sub_mchid' }],
  // WeChat Pay keeps no request numbers: it knows a declaration by payment, place and child order. Ours only names it to us.
  requestNo: { pattern: '^[0-9A-Za-z_|*@-]{1,32}$', isKept: false },
  placePattern: '^[A-Z0-9_]{2,20}$',
  places,
  unlistedPlace: port,
  query: { batchMax: 1, absenceProves: 'nothing', refusesWholeBatchWith: [], signingUnconfirmed: false },
  // The same content again is the same declaration; other content is refused and needs MODIFY.
  declare: { resendIsSafe: true, standsAlreadyCodes: [] },
  rePush: {
    how: 'own_operation',
    // APIv3 says these two; a list of questions for version 2 says that others are taken, too. The stricter one.
    fromStatuses: ['SUCCESS', 'EXCEPT'],
    // What is refused from another state stays as it is. A day: receipts of customs come within hours.
    stuckAfterMinutes: 24 * 60,
    // No gap is published: as far apart as elsewhere.
    gapMinutes: 6,
    gapPer: 'trade',
    acceptsWithoutSending: false,
    attemptsMax: 5,
    // What is UNDECLARED goes out within minutes.
    lookAfterMinutes: [1, 3, 10, 30],
    evidenceWindowMinutes: 30,
    changeable: ['customsCode', 'amount'],
  },
} as const satisfies CustomsRules;
