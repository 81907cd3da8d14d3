import { BadRequest, fieldsOf, listOf, optionalFen, optionalText, text } from '../../input.ts';
import type { Register } from './register.ts';
import { executePart } from './settle-life.ts';
import { shareBooksView } from './settle-views.ts';

/** Who somebody is, and what he has: of that he gives back. */
export function setReceivers(register: Register, input: unknown): unknown {
  const receivers = listOf(input, 'receivers').map((one) => {
    const fields = fieldsOf(one, 'a receiver');
    return {
      account: text(fields, 'account'),
      name: optionalText(fields, 'name'),
      fen: optionalFen(fields, 'balance'),
    };
  });
  register.revision += 1;
  const { names, balances } = register.royalties;
  for (const { account, name, fen } of receivers) {
    if (name !== undefined) names.set(account, name);
    if (fen !== undefined) balances.set(account, fen);
  }
  return receivers.map(({ account }) => ({ account, balance_fen: balances.get(account) ?? 0 }));
}

/** What becomes of parts that are still on their way: of one account, or of all. */
export function decideShare(register: Register, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'shares');
  const requestNo = text(fields, 'out_request_no');
  const request = [...register.royalties.requests.values()].find((one) => one.requestNo === requestNo);
  const account = optionalText(fields, 'account');
  const open = request?.parts.filter(
    (part) => part.state === 'PROCESSING' && (account === undefined || part.account === account),
  );
  if (!request || !open || open.length === 0) throw new BadRequest(`nothing of ${requestNo} is on its way`);
  if (fields['becomes'] !== 'SUCCESS' && fields['becomes'] !== 'FAIL')
    throw new BadRequest('becomes is SUCCESS or FAIL');
  const reason = optionalText(fields, 'reason') ?? 'ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY';
  for (const part of open)
    executePart(register, request, part, fields['becomes'] === 'SUCCESS' ? undefined : reason, at);
  return shareBooksView(request);
}
