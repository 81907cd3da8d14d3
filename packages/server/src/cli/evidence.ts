import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import { findPacks, makePacks, markSent, resultWords, showPack, takeReplies } from '../packs/index.ts';
import type { MadePack, MadePacks, Pack, TakenReplies } from '../packs/index.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import { writeBeside, writePack } from './evidence-files.ts';
import { evidenceTexts as t, receiverKinds } from './evidence.texts.ts';
import { bilingualTable, count, money, readDuration, time } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { problemJson, problemLines } from './row-problems.ts';
import { merchantsSeen, readInput } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session } from './session.ts';

export function evidenceCommands(kit: Kit, customs: Command): void {
  leaf(kit, customs, 'evidence <source>', t.evidenceAbout, evidence, [
    ['--out <folder>', t.outOption],
    ['--zip', t.zipOption],
    ['--raw', t.rawOption],
    ['--answer-in <time>', t.answerOption],
    ['--unmasked-for-port', t.unmaskedOption],
    ['--approval <id>', t.approvalOption],
    ['--sent <note>', t.sentOption],
  ]);
  leaf(kit, customs, 'packs', t.packsAbout, packs);
  leaf(kit, customs, 'replies <file>', t.repliesAbout, replies, [['--pack <id>', t.packOption]]);
}

const evidence: Run = async (use, args, options) => {
  const source = firstArg(args);
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  if (/^E-\d+$/.test(source)) return oldPack(session, source, options);
  const answerInMs = readDuration(text(options, 'answerIn') ?? '24h');
  if (answerInMs === undefined || answerInMs === 0)
    return refuse(
      'usage.bad_input',
      { field: '--answer-in', value: text(options, 'answerIn') ?? '', problem: '24h, 2d' },
      '--answer-in',
    );
  const approvalId = text(options, 'approval');
  const made = await makePacks(session.customs, session.actor, source, {
    raw: options['raw'] === true,
    unmaskedForPort: options['unmaskedForPort'] === true,
    answerInMs,
    ...(approvalId === undefined ? {} : { approvalId }),
  });
  if (!made.ok) return made;
  const written = await writeAll(session, made.value, options);
  return written.ok ? done(answerOfPacks(made.value, written.value)) : written;
};

type Written = { readonly paths: readonly string[]; readonly ours: string | undefined };

async function writeAll(
  session: Session,
  { packs: made, ours }: MadePacks,
  options: Options,
): Promise<Result<Written>> {
  const out = text(options, 'out');
  if (out === undefined) return done({ paths: [], ours: undefined });
  const paths: string[] = [];
  for (const { id } of made) {
    const path = await writePack(session, id, out, options['zip'] === true);
    if (!path.ok) return path;
    paths.push(path.value);
  }
  if (ours.members === 0) return done({ paths, ours: undefined });
  const beside = await writeBeside(out, 'ours.csv', ours.csv);
  return beside.ok ? done({ paths, ours: beside.value }) : beside;
}

function answerOfPacks({ source, packs: made, ours, settled }: MadePacks, { paths, ours: oursFile }: Written): Answer {
  const again = made.filter((one) => one.again).map(({ id }) => id);
  const lines = [
    ...tableOfPacks(made),
    ...(ours.members > 0 ? [t.ours(ours.members, oursFile)] : []),
    ...(settled > 0 ? [t.settled(settled)] : []),
    ...(again.length > 0 ? [t.again(again.join(', '))] : []),
    ...paths.map(t.written),
    t.nothingSent,
  ];
  const json = {
    source,
    packs: made.map(({ pack, again: known, missing }) => ({ ...packJson(pack), again: known, missing })),
    ours: { orders: ours.members, rows: ours.rows, file: oursFile ?? null },
    settled,
    written: paths,
  };
  const [first] = made;
  const next =
    paths.length === 0
      ? `liushui customs evidence ${source} --out pack`
      : `liushui customs evidence ${first?.id ?? 'E-1'} --sent NOTE`;
  return { exit: made.every(({ complete }) => complete) ? 0 : 4, lines, json, next };
}

function tableOfPacks(made: readonly MadePack[]): Words[] {
  const rowsIn = (lang: 'zh' | 'en'): string[][] =>
    made.map(({ pack, complete, missing }) => [
      ...[pack.id, `${receiverKinds[pack.receiver.kind][lang]} ${pack.receiver.id}`, count(pack.members)],
      money({ minor: pack.moneyMinor, currency: pack.currency }),
      (complete ? t.complete : t.gaps(missing.length))[lang],
      time(pack.deadlineAt),
    ]);
  const zh = bilingualTable(t.heads, rowsIn('zh'), [2, 3]);
  const en = bilingualTable(t.heads, rowsIn('en'), [2, 3]);
  return zh.map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
}

function packJson(pack: Pack): Record<string, unknown> {
  return {
    ...{ pack: pack.id, source: pack.source, receiver: `${pack.receiver.kind}/${pack.receiver.id}` },
    ...{ members: pack.members, money: { minor: pack.moneyMinor, currency: pack.currency } },
    ...{ complete: pack.complete, sha256: pack.sha256, masked: pack.unmaskedBy === undefined },
    ...{ made_by: pack.madeBy, made_at: rfc3339(pack.madeAt), deadline: rfc3339(pack.deadlineAt) },
    sent_at: pack.sentAt === undefined ? null : rfc3339(pack.sentAt),
    sent_note: pack.sentNote,
  };
}

/** A pack that was made before: written out again as it was, or noted as sent. */
async function oldPack(session: Session, id: string, options: Options): Promise<Result<Answer>> {
  const [out, note] = [text(options, 'out'), text(options, 'sent')];
  const lines: Words[] = [];
  if (out !== undefined) {
    const path = await writePack(session, id, out, options['zip'] === true);
    if (!path.ok) return path;
    lines.push(t.written(path.value));
  }
  if (note !== undefined) {
    const sent = await markSent(session.customs, session.actor, id, note);
    if (!sent.ok) return sent;
    lines.push(t.sent(id));
  }
  const shown = await showPack(session.customs, session.actor, id);
  if (!shown.ok) return shown;
  const { pack, files, replies: answered } = shown.value;
  const made = { id, receiver: pack.receiver, members: pack.members, complete: pack.complete, missing: pack.missing };
  const head = tableOfPacks([{ ...made, pack, again: true }]);
  const json = { ...packJson(pack), files, replies: answered };
  return done({
    exit: 0,
    lines: [...head, ...resultLines(answered), ...lines],
    json,
    next: `liushui customs replies FILE --pack ${id}`,
  });
}

const packs: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, customs } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'numbers.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const found = await findPacks(db, merchants, 50, undefined);
  const answered = await Promise.all(found.map(({ id }) => showPack(customs, actor, id)));
  const counts = answered.map((one) => (one.ok ? one.value.replies : {}));
  const rows = found.map((pack, index) => [
    ...[pack.id, pack.source, `${pack.receiver.kind} ${pack.receiver.id}`, count(pack.members)],
    ...[time(pack.madeAt), time(pack.deadlineAt), pack.sentAt === undefined ? '-' : time(pack.sentAt)],
    count(pack.members - (counts[index]?.['open'] ?? 0)),
  ]);
  const lines = rows.length === 0 ? [t.none] : bilingualTable(t.listHeads, rows, [3, 7]);
  const json = { packs: found.map((pack, index) => ({ ...packJson(pack), replies: counts[index] ?? {} })) };
  const [newest] = found;
  return done({
    exit: 0,
    lines,
    json,
    next: newest ? `liushui customs evidence ${newest.id}` : 'liushui customs reports',
  });
};

const replies: Run = async (use, args, options) => {
  const packId = text(options, 'pack') ?? '';
  if (packId === '') return optionMissing('--pack', 'E-3');
  const file = await readInput(firstArg(args));
  if (!file.ok) return file;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const taken = await takeReplies(customs, actor, packId, file.value);
  return taken.ok ? done(answerOfReplies(taken.value)) : taken;
};

function answerOfReplies(taken: TakenReplies): Answer {
  const { packId, rows, told, again, results, unknownWords, empty, problems } = taken;
  const lines = [
    t.taken(packId, rows, told),
    ...(again ? [t.takenAgain] : []),
    ...resultLines(results),
    ...(unknownWords.length > 0 ? [t.unknownWords(unknownWords)] : []),
    ...(empty > 0 ? [t.emptyRows(empty)] : []),
    ...problemLines(problems),
  ];
  const json = {
    ...{ pack: packId, rows, told, again, empty, results },
    unknown_words: unknownWords,
    problems: problems.map(problemJson),
  };
  return { exit: 0, lines, json, next: `liushui customs evidence ${packId}` };
}

function resultLines(results: Readonly<Record<string, number>>): Words[] {
  const words: Readonly<Record<string, Words>> = resultWords;
  return Object.entries(results)
    .filter(([result]) => result !== 'open')
    .map(([result, n]) => t.result(n, words[result] ?? plain(result)));
}
