import { defineRefusals } from '../catalogue.ts';

export const channelRefusals = defineRefusals({
  'channel.not_set_up': {
    http: 409,
    money: 'not_moved',
    retry: 'change_input',
    title: 'The account is not set up for this',
    zh: '渠道账户缺少收款所需的“{setting}”，或其内容无法读取。没有发送。',
    en: 'The channel account lacks "{setting}", which this needs, or it cannot be read. Nothing was sent.',
    wayOutZh: '请补全账户的设置和密钥（须两人），再试一次。',
    wayOutEn: 'Complete the settings and keys of the account (two people), then try again.',
  },
  'channel.value_not_taken': {
    http: 422,
    money: 'not_moved',
    retry: 'change_input',
    title: 'A value that the channel does not take',
    zh: '渠道不接受这里的“{field}”，允许的是：{allowed}。没有发送。',
    en: 'The channel does not take this "{field}"; allowed: {allowed}. Nothing was sent.',
    wayOutZh: '请改正后再试。',
    wayOutEn: 'Correct it and try again.',
  },
});
