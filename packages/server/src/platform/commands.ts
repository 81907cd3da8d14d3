import { Bug, refuse } from '../kernel/index.ts';
import type { Clock, Instant, Refusal, Result } from '../kernel/index.ts';
import { crashPoint } from './crash-points.ts';
import { isConnectionLost, isDataError, isSerializationFailure, isUniqueViolation } from './db.ts';
import type { Database, Tx } from './db.ts';

/** Which record an input is about. Lists are sorted by it, so that two lists never wait for each other in a ring. */
export type RecordKey = { readonly bucket: number; readonly id: string };

/** What a decision leaves: the record as it now is (absent: unchanged), the effects to commit with it, and the caller's answer. */
export type Decision<Rec, Effect, Answer> = {
  readonly next?: Rec;
  readonly effects?: readonly Effect[];
  readonly result: Result<Answer>;
};

/** All that happened to one record in one list: one row of every set-based statement. */
export type Change<Rec, Effect> = {
  readonly key: RecordKey;
  readonly before: Rec | undefined;
  readonly after: Rec | undefined;
  readonly effects: readonly Effect[];
};

/**
 * A command over a list (architecture rule 6). `decide` is pure. `save` commits all changes with set-based statements and returns the
 * conflicts it expects, by key: they become the refusal of every item of that record.
 */
export type Command<Input, Rec, Effect, Answer> = {
  readonly name: string;
  readonly keyOf: (input: Input) => RecordKey;
  readonly load: (tx: Tx, keys: readonly RecordKey[]) => Promise<ReadonlyMap<string, Rec>>;
  readonly decide: (record: Rec | undefined, input: Input, at: Instant) => Decision<Rec, Effect, Answer>;
  readonly save: (
    tx: Tx,
    changes: readonly Change<Rec, Effect>[],
    at: Instant,
  ) => Promise<ReadonlyMap<string, Refusal> | undefined>;
};

/** Told of an item that aborts alone: it is put aside with a case, and the others go on. */
export type Quarantine = (command: string, key: RecordKey, error: unknown) => Promise<void>;

export type Executor = {
  readonly db: Database;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
};

export function keyText(key: RecordKey): string {
  return `${String(key.bucket).padStart(3, '0')}/${key.id}`;
}

/** Buckets first, then ids: the order in which every statement touches rows. */
export function compareKeys(a: RecordKey, b: RecordKey): number {
  return a.bucket - b.bucket || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

type Numbered<Input> = { readonly input: Input; readonly position: number };

/** What must commit in the same transaction as the items decided there, such as the end of the jobs they came from. */
export type Alongside<Input, Answer> = (
  tx: Tx,
  decided: readonly { readonly input: Input; readonly result: Result<Answer> }[],
) => Promise<void>;

/** The refusal that `save` gives a record which another transaction changed meanwhile: it is loaded and decided again. */
export const versionConflict: Refusal = { code: 'server.version_conflict', params: {} };
const roundsMax = 6;
const attemptsMax = 5;

/** Loads all, decides each purely, commits all in one transaction. The answers stand in the order of the inputs. */
export async function execute<Input, Rec, Effect, Answer>(
  executor: Executor,
  command: Command<Input, Rec, Effect, Answer>,
  inputs: readonly Input[],
  alongside?: Alongside<Input, Answer>,
): Promise<Result<Answer>[]> {
  const answers: Result<Answer>[] = new Array<Result<Answer>>(inputs.length);
  let items = inputs.map((input, position) => ({ input, position }));
  for (let round = 1; items.length > 0 && round <= roundsMax; round += 1) {
    await bisect({ ...executor, alongside }, command, items, answers);
    items = items.filter(({ position }) => isVersionConflict(answers[position]));
  }
  return answers;
}

function isVersionConflict(result: Result<unknown> | undefined): boolean {
  return result?.ok === false && result.refusal.code === versionConflict.code;
}

/** A list that aborts is halved, never run one by one: one bad item among n costs about 2·log2(n) transactions. */
async function bisect<Input, Rec, Effect, Answer>(
  executor: Executor & { readonly alongside?: Alongside<Input, Answer> | undefined },
  command: Command<Input, Rec, Effect, Answer>,
  items: readonly Numbered<Input>[],
  answers: Result<Answer>[],
): Promise<void> {
  if (items.length === 0) return;
  try {
    const results = await commitList(executor, command, items);
    crashPoint('command.after_commit');
    for (const [position, result] of results) answers[position] = result;
  } catch (error) {
    if (isConnectionLost(error) || isSerializationFailure(error)) throw error; // the database's fault is no item's fault
    const [first] = items;
    if (items.length === 1 && first) {
      await executor.quarantine(command.name, command.keyOf(first.input), error);
      answers[first.position] = refuse('server.item_quarantined', { command: command.name });
      return;
    }
    const half = Math.ceil(items.length / 2);
    await bisect(executor, command, items.slice(0, half), answers);
    await bisect(executor, command, items.slice(half), answers);
  }
}

/** One transaction. Losing it to another one, as in a deadlock with somebody else's statements, is no item's fault: it runs again as it is. */
async function commitList<Input, Rec, Effect, Answer>(
  executor: Executor & { readonly alongside?: Alongside<Input, Answer> | undefined },
  command: Command<Input, Rec, Effect, Answer>,
  items: readonly Numbered<Input>[],
): Promise<Map<number, Result<Answer>>> {
  let wasLate = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const work = async (tx: Tx): Promise<Map<number, Result<Answer>>> => {
        const decided = await runList(tx, command, items, executor.clock.now());
        await executor.alongside?.(tx, settledItems(items, decided));
        crashPoint('command.before_commit');
        return decided;
      };
      return await executor.db.transaction(work, { byKeys: true });
    } catch (error) {
      // Somebody else wrote the same record since it was looked for: the next look finds it.
      const isLate: boolean = isUniqueViolation(error) && !wasLate;
      wasLate ||= isLate;
      if (!isLate && (!isSerializationFailure(error) || attempt >= attemptsMax)) throw error;
    }
  }
}

function settledItems<Input, Answer>(
  items: readonly Numbered<Input>[],
  decided: ReadonlyMap<number, Result<Answer>>,
): { input: Input; result: Result<Answer> }[] {
  return items.flatMap(({ input, position }) => {
    const result = decided.get(position);
    return result && !isVersionConflict(result) ? [{ input, result }] : [];
  });
}

/** The same inside a transaction that the caller holds: for commands that commit together with others. */
export async function runList<Input, Rec, Effect, Answer>(
  tx: Tx,
  command: Command<Input, Rec, Effect, Answer>,
  items: readonly Numbered<Input>[],
  at: Instant,
): Promise<Map<number, Result<Answer>>> {
  const groups = groupByRecord(command, items);
  const loaded = await command.load(
    tx,
    groups.map((group) => group.key),
  );
  const results = new Map<number, Result<Answer>>();
  const changes: Change<Rec, Effect>[] = [];
  for (const group of groups) {
    const change = foldGroup(command, group, loaded.get(keyText(group.key)), at, results);
    if (change) changes.push(change);
  }
  const conflicts = changes.length === 0 ? undefined : await command.save(tx, changes, at);
  for (const group of groups) {
    const refusal = conflicts?.get(keyText(group.key));
    if (refusal) for (const { position } of group.items) results.set(position, { ok: false, refusal });
  }
  return results;
}

type Group<Input> = { readonly key: RecordKey; readonly items: Numbered<Input>[] };

/** Sorted by (bucket, id): unsorted lists deadlocked to a standstill when two of them met. */
function groupByRecord<Input>(
  command: { keyOf: (input: Input) => RecordKey },
  items: readonly Numbered<Input>[],
): Group<Input>[] {
  const groups = new Map<string, Group<Input>>();
  for (const item of items) {
    const key = command.keyOf(item.input);
    const group = groups.get(keyText(key));
    if (group) group.items.push(item);
    else groups.set(keyText(key), { key, items: [item] });
  }
  return [...groups.values()].sort((a, b) => compareKeys(a.key, b.key));
}

/** Items that touch the same record are decided in order, each on the state that the one before it left. */
function foldGroup<Input, Rec, Effect, Answer>(
  command: Command<Input, Rec, Effect, Answer>,
  group: Group<Input>,
  before: Rec | undefined,
  at: Instant,
  results: Map<number, Result<Answer>>,
): Change<Rec, Effect> | undefined {
  let record = before;
  const effects: Effect[] = [];
  for (const { input, position } of group.items) {
    const decision = command.decide(record, input, at);
    results.set(position, decision.result);
    record = decision.next ?? record;
    effects.push(...(decision.effects ?? []));
  }
  if (record === before && effects.length === 0) return undefined;
  return { key: group.key, before, after: record, effects };
}

export type GatherLimits = {
  /** Lists begin so far apart, unless one is full. Who comes when none has begun for so long does not wait. */
  readonly apartMs: number;
  readonly itemsMax: number;
  /** So many lists are under way at most. What comes meanwhile waits and becomes the next list: the busier, the longer the lists. */
  readonly listsMax: number;
};

type Waiting<Input, Answer> = {
  readonly input: Input;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

/** Joins concurrent calls into lists. */
export function gather<Input, Answer>(
  run: (inputs: readonly Input[]) => Promise<readonly Answer[]>,
  { apartMs, itemsMax, listsMax }: GatherLimits,
): (input: Input) => Promise<Answer> {
  const waiting: Waiting<Input, Answer>[] = [];
  let running = 0;
  let turn: NodeJS.Immediate | undefined;
  let pause: NodeJS.Timeout | undefined;
  const begin = (): void => {
    while (running < listsMax && waiting.length >= (pause ? itemsMax : 1)) {
      clearTimeout(pause);
      pause = apartMs === 0 ? undefined : setTimeout(goOn, apartMs);
      running += 1;
      void answerList(run, waiting.splice(0, itemsMax)).then(end);
    }
  };
  const goOn = (): void => {
    pause = undefined;
    begin();
  };
  const end = (): void => {
    running -= 1;
    begin();
  };
  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (waiting.length >= itemsMax) begin();
      // What is looked at in the same turn, as requests that arrived together are, goes together.
      else
        turn ??= setImmediate(() => {
          turn = undefined;
          begin();
        });
    });
}

async function answerList<Input, Answer>(
  run: (inputs: readonly Input[]) => Promise<readonly Answer[]>,
  list: readonly Waiting<Input, Answer>[],
): Promise<void> {
  try {
    const answers = await run(list.map(({ input }) => input));
    for (const [index, { resolve, reject }] of list.entries()) {
      if (index < answers.length) resolve(answers[index] as Answer);
      else reject(new Bug('a list was answered with fewer answers than it has items'));
    }
  } catch (error) {
    if (list.length === 1 || !isDataError(error)) return list.forEach(({ reject }) => reject(error));
    // Whose value it is shows when the others are asked without it.
    const half = Math.ceil(list.length / 2);
    await answerList(run, list.slice(0, half));
    await answerList(run, list.slice(half));
  }
}

/** For small statements of many requests. */
const statementLimits: GatherLimits = { apartMs: 0, itemsMax: 500, listsMax: 1 };

/** A statement over a list, asked for by requests that know nothing of each other; those of one database share it. */
export function shared<Place extends object, Input, Answer>(
  run: (place: Place, inputs: readonly Input[]) => Promise<readonly Answer[]>,
): (place: Place, input: Input) => Promise<Answer> {
  const asking = new WeakMap<Place, (input: Input) => Promise<Answer>>();
  return (place, input) => {
    const known = asking.get(place) ?? gather((inputs: readonly Input[]) => run(place, inputs), statementLimits);
    asking.set(place, known);
    return known(input);
  };
}
