import type { Instant, Outcome, Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, WireAnswer } from '../contract/index.ts';
import { readAnswer } from './answer.ts';
import type { Said } from './answer.ts';
import { shareUnknown } from './share-codes.ts';
import { doubt, refusalBy } from './trade.ts';

/** What an answer means once it can be read and refuses nothing. */
type Meaning<Instruction, Facts> = (
  said: Said,
  instruction: Instruction,
  account: ChannelAccount,
) => { readonly outcome: Outcome<Facts>; readonly trust: Trust };
type Interpreted<Instruction, Facts> = (
  answer: WireAnswer,
  instruction: Instruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
) => ReturnType<Meaning<Instruction, Facts>> & { readonly isAbsent?: boolean };

/** The answer to a call about a share or a return: a refusal by its table, everything else by what it says. */
export const interpretCall =
  <Instruction, Facts>(
    refusals: ReadonlyMap<string, string>,
    meaning: Meaning<Instruction, Facts>,
  ): Interpreted<Instruction, Facts> =>
  (answer, instruction, account, secrets, heardAt) => {
    const said = readAnswer(answer, account, secrets, heardAt);
    if (said.kind === 'unreadable') return doubt(said.trust, said.why);
    if (said.refusal !== '') return { trust: said.trust, outcome: refusalBy(said, refusals) };
    return meaning(said, instruction, account);
  };

/** The answer to a question about one: a refusal says at most that the channel does not know the number. */
export const interpretQuestion =
  <Instruction, Facts>(meaning: Meaning<Instruction, Facts>): Interpreted<Instruction, Facts> =>
  (answer, instruction, account, secrets, heardAt) => {
    const said = readAnswer(answer, account, secrets, heardAt);
    if (said.kind === 'unreadable') return doubt(said.trust, said.why);
    const { trust, refusal } = said;
    if (shareUnknown.has(refusal)) return { ...doubt(trust, 'the channel knows no such number'), isAbsent: true };
    if (refusal !== '') return doubt(trust, `the question was answered with ${refusal}`);
    return meaning(said, instruction, account);
  };
