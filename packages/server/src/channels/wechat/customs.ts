import type { ChannelAccount, CustomsOperations } from '../contract/index.ts';
import { customsV2 } from './customs-v2.ts';
import { customsV3 } from './customs-v3.ts';

/** By version 2 for merchants of the mainland, by APIv3 on the overseas host for the others: the account says which. */
const sideOf = ({ settings }: ChannelAccount): CustomsOperations & { readonly rePush: CustomsOperations['declare'] } =>
  settings['customs_api'] === 'v3' ? customsV3 : customsV2;

export const customs: CustomsOperations = {
  declare: {
    build: (instruction, account, ...rest) => sideOf(account).declare.build(instruction, account, ...rest),
    interpret: (answer, instruction, account, ...rest) =>
      sideOf(account).declare.interpret(answer, instruction, account, ...rest),
  },
  rePush: {
    build: (instruction, account, ...rest) => sideOf(account).rePush.build(instruction, account, ...rest),
    interpret: (answer, instruction, account, ...rest) =>
      sideOf(account).rePush.interpret(answer, instruction, account, ...rest),
  },
  query: {
    build: (instructions, account, ...rest) => sideOf(account).query.build(instructions, account, ...rest),
    interpret: (answer, instructions, account, ...rest) =>
      sideOf(account).query.interpret(answer, instructions, account, ...rest),
  },
};
