import type { LaneWork } from '../platform/worker.ts';
import { askWork } from './ask-jobs.ts';
import { fetchWork } from './fetch-jobs.ts';
import type { StatementParts } from './parts.ts';
import { planWork } from './plan.ts';

/** Everything of statements that falls due. The only caller of channels here. */
export const statementWorks = (parts: StatementParts): LaneWork[] => [
  planWork(parts),
  askWork(parts),
  fetchWork(parts),
];
