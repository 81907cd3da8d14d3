export { makePacks } from './commands.ts';
export type { MadePack, MadePacks, PackWish } from './commands.ts';
export { markSent, openPackFile, showPack } from './files.ts';
export type { OpenedFile, ShownPack } from './files.ts';
export { findPacks } from './store.ts';
export type { Pack } from './store.ts';
export { takeReplies } from './reply-commands.ts';
export type { TakenReplies } from './reply-commands.ts';
export { openWords, resultWords } from './reply-words.data.ts';
