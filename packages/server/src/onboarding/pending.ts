import type { AccountRow } from '../accounts/index.ts';
import type { Approval } from '../approvals/index.ts';
import { isTermKind } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';

/** What one person asked for of an account and a second one has not ended: it is decided, or carried out, and not asked for again. */
export type Pending = {
  readonly for: TermKind | 'go_live';
  readonly approval: string;
  readonly digest: string;
  readonly isApproved: boolean;
  readonly maker: string;
};

/** What two people agree to: that the steps were done when they looked, and these products. Whichever door asks, the other may carry it out. */
export function goLiveAct({ account }: { readonly account: AccountRow }) {
  const { id, merchantId, products = [] } = account;
  const input = { act: goLiveName, account: id, products: [...products] };
  return { command: 'accounts.change', subject: id, merchantId, input } as const;
}
export const goLiveName = 'go_live';

/** `approvals` with their states of this moment. One about other products than now could not be carried out, and is asked for anew. */
export function pendingOf(approvals: readonly Approval[], account: AccountRow): readonly Pending[] {
  const { command, input } = goLiveAct({ account });
  const wanted = JSON.stringify(input.products);
  return approvals.flatMap((one): Pending[] => {
    const [isAsked, isApproved] = [one.state === 'asked', one.state === 'approved'];
    const rest = { approval: one.id, digest: one.digest, isApproved, maker: one.maker };
    const { act, products } = (one.input ?? {}) as { readonly act?: unknown; readonly products?: unknown };
    if ((isAsked || isApproved) && one.command === command && one.subject === account.id)
      return act === goLiveName && JSON.stringify(products) === wanted ? [{ for: 'go_live', ...rest }] : [];
    const [id, kind = ''] = one.subject.split('/');
    return isAsked && one.command === 'accounts.terms' && id === account.id && isTermKind(kind)
      ? [{ for: kind, ...rest }]
      : [];
  });
}
