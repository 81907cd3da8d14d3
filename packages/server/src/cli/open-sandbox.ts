import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { SandboxDoors } from '../payments/index.ts';
import type { Session, Use } from './session.ts';

export type OpenSandbox = { readonly session: Session; readonly doors: SandboxDoors };

/** The session of a command that exists in a sandbox only. */
export async function openSandbox(use: Use, what: string): Promise<Result<OpenSandbox>> {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { sandboxDoors: doors } = opened.value;
  return doors ? done({ session: opened.value, doors }) : refuse('sandbox.only', { what });
}
