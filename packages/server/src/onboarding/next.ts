import { valueOfWords } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';
import type { StepKey } from './steps.data.ts';

/** What somebody does next for a step. Words in capitals are what only he knows; of words with `|` between them one is chosen. */
export type Act =
  | { readonly does: 'propose'; readonly term: TermKind; readonly example: string }
  | { readonly does: 'note'; readonly step: StepKey; readonly key: string; readonly value: string }
  | { readonly does: 'test' | 'accept' | 'go_live' };

/** The command that does it. */
export function commandOf(account: string, act: Act): string {
  switch (act.does) {
    case 'propose':
      return `liushui terms propose ${account} ${act.term} ${act.example}`;
    case 'note':
      return `liushui accounts note ${account} ${act.step} ${act.key}=${act.value}`;
    case 'test':
      return `liushui accounts test ${account}`;
    case 'accept':
      return `liushui accounts accept ${account}`;
    case 'go_live':
      return `liushui accounts go-live ${account}`;
  }
}

export type HttpCall = {
  readonly method: 'POST';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The call over HTTP that does the same. */
export function callOf(account: string, act: Act): HttpCall {
  const post = (door: string, body: HttpCall['body']): HttpCall => {
    return { method: 'POST', path: `/v1/accounts/${account}/${door}`, body };
  };
  switch (act.does) {
    case 'propose':
      return post('terms', { kind: act.term, ...termOf(act.term, act.example) });
    case 'note':
      return post('note', { step: act.step, facts: { [act.key]: act.value } });
    case 'test':
    case 'accept':
      return post(act.does, {});
    case 'go_live':
      return post('go-live', {});
  }
}

/** The same example as the command line takes it: `--value name=word … --source words`. */
function termOf(kind: TermKind, example: string): Readonly<Record<string, unknown>> {
  const values = [...example.matchAll(/--value (\S+?)=(\S+)/g)].map(
    ([, name = '', word = '']) => [name, word] as const,
  );
  const source = /--source (\S+)/.exec(example)?.[1] ?? '';
  return { value: valueOfWords(kind, Object.fromEntries(values)), source };
}
