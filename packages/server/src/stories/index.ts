export { findStories } from './find.ts';
export type { AskedNumber, Story } from './find.ts';
