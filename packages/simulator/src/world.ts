import { Agenda } from './agenda.ts';
import { AlipayBooks, booksKey } from './alipay/books.ts';
import type { DeclareOutcome } from './alipay/books.ts';
import { OpenApiBooks } from './alipay/openapi/books.ts';
import type { CallOutcome, ControlOutcome, NoticeReport } from './alipay/openapi/books.ts';
import { isForOpenApi, OpenApiFaults } from './alipay/openapi/faults.ts';
import type { OpenApiFaultRule } from './alipay/openapi/faults.ts';
import type { OpenApiCall } from './alipay/openapi/types.ts';
import { SimulatedClock } from './clock.ts';
import type { ClockMode } from './clock.ts';
import type { Command, SeedInput } from './commands.ts';
import { FaultRules, faultNames } from './faults.ts';
import type { FaultRule, Hit, Occasion } from './faults.ts';
import { Journal } from './journal.ts';
import type { JournalLine, JournalName } from './journal.ts';
import { normalFate, PortBooks } from './port/books.ts';
import { readListMessage, readPaymentMessage } from './port/messages.ts';
import { readPartner, readPastCalls, readPastList, readTrade } from './seed.ts';
import { initialSettings, patchSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { WechatBooks } from './wechat/books.ts';
import type { WechatAct, WechatOutcome } from './wechat/books.ts';

export type SeedReport = {
  readonly partners: number;
  readonly trades: number;
  /** Past calls by answer (`SUCCESS`, `SUCCESS, not executed`, or the error code); `later` = still ahead of the clock. */
  readonly calls: Readonly<Record<string, number>>;
  readonly lists: number;
};

type AnyRule = FaultRule | OpenApiFaultRule;

/** Both simulators: one clock, one agenda, two sets of books, and the journal that survives a kill. */
export class World {
  readonly #journal: Journal;
  readonly #realNow: () => number;
  #clock: SimulatedClock;
  #settings: Settings = initialSettings;
  #agenda = new Agenda();
  #faults = new FaultRules();
  #port: PortBooks;
  #alipay: AlipayBooks;
  #openApi: OpenApiBooks;
  #wechat: WechatBooks;

  constructor(dataDir: string, mode: ClockMode, startAt: number | undefined, realNow: () => number) {
    this.#realNow = realNow;
    this.#journal = new Journal(dataDir);
    [this.#port, this.#alipay, this.#openApi, this.#wechat] = this.#emptyBooks();
    const lines = this.#journal.read();
    for (const line of lines) this.#repeat(line);
    this.#clock = new SimulatedClock(mode, resumeAt(lines, mode, realNow()) ?? startAt ?? realNow(), realNow);
    if (startAt !== undefined) this.#clock.moveTo(startAt);
    this.#write('alipay', { kind: 'clock', to: this.#clock.now() });
  }

  get now(): number {
    return this.#clock.now();
  }
  get mode(): ClockMode {
    return this.#clock.mode;
  }
  get settings(): Settings {
    return this.#settings;
  }
  get faults(): readonly AnyRule[] {
    return [...this.#faults.list(), ...this.#openApi.register.faults.list()];
  }
  get nextDueMs(): number | undefined {
    return this.#agenda.nextDueMs;
  }
  /** Alipay's books as of now: what fell due has happened. */
  get alipay(): AlipayBooks {
    this.#agenda.runUntil(this.now);
    return this.#alipay;
  }
  get openApi(): OpenApiBooks {
    this.#agenda.runUntil(this.now);
    return this.#openApi;
  }
  get wechat(): WechatBooks {
    this.#agenda.runUntil(this.now);
    return this.#wechat;
  }
  get port(): PortBooks {
    this.#agenda.runUntil(this.now);
    return this.#port;
  }

  moveClock(to: number): void {
    const before = this.now;
    if (!this.#clock.moveTo(to)) return;
    this.#journal.append('alipay', before, this.#realNow(), { kind: 'clock', to });
    this.#agenda.runUntil(to);
  }

  declare(call: Extract<Command, { kind: 'declare' }>['call']): DeclareOutcome {
    return this.#perform('alipay', { kind: 'declare', call }, (at) => this.#alipay.declare(call, at));
  }

  openApiCall(call: OpenApiCall): CallOutcome {
    return this.#openApiPerform({ kind: 'openapi_call', call }, (at) => this.#openApi.call(call, at));
  }

  /** `undefined` = no such command. Throws BadRequest. */
  openApiControl(verb: string, input: unknown): ControlOutcome | undefined {
    return this.#openApiPerform({ kind: 'openapi_control', verb, input }, (at) =>
      this.#openApi.control(verb, input, at),
    );
  }

  openApiNoticed(report: NoticeReport): void {
    if (this.#openApi.register.notices.outbox.get(report.seq) !== report.due) return;
    this.#perform('alipay', { kind: 'openapi_noticed', report }, (at) => this.#openApi.noticed(report, at));
  }

  /** Whatever reaches WeChat's books; what changed nothing is not written down. `undefined` = no such command. Throws BadRequest. */
  wechatAct(act: WechatAct): WechatOutcome | undefined {
    const at = this.now;
    this.#agenda.runUntil(at);
    const before = this.#wechat.register.revision;
    const outcome = this.#wechat.act(act, at);
    this.#agenda.runUntil(at);
    const changed = this.#wechat.register.revision !== before;
    if (changed) this.#journal.append('alipay', at, this.#realNow(), { kind: 'wechat', act });
    return outcome;
  }

  /** As `#perform`, but what changed nothing is not written down: a merchant asks far more than it does. */
  #openApiPerform<T>(command: Command, act: (at: number) => T): T {
    const at = this.now;
    this.#agenda.runUntil(at);
    const before = this.#openApi.register.revision;
    const result = act(at);
    this.#agenda.runUntil(at);
    if (this.#openApi.register.revision !== before) this.#journal.append('alipay', at, this.#realNow(), command);
    return result;
  }

  playOnQuery(occasion: Occasion): readonly Hit[] {
    const seen = this.#seenByRules();
    const hits = this.#faults.play(occasion);
    if (this.#seenByRules() !== seen) this.#write('alipay', { kind: 'query_faults', occasion });
    return hits;
  }

  #seenByRules(): number {
    return this.#faults.list().reduce((sum, rule) => sum + rule.seen, 0);
  }

  seed(seed: SeedInput): SeedReport {
    const name = seed.lists && !seed.declarations && !seed.trades ? 'port' : 'alipay';
    const apply = this.#readSeed(seed);
    return this.#perform(name, { kind: 'seed', seed }, (at) => {
      const report = apply();
      this.#agenda.runUntil(at);
      return report();
    });
  }

  patchSettings(patch: unknown): Settings {
    return this.#perform(
      'alipay',
      { kind: 'settings', patch },
      () => (this.#settings = patchSettings(this.#settings, patch)),
    );
  }

  addFaults(rules: readonly unknown[]): readonly AnyRule[] {
    for (const rule of rules) (isForOpenApi(rule, faultNames) ? new OpenApiFaults() : new FaultRules()).add(rule);
    return this.#perform('alipay', { kind: 'add_faults', rules }, () => rules.map((rule) => this.#addFault(rule)));
  }

  /** An id is in force once, whichever gateway it concerns. */
  #addFault(input: unknown): AnyRule {
    const other = this.#openApi.register.faults;
    if (isForOpenApi(input, faultNames)) {
      const rule = other.add(input);
      this.#faults.remove(rule.id);
      return rule;
    }
    const rule = this.#faults.add(input);
    other.remove(rule.id);
    return rule;
  }

  #removeFaults(id: string | undefined): void {
    this.#faults.remove(id);
    this.#openApi.register.faults.remove(id);
  }

  removeFaults(id: string | undefined): void {
    this.#perform('alipay', { kind: 'remove_faults', ...(id === undefined ? {} : { id }) }, () =>
      this.#removeFaults(id),
    );
  }

  /** A message from outside at the port's door. Throws UnreadableXml; returns how many documents were taken. */
  receiveMessage(kind: 'ceb411' | 'ceb621', xml: string): number {
    return this.#perform('port', { kind, xml }, (at) => this.#takeMessage(kind, xml, at));
  }

  /** Forgets everything, on disk too. The clock stays, unless `at` says otherwise: only here it may go back. */
  reset(at: number | undefined): void {
    this.#clock = new SimulatedClock(this.mode, at ?? this.now, this.#realNow);
    this.#journal.empty();
    this.#settings = initialSettings;
    this.#agenda = new Agenda();
    this.#faults = new FaultRules();
    [this.#port, this.#alipay, this.#openApi, this.#wechat] = this.#emptyBooks();
    this.#write('alipay', { kind: 'clock', to: this.now });
  }

  close(): void {
    this.#journal.close();
  }

  #emptyBooks(): [PortBooks, AlipayBooks, OpenApiBooks, WechatBooks] {
    const port = new PortBooks(this.#agenda, () => this.#settings);
    const alipay = new AlipayBooks(this.#agenda, this.#faults, () => this.#settings, port);
    const openApi = new OpenApiBooks(this.#agenda, () => this.#settings.openapi);
    return [port, alipay, openApi, new WechatBooks(this.#agenda, port)];
  }

  #perform<T>(name: JournalName, command: Command, act: (at: number) => T): T {
    const at = this.now;
    this.#agenda.runUntil(at);
    const result = act(at);
    this.#agenda.runUntil(at);
    this.#journal.append(name, at, this.#realNow(), command);
    return result;
  }

  #write(name: JournalName, command: Command): void {
    this.#journal.append(name, this.now, this.#realNow(), command);
  }

  /** Repeats one line of the journal. Nothing here is drawn by lot, so the books come out as they were. */
  #repeat({ at, command }: JournalLine): void {
    this.#agenda.runUntil(at);
    switch (command.kind) {
      case 'clock':
        return this.#agenda.runUntil(command.to);
      case 'seed':
        this.#readSeed(command.seed)();
        break;
      case 'declare':
        this.#alipay.declare(command.call, at);
        break;
      case 'query_faults':
        this.#faults.play(command.occasion);
        break;
      case 'settings':
        this.#settings = patchSettings(this.#settings, command.patch);
        break;
      case 'add_faults':
        for (const rule of command.rules) this.#addFault(rule);
        break;
      case 'remove_faults':
        this.#removeFaults(command.id);
        break;
      case 'openapi_call':
        this.#openApi.call(command.call, at);
        break;
      case 'openapi_control':
        this.#openApi.control(command.verb, command.input, at);
        break;
      case 'openapi_noticed':
        this.#openApi.noticed(command.report, at);
        break;
      case 'wechat':
        this.#wechat.act(command.act, at);
        break;
      case 'ceb411':
      case 'ceb621':
        this.#takeMessage(command.kind, command.xml, at);
        break;
    }
    this.#agenda.runUntil(at);
  }

  #takeMessage(kind: 'ceb411' | 'ceb621', xml: string, at: number): number {
    if (kind === 'ceb411') {
      const records = readPaymentMessage(xml, at);
      for (const record of records) this.#port.receivePayment(record, at, normalFate);
      return records.length;
    }
    const lists = readListMessage(xml);
    for (const list of lists) this.#port.receiveList(list, at);
    return lists.length;
  }

  /** Reads all before anything is booked: a seed is taken whole or not at all. Past events go through the agenda, in order of time. */
  #readSeed(seed: SeedInput): () => () => SeedReport {
    const partners = (seed.partners ?? []).map(readPartner);
    const trades = (seed.trades ?? []).map(readTrade);
    const calls = (seed.declarations ?? []).flatMap(readPastCalls);
    const lists = (seed.lists ?? []).map(readPastList);
    return () => {
      for (const partner of partners) this.#alipay.partners.set(partner.partner, partner);
      for (const trade of trades) this.#alipay.addTrade(trade);
      const answers = new Map([['later', calls.length]]);
      const count = (answer: string, by: number) => answers.set(answer, (answers.get(answer) ?? 0) + by);
      inTurn(this.#agenda, calls, ({ at, call }) => {
        const { result, booked } = this.#alipay.declare(call, at);
        count('later', -1);
        count(result.kind === 'fail' ? result.failure.code : booked ? 'SUCCESS' : 'SUCCESS, not executed', 1);
      });
      inTurn(this.#agenda, lists, ({ at, list }) => this.#port.receiveList(list, at));
      return () => ({
        partners: partners.length,
        trades: trades.length,
        calls: Object.fromEntries(answers),
        lists: lists.length,
      });
    };
  }

  attemptsOf(partner: string, requestNo: string) {
    return this.alipay.attempts.get(booksKey(partner, requestNo)) ?? [];
  }
}

/** Puts each on the agenda when the one before has run: a long history makes no long agenda. */
function inTurn<T extends { readonly at: number }>(agenda: Agenda, all: readonly T[], act: (one: T) => void): void {
  const sorted = all.toSorted((a, b) => a.at - b.at);
  const enter = (index: number) => {
    const one = sorted[index];
    if (!one) return;
    agenda.add(one.at, () => {
      act(one);
      enter(index + 1);
    });
  };
  enter(0);
}

/** Where the clock stood when the journal ends. A running clock went on while the process was dead. */
function resumeAt(lines: readonly JournalLine[], mode: ClockMode, realNow: number): number | undefined {
  const last = lines.at(-1);
  if (!last) return undefined;
  const stood = last.command.kind === 'clock' ? Math.max(last.at, last.command.to) : last.at;
  return mode === 'stepped' ? stood : stood + Math.max(0, realNow - last.real);
}
