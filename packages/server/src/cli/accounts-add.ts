import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { addAccount } from '../accounts/index.ts';
import { writeAudit } from '../identity/index.ts';
import { accountsTexts as t } from './accounts.texts.ts';
import { digestsOf, readAccountWords, sealed, wantedJson, wantedLines } from './accounts-words.ts';
import type { AccountWords } from './accounts-words.ts';
import type { Answer } from './answer.ts';
import { agreedBy, stampOf, withConsent } from './consent.ts';
import type { TwoPersonAct } from './consent.ts';
import { merchantMeant } from './scope.ts';
import { text } from './session.ts';
import type { Options, Run, Session } from './session.ts';

export const add: Run = async (use, _args, options) => {
  const words = await readAccountWords(options);
  if (!words.ok) return words;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const channel = text(options, 'channel') ?? '';
  const wanted = wantedOf(opened.value, channel, words.value);
  return wanted ? done(wanted) : addOne(opened.value, channel, words.value, options);
};

/** Who gives nothing yet is told what there is to give. */
function wantedOf(session: Session, channel: string, { settings, secrets }: AccountWords): Answer | undefined {
  const connector = session.customs.channels.get(channel);
  if (!connector || Object.keys({ ...settings, ...secrets }).length > 0) return undefined;
  const simulated = simulatedSettings(session, channel);
  const isPlayed = Object.keys(simulated).length > 0;
  const lines = [
    t.nothingAdded(channel),
    ...wantedLines(connector.manifest, simulated),
    ...(isPlayed ? [t.signUpFirst(channel)] : []),
  ];
  const json = { channel, added: false, ...wantedJson(connector.manifest, simulated) };
  return { exit: 2, lines, json, ...(isPlayed ? { next: `liushui sandbox sign-up ${channel}` } : {}) };
}

/** In a sandbox the channel is played on this machine: its addresses need not be known. */
const simulatedSettings = ({ sandboxDoors }: Session, channel: string): Readonly<Record<string, string>> =>
  sandboxDoors?.addresses(channel) ?? {};

async function addOne(
  session: Session,
  channel: string,
  words: AccountWords,
  options: Options,
): Promise<Result<Answer>> {
  const merchantId = await merchantMeant(session, options);
  if (!merchantId.ok) return merchantId;
  const name = text(options, 'name') ?? channel;
  const opened = (options['product'] ?? []) as readonly string[];
  const given = {
    ...{ merchantId: merchantId.value, channel, name },
    settings: { ...simulatedSettings(session, channel), ...words.settings },
    ...(opened.length === 0 ? {} : { products: opened }),
  };
  const act: TwoPersonAct = {
    ...{ command: 'accounts.change', subject: `${channel}/${name}`, merchantId: merchantId.value },
    input: { act: 'add', ...given, digests: digestsOf(session, words.secrets) },
    isTriedFirst: true,
  };
  return withConsent(session, act, options, async (tx, consent) => {
    const added = await addAccount(tx, session.customs, { ...given, secrets: sealed(words.secrets) });
    if (!added.ok) return added;
    const { id } = added.value;
    const entry = { actor: session.actor, act: 'account.added', subject: id, reason: text(options, 'reason') ?? '' };
    await writeAudit(tx, [{ ...entry, detail: { channel, name, agreed_by: agreedBy(consent) } }], stampOf(session));
    const json = { account: id, channel, live: false };
    return done({ exit: 0, lines: [t.added(id, channel)], json, next: `liushui accounts test ${id}` });
  });
}
