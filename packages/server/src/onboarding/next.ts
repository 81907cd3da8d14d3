import { valueOfWords } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';
import type { StepKey } from './steps.data.ts';

/** What somebody does next for a step. Words in capitals are what only he knows; of words with `|` between them one is chosen. */
export type Act =
  | { readonly does: 'propose'; readonly term: TermKind; readonly example: string }
  | { readonly does: 'note'; readonly step: StepKey; readonly key: string; readonly value: string }
  | { readonly does: 'approve'; readonly approval: string; readonly digest: string }
  /** An account's secrets are given when it is added, and at no other time: the same account again, with all that it needs. */
  | { readonly does: 'add_again'; readonly words: readonly string[] }
  | { readonly does: 'go_live'; readonly approval?: string }
  | { readonly does: 'accept' };

/** The command that does it. */
function commandOf(account: string, act: Act): string {
  switch (act.does) {
    case 'propose':
      return `liushui terms propose ${account} ${act.term} ${act.example}`;
    case 'note':
      return `liushui accounts note ${account} ${act.step} ${act.key}=${act.value}`;
    case 'approve':
      return `liushui approvals approve ${act.approval}`;
    case 'add_again':
      return ['liushui accounts add', ...act.words].join(' ');
    case 'accept':
      return `liushui accounts accept ${account}`;
    case 'go_live':
      return `liushui accounts go-live ${account}${act.approval === undefined ? '' : ` --approval ${act.approval}`}`;
  }
}

export type HttpCall = {
  readonly method: 'POST';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The call over HTTP that does the same. Undefined: in production an account is added on the command line only. */
function callOf(account: string, act: Act): HttpCall | undefined {
  const post = (door: string, body: HttpCall['body']): HttpCall => {
    return { method: 'POST', path: `/v1/accounts/${account}/${door}`, body };
  };
  switch (act.does) {
    case 'propose':
      return post('terms', { kind: act.term, ...termOf(act.term, act.example) });
    case 'note':
      return post('note', { step: act.step, facts: { [act.key]: act.value } });
    case 'approve':
      return { method: 'POST', path: `/v1/approvals/${act.approval}/approve`, body: { digest: act.digest } };
    case 'add_again':
      return undefined;
    case 'accept':
      return post('accept', {});
    case 'go_live':
      return post('go-live', act.approval === undefined ? {} : { approval_id: act.approval });
  }
}

/** What to type next, and what to call. */
export function nextFor(account: string, act: Act): { readonly next: string; readonly call?: HttpCall } {
  const call = callOf(account, act);
  return { next: commandOf(account, act), ...(call ? { call } : {}) };
}

/** The same example as the command line takes it: `--value name=word … --source words`. */
function termOf(kind: TermKind, example: string): Readonly<Record<string, unknown>> {
  const values = [...example.matchAll(/--value (\S+?)=(\S+)/g)].map(
    ([, name = '', word = '']) => [name, word] as const,
  );
  const source = /--source (\S+)/.exec(example)?.[1] ?? '';
  return { value: valueOfWords(kind, Object.fromEntries(values)), source };
}
