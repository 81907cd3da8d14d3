import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { changeAccount, changeAct, detailOf, listAccounts, openAccount } from '../accounts/index.ts';
import type { AccountChange, AccountRow, ChangedAccount } from '../accounts/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import { accountsTexts as t } from './accounts.texts.ts';
import { digestsOf, readAccountWords, readOldUntil, sealed, wantedJson, wantedLines } from './accounts-words.ts';
import type { Answer } from './answer.ts';
import { agreedBy, stampOf, withConsent } from './consent.ts';
import { time } from './layout.ts';
import { merchantsOf } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session } from './session.ts';

export const change: Run = async (use, args, options) => {
  const words = await readAccountWords(options);
  if (!words.ok) return words;
  const oldUntil = readOldUntil(options);
  if (!oldUntil.ok) return oldUntil;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const id = firstArg(args);
  const account = (await listAccounts(session.db, await merchantsOf(session))).find((one) => one.id === id);
  if (!account) return refuse('account.not_found', { account: id });
  const [name, unset] = [text(options, 'name'), (options['unset'] ?? []) as readonly string[]];
  const { settings, secrets } = words.value;
  if (name === undefined && Object.keys({ ...settings, ...secrets }).length + unset.length === 0)
    return showAccount(session, account);
  const contradicting = unset.find((one) => Object.hasOwn(settings, one));
  if (contradicting !== undefined)
    return refuse('usage.bad_input', { field: '--unset', value: contradicting, problem: '--setting' }, '--unset');
  const wish = {
    ...(name === undefined ? {} : { name }),
    ...{ settings, unset, secrets: sealed(secrets) },
    ...(oldUntil.value === undefined ? {} : { oldUntil: oldUntil.value }),
  };
  return changeOne(session, account, wish, digestsOf(session, secrets), options);
};

/** Who says nothing is shown what can be said, and what holds now. */
async function showAccount(session: Session, { id, merchantId }: AccountRow): Promise<Result<Answer>> {
  const may = allowed(session.actor, 'accounts.read', merchantId);
  if (!may.ok) return may;
  const opened = await openAccount(session.customs, id);
  if (!opened.ok) return opened;
  const { account, connector, secrets, channel, name } = opened.value;
  const held = { settings: account.settings, secrets: Object.keys(secrets) };
  const json = {
    ...{ account: id, changed: false, name, channel, has: held.settings, has_secrets: held.secrets },
    ...wantedJson(connector.manifest, {}),
  };
  const lines = [t.nothingChanged(id), ...wantedLines(connector.manifest, {}, held)];
  return done({ exit: 2, lines, json });
}

function changeOne(
  session: Session,
  account: AccountRow,
  wish: AccountChange,
  digests: Readonly<Record<string, string>>,
  options: Options,
): Promise<Result<Answer>> {
  const { secrets: _sealed, ...agreedTo } = wish;
  const act = { ...changeAct(account, { ...agreedTo, digests }), isTriedFirst: true };
  return withConsent(session, act, options, async (tx, consent) => {
    const changed = await changeAccount(tx, session.customs, account.id, wish);
    if (!changed.ok) return changed;
    const entry = { actor: session.actor, act: 'account.changed', subject: account.id };
    const detail = { ...detailOf(changed.value), agreed_by: agreedBy(consent) };
    await writeAudit(tx, [{ ...entry, reason: text(options, 'reason') ?? '', detail }], stampOf(session));
    return done(changedAnswer(changed.value));
  });
}

function changedAnswer(changed: ChangedAccount): Answer {
  const { id, isRenamed, settings, secrets, oldUntil } = changed;
  const lines = [
    t.changed(id, [...settings, ...secrets], isRenamed),
    ...(oldUntil === undefined ? [] : [t.oldUntil(secrets.join(', '), time(oldUntil))]),
  ];
  const { renamed, ...detail } = detailOf(changed);
  return {
    exit: 0,
    lines,
    json: { account: id, changed: true, renamed, ...detail },
    next: `liushui accounts test ${id}`,
  };
}
