import { done, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { openExchange } from '../customs/index.ts';
import type { KeptBytes, OpenedExchange } from '../customs/index.ts';
import { plain } from './answer.ts';
import type { Answer, Words } from './answer.ts';
import { time } from './layout.ts';
import type { Session } from './session.ts';
import { showTexts as t } from './show.texts.ts';

/** A proof names a call by its id, which has this form. */
export const isExchangeId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim());

/** One kept call, with people masked; the look is written down. Who wants more of a long one, or people as they are, asks the API. */
export async function showExchange({ customs, actor }: Session, id: string): Promise<Result<Answer>> {
  const opened = await openExchange(customs, actor, id.trim());
  if (!opened.ok) return opened;
  const one = opened.value;
  const lines = [
    t.exchange(one.id, one.accountId, one.operation, time(one.createdAt)),
    plain(`${one.method} ${one.url}`),
    ...bytesOf(one.request),
    ended(one),
    ...(one.answer ? bytesOf(one.answer) : []),
    t.masked(one.id),
  ];
  return done({ exit: 0, lines, json: { exchange: jsonOf(one) } });
}

const ended = ({ ended: how, httpStatus, heardAt, why }: OpenedExchange): Words =>
  how === undefined ? t.unheard : t.ended(how, httpStatus, heardAt === undefined ? '' : time(heardAt), why);

const shownMax = 4000;

/** What is not told by words, such as a file, would fill the screen. */
function bytesOf(kept: KeptBytes): Words[] {
  if (kept.kind !== 'kept') return [t.closedSeal[kept.kind]];
  const text = Buffer.from(kept.bytes).toString('utf8');
  const cut = text.length > shownMax ? [t.cut(shownMax, text.length)] : [];
  return [
    ...text
      .slice(0, shownMax)
      .split(/\r?\n/)
      .map((line) => plain(`  ${line}`)),
    ...cut,
  ];
}

const textOf = (kept: KeptBytes | undefined): string | null =>
  kept?.kind === 'kept' ? Buffer.from(kept.bytes).toString('utf8') : null;

const jsonOf = (one: OpenedExchange): Record<string, unknown> => ({
  ...{ id: one.id, merchant: one.merchantId, account: one.accountId, operation: one.operation },
  ...{ created_at: rfc3339(one.createdAt), method: one.method, url: one.url, request: textOf(one.request) },
  ...{ ended: one.ended ?? null, why: one.why, http_status: one.httpStatus ?? null, answer: textOf(one.answer) },
  ...{
    heard_at: one.heardAt === undefined ? null : rfc3339(one.heardAt),
    reading: one.reading,
    revealed: one.revealed,
  },
});
