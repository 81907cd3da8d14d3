import { CNY, parseDecimal, Secret } from '../../kernel/index.ts';
import type { Instant, Outcome, Trust } from '../../kernel/index.ts';
import type { Connector } from './connector.ts';
import type { DeclareInstruction } from './customs.ts';
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
  /** Texts that a request under these settings cannot carry. */
  readonly uncarriable: readonly { readonly settings: Readonly<Record<string, string>>; readonly text: string }[];
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
  readonly operation: 'customs.declare' | 'customs.query';
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

export type FixtureInstruction = {
  readonly requestNo: string;
  readonly tradeNo?: string;
  readonly amount?: string;
  readonly place?: string;
  readonly customsCode?: string;
  readonly customsName?: string;
  readonly isSplit?: boolean;
  readonly childOrderNo?: string;
  readonly buyer?: { readonly name: string; readonly idNo: string };
};

export type ExpectedReading = {
  readonly trust: Trust;
  readonly signingRule?: string;
  /** By request number; amounts as minor units in text, since JSON has no bigint. `why` of a doubt is not compared. */
  readonly outcomes: Readonly<Record<string, unknown>>;
};

export type KitReading = {
  readonly trust: Trust;
  readonly signingRule?: string;
  readonly outcomes: ReadonlyMap<string, Outcome<unknown>>;
};

export function accountOf(fixture: Fixture): ChannelAccount {
  return { id: `fixture ${fixture.name}`, settings: fixture.settings };
}

export function declareInstruction(from: FixtureInstruction): DeclareInstruction {
  const amount = parseDecimal(from.amount ?? '1.00', CNY);
  if (!amount) throw new TypeError(`the fixture amount ${from.amount ?? ''} is none`);
  return {
    requestNo: from.requestNo,
    tradeNo: from.tradeNo ?? '2026010222001400010500000001',
    amount,
    place: from.place ?? 'ZONGSHU',
    customsCode: from.customsCode ?? '3301TEST01',
    customsName: from.customsName ?? '杭州流水电子商务有限公司',
    isSplit: from.isSplit ?? false,
    ...(from.childOrderNo === undefined ? {} : { childOrderNo: from.childOrderNo }),
    ...(from.buyer ? { buyer: { name: new Secret(from.buyer.name), idNo: new Secret(from.buyer.idNo) } } : {}),
  };
}

/** Hands the answer to the operation of the fixture; both operations end in the same form, by request number. */
export function readWith(
  connector: Connector,
  fixture: Fixture,
  answer: WireAnswer,
  secrets: AccountSecrets,
): KitReading {
  const { customs } = connector;
  if (!customs) throw new TypeError(`${connector.manifest.id} has customs fixtures and no customs operations`);
  const account = accountOf(fixture);
  if (fixture.operation === 'customs.query') {
    const { byRequestNo, ...rest } = customs.query.interpret(answer, fixture.instructions, account, secrets);
    return { ...rest, outcomes: byRequestNo };
  }
  const instruction = declareInstruction(onlyOne(fixture.instructions));
  const { trust, outcome } = customs.declare.interpret(answer, instruction, account, secrets);
  return { trust, outcomes: new Map([[instruction.requestNo, outcome]]) };
}

export function buildWith(connector: Connector, fixture: Fixture): Draft {
  const moment = { at: 1_767_294_306_000 as Instant, nonce: 'nonce' };
  const account = accountOf(fixture);
  const built =
    fixture.operation === 'customs.query'
      ? connector.customs?.query.build(fixture.instructions, account, moment)
      : connector.customs?.declare.build(declareInstruction(onlyOne(fixture.instructions)), account, moment);
  if (!built?.ok)
    throw new TypeError(`the request of ${fixture.name} was refused: ${built?.refusal.code ?? 'no such operation'}`);
  return built.value;
}

/** What the answer settles, and nothing of what it tells: the part that no other field may turn. */
function verdictOf(outcome: Outcome<unknown> | undefined): string {
  if (outcome === undefined) return 'missing';
  if (outcome.kind === 'rejected') return `rejected ${outcome.code}`;
  if (outcome.kind === 'in_doubt') return 'in_doubt';
  const facts = outcome.facts as { found?: boolean };
  return facts.found === undefined ? outcome.kind : `${outcome.kind} ${facts.found ? 'found' : 'not found'}`;
}

export function verdictsOf(reading: KitReading): ReadonlyMap<string, string> {
  return new Map([...reading.outcomes].map(([requestNo, outcome]) => [requestNo, verdictOf(outcome)]));
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
