import { assert, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, HandOut, Moment } from '../contract/index.ts';
import type { PayInstruction, PayOperations, WireRequest } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import type { Travel } from './openapi.ts';
import { refuseTerms, tradeTerms } from './pay-terms.ts';

/** alipay.trade.page.pay, .wap.pay, .app.pay: a signed request for the payer's browser or app; nothing is called. */
export const show: NonNullable<PayOperations['show']> = { build, handOut };

type Shown = { readonly method: string; readonly productCode: string; readonly travel: Travel };

const shown = new Map<string, Shown>([
  ['page', { method: 'alipay.trade.page.pay', productCode: 'FAST_INSTANT_TRADE_PAY', travel: 'browser' }],
  ['wap', { method: 'alipay.trade.wap.pay', productCode: 'QUICK_WAP_WAY', travel: 'browser' }],
  ['app', { method: 'alipay.trade.app.pay', productCode: 'QUICK_MSECURITY_PAY', travel: 'app' }],
]);

function build(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const product = shown.get(instruction.product);
  if (!product) return refuse('channel.value_not_taken', { field: 'product', allowed: [...shown.keys()].join(' | ') });
  const refusal = refuseTerms(instruction, moment.at);
  if (refusal) return refusal;
  const { method, productCode, travel } = product;
  // The document of wap.pay asks for the page to go to when the payer leaves.
  const quitUrl = instruction.product === 'wap' ? instruction.returnUrl : undefined;
  return draftOpenapi(
    {
      method,
      travel,
      biz: { ...tradeTerms(instruction), product_code: productCode, quit_url: quitUrl },
      notifyUrl: instruction.notifyUrl,
      ...(instruction.returnUrl === undefined || travel === 'app' ? {} : { returnUrl: instruction.returnUrl }),
    },
    account,
    moment,
    secrets,
  );
}

function handOut(request: WireRequest, instruction: PayInstruction): HandOut {
  const product = shown.get(instruction.product);
  assert(product !== undefined, `${instruction.product} is not shown to the payer`);
  return product.travel === 'app'
    ? { kind: 'sdk', text: new TextDecoder().decode(request.body) }
    : { kind: 'url', url: request.url };
}
