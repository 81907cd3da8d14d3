import type { Command } from 'commander';
import { done, rfc3339, shanghaiDate } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import { cutOff, decideTerm, termAt } from '../platform/retention.ts';
import { countDoomed, readOwnTerms, saveTerm, sweepAll } from '../platform/retention-store.ts';
import { retentionClasses, retentionClassNames } from '../platform/retention.data.ts';
import type { Words } from './answer.ts';
import { stampOf, withConsent } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { bilingualTable, count, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { retentionTexts as t } from './retention.texts.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';

export function retentionCommands(kit: Kit, program: Command): void {
  const retention = group(kit, program, 'retention', t.retention);
  leaf(kit, retention, 'show', t.showAbout, show);
  leaf(kit, retention, 'run', t.runAbout, run, [['--dry-run', t.dryOption]]);
  leaf(kit, retention, 'set <class> <days>', t.setAbout, set, [
    ['--approval <id>', consentTexts.approvalOption],
    ['--reason <text>', consentTexts.reasonOption],
  ]);
}

/** One table for each language: the cells have words too. */
function inBoth(cells: (lang: 'zh' | 'en') => string[][], right: readonly number[]): Words[] {
  const en = bilingualTable(t.heads, cells('en'), right);
  return bilingualTable(t.heads, cells('zh'), right).map((line, at) => ({ zh: line.zh, en: en[at]?.en ?? '' }));
}

async function termsOf({ db, clock }: Session) {
  const at = clock.now();
  const own = await readOwnTerms(db);
  return retentionClassNames.map((name) => {
    const { minimumDays, about, source } = retentionClasses[name];
    const days = termAt(name, own, at);
    const coming = own.find((term) => term.class === name && term.validFrom > at);
    return { name, days, minimumDays, about, source, before: cutOff(days, at), coming };
  });
}

const show: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { actor } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'jobs.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const terms = await termsOf(opened.value);
  const lines = [
    ...inBoth(
      (lang) =>
        terms.map((one) => [
          ...[one.name, count(one.days), count(one.minimumDays), shanghaiDate(one.before)],
          one.about[lang],
        ]),
      [1, 2],
    ),
    ...terms.flatMap(({ name, coming }) => (coming ? [t.coming(name, coming.days, time(coming.validFrom))] : [])),
    t.sources,
    ...[...new Set(terms.map(({ source }) => source))].map(({ zh, en }) => ({ zh: `  ${zh}`, en: `  ${en}` })),
  ];
  const json = terms.map(({ name, days, minimumDays, about, source, before, coming }) => ({
    ...{ class: name, days, minimum_days: minimumDays, before: rfc3339(before), about, source },
    coming: coming ? { days: coming.days, valid_from: rfc3339(coming.validFrom) } : null,
  }));
  return done({ exit: 0, lines, json: { classes: json }, next: 'liushui retention run --dry-run' });
};

const run: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const { db, actor } = session;
  const may = allowed(actor, 'retention.change', undefined);
  if (!may.ok) return may;
  if (options['dryRun'] === true) {
    const due: Record<string, number> = {};
    for (const { name, before } of await termsOf(session)) due[name] = await countDoomed(db, name, before);
    const lines = retentionClassNames.map((name) => t.wouldGo(name, due[name] ?? 0));
    return done({ exit: 0, lines: [...lines, t.later], json: { dry_run: true, due }, next: 'liushui retention run' });
  }
  const stamp = stampOf(session);
  const { rows } = await sweepAll(db, {
    at: stamp.at,
    goOn: () => true,
    record: (tx, name, before, deleted) => {
      use.tell.line(t.going(name));
      const detail = { before: rfc3339(before), ...deleted };
      return writeAudit(tx, [{ actor, act: 'retention.deleted', subject: name, detail }], stamp);
    },
  });
  const lines = retentionClassNames.map((name) => t.gone(name, rows[name] ?? 0));
  return done({ exit: 0, lines, json: { dry_run: false, rows }, next: 'liushui retention show' });
};

const set: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const name = firstArg(args);
  const days = Number(args[1]);
  const at = session.clock.now();
  const term = decideTerm(name, days, await readOwnTerms(session.db), at);
  if (!term.ok) return term;
  const { validFrom, before } = term.value;
  const act = { command: 'retention.change', subject: name, input: { class: name, days } } as const;
  return withConsent(session, act, options, async (tx, consent) => {
    const reason = text(options, 'reason') ?? '';
    await saveTerm(tx, { class: name, days, validFrom, decidedBy: session.actor.userId }, reason);
    const agreed = consent.kind === 'approval' ? consent.id : consent.kind;
    const detail = { days, days_before: before, valid_from: rfc3339(validFrom), agreed_by: agreed };
    const entry = { actor: session.actor, act: 'retention.changed', subject: name, reason, detail };
    await writeAudit(tx, [entry], stampOf(session));
    const json = { class: name, days, days_before: before, valid_from: rfc3339(validFrom) };
    return done({ exit: 0, lines: [t.set(name, days, time(validFrom))], json, next: 'liushui retention show' });
  });
};
