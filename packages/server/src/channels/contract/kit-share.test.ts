/** The laws of sharing, for every channel that shares; what all answers have in common is in kit.test.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../kernel/index.ts';
import { readChannels } from '../registry.ts';
import type { Connector, ReceiverInstruction, ShareInstruction, ShareReceiver, ShareRules } from './index.ts';
import { receiverInstruction, returnOperations, shareInstruction, shareOperations } from './kit-share.ts';
import { accountOf, moment, readWith, verdictsOf } from './kit.ts';
import type { ChannelFixtures, Fixture } from './kit.ts';

type Sharing = Connector & Required<Pick<Connector, 'share'>>;

const registry = await readChannels(`${import.meta.dirname}/..`);
const sharing = registry.all().filter((connector): connector is Sharing => connector.share !== undefined);
const cases = await Promise.all(
  sharing.map(async (connector) => {
    const folder = `${import.meta.dirname}/../${connector.manifest.id}/fixtures`;
    const loaded = (await import(`${folder}/index.ts`)) as { default: ChannelFixtures };
    const fixtures = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Fixture)
      .filter(({ operation }) => (operation as string | undefined)?.startsWith('share.'));
    return { connector, kit: loaded.default, fixtures };
  }),
);

test('there are channels that share', () => {
  expect(cases.length).toBeGreaterThan(1);
});

describe.each(cases)('$connector.manifest.id', ({ connector, kit, fixtures }) => {
  const { secrets, open, write } = kit;
  const { share, manifest } = connector;
  const rules = manifest.share as ShareRules;
  const shares = fixtures.filter(({ operation }) => operation === 'share.submit');
  const binds = fixtures.filter(({ operation }) => operation === 'share.bind');

  test('an answer that nobody signed, or somebody else, settles nothing but a refusal that comes unsigned', () => {
    for (const fixture of fixtures) {
      const nodes = open(fixture);
      const before = verdictsOf(readWith(connector, fixture, write(nodes, fixture), secrets));
      const bare = nodes.filter(({ name }) => name !== 'sign');
      const unsigned = readWith(connector, fixture, write(bare, { ...fixture, signing: 'none' }), secrets);
      const forged = readWith(connector, fixture, write(nodes, { ...fixture, signing: 'wrong' }), secrets);
      for (const { trust } of [unsigned, forged]) expect(trust, fixture.name).not.toBe('verified');
      for (const [number, verdict] of verdictsOf(unsigned))
        if (!verdict.startsWith('rejected')) expect(verdict, fixture.name).toMatch(/^in_doubt/);
        else expect(verdict, fixture.name).toBe(before.get(number));
      if (fixture.expected.trust === 'verified')
        expect([...verdictsOf(forged).values()], fixture.name).toEqual(['in_doubt']);
    }
  });

  const submitted = (fixture: Fixture, wish: Partial<ShareInstruction>) => {
    const [from] = fixture.instructions;
    const instruction = { ...shareInstruction(from!), ...wish };
    return share.submit.build(instruction, accountOf(fixture), moment, secrets);
  };
  const bound = (fixture: Fixture, wish: Partial<ShareReceiver>) => {
    const instruction: ReceiverInstruction = receiverInstruction(fixture.instructions[0]!);
    const receiver = { ...instruction.receiver, ...wish };
    return share.bind.build({ ...instruction, receiver }, accountOf(fixture), moment, secrets);
  };

  test('two parts of one receiver, nothing at all, or more than the channel takes at once never leave', () => {
    expect(shares.some(({ instructions }) => (instructions[0]?.parts?.length ?? 0) > 1)).toBe(true);
    for (const fixture of shares) {
      const { parts } = shareInstruction(fixture.instructions[0]!);
      expect(submitted(fixture, {}).ok).toBe(true);
      expect(submitted(fixture, { parts: [], releasesRest: false }).ok).toBe(false);
      expect(submitted(fixture, { shareNo: '' }).ok).toBe(false);
      expect(submitted(fixture, { tradeNo: '' }).ok).toBe(false);
      const [part] = parts;
      if (!part) continue;
      expect(submitted(fixture, { parts: [part, { ...part, partNo: 'another' }] }).ok).toBe(false);
      expect(submitted(fixture, { parts: [{ ...part, amount: { ...part.amount, minor: 0n } }] }).ok).toBe(false);
      expect(submitted(fixture, { parts: Array.from({ length: rules.partsMax + 1 }, () => part) }).ok).toBe(false);
    }
  });

  test('what was sent once can be asked about, also where account and rules would not send it today', () => {
    for (const fixture of shares) {
      const told = shareInstruction(fixture.instructions[0]!);
      const [part] = told.parts;
      if (!part) continue;
      const parts = Array.from({ length: rules.partsMax + 1 }, () => part);
      const asked = (wish: Partial<ShareInstruction>) =>
        share.query.build({ ...told, parts, ...wish }, accountOf(fixture), moment, secrets).ok;
      expect(asked({})).toBe(true);
      expect([asked({ shareNo: '' }), asked({ tradeNo: '' })]).toEqual([false, false]);
    }
  });

  test('only receivers of a listed kind are named, by an account of its form and with a name where one is asked for', () => {
    expect(binds.length).toBeGreaterThan(0);
    for (const fixture of binds) {
      expect(bound(fixture, {}).ok).toBe(true);
      for (const kind of ['toString', '__proto__', '']) expect(bound(fixture, { kind }).ok, kind).toBe(false);
      for (const account of ['', ' ', '流', '"'])
        expect(bound(fixture, { account: new Secret(account) }).ok, account).toBe(false);
      const { name, ...nameless } = receiverInstruction(fixture.instructions[0]!).receiver;
      expect(name).toBeDefined();
      const built = share.bind.build({ requestNo: '1', receiver: nameless }, accountOf(fixture), moment, secrets);
      expect(built.ok).toBe(rules.kinds[nameless.kind]?.needsName === false);
    }
  });

  test('names of people and their accounts are in no refusal', () => {
    for (const fixture of [...shares, ...binds]) {
      const secret = '11010119900307123X 张三';
      const receiver = { kind: 'nothing', account: new Secret(secret), name: new Secret(secret) };
      const refused = [bound(fixture, receiver), bound(fixture, { account: new Secret(secret) })];
      const [part] = shareInstruction(fixture.instructions[0]!).parts;
      if (part) refused.push(submitted(fixture, { parts: [{ ...part, receiver }] }));
      for (const built of refused) expect(JSON.stringify(built)).not.toMatch(/1101|张三/);
    }
  });

  test('the manifest makes sense', () => {
    const { settings, lanes, pay, refund } = manifest;
    const operations = [...shareOperations, ...(share.giveBack ? returnOperations : [])];
    expect(Object.keys(lanes).filter((name) => name.startsWith('share.'))).toEqual(operations);
    expect(share.giveBack !== undefined).toBe(rules.comesBack === 'own_call');
    for (const form of [rules.shareNo, rules.returnNo, ...Object.values(rules.kinds)])
      expect(form.pattern).toMatch(/^\^.*\$$/);
    const wished = (rules.openedBy ?? []).map(({ setting }) => setting);
    const named = [...wished, ...(rules.percentMax ? [rules.percentMax.setting] : [])];
    if (rules.partsMaxSetting !== undefined) named.push(rules.partsMaxSetting);
    expect(settings.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    expect(Object.keys(pay?.products ?? {})).toEqual(expect.arrayContaining([...rules.proRataProducts]));
    expect(rules.proRataProducts.length === 0 || refund !== undefined).toBe(true);
    expect(rules.heldDays).toBeGreaterThan(0);
    expect(rules.returnDays).toBeGreaterThanOrEqual(rules.heldDays);
  });
});
