import { done } from '../kernel/index.ts';
import { listMerchants } from '../accounts/index.ts';
import type { Result } from '../kernel/index.ts';
import { askApproval, commitUnlessRefused, tryOut, useApproval } from '../approvals/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Consent, Permission, Stamp } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Answer } from './answer.ts';
import { consentTexts as t } from './consent.texts.ts';
import { optionMissing } from './option-missing.ts';
import { text } from './session.ts';
import type { Options, Session } from './session.ts';

/** An act that production does with two people only (architecture rule 12). */
export type TwoPersonAct = {
  readonly command: 'users.change' | 'accounts.change' | 'keys.change' | 'retention.change';
  readonly subject: string;
  readonly merchantId?: string;
  /** Frozen: exactly this is agreed to. */
  readonly input: Json;
  /** It is tried before anybody is asked, and taken back: nobody is asked for what would be refused. */
  readonly isTriedFirst?: boolean;
};

type Agreed = { readonly kind: 'go'; readonly consent: Consent } | { readonly kind: 'asked'; readonly answer: Answer };

export function stampOf(session: Session): Stamp {
  return { at: session.clock.now(), ids: session.customs.ids };
}

/** In a sandbox one person is enough; in production the first call asks for a second person and the second call uses their word. */
async function agree(tx: Tx, session: Session, act: TwoPersonAct, options: Options): Promise<Result<Agreed>> {
  const { actor, sandbox } = session;
  const permission: Permission = act.command;
  const may = allowed(actor, permission, act.merchantId);
  if (!may.ok) return may;
  if (sandbox) return done({ kind: 'go', consent: { kind: 'one_person' } });
  const { command, subject, input } = act;
  const given = text(options, 'approval');
  if (given !== undefined) {
    const used = await useApproval(tx, { id: given, command, subject, input, by: actor }, stampOf(session));
    return used.ok ? done({ kind: 'go', consent: { kind: 'approval', id: given } }) : used;
  }
  const merchantId = act.merchantId ?? (await listMerchants(tx))[0];
  if (merchantId === undefined) return optionMissing('--merchant');
  const { id, digest } = await askApproval(tx, { merchantId, command, subject, input, maker: actor }, stampOf(session));
  const json = { approval: id, digest, state: 'asked', subject };
  const answer: Answer = { exit: 4, lines: [t.asked(id, command)], json, next: `liushui approvals approve ${id}` };
  return done({ kind: 'asked', answer });
}

/** Who agreed, as the audit trail says it beside what was done. */
export const agreedBy = (consent: Consent): string => (consent.kind === 'approval' ? consent.id : consent.kind);

/** Carries the act out in one transaction with its consent: neither exists alone. A refusal takes back the use of an approval too. */
export async function withConsent(
  session: Session,
  act: TwoPersonAct,
  options: Options,
  work: Work,
): Promise<Result<Answer>> {
  const isAsking = !session.sandbox && text(options, 'approval') === undefined;
  if (isAsking && act.isTriedFirst === true) {
    const may = allowed(session.actor, act.command, act.merchantId);
    if (!may.ok) return may;
    const tried = await tryOut(session.db, (tx) => work(tx, { kind: 'one_person' }));
    if (!tried.ok) return tried;
  }
  return commitUnlessRefused(session.db, async (tx) => {
    const agreed = await agree(tx, session, act, options);
    if (!agreed.ok) return agreed;
    return agreed.value.kind === 'asked' ? done(agreed.value.answer) : work(tx, agreed.value.consent);
  });
}

type Work = (tx: Tx, consent: Consent) => Promise<Result<Answer>>;
