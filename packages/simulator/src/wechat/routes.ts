import type { Settings } from './settings.ts';

export type Route = {
  readonly api: string;
  readonly partner: boolean;
  /** Fields that stand in the path. */
  readonly params: Readonly<Record<string, string>>;
};

type Row = readonly [method: string, path: RegExp, api: string];

// Paths: WeChat Pay merchant documents, APIv3; the doors for service providers have `partner` in them.
const rows: readonly Row[] = [
  ['POST', /^\/v3\/pay\/(?<partner>partner\/)?transactions\/(?<api>jsapi|native|h5|app|codepay)$/, ''],
  ['GET', /^\/v3\/pay\/(?<partner>partner\/)?transactions\/id\/(?<transaction_id>[^/]+)$/, 'query'],
  ['GET', /^\/v3\/pay\/(?<partner>partner\/)?transactions\/out-trade-no\/(?<out_trade_no>[^/]+)$/, 'query'],
  ['POST', /^\/v3\/pay\/(?<partner>partner\/)?transactions\/out-trade-no\/(?<out_trade_no>[^/]+)\/close$/, 'close'],
  ['POST', /^\/v3\/pay\/(?<partner>partner\/)?transactions\/out-trade-no\/(?<out_trade_no>[^/]+)\/reverse$/, 'reverse'],
  ['POST', /^\/v3\/refund\/domestic\/refunds$/, 'refund'],
  ['GET', /^\/v3\/refund\/domestic\/refunds\/(?<out_refund_no>[^/]+)$/, 'refund_query'],
  ['POST', /^\/v3\/refund\/domestic\/refunds\/(?<refund_id>[^/]+)\/apply-abnormal-refund$/, 'abnormal_refund'],
  ['GET', /^\/v3\/certificates$/, 'certificates'],
  ['GET', /^\/v3\/bill\/tradebill$/, 'tradebill'],
  ['GET', /^\/v3\/bill\/fundflowbill$/, 'fundflowbill'],
  ['GET', /^\/v3\/billdownload\/file$/, 'billfile'],
  ['POST', /^\/v3\/profitsharing\/receivers\/add$/, 'share_receiver_add'],
  ['POST', /^\/v3\/profitsharing\/receivers\/delete$/, 'share_receiver_delete'],
  ['POST', /^\/v3\/profitsharing\/orders$/, 'share'],
  ['POST', /^\/v3\/profitsharing\/orders\/unfreeze$/, 'share_unfreeze'],
  ['GET', /^\/v3\/profitsharing\/orders\/(?<out_order_no>[^/]+)$/, 'share_query'],
  ['GET', /^\/v3\/profitsharing\/transactions\/(?<transaction_id>[^/]+)\/amounts$/, 'share_amounts'],
  ['POST', /^\/v3\/profitsharing\/return-orders$/, 'share_return'],
  ['GET', /^\/v3\/profitsharing\/return-orders\/(?<out_return_no>[^/]+)$/, 'share_return_query'],
  ['GET', /^\/v3\/profitsharing\/bills$/, 'share_bill'],
  ['POST', /^\/customs\/orders$/, 'customs_declare'],
  ['GET', /^\/customs\/orders$/, 'customs_query'],
  ['PATCH', /^\/customs\/orders$/, 'customs_modify'],
  ['POST', /^\/customs\/redeclare$/, 'customs_repush'],
  ['POST', /^\/customs\/verify-certificate$/, 'customs_verify'],
];

const customsPrefixes = ['/global/v3/customs', '/v3/global/customs'];

/** What a path of APIv3 means; 404 = no such path, 405 = not with this method. */
export function routeOf(method: string, path: string, settings: Settings): Route | 404 | 405 {
  const prefix = customsPrefixes.find((one) => path.startsWith(`${one}/`));
  if (prefix !== undefined && ![prefix, 'both'].includes(settings.customs_prefix)) return 404;
  const known = prefix === undefined ? path : `/customs${path.slice(prefix.length)}`;
  const fitting = rows.flatMap(([wanted, pattern, api]) => {
    const match = pattern.exec(known);
    return match ? [{ wanted, api, groups: match.groups ?? {} }] : [];
  });
  const found = fitting.find(({ wanted }) => wanted === method);
  if (!found) return fitting.length === 0 ? 404 : 405;
  const { partner, api, ...params } = found.groups;
  return { api: api ?? found.api, partner: partner !== undefined, params: decoded(params) };
}

function decoded(params: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(value)]])),
  );
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Paths of v2; ordering depends on the kind of trade that the body names. */
export const v2Paths: ReadonlyMap<string, string> = new Map([
  ['/pay/unifiedorder', 'unifiedorder'],
  ['/pay/micropay', 'codepay'],
  ['/pay/orderquery', 'query'],
  ['/pay/closeorder', 'close'],
  ['/secapi/pay/reverse', 'reverse'],
  ['/secapi/pay/refund', 'refund'],
  ['/pay/refundquery', 'refund_query'],
  ['/pay/downloadbill', 'downloadbill'],
  ['/cgi-bin/mch/customs/customdeclareorder', 'customs_declare'],
  ['/cgi-bin/mch/customs/customdeclarequery', 'customs_query'],
  ['/cgi-bin/mch/newcustoms/customdeclareredeclare', 'customs_repush'],
]);

export const v2TradeTypes: ReadonlyMap<string, string> = new Map([
  ['JSAPI', 'jsapi'],
  ['NATIVE', 'native'],
  ['MWEB', 'h5'],
  ['APP', 'app'],
]);
