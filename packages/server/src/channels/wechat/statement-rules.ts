import type { SettingWish, StatementRules } from '../contract/index.ts';

/** A service provider's balance is its own and not that of the merchant whose account this is. */
const asProvider: SettingWish = { setting: 'sub_mchid' };

/**
 * Documents of the trade and fund-flow bill (APIv3): days of Beijing, made from 9:00 of the next one, to be fetched after 10:00, working day or
 * not, for three months; STATEMENT_CREATING: again in half an hour; an address holds for five minutes.
 */
export const statementRules = {
  kinds: {
    trade: { nameZh: '交易账单', nameEn: 'trade bill', view: 'trade', isRead: true, isDaily: true },
    flow: {
      ...{ nameZh: '资金账单（基本户）', nameEn: 'fund-flow bill of the basic account', view: 'flow' },
      ...{ isRead: true, isDaily: true, closedBy: [asProvider] },
    },
    // The columns of this one are not published where we could read them.
    share: { nameZh: '分账账单', nameEn: 'profit-sharing bill', view: 'share', isRead: false, isDaily: false },
  },
  readyAfterMinutes: 600,
  // Our term: two hours after it should be there.
  lateAfterMinutes: 720,
  retryMinutes: 30,
  daysBack: 90,
  addressMinutes: 5,
  emptyAgainMinutes: [120, 1440],
} as const satisfies StatementRules;
