import type { Instant, Money } from '../kernel/index.ts';
import { stateTable } from '../payments/index.ts';

const shareStates = ['submitting', 'processing', 'in_doubt', 'done', 'partly', 'failed'] as const;
export type ShareState = (typeof shareStates)[number];

const shareEffects = ['send', 'plan_queries', 'send_same_if_absent', 'tell_shop', 'open_case', 'case_if_long'] as const;
export type ShareEffect = (typeof shareEffects)[number];

/**
 * 分账单. That the channel has finished says nothing of any part: every part has its own end, and the request ends as its parts did.
 * `all_done`, `some_done`, `none_done`: no part is open any more, and the channel waits for nothing.
 * `processing` stays until an end: it is how we know that the channel verifiably took the number.
 */
export const shareTable = stateTable<ShareState | 'created', ShareEffect>(
  ['created', ...shareStates],
  shareEffects,
  `
created                         command  submit               submitting  send
submitting+processing+in_doubt  obs      all_done             done        tell_shop
submitting+processing+in_doubt  obs      some_done            partly      tell_shop
submitting+processing+in_doubt  obs      none_done            failed      tell_shop open_case
submitting+processing+in_doubt  obs      accepted             processing  plan_queries case_if_long
submitting+in_doubt             obs      in_doubt             in_doubt    plan_queries send_same_if_absent case_if_long
processing                      obs      in_doubt             same        plan_queries case_if_long
failed+partly                   obs      accepted             same        plan_queries open_case
any                             obs      contradicted         same        plan_queries open_case
any                             any      any                  same        -
`,
);

const partStates = ['pending', 'succeeded', 'failed', 'late'] as const;
export type PartState = (typeof partStates)[number];

const partEffects = ['post', 'release', 'tell_shop', 'post_late', 'open_case'] as const;
export type PartEffect = (typeof partEffects)[number];

/** One receiver's part. Money that moved although it was said that it would not is booked as it moved, and a person looks. */
export const partTable = stateTable<PartState, PartEffect>(
  partStates,
  partEffects,
  `
pending         obs  succeeded  succeeded  post
pending         obs  failed     failed     release tell_shop
failed          obs  succeeded  late       post_late open_case
succeeded+late  obs  failed     same       open_case
any             any  any        same       -
`,
);

const returnStates = ['submitting', 'processing', 'in_doubt', 'done', 'failed', 'late'] as const;
export type ReturnState = (typeof returnStates)[number];

const returnEffects = [...shareEffects, 'post'] as const;
export type ReturnEffect = (typeof returnEffects)[number];

/** 分账回退. Keeps its number until a definite answer. */
export const returnTable = stateTable<ReturnState | 'created', ReturnEffect>(
  ['created', ...returnStates],
  returnEffects,
  `
created                         command  submit     submitting  send
submitting+processing+in_doubt  obs      succeeded  done        post tell_shop
submitting+processing+in_doubt  obs      rejected   failed      tell_shop open_case
submitting+processing+in_doubt  obs      accepted   processing  plan_queries case_if_long
submitting+in_doubt             obs      in_doubt   in_doubt    plan_queries send_same_if_absent case_if_long
processing                      obs      in_doubt   same        plan_queries case_if_long
failed                          obs      accepted   same        plan_queries open_case
failed                          obs      succeeded  late        post open_case
done+late                       obs      rejected   same        open_case
any                             any      any        same        -
`,
);

/** The channel may still say something that ends it. */
export const isOpen = (state: ShareState | ReturnState): boolean =>
  ['submitting', 'processing', 'in_doubt'].includes(state);

/** Also of what had ended, while the channel says that it is under way all the same. */
export const isAskedAbout = (one: {
  readonly state: ShareState | ReturnState;
  readonly doubtSince?: Instant;
}): boolean => isOpen(one.state) || one.doubtSince !== undefined;

/** What was sent, or is to be, and is asked about. */
type Asked = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly asked: number;
  readonly sentTries: number;
  /** The code of a refusal that nobody signed: it counts once the channel does not know the number either. */
  readonly refusedWith?: string;
  /** An unsigned refusal begins it anew. Of what has ended: since when the channel says that it is under way all the same. */
  readonly doubtSince?: Instant;
  readonly why: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};

export type SharePart = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly shareId: string;
  /** Our number of it within the request. */
  readonly partNo: string;
  readonly receiver: { readonly bucket: number; readonly id: string };
  readonly state: PartState;
  readonly amount: Money;
  readonly reason: string;
  readonly channelPartNo?: string;
  readonly why: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};

export type Share = Asked & {
  readonly paymentId: string;
  readonly attemptId: string;
  readonly shopShareNo: string;
  readonly shareNo: string;
  readonly state: ShareState;
  readonly releasesRest: boolean;
  readonly reason: string;
  readonly channelNo?: string;
  /** Not sent before then. */
  readonly dueAt: Instant;
  readonly parts: readonly SharePart[];
};

export type ShareReturn = Asked & {
  readonly shareId: string;
  readonly partId: string;
  readonly shopReturnNo: string;
  readonly returnNo: string;
  readonly state: ReturnState;
  readonly amount: Money;
  readonly reason: string;
};
