import type { LaneWork } from '../platform/worker.ts';
import { askWork } from './ask-jobs.ts';
import { fetchWork } from './fetch-jobs.ts';
import type { HasMoney, StatementParts } from './parts.ts';
import { planWork } from './plan.ts';

/** Everything of statements that falls due. The only caller of channels here. */
export const statementWorks = (parts: StatementParts, hasMoney: HasMoney): LaneWork[] => [
  planWork(parts),
  askWork(parts, hasMoney),
  fetchWork(parts),
];
