export { acceptAccount } from './accept.ts';
export type { Accepted } from './accept.ts';
export type { Line } from './acceptance.ts';
export { checkGoLive, goLive, noteFacts } from './commands.ts';
export { lookAt } from './look.ts';
export type { Look } from './look.ts';
export { nextStep } from './walk.ts';
export type { Step } from './walk.ts';
