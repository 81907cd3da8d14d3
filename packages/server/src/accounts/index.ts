export type { NewAccount, OpenAccount } from './account.ts';
export { addAccount, openAccount, openAccountOften, testAccount } from './commands.ts';
export type { AccountParts, AccountTest } from './commands.ts';
export { listAccounts } from './store.ts';
export type { AccountRow } from './store.ts';
