import { blanksOf, proposeCommand, sourceBlank } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';
import type { Permission } from '../identity/index.ts';
import { shellWord } from '../platform/shell-word.ts';
import type { Blank } from './blanks.ts';
import { notNeeded } from './steps.data.ts';
import type { StepKey } from './steps.data.ts';

/** What somebody does next for a step. Words in capitals are what only he knows; each comes with its blank. */
export type Act =
  | {
      readonly does: 'propose';
      readonly term: TermKind;
      readonly oneOf?: readonly string[];
      /** The step of which it may be noted that the contract has no such clause. */
      readonly unneededIn?: StepKey;
    }
  | {
      readonly does: 'note';
      readonly step: StepKey;
      readonly key: string;
      readonly value: string;
      readonly blanks?: readonly Blank[];
    }
  | {
      readonly does: 'approve';
      readonly approval: string;
      readonly digest: string;
      readonly of: 'accounts.terms' | 'accounts.change';
      /** Who asked: anybody else approves. */
      readonly maker: string;
    }
  | { readonly does: 'change'; readonly secrets: readonly string[]; readonly blank: Blank }
  | { readonly does: 'go_live'; readonly approval?: string }
  | { readonly does: 'accept' }
  /** In a sandbox one plays the world oneself. */
  | { readonly does: 'play_payer'; readonly orderNo: string }
  | { readonly does: 'move_clock'; readonly minutes: number };

/** The command that does it: a shell takes it as it stands. */
function commandOf(account: string, act: Act): string {
  switch (act.does) {
    case 'propose':
      return proposeCommand(account, act.term, 'word');
    case 'note':
      return `liushui accounts note ${account} ${act.step} ${shellWord(`${act.key}=${act.value}`)}`;
    case 'approve':
      return `liushui approvals approve ${act.approval}`;
    case 'change':
      return [
        `liushui accounts change ${account}`,
        ...act.secrets.map((name) => `--secret-file ${shellWord(`${name}=${act.blank.word}`)}`),
      ].join(' ');
    case 'accept':
      return `liushui accounts accept ${account}`;
    case 'go_live':
      return `liushui accounts go-live ${account}${act.approval === undefined ? '' : ` --approval ${act.approval}`}`;
    case 'play_payer':
      return `liushui sandbox pay ${shellWord(act.orderNo)}`;
    case 'move_clock':
      return `liushui sandbox clock --forward ${act.minutes}m`;
  }
}

export type HttpCall = {
  readonly method: 'POST';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
};

const noteCall = (account: string, step: StepKey, key: string, value: string): HttpCall => ({
  ...{ method: 'POST', path: `/v1/accounts/${account}/note`, body: { step, facts: { [key]: value } } },
});

/** The call over HTTP that does the same. Undefined: an account's secrets are given on the command line only. */
function callOf(account: string, act: Act): HttpCall | undefined {
  const post = (door: string, body: HttpCall['body']): HttpCall => {
    return { method: 'POST', path: `/v1/accounts/${account}/${door}`, body };
  };
  switch (act.does) {
    case 'propose': {
      const value = Object.fromEntries(blanksOf(act.term).map(([field, { word }]) => [field, word]));
      return post('terms', { kind: act.term, value, source: sourceBlank.word });
    }
    case 'note':
      return noteCall(account, act.step, act.key, act.value);
    case 'approve':
      return { method: 'POST', path: `/v1/approvals/${act.approval}/approve`, body: { digest: act.digest } };
    case 'change':
      return undefined;
    case 'accept':
      return post('accept', {});
    case 'go_live':
      return post('go-live', act.approval === undefined ? {} : { approval_id: act.approval });
    case 'play_payer':
      return { method: 'POST', path: '/v1/sandbox/pay', body: { order_no: act.orderNo } };
    case 'move_clock':
      return { method: 'POST', path: '/v1/sandbox/clock', body: { advance: `${act.minutes}m` } };
  }
}

/** What the words in capitals of the act stand for. */
function fillOf(act: Act): readonly Blank[] {
  switch (act.does) {
    case 'propose': {
      const members = blanksOf(act.term).map(([, blank]) => narrowed(blank, act.oneOf));
      return [...members, sourceBlank];
    }
    case 'note':
      return act.blanks ?? [];
    case 'change':
      return [act.blank];
    case 'approve':
    case 'accept':
    case 'go_live':
    case 'play_payer':
    case 'move_clock':
      return [];
  }
}

/** Only what this account's channel can. */
function narrowed(blank: Blank, only: readonly string[] | undefined): Blank {
  const oneOf = only && blank.oneOf?.filter(({ word }) => only.includes(word));
  const [first] = oneOf ?? [];
  return first ? { ...blank, ...(oneOf ? { oneOf } : {}), example: first.word } : blank;
}

/** Who may do it: this permission, and not the one who asked for it. */
export type Doer = { readonly permission: Permission; readonly not?: string };

/** The acceptance run collects and refunds as a shop does. Whoever may not do all of it would be stopped in the middle. */
export const acceptNeeds = ['payments.create', 'refunds.create', 'accounts.test'] as const;

function doerOf(act: Act): Doer {
  switch (act.does) {
    case 'propose':
    case 'note':
      return { permission: 'accounts.terms.propose' };
    case 'approve':
      return { permission: `${act.of}.approve`, not: act.maker };
    case 'accept':
      return { permission: acceptNeeds[0] };
    case 'change':
    case 'go_live':
      return { permission: 'accounts.change' };
    case 'play_payer':
      return { permission: 'sandbox.behave' };
    case 'move_clock':
      // A sandbox has one clock, for all that are in it.
      return { permission: 'sandbox.clock' };
  }
}

export type Next = {
  readonly next: string;
  readonly call?: HttpCall;
  /** Instead of it, where the contract has no such clause. */
  readonly or?: { readonly command: string; readonly call: HttpCall };
  readonly fill: readonly Blank[];
  readonly doer: Doer;
};

/** What to type next, and what to call. */
export function nextFor(account: string, act: Act): Next {
  const call = callOf(account, act);
  const or = act.does === 'propose' && act.unneededIn ? noteUnneeded(account, act.unneededIn, act.term) : undefined;
  return {
    ...{ next: commandOf(account, act), fill: fillOf(act), doer: doerOf(act) },
    ...(call ? { call } : {}),
    ...(or ? { or } : {}),
  };
}

/** Whoever may propose a term may note that there is none. */
export function noteUnneeded(account: string, step: StepKey, term: TermKind): NonNullable<Next['or']> {
  return {
    command: commandOf(account, { does: 'note', step, key: term, value: notNeeded }),
    call: noteCall(account, step, term, notNeeded),
  };
}
