export type { NewAccount, OpenAccount } from './account.ts';
export { addAccount, ensureAccountLanes, openAccount, openAccountOften, testAccount } from './commands.ts';
export type { AccountParts, AccountTest } from './commands.ts';
export { refuseProducts, sharedOwner } from './opening.ts';
export { findAccounts, listAccounts, listMerchants, saveLive, saveProducts } from './store.ts';
export type { AccountRow } from './store.ts';
