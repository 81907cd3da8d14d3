import type { CustomsDesk } from './customs-desk.ts';
import type { Register } from './register.ts';
import type { ShareDesk } from './share-desk.ts';

/** All that WeChat's side knows. */
export type Rooms = { readonly register: Register; readonly customs: CustomsDesk; readonly sharing: ShareDesk };
