import { shownOnOneLine } from '../kernel/index.ts';
import type { Refusal } from '../kernel/index.ts';
import type { Lang } from '../platform/config.ts';
import { describe, explain } from '../platform/refusals.ts';
import { frame } from './frame.texts.ts';

/** Both languages of one sentence. */
export type Words = { readonly zh: string; readonly en: string };

/** 0 done, 1 failed, 2 bad input, 3 refused, 4 not finished or in doubt, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** What a command found or did: for people, and for programs. */
export type Answer = {
  readonly exit: ExitCode;
  readonly lines: readonly Words[];
  readonly json: Readonly<Record<string, unknown>>;
  /** The command to type next. */
  readonly next?: string;
};

/** The same in both languages: tables, numbers, commands. */
export const plain = (line: string): Words => ({ zh: line, en: line });

const badInputStatus = new Set([400, 404, 413, 415, 422]);

/** By the catalogue's HTTP status and way on: what the caller can correct is bad input, what was decided against is refused. */
function exitOf(refusal: Refusal): ExitCode {
  const { http, retry } = explain(refusal);
  if (http >= 500) return retry === 'change_input' ? 2 : 1;
  return badInputStatus.has(http) ? 2 : 3;
}

export type Printed = { readonly stdout: string; readonly stderr: string; readonly exit: ExitCode };

/** A line holds what others wrote (names, reasons, a channel's words): none of it may draw on the screen of whoever reads or approves. */
export function printAnswer(answer: Answer, lang: Lang, json: boolean): Printed {
  const { exit } = answer;
  if (json) {
    const next = answer.next === undefined ? {} : { next: answer.next };
    return { stdout: `${asJson({ ok: true, exit, ...answer.json, ...next })}\n`, stderr: '', exit };
  }
  const lines = answer.lines.map((line) => line[lang]);
  if (answer.next !== undefined) lines.push(`${frame.next[lang]} ${answer.next}`);
  return { stdout: lines.map((line) => `${shownOnOneLine(line.trimEnd())}\n`).join(''), stderr: '', exit };
}

export function printRefusal(refusal: Refusal, lang: Lang, json: boolean): Printed {
  const exit = exitOf(refusal);
  if (json) {
    const { code, money, pointer, retry, zh, en, wayOut } = explain(refusal);
    const where = pointer === undefined ? {} : { pointer };
    const told = { ok: false, exit, code, money, ...where, retry, zh, en, way_out: wayOut, params: refusal.params };
    return { stdout: `${asJson(told)}\n`, stderr: '', exit };
  }
  const place = refusal.pointer === undefined ? '' : ` (${shownOnOneLine(refusal.pointer)})`;
  const word = exit === 1 ? frame.failed : exit === 2 ? frame.badInput : frame.refused;
  const told = describe({ ...refusal, params: shownParams(refusal) }, lang);
  return { stdout: '', stderr: `${word[lang]}  ${refusal.code}${place}  ${told}\n`, exit };
}

/** The lines of an unfit form are ours: what others wrote in them was cleaned where they were made. */
function shownParams({ code, params }: Refusal): Refusal['params'] {
  const ours = code === 'account.form_unfit' ? ['problems', 'problemsZh'] : [];
  const shown = (name: string, value: string | number | boolean) =>
    typeof value === 'string' && !ours.includes(name) ? shownOnOneLine(value) : value;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shown(name, value)]));
}

/** Amounts are bigint inside; on the wire they are integers. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
}
