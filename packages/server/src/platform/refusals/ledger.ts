import { defineRefusals } from '../catalogue.ts';

export const ledgerRefusals = defineRefusals({
  'ledger.floor': {
    http: 409,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Not enough money there',
    zh: '账户 {account} 的余额还差 {shortage}（最小货币单位）。没有记账，资金没有变动。',
    en: 'The account {account} lacks {shortage} in minor units. Nothing was booked and no money moved.',
    wayOutZh: '请减少金额；或在渠道充值、等待结算入账后重新提交。',
    wayOutEn: 'Ask for less, or top the account up at the channel or wait for its settlement, then submit again.',
  },
});
