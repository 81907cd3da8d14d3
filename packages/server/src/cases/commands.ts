import { assert, done, hours, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { notify } from '../notifications/index.ts';
import type { NewEvent } from '../notifications/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Tx } from '../platform/db.ts';
import { caseKinds } from './kinds.data.ts';
import { insertCases, readCase, readOpen, saveClosed, saveClosedOf } from './store.ts';
import type { Case, CaseParams, CaseSubject } from './store.ts';

export type CaseToOpen = CaseSubject & {
  readonly bucket: number;
  /** What is known and not known, for the list: numbers, amounts, times. */
  readonly params: CaseParams;
};

/** The case that is open for this subject now; `fresh` when this call opened it. */
export type OpenedCase = { readonly id: string; readonly fresh: boolean };

/** The merchant of a case that concerns everybody, and so is told to no merchant. */
const wholeInstallation = '*';

const keyOf = (one: CaseSubject): string => JSON.stringify([one.merchantId, one.kind, one.subjectKind, one.subject]);

/**
 * One case per subject and kind however often it is asked for, also twice in one list: the first one's words stay. Answers in the order
 * of the list. Numbers are drawn only for what is not open yet, and before the insert, so that two lists never lock in a ring.
 */
export async function openCases(tx: Tx, list: readonly CaseToOpen[], at: Instant): Promise<readonly OpenedCase[]> {
  const wanted = new Map<string, CaseToOpen>();
  for (const one of list) if (!wanted.has(keyOf(one))) wanted.set(keyOf(one), one);
  const open = new Map((await readOpen(tx, [...wanted.values()])).map((one) => [keyOf(one), one.id]));
  const missing = [...wanted].filter(([key]) => !open.has(key)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const numbers = await nextNumbers(tx, 'case', missing.length);
  const cases = missing.map(([, one], index) => caseOf(one, `C-${numbers[index]}`, at));
  const fresh = await insertCases(tx, cases);
  await notify(tx, cases.filter((one) => fresh.has(one.id) && one.merchantId !== wholeInstallation).map(eventOf), at);
  // Somebody else may have opened some of them while we waited for the numbers: theirs count.
  for (const one of await readOpen(
    tx,
    missing.map(([, value]) => value),
  ))
    open.set(keyOf(one), one.id);
  return list.map((one) => {
    const id = open.get(keyOf(one));
    assert(id !== undefined, `a case about ${one.subject} was neither open nor opened`);
    return { id, fresh: fresh.has(id) };
  });
}

function caseOf(one: CaseToOpen, id: string, at: Instant): Case {
  const dueAt = plus(at, hours(caseKinds[one.kind].dueHours));
  return { ...one, id, state: 'open', owner: undefined, openedAt: at, dueAt, closedAt: undefined };
}

function eventOf({ merchantId, id, kind, subjectKind, subject, params, openedAt, dueAt }: Case): NewEvent {
  const moments = { opened_at: rfc3339(openedAt), due_at: rfc3339(dueAt) };
  const data = { case: id, kind, subject_kind: subjectKind, subject, params, ...moments };
  return { merchantId, type: 'case.opened', subject: id, data };
}

/** Closed by a person; who and why goes into the caller's audit entry. @returns refusals case.not_found, case.already_closed. */
export async function closeCase(tx: Tx, id: string, at: Instant): Promise<Result<Case>> {
  const closed = await saveClosed(tx, id, at);
  if (closed) return done(closed);
  const found = await readCase(tx, id);
  return found ? refuse('case.already_closed', { case: id }) : refuse('case.not_found', { case: id });
}

/** Closed by evidence: what they were about has come to its end. Subjects without an open case are left alone. */
export async function closeCasesOf(tx: Tx, subjects: readonly CaseSubject[], at: Instant): Promise<readonly Case[]> {
  return saveClosedOf(tx, subjects, at);
}
