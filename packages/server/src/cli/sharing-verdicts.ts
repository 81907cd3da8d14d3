import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { decideShareVerdict, loadShared, proposeReturnVerdict, proposeShareVerdict } from '../sharing/index.ts';
import type { ReturnVerdict, SharedOrder, ShareVerdict } from '../sharing/index.ts';
import type { Answer, Words } from './answer.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';
import { backLine, linesOf, orderOf } from './sharing-lines.ts';
import { sharingTexts as t } from './sharing.texts.ts';

/** What two people say of a share or a return that the channel leaves open. */
export function verdictCommands(kit: Kit, shares: Command): void {
  const evidence = [['--reason <text>', t.evidenceOption]] as const;
  leaf(kit, shares, 'given <share>', t.givenAbout, onShare('given'), evidence);
  leaf(kit, shares, 'not-given <share>', t.notGivenAbout, onShare('not_given'), evidence);
  leaf(kit, shares, 'came-back <return>', t.cameBackAbout, onReturn('came_back'), evidence);
  leaf(kit, shares, 'not-back <return>', t.notBackAbout, onReturn('not_back'), evidence);
}

type Asked = { readonly approvalId: string; readonly digest: string };
type Proposed = { readonly id: string; readonly lines: readonly Words[]; readonly asked: Asked };
type Meant = { readonly session: Session; readonly shared: SharedOrder; readonly number: string; readonly why: string };

function propose(verdict: string, carryOut: (meant: Meant) => Promise<Result<Proposed>>): Run {
  return async (use, args, options) => {
    const why = text(options, 'reason')?.trim() ?? '';
    if (why === '') return optionMissing('--reason', '"..."');
    const opened = await use.session();
    if (!opened.ok) return opened;
    const session = opened.value;
    const number = firstArg(args);
    const order = await orderOf(session, number);
    const [shared] = order.ok ? await loadShared(session.db, [order.value]) : [];
    if (!shared) return refuse('share.not_found', { share: number });
    const proposed = await carryOut({ session, shared, number, why });
    if (!proposed.ok) return proposed;
    const { id, lines, asked } = proposed.value;
    const { approvalId, digest } = asked;
    const json = { id, order_no: shared.order.orderNo, verdict, approval: approvalId, digest, state: 'asked' };
    return done({
      ...{ exit: 4, lines: [...lines, t.asked(approvalId)], json },
      next: `liushui approvals approve ${approvalId}`,
    });
  };
}

const onShare = (verdict: ShareVerdict): Run =>
  propose(verdict, async ({ session, shared, number, why }) => {
    const share = shared.shares.find((one) => [one.id, one.shopShareNo, one.shareNo].includes(number));
    if (!share) return refuse('share.not_found', { share: number });
    const asked = await proposeShareVerdict(session.payments, session.actor, shared, share.id, verdict, why);
    return asked.ok ? done({ id: share.id, lines: linesOf(share), asked: asked.value }) : asked;
  });

const onReturn = (verdict: ReturnVerdict): Run =>
  propose(verdict, async ({ session, shared, number, why }) => {
    const back = shared.returns.find((one) => [one.id, one.shopReturnNo, one.returnNo].includes(number));
    if (!back) return refuse('share.not_found', { share: number });
    const asked = await proposeReturnVerdict(session.payments, session.actor, shared, back.id, verdict, why);
    return asked.ok ? done({ id: back.id, lines: [backLine(back)], asked: asked.value }) : asked;
  });

export async function decideOnShare(
  { payments, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideShareVerdict(payments, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  const { id: subject, state } = decided.value;
  const words = 'parts' in decided.value ? t.states[decided.value.state] : t.backStates[decided.value.state];
  return done({
    ...{
      exit: 0,
      lines: [t.ruled(approvalId, words)],
      json: { approval: approvalId, subject, state, by: actor.userId },
    },
    next: `liushui show ${subject}`,
  });
}
