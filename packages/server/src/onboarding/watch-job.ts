import { days, hours, plus, shanghaiDate } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import { closeCasesOf, listCases, openCases } from '../cases/index.ts';
import { choreWish } from '../platform/chores.ts';
import type { Queryable } from '../platform/db.ts';
import { enqueue, finishJobs } from '../platform/jobs.ts';
import type { LaneWork } from '../platform/worker.ts';
import { latestFacts } from './facts.ts';
import { lookInto } from './look.ts';
import type { OnboardingParts } from './parts.ts';
import { endingSecretsOf, factsOf, openAccountIds } from './store.ts';
import { licencePaper, notedPapers, warningsOf } from './watch.ts';
import type { Warning } from './watch.ts';

const operation = 'onboarding.look';

/** Half past eight in the morning in Beijing, before people come to their desks. */
function nextMorning(at: Instant): Instant {
  const morning = plus(Date.parse(`${shanghaiDate(at)}T00:00:00+08:00`) as Instant, hours(8.5));
  return morning > at ? morning : plus(morning, days(1));
}

/** Makes the chore due. A server calls it when it starts. */
export async function wishWatch(db: Queryable, at: Instant): Promise<void> {
  await enqueue(db, [choreWish(operation, '', at)]);
}

/** Each morning: papers that end soon, and applications whose day has passed. What is mended closes its case by itself. */
export function onboardingWorks(parts: OnboardingParts): LaneWork[] {
  return [
    {
      operation,
      async prepare(lease) {
        const jobs = lease.calls.flatMap((call) => call.jobs);
        if (jobs.length === 0) return [];
        const at = parts.clock.now();
        for (const id of await openAccountIds(parts.db)) await watchAccount(parts, id, at);
        await finishJobs(
          parts.db,
          parts.owner,
          jobs.map((job) => ({ job, againAt: nextMorning(at) })),
        );
        return [];
      },
      hear: () => Promise.resolve(),
    },
  ];
}

const kinds = ['account.paper_ends', 'account.application_late'] as const;

async function watchAccount(parts: OnboardingParts, id: string, at: Instant): Promise<void> {
  const opened = await openAccount(parts, id);
  if (!opened.ok) return;
  const { merchantId } = opened.value;
  const look = await lookInto(parts, opened.value);
  const papers = [
    ...licencePaper(look.licenceEndsOn),
    ...notedPapers(latestFacts(await factsOf(parts.db, id))),
    ...(await endingSecretsOf(parts.db, id, at)),
  ];
  const warnings = warningsOf(id, papers, look.steps, at);
  const fresh: Warning[] = [];
  for (const one of warnings) {
    const { kind, subject } = one;
    // Once, also when somebody closed it: he knows.
    const [known] = await listCases(parts.db, { merchants: [merchantId], kind, subject, limit: 1 });
    if (!known) fresh.push(one);
  }
  const over = await overOf(parts, merchantId, id, warnings);
  const subjectKind = 'account';
  await parts.db.transaction(async (tx) => {
    const closing = over.map(({ kind, subject }) => ({ merchantId, kind, subjectKind, subject }));
    await closeCasesOf(tx, closing, at);
    const opening = fresh.map(({ kind, subject, params }) => {
      return { merchantId, kind, subjectKind, subject, bucket: 0, params };
    });
    await openCases(tx, opening, at);
  });
}

/** Open cases of the account that nothing warns of any more: renewed, done, or told anew in a later stage. */
async function overOf(
  { db }: OnboardingParts,
  merchantId: string,
  id: string,
  warnings: readonly Warning[],
): Promise<readonly Pick<Warning, 'kind' | 'subject'>[]> {
  const still = new Set(warnings.map(({ kind, subject }) => `${kind} ${subject}`));
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const open = await listCases(db, { merchants: [merchantId], kind, state: 'open', limit: 1000 });
      return open.map(({ subject }) => ({ kind, subject }));
    }),
  );
  return lists.flat().filter(({ kind, subject }) => subject.startsWith(`${id} `) && !still.has(`${kind} ${subject}`));
}
