import type { Instant, Refusal, Secret } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import { hasForm } from '../platform/seal-words.ts';

/** asked: a second person has to agree · refused: by that person, or by the channel with a listed code. */
export type ReceiverState = 'asked' | 'binding' | 'bound' | 'refused' | 'unbinding' | 'removed';

/** 分账接收方 of one account. Account and name are sealed; what is shown is masked. */
export type Receiver = {
  readonly bucket: number;
  readonly id: string;
  readonly accountId: string;
  readonly merchantId: string;
  readonly kind: string;
  readonly accountSealed: Uint8Array;
  readonly accountMasked: string;
  readonly accountDigest: Uint8Array;
  readonly nameSealed?: Uint8Array;
  readonly nameMasked?: string;
  readonly relation?: string;
  readonly bindNo: string;
  readonly unbindNo?: string;
  readonly state: ReceiverState;
  readonly approvalId?: string;
  readonly why: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};

export type WishedReceiver = {
  readonly kind: string;
  readonly account: Secret;
  readonly name?: Secret;
  readonly relation?: string;
};

/** What the channel would refuse is not asked for. */
export function refuseReceiver(rules: ShareRules, wish: WishedReceiver): Refusal | undefined {
  const kind = Object.hasOwn(rules.kinds, wish.kind) ? rules.kinds[wish.kind] : undefined;
  if (!kind)
    return {
      ...{ code: 'receiver.unknown_kind', pointer: '/kind' },
      params: { kind: wish.kind, known: Object.keys(rules.kinds).join(', ') },
    };
  if (!hasForm(wish.account, kind.pattern))
    return { code: 'receiver.account_unfit', params: { kind: wish.kind, allowed: kind.pattern }, pointer: '/account' };
  if (kind.needsName && (!wish.name || wish.name.isEmpty()))
    return { code: 'receiver.needs_name', params: { kind: wish.kind }, pointer: '/name' };
  const fits = rules.relations.length === 0 || rules.relations.includes(wish.relation ?? '');
  if (fits) return undefined;
  const params = { relation: wish.relation ?? '', known: rules.relations.join(', ') };
  return { code: 'receiver.unknown_relation', params, pointer: '/relation' };
}
