import { defineConnector } from '../contract/index.ts';
import type { PayInstruction, PayOperations } from '../contract/index.ts';
import { refuseAccount } from './account-check.ts';
import { saysTooOften } from './answer.ts';
import { codePay } from './code-pay.ts';
import { customs } from './customs.ts';
import { manifest } from './manifest.ts';
import { notice } from './notice.ts';
import { close } from './pay-close.ts';
import { opening } from './opening.data.ts';
import { query } from './pay-query.ts';
import { submit } from './pay-submit.ts';
import { refund } from './refund.ts';
import { query as shareQuery, submit as shareSubmit } from './share.ts';
import { bind, unbind } from './share-receivers.ts';
import { giveBack } from './share-return.ts';
import { sign } from './sign.ts';
import { ask, fetch } from './statement-ask.ts';
import { read } from './statement-read.ts';
import { terms } from './terms.data.ts';

/** A payer's code is charged and asked about in version 2; every other product is APIv3. */
const eitherWay = (online: PayOperations['submit'], code: PayOperations['submit']): PayOperations['submit'] => ({
  build: (instruction, ...rest) => sideOf(instruction, online, code).build(instruction, ...rest),
  interpret: (answer, instruction, ...rest) =>
    sideOf(instruction, online, code).interpret(answer, instruction, ...rest),
});
const sideOf = <Side>({ product }: PayInstruction, online: Side, code: Side): Side =>
  product === 'code' ? code : online;

export default defineConnector(manifest, sign, {
  customs,
  pay: {
    ...{ submit: eitherWay(submit, codePay.submit), query: eitherWay(query, codePay.query) },
    ...{ close, cancel: codePay.cancel, notice },
  },
  refund,
  share: { bind, unbind, submit: shareSubmit, query: shareQuery, giveBack },
  statement: { ask, fetch, read },
  terms,
  opening,
  saysTooOften,
  refuseAccount,
});
