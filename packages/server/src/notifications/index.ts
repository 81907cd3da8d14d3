export type { EventValue, NewEvent } from './event.ts';
export type { EventType } from './event-types.data.ts';
export { notify } from './notify.ts';
