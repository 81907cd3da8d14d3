import { minutes } from '../kernel/index.ts';

/** Soft and hard limits of waiting for a receipt before anything was learnt about a place. */
export const overdue = { softMs: minutes(5), hardMs: minutes(30), waitingMs: minutes(10) } as const;
