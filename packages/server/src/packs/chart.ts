import { hours, minutes, plus, shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Bar } from './member-store.ts';

/** Declarations by the moment at which the channel took them; `missing`: port or customs know nothing of them. */
export type Chart = {
  readonly widthMs: number;
  readonly from: Instant;
  readonly until: Instant;
  /** The first and the last affected moment. */
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly bars: readonly Bar[];
};

const widths = [minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(3), hours(6), hours(24), hours(168)];
const barsMax = 96;
const shanghaiMs = hours(8);

/** What a chart shows around the affected time: a day before it as the usual, and an hour after it. */
export function windowOf(firstAt: Instant, lastAt: Instant): Pick<Chart, 'widthMs' | 'from' | 'until'> {
  const [start, end] = [plus(firstAt, -hours(24)), plus(lastAt, hours(1))];
  const widthMs = widths.find((width) => (end - start) / width <= barsMax) ?? hours(168);
  const from = (Math.floor((start + shanghaiMs) / widthMs) * widthMs - shanghaiMs) as Instant;
  const until = plus(from, Math.ceil((end - from) / widthMs) * widthMs);
  return { widthMs, from, until };
}

export type Share = { readonly missing: number; readonly accepted: number };

/** The usual, from before the first affected moment, and what it is in the affected time. */
export function sharesOf({ bars, firstAt, lastAt, widthMs }: Chart): {
  readonly usual: Share;
  readonly affected: Share;
} {
  const sum = (some: readonly Bar[]): Share => ({
    missing: some.reduce((total, bar) => total + bar.missing, 0),
    accepted: some.reduce((total, bar) => total + bar.accepted, 0),
  });
  return {
    usual: sum(bars.filter((bar) => plus(bar.at, widthMs) <= firstAt)),
    affected: sum(bars.filter((bar) => plus(bar.at, widthMs) > firstAt && bar.at <= lastAt)),
  };
}

const size = { width: 960, height: 240, left: 48, bottom: 28, top: 8 } as const;

/** SVG without scripts or outside parts. Grey: known to port or customs; dark, hatched: not. */
export function chartSvg({ bars, from, until, widthMs }: Chart, label: string): string {
  const most = Math.max(1, ...bars.map((bar) => bar.accepted));
  const inner = { width: size.width - size.left, height: size.height - size.bottom - size.top };
  const count = Math.max(1, Math.round((until - from) / widthMs));
  const step = inner.width / count;
  const y = (value: number): number => size.top + inner.height * (1 - value / most);
  const shapes = bars.map((bar) => {
    const x = size.left + ((bar.at - from) / widthMs) * step;
    const whole = rect(x, y(bar.accepted), step, inner.height + size.top - y(bar.accepted), '#b8c0c8');
    return whole + rect(x, y(bar.missing), step, inner.height + size.top - y(bar.missing), 'url(#missing)');
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = plus(from, (until - from) * share);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text x="${round(size.left + inner.width * share)}" y="${size.height - 8}" text-anchor="${anchor}">${shanghaiText(at).slice(5, 16)}</text>`;
  });
  return (
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">` +
    '<defs><pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect width="6" height="6" fill="#8c2f39"/><rect width="2" height="6" fill="#5a1820"/></pattern></defs>' +
    `<text x="4" y="${size.top + 10}">${most}</text><text x="4" y="${size.height - size.bottom}">0</text>` +
    `${shapes.join('')}<line x1="${size.left}" y1="${size.height - size.bottom}" x2="${size.width}" y2="${size.height - size.bottom}" stroke="#333"/>` +
    `${marks.join('')}</svg>`
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  const gap = width > 4 ? 1 : 0;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width - gap)}" height="${round(height)}" fill="${fill}"/>`;
}
