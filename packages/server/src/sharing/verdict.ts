import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Outcome, Refusal, Result } from '../kernel/index.ts';
import type { ShareFacts, ShareReturnFacts, ShareRules } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { askSecondPerson, decideOnDoubt, findDecidable, isCallUnderway } from '../payments/index.ts';
import type { AskedOfSecond } from '../payments/index.ts';
import type { ShareInput } from './decide.ts';
import type { SharingParts } from './parts.ts';
import { executeShares } from './share-command.ts';
import type { Share, ShareReturn } from './share.ts';
import { sumOf } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import { findSharedBy } from './store.ts';
import { refuseShareVerdict } from './verdict-word.ts';

/** What two people may say of a share that the channel leaves open: its open parts were given, or nothing of it was and nothing will be. */
export const shareVerdicts = ['given', 'not_given'] as const;
export type ShareVerdict = (typeof shareVerdicts)[number];

/** The same of a return. */
export const returnVerdicts = ['came_back', 'not_back'] as const;
export type ReturnVerdict = (typeof returnVerdicts)[number];

/** Its permission to decide is sharing.verdict.approve. */
const command = 'sharing.verdict';
const calls = ['share.submit', 'share.query', 'share.return', 'share.return_query'];

type Asked = Result<AskedOfSecond>;

/**
 * Doubt ends by evidence or by two people (architecture rule 1): one proposes what is true of the open parts and from where it is known (a line of
 * the statement, the channel's letter), a second one decides.
 * @returns refusals share.not_found, share.not_waiting, share.was_taken, share.call_unanswered.
 */
export function proposeShareVerdict(
  parts: SharingParts,
  actor: Actor,
  shared: SharedOrder,
  shareId: string,
  verdict: ShareVerdict,
  evidence: string,
): Promise<Asked> {
  const share = shared.shares.find(({ id }) => id === shareId);
  if (!share) return Promise.resolve(refuse('share.not_found', { share: shareId }));
  const open = share.parts.filter(({ state }) => state === 'pending');
  const currency = share.parts[0]?.amount.currency ?? shared.order.due?.currency ?? '';
  const sum = { minor: String(sumOf(open)), currency };
  return propose(parts, actor, share, {
    share: shareId,
    verdict,
    ...sum,
    parts: open.map(({ partNo }) => partNo),
    evidence,
  });
}

/** The same of a return. */
export function proposeReturnVerdict(
  parts: SharingParts,
  actor: Actor,
  shared: SharedOrder,
  returnId: string,
  verdict: ReturnVerdict,
  evidence: string,
): Promise<Asked> {
  const back = shared.returns.find(({ id }) => id === returnId);
  if (!back) return Promise.resolve(refuse('share.not_found', { share: returnId }));
  const { minor, currency } = back.amount;
  return propose(parts, actor, back, { return: returnId, verdict, minor: String(minor), currency, evidence });
}

async function propose(parts: SharingParts, actor: Actor, about: Share | ShareReturn, input: Json): Promise<Asked> {
  const { merchantId, id: subject } = about;
  const permitted = allowed(actor, command, merchantId);
  if (!permitted.ok) return permitted;
  const refusal = await refuseWord(parts, about, heardOf(input, about, parts.clock.now()));
  if (refusal) return { ok: false, refusal };
  return done(await askSecondPerson(parts, { merchantId, command, subject, input, maker: actor }));
}

/** With a yes it ends as it was proposed, unless the channel's own word has ended it meanwhile. */
export async function decideShareVerdict(
  parts: SharingParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Share | ShareReturn>> {
  const found = await findDecidable(parts, actor, approvalId, command);
  if (!found.ok) return found;
  const approval = found.value;
  const { input, subject } = approval;
  const shared = await findSharedBy(parts.db, isOfShare(input) ? 'shares' : 'share_returns', subject);
  const about = shared && aboutIn(shared, subject);
  if (!shared || !about) return refuse('share.not_found', { share: subject });
  const rules = await rulesOf(parts, about.accountId);
  if (!rules.ok) return rules;
  const heard = heardOf(input, about, parts.clock.now());
  const word = { verdict, reason, expectedDigest };
  const isYes = await decideOnDoubt(parts, actor, approval, word, () => refuseWord(parts, about, heard));
  if (!isYes.ok) return isYes;
  if (!isYes.value) return done(about);
  const { bucket, id } = shared.order;
  const [told] = await executeShares(parts.executor, parts.ids, [inputOf({ bucket, id }, about, heard, rules.value)]);
  assert(told, 'a list of one has one answer');
  if (!told.ok) return told;
  const now = aboutIn(told.value.shared, subject);
  assert(now, 'what people spoke of is there');
  return done(now);
}

const isOfShare = (input: Json): boolean => (input as { readonly share?: string }).share !== undefined;

const aboutIn = ({ shares, returns }: SharedOrder, id: string): Share | ShareReturn | undefined =>
  shares.find((one) => one.id === id) ?? returns.find((one) => one.id === id);

async function rulesOf(parts: SharingParts, accountId: string): Promise<Result<ShareRules>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const rules = opened.value.connector.manifest.share;
  return rules ? done(rules) : refuse('share.channel_without', { account: accountId });
}

/** A worker holds a call about it, or waits for its answer: that answer comes first. */
async function refuseWord(
  { db, clock }: SharingParts,
  about: Share | ShareReturn,
  heard: HeardOfPeople,
): Promise<Refusal | undefined> {
  const refusal = refuseShareVerdict(about, heard);
  if (refusal) return refusal;
  const underway = await isCallUnderway(db, about, calls, clock.now());
  return underway ? { code: 'share.call_unanswered', params: {} } : undefined;
}

type HeardOfPeople = {
  readonly by: 'people';
  readonly outcome: Outcome<ShareFacts> | Outcome<ShareReturnFacts>;
  readonly trust: 'verified';
  readonly heardAt: Instant;
};

/** As it was frozen with the request: of the parts that were open then. */
function heardOf(input: Json, about: Share | ShareReturn, heardAt: Instant): HeardOfPeople {
  const {
    verdict,
    evidence = '',
    parts = [],
  } = input as {
    readonly verdict?: string;
    readonly evidence?: string;
    readonly parts?: readonly string[];
  };
  const agreed = [...shareVerdicts, ...returnVerdicts].find((one) => one === verdict);
  assert(agreed, 'an approval about a share names its verdict');
  const said = { by: 'people', trust: 'verified', heardAt } as const;
  if (agreed === 'not_given' || agreed === 'not_back')
    return { ...said, outcome: { kind: 'rejected', code: 'TWO_PEOPLE', text: evidence } };
  if ('parts' in about) {
    const told = parts.map((partNo) => ({ partNo, state: 'succeeded' }) as const);
    return {
      ...said,
      outcome: { kind: 'succeeded', facts: { shareNo: about.shareNo, parts: told, channelStatus: evidence } },
    };
  }
  const { returnNo, amount } = about;
  return { ...said, outcome: { kind: 'succeeded', facts: { returnNo, amount, channelStatus: evidence } } };
}

function inputOf(
  key: ShareInput['key'],
  about: Share | ShareReturn,
  heard: HeardOfPeople,
  rules: ShareRules,
): ShareInput {
  return 'parts' in about
    ? {
        key,
        kind: 'share_heard',
        shareId: about.id,
        heard: heard as Extract<ShareInput, { kind: 'share_heard' }>['heard'],
        rules,
      }
    : {
        key,
        kind: 'return_heard',
        returnId: about.id,
        heard: heard as Extract<ShareInput, { kind: 'return_heard' }>['heard'],
        rules,
      };
}
