import type { NoticeReport } from './alipay/openapi/books.ts';
import type { OpenApiCall } from './alipay/openapi/types.ts';
import type { DeclareCall } from './alipay/types.ts';
import type { Occasion } from './faults.ts';
import type { WechatAct } from './wechat/books.ts';

/** Histories and master data, as the control doors take them; read by `seed.ts`. */
export type SeedInput = {
  readonly partners?: readonly unknown[];
  readonly trades?: readonly unknown[];
  readonly declarations?: readonly unknown[];
  readonly lists?: readonly unknown[];
};

/** Everything that changes the books. The books on disk are these, in their order; a reload repeats them. */
export type Command =
  | { readonly kind: 'clock'; readonly to: number }
  | { readonly kind: 'seed'; readonly seed: SeedInput }
  | { readonly kind: 'declare'; readonly call: DeclareCall }
  | { readonly kind: 'query_faults'; readonly occasion: Occasion }
  | { readonly kind: 'settings'; readonly patch: unknown }
  | { readonly kind: 'add_faults'; readonly rules: readonly unknown[] }
  | { readonly kind: 'remove_faults'; readonly id?: string }
  | { readonly kind: 'openapi_call'; readonly call: OpenApiCall }
  | { readonly kind: 'openapi_control'; readonly verb: string; readonly input: unknown }
  | { readonly kind: 'openapi_noticed'; readonly report: NoticeReport }
  | { readonly kind: 'wechat'; readonly act: WechatAct }
  | { readonly kind: 'ceb411'; readonly xml: string }
  | { readonly kind: 'ceb621'; readonly xml: string };
