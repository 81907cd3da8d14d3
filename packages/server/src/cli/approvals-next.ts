import { changeName } from '../accounts/index.ts';
import type { Approval, Json } from '../approvals/index.ts';
import { allowed, isPermission } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { shellWord } from '../platform/shell-word.ts';
import { goLiveWith } from './onboarding.ts';

/** What this person types next about an approval; nothing where it is others' turn, or nobody's. */
export function nextOf(approval: Approval, actor: Actor): string | undefined {
  const { id, state, maker } = approval;
  const isOwn = maker === actor.userId;
  if (state === 'asked') return !isOwn && mayDecide(approval, actor) ? `liushui approvals approve ${id}` : undefined;
  return state === 'approved' && isOwn ? completionOf(approval) : undefined;
}

function mayDecide({ command, merchantId }: Pick<Approval, 'command' | 'merchantId'>, actor: Actor): boolean {
  const permission = `${command}.approve`;
  return isPermission(permission) && allowed(actor, permission, merchantId).ok;
}

/** The command that uses up an approval, where one does: most of what people agree to runs when they agree. */
export function completionOf(approval: Approval): string | undefined {
  const { command, id } = approval;
  const words = completers[command]?.(membersOf(approval.input), approval);
  if (words) return ['liushui', ...words, '--approval', id].map(shellWord).join(' ');
  return goLiveWith(approval);
}

type Members = Readonly<Record<string, Json>>;

const membersOf = (input: Json): Members =>
  input !== null && typeof input === 'object' && !Array.isArray(input) ? (input as Members) : {};

const word = (members: Members, name: string): string => {
  const value = members[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const list = (members: Members, name: string): readonly string[] => {
  const value = members[name];
  return Array.isArray(value) ? value.map(String) : [];
};

const flag = (name: string, value: string): readonly string[] => (value === '' ? [] : [name, value]);

/** Secrets stand there by their digests: whoever completes it has the files. */
const fields = (members: Members): readonly string[] => [
  ...Object.keys(membersOf(members['settings'] ?? null)).flatMap((name) => [
    '--setting',
    `${name}=${word(membersOf(members['settings'] ?? null), name)}`,
  ]),
  ...Object.keys(membersOf(members['digests'] ?? null)).flatMap((name) => ['--secret-file', `${name}=FILE`]),
];

type Complete = (input: Members, approval: Approval) => readonly string[] | undefined;

const completers: Readonly<Record<string, Complete>> = {
  'accounts.change': (input, { subject }) => {
    if (input['act'] === 'add')
      return [
        ...['accounts', 'add', ...flag('--channel', word(input, 'channel')), ...flag('--name', word(input, 'name'))],
        ...[...flag('--merchant', word(input, 'merchantId')), ...fields(input)],
        ...list(input, 'products').flatMap((product) => ['--product', product]),
      ];
    if (input['act'] !== changeName) return undefined;
    return [
      ...['accounts', 'change', subject, ...flag('--name', word(input, 'name')), ...fields(input)],
      ...list(input, 'unset').flatMap((name) => ['--unset', name]),
      ...flag('--old-until', word(input, 'oldUntil')),
    ];
  },
  'users.change': (input, { subject }) => {
    const roles = [
      ...flag('--roles', list(input, 'roles').join(',')),
      ...flag('--merchants', list(input, 'merchants').join(',')),
    ];
    if (input['act'] === 'add') return ['users', 'add', subject, ...flag('--name', word(input, 'name')), ...roles];
    if (input['act'] === 'roles') return ['users', 'roles', subject, ...roles];
    return input['act'] === 'disable' ? ['users', 'disable', subject] : undefined;
  },
  'keys.change': () => ['keys', 'rotate'],
  'retention.change': (input, { subject }) => ['retention', 'set', subject, word(input, 'days')],
};
