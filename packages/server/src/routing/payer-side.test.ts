import { expect, test } from 'vitest';
import { channels } from '../../test/kit/ways.ts';
import { payerSideOf } from './payer-side.ts';
import type { SideHint } from './payer-side.ts';

const windows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
const android =
  'Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Mobile Safari/537.36';

const sideText = (userAgent: string, hint?: SideHint): string => {
  const { terminal, wallet = '-', isMiniProgram = false } = payerSideOf(channels, userAgent, hint);
  return `${terminal} ${wallet}${isMiniProgram ? ' mini' : ''}`;
};

test('a browser is told by the words that channels list, and an unknown one is the browser of its device', () => {
  const table: readonly (readonly [userAgent: string, said: string])[] = [
    [windows, 'pc -'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15', 'pc -'],
    [android, 'phone -'],
    [`${iphone} Safari/604.1`, 'phone -'],
    ['Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1 Mobile', 'phone -'],
    [`${iphone} MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN`, 'phone wechat'],
    [`${android} XWEB/1160 MMWEBSDK/20240404 micromessenger/8.0.49 Language/zh_CN`, 'phone wechat'],
    [`${iphone} MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN miniProgram/wx0123456789abcdef`, 'phone wechat mini'],
    [`${windows} MicroMessenger/7.0.20.1781(0x6700143B) NetType/WIFI MiniProgramEnv/Windows WindowsWechat`, 'pc -'],
    [`${iphone} MicroMessenger/8.0.49 WindowsWechat`, 'phone -'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) MicroMessenger/6.8.0 MacWechat/3.8 NetType/WIFI', 'pc -'],
    [
      `${iphone} NebulaSDK/1.8 Nebula AliApp(AP/10.5.88.6000) AlipayClient/10.5.88.6000 Language/zh-Hans`,
      'phone alipay',
    ],
    [`${iphone} QQ/9.0.35.612 V1_IPH_SQ_9.0.35`, 'phone -'],
    [`${android} Weibo (vivo-V2309A__weibo__14.4.2)`, 'phone -'],
    ['curl/8.6.0', 'pc -'],
    ['', 'pc -'],
  ];
  expect(table.map(([userAgent]) => [userAgent, sideText(userAgent)])).toEqual(table);
});

test('the shop is believed where no browser can tell, and not against what the browser says', () => {
  const wechat = `${iphone} MicroMessenger/8.0.49`;
  const alipay = `${iphone} AlipayClient/10.5.88`;
  const table: readonly (readonly [userAgent: string, hint: SideHint, said: string])[] = [
    [android, { terminal: 'app' }, 'app -'],
    [windows, { terminal: 'counter' }, 'counter -'],
    [wechat, { terminal: 'app' }, 'app -'],
    ['', { terminal: 'phone' }, 'phone -'],
    ['', { wallet: 'wechat', isMiniProgram: true }, 'phone wechat mini'],
    ['', { wallet: 'alipay' }, 'phone alipay'],
    ['', { terminal: 'phone', wallet: 'no-such-channel', isMiniProgram: true }, 'phone -'],
    [windows, { terminal: 'phone', wallet: 'wechat' }, 'pc -'],
    [`${iphone} Safari/604.1`, { wallet: 'wechat', isMiniProgram: true }, 'phone -'],
    [alipay, { wallet: 'alipay', isMiniProgram: true }, 'phone alipay mini'],
    [wechat, { wallet: 'alipay', isMiniProgram: true }, 'phone wechat'],
  ];
  expect(table.map(([userAgent, hint]) => [userAgent, hint, sideText(userAgent, hint)])).toEqual(table);
});
