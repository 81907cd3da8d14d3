import type { Instant, Proportion } from '../kernel/index.ts';
import type { Localised } from './localise.ts';

/** The rules of detection: overdue share, reports of missing records, refusals, silence, calls to the channel, our own backlog. */
export type RuleId = 'D1' | 'D2' | 'D3' | 'D4' | 'D5' | 'D6';

/** Why a rule holds. `figure` of how many `of`; `word` is a code of refusal or an operation. */
export type Signal = {
  readonly rule: RuleId;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly figure: number;
  readonly of: number;
  readonly word: string;
};

/** Declarations of one channel account at one place; place '': everything of the account. A leg of a port with two legs is a place. */
export type GroupKey = { readonly accountId: string; readonly place: string };

export const groupText = ({ accountId, place }: GroupKey): string => `${accountId}/${place}`;

export type IncidentState = 'open' | 'closing' | 'closed';

/** By name what was not at customs when an incident closed. */
export type RestMember = { readonly orderNo: string; readonly requestNo: string | null; readonly state: string };

export type Incident = GroupKey & {
  /** `I-7`: people read it aloud. */
  readonly id: string;
  readonly merchantId: string;
  readonly channel: string;
  readonly state: IncidentState;
  readonly signals: readonly Signal[];
  readonly onsetAt: Instant;
  readonly onsetWithinMinutes: number;
  readonly seenAt: Instant;
  /** The last minute of acceptance with silent ones. */
  readonly lastAffectedAt: Instant;
  readonly usual: number;
  /** What the main rule saw when it was opened. */
  readonly asked: number;
  readonly silent: number;
  readonly findings: Findings;
  readonly quietSince: Instant | undefined;
  readonly sampledAt: Instant | undefined;
  readonly owner: string | undefined;
  readonly closedAt: Instant | undefined;
  readonly closedBy: string | undefined;
  readonly closeReason: string | undefined;
  readonly rest: readonly RestMember[] | undefined;
};

/** As of the last look: how large it is, and what of the merchant's other groups is known. */
export type Findings = {
  readonly members: number;
  readonly minor: number;
  readonly currency: string;
  /** Of those accepted since the onset: how many there are, and how many customs has. */
  readonly affected: number;
  readonly atCustoms: number;
  readonly now: Proportion;
  readonly matrix: Localised;
};
