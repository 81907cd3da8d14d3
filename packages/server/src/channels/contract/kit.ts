import { CNY, parseDecimal, Secret } from '../../kernel/index.ts';
import type { Instant, Money, Outcome, Result, Trust } from '../../kernel/index.ts';
import type { Connector } from './connector.ts';
import type { CustomsOperations, DeclareInstruction } from './customs.ts';
import { partsVerdict, shareCall } from './kit-share.ts';
import type { FixtureShare, ShareFixtureOperation } from './kit-share.ts';
import type { PayInstruction, PayOperations, RefundInstruction } from './pay.ts';
import type { AccountSecrets, ChannelAccount, Draft, WireAnswer } from './wire.ts';

/**
 * What the laws of kit.test.ts need from a channel. Every channel folder has `fixtures/index.ts`, whose default export is this,
 * and beside it one JSON file per `Fixture`.
 * The writer in it must not borrow the channel's own reader or signer: two readings of one document check each other.
 */
export type ChannelFixtures = {
  /** Test keys: those to verify with, and those that sign the account's own requests. */
  readonly secrets: AccountSecrets;
  /** The fixture's answer as it is, in its own charset. */
  readonly wire: (fixture: Fixture) => WireAnswer;
  /** Takes the fixture's answer apart into elements, whatever the wire format. */
  readonly open: (fixture: Fixture) => readonly AnswerNode[];
  /** Writes the elements as this channel would, and signs them again with the channel's test key where the answer is signed. */
  readonly write: (nodes: readonly AnswerNode[], fixture: Fixture) => WireAnswer;
  /** Texts that a declaration under these settings cannot carry; none where the channel declares nothing. */
  readonly uncarriable: readonly { readonly settings: Readonly<Record<string, string>>; readonly text: string }[];
  /** Words that mean something to this channel, to be put where they do not belong. */
  readonly words: readonly string[];
  /** Settings of accounts that can collect, for what is shown to payers and never answered. */
  readonly paySettings: readonly Readonly<Record<string, string>>[];
};

export type AnswerNode = {
  readonly name: string;
  readonly text: string;
  readonly children: readonly AnswerNode[];
};

/** One answer from the wire, as a JSON file. Paths are element names joined by `/`, as deep as the answer goes. */
export type Fixture = {
  readonly name: string;
  readonly source: string;
  readonly operation: FixtureOperation;
  readonly settings: Readonly<Record<string, string>>;
  /** The channel's own word for how this answer is signed. */
  readonly signing: string;
  readonly instructions: readonly FixtureInstruction[];
  readonly answer: { readonly status: number; readonly charset: string; readonly body: string };
  readonly expected: ExpectedReading;
  /** Elements that carry the verdict: a value there that no list knows is doubt. */
  readonly verdict: readonly string[];
  /** Elements that tie the answer to the question: any other value there is doubt. */
  readonly binds: readonly string[];
};

export const customsOperations = ['customs.declare', 'customs.re_push', 'customs.query'] as const;
export const payOperations = ['pay.submit', 'pay.query', 'pay.close', 'pay.cancel', 'pay.notice'] as const;
export const refundOperations = ['refund.submit', 'refund.query'] as const;
export type FixtureOperation =
  | (typeof customsOperations)[number]
  | (typeof payOperations)[number]
  | (typeof refundOperations)[number]
  | ShareFixtureOperation;

export type FixtureInstruction = FixtureShare & {
  /** Our number, whatever the operation calls it: request number, payment serial number, refund number. */
  readonly requestNo: string;
  readonly tradeNo?: string;
  readonly amount?: string;
  readonly place?: string;
  readonly customsCode?: string;
  readonly customsName?: string;
  readonly isSplit?: boolean;
  readonly childOrderNo?: string;
  readonly buyer?: { readonly name: string; readonly idNo: string };
  readonly product?: string;
  readonly subject?: string;
  readonly payerCode?: string;
  readonly payerId?: string;
  readonly payerAddress?: string;
  /** Of a refund or declaration: the payment it belongs to; `whole`: what that received. */
  readonly serialNo?: string;
  readonly whole?: string;
};

export type ExpectedReading = {
  readonly trust: Trust;
  /** The channel does not know the number, or speaks of another amount: both go with doubt. */
  readonly isAbsent?: boolean;
  readonly isDisputed?: boolean;
  readonly signingRule?: string;
  /** By request number; amounts as minor units in text, since JSON has no bigint. `why` of a doubt is not compared. */
  readonly outcomes: Readonly<Record<string, unknown>>;
};

export type KitReading = {
  readonly trust: Trust;
  readonly isAbsent?: boolean;
  readonly isDisputed?: boolean;
  readonly signingRule?: string;
  readonly outcomes: ReadonlyMap<string, Outcome<unknown>>;
};

export function accountOf(fixture: Fixture): ChannelAccount {
  return { id: `fixture ${fixture.name}`, settings: fixture.settings };
}

export function declareInstruction(from: FixtureInstruction): DeclareInstruction {
  return {
    requestNo: from.requestNo,
    serialNo: from.serialNo ?? from.requestNo,
    tradeNo: from.tradeNo ?? '2026010222001400010500000001',
    amount: yuan(from.amount),
    place: from.place ?? 'ZONGSHU',
    customsCode: from.customsCode ?? '3301TEST01',
    customsName: from.customsName ?? '杭州流水电子商务有限公司',
    isSplit: from.isSplit ?? false,
    ...(from.childOrderNo === undefined ? {} : { childOrderNo: from.childOrderNo }),
    ...(from.buyer ? { buyer: { name: new Secret(from.buyer.name), idNo: new Secret(from.buyer.idNo) } } : {}),
  };
}

export function payInstruction(from: FixtureInstruction): PayInstruction {
  return {
    serialNo: from.requestNo,
    product: from.product ?? '',
    amount: yuan(from.amount),
    subject: from.subject ?? '保税仓奶粉',
    deadlineAt: (moment.at + 1_800_000) as Instant,
    notifyUrl: 'https://pay.example.com/notices/1',
    ...(from.payerCode === undefined ? {} : { payerCode: new Secret(from.payerCode) }),
    ...(from.payerId === undefined ? {} : { payerId: new Secret(from.payerId) }),
    ...(from.payerAddress === undefined ? {} : { payerAddress: new Secret(from.payerAddress) }),
  };
}

function refundInstruction(from: FixtureInstruction): RefundInstruction {
  return {
    refundNo: from.requestNo,
    serialNo: from.serialNo ?? '',
    tradeNo: from.tradeNo ?? '',
    amount: yuan(from.amount),
    whole: yuan(from.whole),
    reason: '不想要了',
    notifyUrl: 'https://pay.example.com/notices/1',
  };
}

function yuan(text: string | undefined): Money {
  const amount = parseDecimal(text ?? '1.00', CNY);
  if (!amount) throw new TypeError(`the fixture amount ${text ?? ''} is none`);
  return amount;
}

/** Hands the answer to the operation of the fixture; all of them end in the same form, by our number. */
export function readWith(
  connector: Connector,
  fixture: Fixture,
  answer: WireAnswer,
  secrets: AccountSecrets,
): KitReading {
  const account = accountOf(fixture);
  if (fixture.operation === 'customs.query') {
    const asked = connector.customs?.query.interpret(answer, fixture.instructions, account, secrets, moment.at);
    if (!asked) throw lacks(connector, fixture);
    const { byRequestNo, ...rest } = asked;
    return { ...rest, outcomes: byRequestNo };
  }
  const from = onlyOne(fixture.instructions);
  const read = readOne(connector, fixture, answer, secrets);
  return {
    trust: read.trust,
    ...(read.isAbsent === true ? { isAbsent: true } : {}),
    ...(read.disputed === undefined ? {} : { isDisputed: true }),
    outcomes: new Map([[from.requestNo, read.outcome]]),
  };
}

type OneReading = {
  readonly trust: Trust;
  readonly outcome: Outcome<unknown>;
  readonly isAbsent?: boolean;
  readonly disputed?: string;
};

function readOne(connector: Connector, fixture: Fixture, answer: WireAnswer, secrets: AccountSecrets): OneReading {
  const { customs, pay, refund } = connector;
  const account = accountOf(fixture);
  const from = onlyOne(fixture.instructions);
  let reading: OneReading | undefined;
  const push = customsPush(customs, fixture);
  if (push) reading = push.interpret(answer, declareInstruction(from), account, secrets, moment.at);
  else if (fixture.operation === 'refund.submit')
    reading = refund?.submit.interpret(answer, refundInstruction(from), account, secrets, moment.at);
  else if (fixture.operation === 'refund.query')
    reading = refund?.query.interpret(answer, refundInstruction(from), account, secrets, moment.at);
  else if (fixture.operation.startsWith('share.'))
    reading = shareCall(connector, fixture.operation, from)?.interpret(answer, account, secrets, moment.at);
  else if (fixture.operation === 'pay.notice') reading = pay && readNotice(pay, fixture, answer, secrets);
  else reading = payCall(connector, fixture)?.interpret(answer, payInstruction(from), account, secrets, moment.at);
  if (!reading) throw lacks(connector, fixture);
  return reading;
}

/** A message names its number itself. About another number or another account it says nothing of ours. */
function readNotice(pay: PayOperations, fixture: Fixture, answer: WireAnswer, secrets: AccountSecrets): OneReading {
  const message = { method: 'POST', query: '', headers: answer.headers, body: answer.body };
  const { trust, isOurs, serialNo, outcome } = pay.notice.read(message, accountOf(fixture), secrets, moment.at);
  const isAboutUs = isOurs && serialNo === onlyOne(fixture.instructions).requestNo;
  return { trust, outcome: isAboutUs ? outcome : { kind: 'in_doubt', why: 'about something else' } };
}

function payCall({ pay }: Connector, fixture: Fixture): PayOperations['submit'] | PayOperations['close'] | undefined {
  if (fixture.operation === 'pay.submit') return pay?.submit;
  if (fixture.operation === 'pay.query') return pay?.query;
  return fixture.operation === 'pay.close' ? pay?.close : pay?.cancel;
}

function customsPush(
  customs: CustomsOperations | undefined,
  { operation }: Fixture,
): CustomsOperations['declare'] | undefined {
  if (operation === 'customs.declare') return customs?.declare;
  return operation === 'customs.re_push' ? customs?.rePush : undefined;
}

function lacks(connector: Connector, fixture: Fixture): TypeError {
  return new TypeError(`${connector.manifest.id} has a fixture of ${fixture.operation} and no such operation`);
}

/** When every fixture is asked and heard: 2026-01-02 03:05:06 in Beijing. */
export const moment = { at: 1_767_294_306_000 as Instant, nonce: 'nonce' };

/** The request that the answer of the fixture belongs to; undefined for a message, which nobody asked for. */
export function buildWith(connector: Connector, fixture: Fixture, secrets: AccountSecrets): Draft | undefined {
  const account = accountOf(fixture);
  const { customs, refund } = connector;
  if (fixture.operation === 'pay.notice') return undefined;
  if (fixture.operation === 'customs.query')
    return drafted(fixture, customs?.query.build(fixture.instructions, account, moment, secrets));
  const from = onlyOne(fixture.instructions);
  const push = customsPush(customs, fixture);
  if (push) return drafted(fixture, push.build(declareInstruction(from), account, moment, secrets));
  if (fixture.operation === 'refund.submit')
    return drafted(fixture, refund?.submit.build(refundInstruction(from), account, moment, secrets));
  if (fixture.operation === 'refund.query')
    return drafted(fixture, refund?.query.build(refundInstruction(from), account, moment, secrets));
  if (fixture.operation.startsWith('share.'))
    return drafted(fixture, shareCall(connector, fixture.operation, from)?.build(account, moment, secrets));
  return drafted(fixture, payCall(connector, fixture)?.build(payInstruction(from), account, moment, secrets));
}

function drafted(fixture: Fixture, built: Result<Draft> | undefined): Draft {
  if (!built?.ok)
    throw new TypeError(`the request of ${fixture.name} was refused: ${built?.refusal.code ?? 'no such operation'}`);
  return built.value;
}

/** What the answer settles, and nothing of what it tells: the part that no other field may turn. */
function verdictOf(outcome: Outcome<unknown> | undefined): string {
  if (outcome === undefined) return 'missing';
  if (outcome.kind === 'rejected') return `rejected ${outcome.code}`;
  if (outcome.kind === 'in_doubt') return 'in_doubt';
  const facts = outcome.facts as { found?: boolean; action?: string };
  if (facts.action !== undefined) return `${outcome.kind} ${facts.action}`;
  if (facts.found === undefined)
    return outcome.kind === 'succeeded' ? `${outcome.kind}${partsVerdict(facts)}` : outcome.kind;
  return `${outcome.kind} ${facts.found ? 'found' : 'not found'}`;
}

/** Absence counts as a verdict: after the deadline it proves that nobody paid. */
export function verdictsOf(reading: KitReading): ReadonlyMap<string, string> {
  const absent = reading.isAbsent === true ? ' absent' : '';
  return new Map([...reading.outcomes].map(([requestNo, outcome]) => [requestNo, verdictOf(outcome) + absent]));
}

/** The outcomes as plain JSON, to compare with a fixture. */
export function plainOutcomes(reading: KitReading): unknown {
  const plain = Object.fromEntries(
    [...reading.outcomes].map(([requestNo, outcome]) => [
      requestNo,
      outcome.kind === 'in_doubt' ? { kind: 'in_doubt' } : outcome,
    ]),
  );
  const text = JSON.stringify(plain, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return JSON.parse(text) as unknown;
}

/** One element of the tree: where it is, by index, and what it is called, by names. */
export type Place = { readonly at: readonly number[]; readonly path: string; readonly node: AnswerNode };

export function placesIn(nodes: readonly AnswerNode[], at: readonly number[] = [], above = ''): readonly Place[] {
  return nodes.flatMap((node, index) => {
    const here = { at: [...at, index], path: above === '' ? node.name : `${above}/${node.name}`, node };
    return [here, ...placesIn(node.children, here.at, here.path)];
  });
}

/** The tree with the element at this place replaced by any number of others. */
export function replaceAt(
  nodes: readonly AnswerNode[],
  at: readonly number[],
  others: readonly AnswerNode[],
): readonly AnswerNode[] {
  const [index, ...deeper] = at;
  return nodes.flatMap((node, position) => {
    if (position !== index) return [node];
    return deeper.length === 0 ? others : [{ ...node, children: replaceAt(node.children, deeper, others) }];
  });
}

export function reversed(nodes: readonly AnswerNode[]): readonly AnswerNode[] {
  return nodes.map((node) => ({ ...node, children: reversed(node.children) })).reverse();
}

function onlyOne(instructions: readonly FixtureInstruction[]): FixtureInstruction {
  const [instruction, ...others] = instructions;
  if (!instruction || others.length > 0) throw new TypeError('a declare fixture has exactly one instruction');
  return instruction;
}
