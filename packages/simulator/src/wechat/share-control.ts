import { BadRequest, fieldsOf, listOf, optionalText, text } from '../input.ts';
import type { Fields } from '../input.ts';
import type { Rooms } from './rooms.ts';
import { settlePart, settleReturn } from './share-life.ts';
import { returnBooksView, shareBooksView } from './share-views.ts';

/** Who somebody is: the name that a shop's must equal, and where a merchant hears of what it gets. */
export function setReceivers({ register, sharing }: Rooms, input: unknown): unknown {
  const parties = listOf(input, 'receivers').map((one) => {
    const fields = fieldsOf(one, 'a receiver');
    const [name, notifyUrl] = [optionalText(fields, 'name'), optionalText(fields, 'notify_url')];
    return [text(fields, 'account'), { name, notifyUrl }] as const;
  });
  register.revision += 1;
  for (const [account, party] of parties) sharing.parties.set(account, party);
  return { receivers: sharing.parties.size };
}

/** What becomes of parts that are still pending: of one account, or of all. */
export function decideShare(rooms: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'shares');
  const outOrderNo = text(fields, 'out_order_no');
  const request = [...rooms.sharing.requests.values()].find((one) => one.outOrderNo === outOrderNo);
  const account = optionalText(fields, 'account');
  const open = request?.parts.filter(
    (part) => part.result === 'PENDING' && (account === undefined || part.account === account),
  );
  if (!request || !open || open.length === 0) throw new BadRequest(`nothing of ${outOrderNo} is pending`);
  const why = fateOf(fields, ['SUCCESS', 'CLOSED'], 'ACCOUNT_ABNORMAL');
  for (const part of open) settlePart(rooms, request, part, part.isRelease ? undefined : why, at);
  return shareBooksView(request);
}

/** What becomes of a return that is still on its way. */
export function decideReturn(rooms: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'share_returns');
  const outReturnNo = text(fields, 'out_return_no');
  const back = [...rooms.sharing.returns.values()].find((one) => one.outReturnNo === outReturnNo);
  if (back?.result !== 'PROCESSING') throw new BadRequest(`no return ${outReturnNo} is on its way`);
  settleReturn(rooms, back, fateOf(fields, ['SUCCESS', 'FAILED'], 'PAYER_ACCOUNT_ABNORMAL'), at);
  return returnBooksView(back);
}

function fateOf(fields: Fields, [good, bad]: readonly [string, string], reason: string): string | undefined {
  if (fields['becomes'] === good) return undefined;
  if (fields['becomes'] !== bad) throw new BadRequest(`becomes is ${good} or ${bad}`);
  return optionalText(fields, 'reason') ?? reason;
}
