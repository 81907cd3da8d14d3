/**
 * The laws: every channel folder obeys them, with the fixtures it brings. A law is worth what it catches: the patches in
 * test/planted plant the mistakes that these are meant to find.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes } from '../../kernel/index.ts';
import { readChannels } from '../registry.ts';
import { returnOperations, shareOperations } from './kit-share.ts';
import type { Manifest } from './manifest.ts';
import {
  accountOf,
  buildWith,
  customsOperations,
  declareInstruction,
  moment,
  payInstruction,
  payOperations,
  placesIn,
  plainOutcomes,
  readWith,
  refundOperations,
  replaceAt,
  reversed,
  verdictsOf,
} from './kit.ts';
import type { AnswerNode, ChannelFixtures, Fixture, KitReading, Place } from './kit.ts';
import type { Connector, Draft, SettingWish, WireAnswer } from './index.ts';

const registry = await readChannels(`${import.meta.dirname}/..`);
const cases = await Promise.all(
  registry.all().map(async (connector) => ({ connector, ...(await fixturesOf(connector)) })),
);
const seed = 20_151_028;

async function fixturesOf({
  manifest,
}: Connector): Promise<ChannelFixtures & { readonly fixtures: readonly Fixture[] }> {
  const folder = `${import.meta.dirname}/../${manifest.id}/fixtures`;
  const loaded = (await import(`${folder}/index.ts`)) as { default: ChannelFixtures };
  const fixtures = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Partial<Fixture>)
    .filter((content): content is Fixture => content.operation !== undefined);
  return { ...loaded.default, fixtures };
}

test('there are channels, and each one brings fixtures for every operation that it has', () => {
  expect(cases.length).toBeGreaterThan(0);
  for (const { connector, fixtures } of cases) {
    const operations = new Set(fixtures.map((fixture) => fixture.operation));
    const brought = [
      ...(connector.customs
        ? customsOperations.filter((name) => name !== 'customs.re_push' || connector.customs?.rePush)
        : []),
      ...(connector.pay ? payOperations.filter((name) => name !== 'pay.cancel' || connector.pay?.cancel) : []),
      ...(connector.refund ? refundOperations : []),
      ...(connector.share ? shareOperations : []),
      ...(connector.share?.giveBack ? returnOperations : []),
    ];
    expect([...operations].sort()).toEqual([...brought].sort());
  }
});

describe.each(cases)('$connector.manifest.id', ({ connector, fixtures, ...kit }) => {
  const { secrets, wire, open, write, uncarriable, words, paySettings } = kit;
  const withTexts = (fixture: Fixture, check: (text: string) => void): void => forTexts(fixture, words, check);
  const read = (fixture: Fixture, answer: WireAnswer): KitReading => readWith(connector, fixture, answer, secrets);
  const rewritten = (fixture: Fixture, nodes: readonly AnswerNode[]): KitReading =>
    read(fixture, write(nodes, fixture));
  const settled = (fixture: Fixture): ReadonlyMap<string, string> => verdictsOf(rewritten(fixture, open(fixture)));

  test.each(fixtures)('$name reads as it says, from the wire and written again', (fixture) => {
    const { trust, signingRule, isAbsent, isDisputed, outcomes } = fixture.expected;
    for (const reading of [read(fixture, wire(fixture)), rewritten(fixture, open(fixture))]) {
      expect(reading.trust).toBe(trust);
      expect(reading.signingRule).toBe(signingRule);
      expect(reading.isAbsent).toBe(isAbsent);
      expect(reading.isDisputed).toBe(isDisputed);
      expect(plainOutcomes(reading)).toEqual(outcomes);
    }
  });

  test.each(fixtures)('$name: bytes that nobody can read are doubt and never an exception', (fixture) => {
    const { body } = write(open(fixture), fixture);
    const answers = [...brokenBodies(body).map((broken) => ({ status: 200, headers: {}, body: broken }))];
    // A message has no status: it is a request.
    const statuses = fixture.operation === 'pay.notice' ? [] : [0, 201, 302, 404, 500, 502];
    // The status that the words came with belongs to them: some channels refuse with it, and unsigned.
    const others = statuses.filter((status) => status !== fixture.answer.status);
    for (const status of others) answers.push({ status, headers: {}, body });
    for (const answer of answers) expectDoubtOnly(read(fixture, answer), fixture);
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, (noise) => {
        expectDoubtOnly(read(fixture, { status: 200, headers: {}, body: noise }), fixture);
      }),
      { seed, numRuns: 50 },
    );
  });

  test.each(fixtures)('$name: another value, signed again, turns into doubt but into no other verdict', (fixture) => {
    const before = settled(fixture);
    const nodes = open(fixture);
    const free = leavesOf(nodes).filter((place) => ![...fixture.verdict, ...fixture.binds].includes(place.path));
    for (const place of free) {
      withTexts(fixture, (text) => {
        expectSameOrDoubt(rewritten(fixture, replaceAt(nodes, place.at, [{ ...place.node, text }])), before);
      });
    }
  });

  test.each(fixtures)('$name: a value that no list knows, where the verdict stands, is doubt', (fixture) => {
    const nodes = open(fixture);
    for (const place of leavesOf(nodes).filter(({ path }) => fixture.verdict.includes(path))) {
      for (const text of unlistedWords) {
        const reading = rewritten(fixture, replaceAt(nodes, place.at, [{ ...place.node, text }]));
        for (const [requestNo, verdict] of verdictsOf(reading))
          expect(verdict, `${place.path}=${text} about ${requestNo}`).toBe('in_doubt');
      }
    }
  });

  test.each(fixtures.filter(({ binds }) => binds.length > 0))(
    '$name: an answer about something else is doubt',
    (fixture) => {
      const before = settled(fixture);
      const nodes = open(fixture);
      const binding = leavesOf(nodes).filter(({ path }) => fixture.binds.includes(path));
      expect(binding.length, 'the fixture binds nothing').toBeGreaterThan(0);
      for (const place of binding) {
        withTexts(fixture, (text) => {
          if (text.trim() === place.node.text) return;
          const reading = rewritten(fixture, replaceAt(nodes, place.at, [{ ...place.node, text }]));
          expectSameOrDoubt(reading, before);
          expect([...verdictsOf(reading).values()], `${place.path}=${text}`).toContain('in_doubt');
        });
      }
    },
  );

  test.each(fixtures)('$name: an element once, twice or never reads alike or is doubt', (fixture) => {
    const before = settled(fixture);
    const nodes = open(fixture);
    for (const { at, node, path } of placesIn(nodes)) {
      expectSameOrDoubt(rewritten(fixture, replaceAt(nodes, at, [])), before, fixture.verdict.includes(path));
      expectSameOrDoubt(rewritten(fixture, replaceAt(nodes, at, [node, node])), before);
      for (const other of [...fixture.instructions.map(({ requestNo }) => requestNo), ...words.slice(0, 5), '']) {
        const changed = { ...node, text: other };
        expectSameOrDoubt(rewritten(fixture, replaceAt(nodes, at, [node, changed])), before);
        expectSameOrDoubt(rewritten(fixture, replaceAt(nodes, at, [changed, node])), before);
      }
    }
  });

  test.each(fixtures)('$name: an unknown element more, and another order, read alike', (fixture) => {
    const nodes = open(fixture);
    const before = rewritten(fixture, nodes);
    expect(plainOutcomes(rewritten(fixture, reversed(nodes)))).toEqual(plainOutcomes(before));
    const unknown = { name: 'zz_new_element', text: '1', children: [] };
    const groups = placesIn(nodes).filter(({ node }) => node.children.length > 0);
    const grown = groups.map(({ at, node }) =>
      replaceAt(nodes, at, [{ ...node, children: [unknown, ...node.children] }]),
    );
    for (const tree of [[unknown, ...nodes], [...nodes, unknown], ...grown])
      expect(verdictsOf(rewritten(fixture, tree))).toEqual(verdictsOf(before));
  });

  test.each(fixtures)('$name: building twice gives the same bytes', (fixture) => {
    expectSameDraft(() => buildWith(connector, fixture, secrets));
  });

  test('what is shown to payers is the same each time, and whatever the shop writes becomes a subject or is refused', () => {
    const products = Object.entries(connector.manifest.pay?.products ?? {}).filter(
      ([, { begins }]) => begins === 'show',
    );
    for (const settings of paySettings) {
      for (const [product] of products) {
        const instruction = payInstruction({ requestNo: 'LS20260102_0001', product });
        const shown = (subject: string): Draft | undefined => {
          const account = { id: 'test', settings };
          const built = connector.pay?.show?.build({ ...instruction, subject }, account, moment, secrets);
          return built?.ok ? built.value : undefined;
        };
        expectSameDraft(() => shown('奶粉'));
        expect(shown('奶粉')).toBeDefined();
        fc.assert(
          fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (subject) => {
            expect(shown(`奶粉${subject}`)?.toSign.byteLength).toBeGreaterThan(0);
          }),
          { seed, numRuns: 30 },
        );
      }
    }
  });

  test('a request whose text the charset cannot carry is refused', () => {
    expect(uncarriable.length > 0).toBe(connector.customs !== undefined);
    for (const { settings, text } of uncarriable) {
      const buyer = { name: text, idNo: '11010119900307123X' };
      const instruction = { ...declareInstruction({ requestNo: '20260102000001', buyer }), customsName: text };
      const built = connector.customs?.declare.build(instruction, { id: 'test', settings }, moment, secrets);
      expect(built).toMatchObject({ ok: false });
    }
  });

  test('signing is repeatable or at least never the same for another text', async () => {
    for (const fixture of onePerOperation(fixtures)) {
      const kind = buildWith(connector, fixture, secrets)?.signWith;
      const signature = await connector.sign(new TextEncoder().encode('a=1'), accountOf(fixture), secrets, kind);
      const other = await connector.sign(new TextEncoder().encode('a=2'), accountOf(fixture), secrets, kind);
      expect(signature).not.toBe(other);
      expect(signature).toMatch(/^[\x21-\x7e]+$/);
    }
  });

  test('the manifest makes sense', () => {
    expectSaneForm(connector.manifest);
    expectSaneCustoms(connector.manifest, fixtures);
    expectSanePay(connector.manifest, fixtures);
    expectSettingsOfCustoms(connector.manifest);
    const isOwn = connector.manifest.customs?.rePush.how === 'own_operation';
    expect(connector.customs?.rePush !== undefined).toBe(isOwn);
    const products = Object.values(connector.manifest.pay?.products ?? {});
    expect(products.some(({ begins }) => begins === 'show')).toBe(connector.pay?.show !== undefined);
  });
});

/** Names that every object has, among others: a list kept as an object literal would know them. */
const unlistedWords = [
  'toString',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  'valueOf',
  'UNLISTED_CODE',
  'SYSTEM_ERROR',
  'success',
  ' SUCCESS',
  '',
  '0',
];

/** Every word that means something somewhere, and some that never do. */
function forTexts(fixture: Fixture, words: readonly string[], check: (text: string) => void): void {
  const meaningful = [...words, ...fixture.instructions.map(({ requestNo }) => requestNo)];
  for (const word of [...unlistedWords, ...meaningful]) check(word);
  const unit = fc.constantFrom('a', 'Z', '0', '9', '_', '-', '.', ',', ' ', '&', '<', '>', '"', '\n', '中', '流');
  fc.assert(fc.property(fc.string({ unit, maxLength: 40 }), check), { seed, numRuns: 8 });
}

function leavesOf(nodes: readonly AnswerNode[]): readonly Place[] {
  return placesIn(nodes).filter(({ node }) => node.children.length === 0);
}

function brokenBodies(body: Uint8Array): readonly Uint8Array[] {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const text = new TextDecoder('latin1').decode(body);
  const bomb = `<!DOCTYPE a [<!ENTITY a "${'a'.repeat(64)}"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  const cuts = Array.from({ length: 20 }, (_, twentieth) => body.slice(0, Math.floor((body.length * twentieth) / 20)));
  const broken = [
    ...cuts,
    encode('<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'),
    encode('{"code":"SUCCESS","result_code":"SUCCESS"}'),
    encode('<a>'.repeat(700_000)),
    Buffer.from(text.replace(/^(<\?xml[^>]*\?>)/, `$1${bomb}`), 'latin1'),
    Buffer.from(text.replace(/encoding="[^"]*"/, 'encoding="UTF-16"'), 'latin1'),
    Buffer.from(`${text}\xff\xfe`, 'latin1'),
    ...[...text.matchAll(/<\/|["}&]/g)].map(({ index }) =>
      Buffer.from(`${text.slice(0, index)}\xff${text.slice(index)}`, 'latin1'),
    ),
    Buffer.concat([body, body]),
  ];
  // Some of these break one wire format only and leave the others as they are.
  return broken.filter((each) => !Buffer.from(each).equals(body));
}

function expectSameDraft(build: () => Draft | undefined): void {
  const [first, second] = [build(), build()];
  expect(first?.toSign).toEqual(second?.toSign);
  expect(first?.signWith).toEqual(second?.signWith);
  expect(first?.finish('c2ln')).toEqual(second?.finish('c2ln'));
  expect(first?.finish('c2ln')).toEqual(first?.finish('c2ln'));
}

function onePerOperation(fixtures: readonly Fixture[]): readonly Fixture[] {
  return [...new Map(fixtures.map((fixture) => [fixture.operation, fixture])).values()];
}

function expectDoubtOnly(reading: KitReading, fixture: Fixture): void {
  expect(reading.trust).not.toBe('verified');
  expect([...reading.outcomes.keys()]).toEqual(fixture.instructions.map(({ requestNo }) => requestNo));
  for (const verdict of verdictsOf(reading).values()) expect(verdict).toBe('in_doubt');
}

/** An element that carries the verdict may say by being left out that nothing was found. */
function expectSameOrDoubt(reading: KitReading, before: ReadonlyMap<string, string>, mayBeAbsent = false): void {
  const after = verdictsOf(reading);
  const doubts = ['in_doubt', ...(mayBeAbsent ? ['in_doubt absent'] : [])];
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [requestNo, verdict] of after) expect([before.get(requestNo), ...doubts]).toContain(verdict);
}

function expectSaneForm(manifest: Manifest): void {
  expect(manifest.id).toMatch(/^[a-z0-9_-]+$/);
  for (const field of manifest.settings) {
    const form = new RegExp(field.pattern);
    expect(field.pattern, field.name).toMatch(/^\^.*\$$/);
    for (const value of [...(field.oneOf ?? []), ...(field.default === undefined ? [] : [field.default])])
      expect(value).toMatch(form);
  }
  for (const secret of manifest.secrets) {
    const setting = manifest.settings.find(({ name }) => name === secret.neededWhen?.setting);
    for (const value of secret.neededWhen?.oneOf ?? []) expect(setting?.oneOf, secret.name).toContain(value);
  }
  for (const [name, lane] of Object.entries(manifest.lanes)) {
    expect(lane.callsPerSecond, name).toBeGreaterThan(0);
    expect(lane.itemsPerCall, name).toBeGreaterThan(0);
    expect(lane.gapMinutes, name).toBeGreaterThanOrEqual(0);
    expect(lane.timeoutMs, name).toBeGreaterThan(0);
    expect(lane.answerBytesMax, name).toBeGreaterThan(0);
    // A file is as large as it is; the transport reads no more than this.
    const mebibytesMax = name === 'statement.fetch' ? 32 : 4;
    expect(lane.answerBytesMax, name).toBeLessThanOrEqual(mebibytesMax * 1_048_576);
  }
}

function expectSaneCustoms(manifest: Manifest, fixtures: readonly Fixture[]): void {
  const rules = manifest.customs;
  if (!rules) return;
  expect(Object.keys(manifest.lanes)).toEqual(expect.arrayContaining(['customs.declare', 'customs.query']));
  expect(rules.requestNo.pattern).toMatch(/^\^.*\$$/);
  const ofCustoms = fixtures.filter(({ operation }) => operation.startsWith('customs.'));
  for (const { requestNo } of ofCustoms.flatMap(({ instructions }) => instructions))
    expect(requestNo).toMatch(new RegExp(rules.requestNo.pattern));
  for (const [place, rule] of Object.entries(rules.places)) {
    expect(place).toMatch(new RegExp(rules.placePattern));
    if (rule.legs) expect(rule.legs).toContain(place);
    for (const leg of rule.legs ?? []) expect(Object.keys(rules.places)).toContain(leg);
  }
  expect(manifest.lanes['customs.query']?.itemsPerCall).toBe(rules.query.batchMax);
  expect(manifest.lanes['customs.declare']?.gapMinutes).toBe(rules.rePush.gapMinutes);
  const looks = rules.rePush.lookAfterMinutes;
  expect([...looks].sort((a, b) => a - b)).toEqual(looks);
  for (const minutes of looks) expect(minutes).toBeLessThanOrEqual(rules.rePush.evidenceWindowMinutes);
}

/** A wish that no account can meet hides a product for ever. */
function expectSettingOf(settings: Manifest['settings'], { setting, oneOf }: SettingWish): void {
  const field = settings.find(({ name }) => name === setting);
  expect(field, setting).toBeDefined();
  for (const value of oneOf ?? []) expect(value, setting).toMatch(new RegExp(field?.pattern ?? '$^'));
}

function expectSettingsOfCustoms({ customs, settings }: Manifest): void {
  for (const wish of [...(customs?.openedByOneOf ?? []), ...(customs?.closedBy ?? [])]) expectSettingOf(settings, wish);
}

function expectSanePay({ pay, refund, lanes, settings, secrets }: Manifest, fixtures: readonly Fixture[]): void {
  const forms = { 'pay.': pay?.serialNo.pattern, 'refund.': refund?.refundNo.pattern };
  for (const [family, pattern] of Object.entries(forms)) {
    if (pattern === undefined) continue;
    expect(pattern).toMatch(/^\^.*\$$/);
    const ours = fixtures.filter(({ operation }) => operation.startsWith(family));
    for (const { requestNo } of ours.flatMap(({ instructions }) => instructions))
      expect(requestNo).toMatch(new RegExp(pattern));
  }
  if (refund) expect(Object.keys(lanes)).toEqual(expect.arrayContaining(['refund.submit', 'refund.query']));
  if (refund) expect(minutes(lanes['refund.submit']?.gapMinutes ?? 0)).toBe(refund.gapMs);
  if (!pay) return;
  expect(Object.keys(lanes)).toEqual(expect.arrayContaining(['pay.submit', 'pay.query', 'pay.close']));
  expect(pay.amount.minMinor).toBeGreaterThan(0n);
  expect(pay.amount.maxMinor).toBeGreaterThan(pay.amount.minMinor);
  expect(pay.expiry.maxMs).toBeGreaterThan(pay.expiry.minMs);
  if (pay.creditCardOff) expectSettingOf(settings, pay.creditCardOff);
  for (const [name, product] of Object.entries(pay.products)) {
    expect(product.terminals.length, name).toBeGreaterThan(0);
    expect(product.scene === 'counter', name).toBe(product.terminals.includes('counter'));
    if (product.terminals.some((where) => where === 'wallet' || where === 'mini_program'))
      expect(pay.wallet, name).toBeDefined();
    expect(product.handsOut === 'nothing', name).toBe(product.codePayment !== undefined);
    for (const wish of product.closedBy ?? []) expectSettingOf(settings, wish);
    for (const wish of product.openedBy ?? [])
      if ('setting' in wish) expectSettingOf(settings, wish);
      else expect(secrets.map((field) => field.name)).toContain(wish.secret);
    // A code is charged at once and may be charged although nobody knows the number yet.
    if (product.codePayment) expect(product.absenceProves, name).toBeUndefined();
    if (product.codePayment) expect(product.codePayment.forMs, name).toBeGreaterThan(product.codePayment.waitMs);
    if (product.begins === 'show') expect(product.tradeBornAt, name).toBe('payer');
  }
}
