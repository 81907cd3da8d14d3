import type { Actor } from '../identity/index.ts';
import type { Instant, Result } from '../kernel/index.ts';

/** An order or a serial number, or every payment of the merchant's accounts. */
export type SandboxAbout = { readonly number: string } | 'any';

export type BehaviourWish = {
  readonly about: SandboxAbout;
  readonly behaviour: string;
  /** Which kind of call; without it, each kind that acts. */
  readonly call?: string;
  readonly times?: number;
};

export type Behaving = {
  readonly behaviour: string;
  readonly channel: string;
  readonly accountId: string;
  /** Empty: whatever is paid over the account. */
  readonly serialNos: readonly string[];
};

export type KnownBehaviour = {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** The kinds of call that it may be bound to. */
  readonly calls: readonly string[];
  readonly channels: readonly string[];
};

export type PlayedPayer = { readonly orderNo: string; readonly serialNo: string; readonly channel: string };

export type MovedClock = {
  readonly clock: Instant;
  readonly running: boolean;
  /** Simulators that could not be told; they hear it with our next call. */
  readonly unreached: readonly string[];
};

export type SignUpWish = { readonly channel: string; readonly merchantId: string };

/** A contract with a simulated channel: what it handed out, and where that lies. Its keys open nothing outside this machine. */
export type SimulatedContract = SignUpWish & {
  /** The merchant's number at the channel. */
  readonly number: string;
  /** One file for each secret, of the secret's name, and one for the paper. */
  readonly folder: string;
  readonly paperFile: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly products: readonly string[];
};

/**
 * What a shop's developer may do in a sandbox: make a channel behave, play the payer, let time pass. Nothing here sets a state: what becomes
 * of it is what the channel says. app/ knows where the simulated channels are and hands this down; production has none.
 */
export type SandboxDoors = {
  behaviours(): readonly KnownBehaviour[];
  behave(actor: Actor, wish: BehaviourWish): Promise<Result<readonly Behaving[]>>;
  /** Ends every behaviour that was asked for about it. */
  lift(actor: Actor, about: SandboxAbout): Promise<Result<number>>;
  /** The payer pays the newest open attempt. */
  pay(actor: Actor, number: string): Promise<Result<PlayedPayer>>;
  advance(actor: Actor, byMs: number): Promise<Result<MovedClock>>;
  /** The settings of an account that say where its channel is, for one that is played here; none for any other. */
  addresses(channel: string): Readonly<Record<string, string>>;
  /** The simulated channel knows a new merchant from then on. No account is added. */
  signUp(actor: Actor, wish: SignUpWish): Promise<Result<SimulatedContract>>;
};
