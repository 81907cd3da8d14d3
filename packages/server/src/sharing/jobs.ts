import type { LaneWork } from '../platform/worker.ts';
import type { SharingParts } from './parts.ts';
import { receiverWorks } from './receiver-jobs.ts';
import { shareWorks } from './share-jobs.ts';

/** All that sharing does by itself when it is due. */
export const sharingWorks = (parts: SharingParts): LaneWork[] => [...shareWorks(parts), ...receiverWorks(parts)];
