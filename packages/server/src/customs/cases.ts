import { hours, plus, rfc3339 } from '../kernel/index.ts';
import type { CaseKindName, CaseSubject, CaseToOpen } from '../cases/index.ts';
import type { Declaration, DeclarationState, Summary } from './declaration.ts';
import { isEffective } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';

/** A declaration and its place in the plan that is running, if there is one. */
export type Observed = { readonly declaration: Declaration; readonly item?: PlanItem; readonly isSampled?: boolean };

/** So long without one clear answer, and a person looks: the channel's support answers nothing about a single hour. */
const longDoubtMs = hours(24);

/** Opened once, when the trouble begins: a case that a person closed is not opened again by the next word of the same trouble. */
export function casesOpenedBy(before: Observed, after: Observed): CaseToOpen[] {
  const { declaration, item } = after;
  const open: CaseToOpen[] = [];
  const judged = item?.state === 'judged' && before.item?.state !== 'judged';
  if (judged && !isEffective(item.evidence) && declaration.state !== 'released') {
    const params = { orderNo: declaration.orderNo, planId: item.planId, evidence: item.evidence ?? 'E0' };
    open.push(caseToOpen(declaration, 'customs.repush_without_effect', params));
  }
  if (isFirstRefused(after) && !isFirstRefused(before)) {
    const { code = '', text = '' } = declaration.summary.push ?? {};
    open.push(caseToOpen(declaration, 'customs.declaration_refused', { orderNo: declaration.orderNo, code, text }));
  }
  if (item?.numberChanged === true && before.item?.numberChanged !== true)
    open.push(caseToOpen(declaration, 'customs.numbers_differ', { orderNo: declaration.orderNo, row: '7' }));
  const { queryDoubt, queryDoubtSince } = declaration.summary;
  if (queryDoubtSince !== undefined && isLongDoubt(declaration.summary) && !isLongDoubt(before.declaration.summary)) {
    const params = { orderNo: declaration.orderNo, since: rfc3339(queryDoubtSince), why: queryDoubt ?? '' };
    open.push(caseToOpen(declaration, 'customs.query_in_doubt_long', params));
  }
  return open;
}

/** Under a number that a plan drew, nothing was ever taken: nobody asks about it, and no list of a port brings it back. */
function isFirstRefused({ declaration: { numberRule, summary } }: Observed): boolean {
  return numberRule !== 'adopted' && summary.push?.outcome === 'rejected' && summary.firstAcceptedAt === undefined;
}

/** What the port lets go, or customs has, needs no re-push any more. */
const overWith: Partial<Record<DeclarationState, readonly CaseKindName[]>> = {
  accepted: ['customs.declaration_refused'],
  at_eport: ['customs.declaration_refused'],
  at_customs: ['customs.declaration_refused', 'customs.repush_without_effect'],
  released: [
    'customs.declaration_refused',
    'customs.repush_without_effect',
    'customs.numbers_differ',
    'customs.query_in_doubt_long',
  ],
};

/** Closed by evidence: the channel answers again, or the record has come to where it should be. */
export function casesOverBy(before: Observed, { declaration }: Observed): CaseSubject[] {
  const moved = before.declaration.state !== declaration.state;
  const kinds = new Set(moved ? overWith[declaration.state] : []);
  if (isLongDoubt(before.declaration.summary) && declaration.summary.queryDoubtSince === undefined)
    kinds.add('customs.query_in_doubt_long');
  return [...kinds].map((kind) => caseSubject(declaration, kind));
}

function isLongDoubt({ queryDoubtSince, lastAskedAt }: Summary): boolean {
  return queryDoubtSince !== undefined && (lastAskedAt ?? 0) >= plus(queryDoubtSince, longDoubtMs);
}

/** The rows of the decision table whose way out is to send the order document again under the number that was pushed. */
const numberRows: ReadonlySet<string> = new Set(['7', '10']);

/** One member of a report, judged before and now. */
export type JudgedAgain = { readonly declaration: Declaration; readonly rowBefore?: string; readonly row: string };

/** Which cases about differing numbers a judgement opens and which it ends. Judged the same as before, a case that a person closed stays closed. */
export function casesOfVerdicts(judged: readonly JudgedAgain[]): {
  readonly open: readonly CaseToOpen[];
  readonly over: readonly CaseSubject[];
} {
  const kind = 'customs.numbers_differ';
  const fresh = judged.filter(({ row, rowBefore }) => numberRows.has(row) && !numberRows.has(rowBefore ?? ''));
  const other = judged.filter(({ row }) => !numberRows.has(row));
  return {
    open: fresh.map(({ declaration, row }) => caseToOpen(declaration, kind, { orderNo: declaration.orderNo, row })),
    over: other.map(({ declaration }) => caseSubject(declaration, kind)),
  };
}

function caseToOpen(declaration: Declaration, kind: CaseKindName, params: CaseToOpen['params']): CaseToOpen {
  return { ...caseSubject(declaration, kind), bucket: declaration.bucket, params };
}

function caseSubject({ merchantId, id }: Declaration, kind: CaseKindName): CaseSubject {
  return { merchantId, kind, subjectKind: 'customs_declaration', subject: id };
}
