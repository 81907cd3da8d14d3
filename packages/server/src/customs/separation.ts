import type { Instant } from '../kernel/index.ts';
import { groupSplit, intervalSplit, type Split, type Valued } from './separation-split.ts';
import { minutesOf, type Minute } from './separation-moments.ts';

/** One order of a report, with what could have decided whether it left the port. */
export type SeparationMember = {
  readonly orderNo: string;
  readonly released: boolean;
  readonly waybillNo?: string | undefined;
  readonly account?: string | undefined;
  readonly place?: string | undefined;
  readonly isSplit?: boolean | undefined;
  readonly acceptedAt?: Instant | undefined;
};

/** In order of preference when two separate equally well: the hour explains a carrier's number range, not the reverse. */
export const separationDimensions = ['hour', 'hour_of_day', 'date', 'account', 'place', 'split', 'carrier'] as const;
export type SeparationDimension = (typeof separationDimensions)[number];

export type RankedDimension = Split & { readonly name: SeparationDimension };

export type Separation = {
  readonly stuck: number;
  readonly released: number;
  /** Undefined: nothing separates the stuck from the released. */
  readonly best: RankedDimension | undefined;
  /** Largest lift first; dimensions that most members do not have, or that have one value only, are left out. */
  readonly dimensions: readonly RankedDimension[];
};

/** A split that was chosen by looking at the data needs more than a hint before it is told to anybody. */
const liftNeeded = 1.5;
const gapNeeded = 0.3;
/** χ² with one degree of freedom, p < 0.01. */
const chiSquareNeeded = 6.63;

/** Which property tells the stuck orders from the released ones: the one with the largest lift. */
export function findSeparation(members: readonly SeparationMember[]): Separation {
  const stuck = members.filter((member) => !member.released).length;
  const released = members.length - stuck;
  if (stuck === 0 || released === 0) return { stuck, released, best: undefined, dimensions: [] };
  const minutes = minutesOf(members);
  const dimensions = separationDimensions
    .flatMap((name) => {
      const split = splitBy(name, members, minutes);
      return split ? [{ ...split, name }] : [];
    })
    .sort((one, other) => other.lift - one.lift);
  return { stuck, released, best: dimensions.find(isTelling), dimensions };
}

function isTelling({ lift, gap, chiSquare }: Split): boolean {
  return lift >= liftNeeded && gap >= gapNeeded && chiSquare >= chiSquareNeeded;
}

function splitBy(
  name: SeparationDimension,
  members: readonly SeparationMember[],
  minutes: readonly (Minute | undefined)[],
): Split | undefined {
  const valued: Valued[] = [];
  const severalDays = new Set(minutes.map((minute) => minute?.slice(0, 10))).size > 1;
  for (const [index, member] of members.entries()) {
    const value = valueOf(name, member, minutes[index], severalDays);
    if (value !== undefined) valued.push({ ...value, released: member.released });
  }
  if (valued.length * 2 < members.length) return undefined;
  return isOrdered(name) ? intervalSplit(valued) : groupSplit(valued);
}

/** The value of each member in one dimension, and whether these values have an order, as times do. */
export function dimensionBins(
  name: SeparationDimension,
  members: readonly SeparationMember[],
): { readonly values: readonly (string | undefined)[]; readonly ordered: boolean } {
  const minutes = minutesOf(members);
  const values = members.map((member, index) => valueOf(name, member, minutes[index], true)?.bin);
  return { values, ordered: isOrdered(name) };
}

function isOrdered(name: SeparationDimension): boolean {
  return name === 'hour' || name === 'hour_of_day' || name === 'date';
}

type Value = { readonly bin: string; readonly label: string };

/** `bin`: what is counted together, in the order of texts. `label`: what the reader sees. */
function valueOf(
  name: SeparationDimension,
  member: SeparationMember,
  minute: Minute | undefined,
  severalDays: boolean,
): Value | undefined {
  switch (name) {
    case 'hour':
      return minute === undefined
        ? undefined
        : { bin: minute.slice(0, 13), label: severalDays ? minute : minute.slice(11) };
    case 'hour_of_day':
      return minute === undefined || !severalDays ? undefined : { bin: minute.slice(11, 13), label: minute.slice(11) };
    case 'date':
      return minute === undefined ? undefined : same(minute.slice(0, 10));
    case 'account':
      return same(member.account);
    case 'place':
      return same(member.place?.toUpperCase());
    case 'split':
      return same(member.isSplit === undefined ? undefined : member.isSplit ? 'T' : 'F');
    case 'carrier':
      return same(carrierOf(member.waybillNo));
  }
}

function same(value: string | undefined): Value | undefined {
  return value === undefined || value === '' ? undefined : { bin: value, label: value };
}

/** No list of carriers is public; the first four characters and the length of a waybill number tell them apart. */
function carrierOf(waybillNo: string | undefined): string | undefined {
  return waybillNo === undefined ? undefined : `${waybillNo.slice(0, 4)}… (${waybillNo.length})`;
}
