import { defaultRate } from './sign-up.texts.ts';
import type { SimulatorDoor } from './simulators.ts';

type Words = Readonly<Record<string, string>>;

/** Two halves of a key, as PEM. */
export type KeyPair = { readonly privatePem: string; readonly publicPem: string };

/** What a contract is made of. */
export type Ground = {
  readonly number: string;
  /** Where the simulator stands. */
  readonly origin: string;
  readonly merchant: KeyPair;
  /** The channel's own, for this merchant. */
  readonly channel: KeyPair;
  /** As many digits of hex, drawn anew each time. */
  readonly hex: (digits: number) => string;
};

export type Contract = {
  /** What the account is added with here. */
  readonly settings: Words;
  readonly secrets: Words;
  readonly products: readonly string[];
  /** What the simulator must know of it: control doors and bodies, in this order (packages/simulator, README of each). */
  readonly deposits: readonly (readonly [path: string, body: object])[];
};

/** How the simulator of a channel takes a new merchant. */
export type SignUpSide = {
  readonly door: SimulatorDoor;
  /** The setting that holds the merchant's number, and how the numbers begin that are given out here. Eight digits follow. */
  readonly number: readonly [setting: string, prefix: string];
  /** Settings that say where the simulator stands. */
  readonly addresses: (origin: string) => Words;
  readonly contract: (ground: Ground) => Contract;
};

/** What a new merchant has at the channel, to give back from. */
const balanceYuan = '1000.00';

const alipay: SignUpSide = {
  door: 'alipay',
  number: ['partner', '20886000'],
  addresses: (origin) => ({ gateway_url: `${origin}/gateway.do`, openapi_gateway_url: `${origin}/gateway.do` }),
  contract({ number, origin, merchant, channel, hex }) {
    const appId = `20216000${number.slice(-8)}`;
    const md5Key = hex(32);
    const app = {
      ...{ app_id: appId, seller_id: number, merchant_public_key_pem: merchant.publicPem },
      ...{ alipay_private_key_pem: channel.privatePem, balance: balanceYuan, fee_rate: defaultRate },
    };
    return {
      settings: {
        ...{ partner: number, ...alipay.addresses(origin), openapi_mode: 'key', app_id: appId, seller_id: number },
      },
      secrets: {
        ...{ md5_key: md5Key, app_private_key: merchant.privatePem, alipay_openapi_public_key: channel.publicPem },
      },
      products: ['page', 'wap', 'precreate'],
      deposits: [
        ['/control/partners', [{ partner: number, md5_key: md5Key }]],
        ['/control/openapi/apps', [app]],
      ],
    };
  },
};

const wechat: SignUpSide = {
  door: 'wechat',
  number: ['mchid', '16'],
  addresses: (origin) => ({ gateway_url: origin }),
  /** With a public key of the platform: a certificate has a period, and the clock of a sandbox may stand before it or behind it. */
  contract({ number, origin, merchant, channel, hex }) {
    const appid = `wx${number.padStart(16, '0')}`;
    const [serialNo, publicKeyId] = [hex(40).toUpperCase(), `PUB_KEY_ID_0${number}`];
    const [apiV3Key, apiV2Key] = [hex(32), hex(32)];
    const deposit = {
      ...{ mchid: number, appids: [appid], api_v3_key: apiV3Key, v2_key: apiV2Key, fund_flow: 'new' },
      certificate_keys: [{ serial_no: serialNo, public_key_pem: merchant.publicPem }],
      ...{ platform_public_key: { id: publicKeyId, private_key_pem: channel.privatePem }, fee_rate: defaultRate },
    };
    return {
      settings: {
        ...{ mchid: number, appid, merchant_serial_no: serialNo, platform_keys: 'public_key' },
        ...{ public_key_id: publicKeyId, fund_flow: 'new', api_v2: 'on', ...wechat.addresses(origin) },
      },
      secrets: {
        ...{ merchant_private_key: merchant.privatePem, api_v3_key: apiV3Key, api_v2_key: apiV2Key },
        platform_public_key: channel.publicPem,
      },
      products: ['jsapi', 'native', 'h5'],
      deposits: [['/control/merchants', deposit]],
    };
  },
};

/** By the channel's id. A channel that is not here signs with nobody. */
export const signUpSides: Readonly<Record<string, SignUpSide>> = { alipay, wechat };
