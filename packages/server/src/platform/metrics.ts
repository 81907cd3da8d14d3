import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every figure we count, by name. Labels take few values: ids and numbers of records never become labels. */
const counters = {
  liushui_exchanges_total: ['Calls to channels by how they ended', ['channel', 'operation', 'ended']],
  liushui_outcomes_total: ['Outcomes of channels by kind and trust', ['channel', 'operation', 'outcome', 'trust']],
  liushui_signing_readings_total: ['Which reading of an unconfirmed signing rule fitted', ['channel', 'reading']],
  liushui_jobs_total: ['Jobs by how they ended', ['kind', 'ended']],
  liushui_refusals_total: ['Refused acts by catalogue code', ['code']],
  liushui_http_requests_total: ['Requests to our own doors', ['route', 'status']],
  liushui_notices_total: ['Messages that channels sent by themselves, by how they ended', ['channel', 'ended']],
  liushui_incidents_total: ['Incidents that were opened, by the rules that saw them', ['rule']],
  liushui_bugs_total: ['Broken assumptions', ['where']],
} as const;

const gauges = {
  liushui_jobs_due: ['Jobs that are due and not leased', ['lane']],
  liushui_oldest_due_seconds: ['Age of the oldest due job', ['lane']],
  liushui_lane_rate: ['Calls per second that a lane takes now', ['lane']],
  liushui_calls_in_flight: ['Calls to channels in flight', []],
  liushui_doubt_open: ['Records whose result is unknown', ['kind']],
  liushui_incidents_open: ['Incidents that are open or closing', ['channel']],
  liushui_overdue_share: ['Share of aged declarations without a receipt, by the last look', ['account', 'place']],
  liushui_usual_share: ['The same share as it usually is at this time of the day', ['account', 'place']],
  liushui_clock_offset_seconds: ["This process's clock behind the database's", []],
} as const;

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const histograms = {
  liushui_exchange_seconds: ['Time of a call to a channel, first byte to last', ['channel', 'operation']],
  liushui_command_seconds: ['Time of a command, lists included', ['command']],
  liushui_http_seconds: ['Time of a request to our own doors', ['route']],
} as const;

type LabelsOf<Entry> = Entry extends readonly [string, readonly (infer Label extends string)[]]
  ? Readonly<Record<Label, string>>
  : never;
type Counters = typeof counters;
type Gauges = typeof gauges;
type Histograms = typeof histograms;

export type Metrics = {
  count<Name extends keyof Counters>(name: Name, labels: LabelsOf<Counters[Name]>, by: number): void;
  set<Name extends keyof Gauges>(name: Name, labels: LabelsOf<Gauges[Name]>, value: number): void;
  observe<Name extends keyof Histograms>(name: Name, labels: LabelsOf<Histograms[Name]>, inSeconds: number): void;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** One registry per process tree; nothing global, so that tests do not meet. */
export function createMetrics(options: { readonly ofProcess: boolean }): Metrics {
  const registry = new Registry();
  if (options.ofProcess) collectDefaultMetrics({ register: registry });
  const made = {
    counters: build(counters, (name, help, labelNames) => {
      return new Counter({ name, help, labelNames, registers: [registry] });
    }),
    gauges: build(gauges, (name, help, labelNames) => {
      return new Gauge({ name, help, labelNames, registers: [registry] });
    }),
    histograms: build(histograms, (name, help, labelNames) => {
      return new Histogram({ name, help, labelNames, buckets: seconds, registers: [registry] });
    }),
  };
  return {
    count: (name, labels, by) => made.counters[name].inc(labels, by),
    set: (name, labels, value) => made.gauges[name].set(labels, value),
    observe: (name, labels, inSeconds) => made.histograms[name].observe(labels, inSeconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Entries = Readonly<Record<string, readonly [string, readonly string[]]>>;

function build<T extends Entries, Metric>(
  entries: T,
  make: (name: string, help: string, labelNames: string[]) => Metric,
): Record<keyof T, Metric> {
  const made = Object.entries(entries).map(([name, [help, labels]]) => [name, make(name, help, [...labels])]);
  return Object.fromEntries(made) as Record<keyof T, Metric>;
}
