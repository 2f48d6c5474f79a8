// One question over several devices: what one device says of itself first, as times relative to LightNet there, and then the
// times beside each other. Runs of two machines are never joined: a time belongs to its machine.

import { groupBy } from "#base/group";
import type { Case } from "#case/case";
import type { Suite } from "#case/suite";
import { placeOf } from "#evidence/point";
import type { Result } from "#evidence/result";
import { machinesOf, type Run } from "#evidence/runs";
import type { Estimate } from "#stats/estimate";
import { linearAxis, logAxis, rowsAxis, type Quantity } from "./charts/axis.ts";
import type { Picture, PictureAxis, PlotSeries } from "./charts/picture.ts";
import { gatherReport, type Gathered, type ReportInput } from "./gather.ts";
import { labelOf, styleOf, type SeriesStyle } from "./palette.ts";
import { countOf, printEstimate, unitOf } from "./print.ts";
import { deviceWords } from "./run-title.ts";
import { baselineOf } from "./tables/suite-table.ts";
import { placeWords } from "./terminal-table.ts";

export interface Device extends Gathered {
  readonly name: string;
  readonly runs: ReportInput["runs"];
}

export interface DeviceQuestion {
  readonly suite: Suite;
  /** relative within each device, then absolute */
  readonly pictures: readonly Picture[];
}

/** The devices of some runs, where they measured the same on several; none where their runs may be joined. */
export function devicesOf(input: ReportInput): readonly Device[] {
  const groups = groupBy(input.runs, keyOf);
  const measuredOn = new Map<string, string>();
  const isShared = [...groups].some(([name, runs]) =>
    [...new Set(runs.flatMap(({ records }) => records.map((record) => caseText(record.case))))].some((item) => {
      const other = measuredOn.get(item);
      measuredOn.set(item, name);
      return other !== undefined && other !== name;
    }),
  );
  if (!isShared) return [];
  const names = [...groups.values()].map(nameOf);
  return [...groups.values()].map((runs, index) => {
    const name = names[index]!;
    const isAlone = names.filter((other) => other === name).length === 1;
    return { name: isAlone ? name : `${name} (${runs[0]!.manifest.run})`, runs, ...gatherReport({ ...input, runs }) };
  });
}

/** `wasm on AMD EPYC, 2 cores`, or the GPU in the place of the processor. */
function nameOf(runs: readonly Run[]): string {
  return deviceWords(Object.values(runs[0]!.manifest.environments).at(-1)!);
}

/** Machine and, as one machine may have several, engine. */
function keyOf(run: Run): string {
  const engines = new Set(run.records.map((record) => record.case.engine));
  return `${machinesOf(run).join(" + ")}, engine ${[...engines].join(" + ")}`;
}

function caseText(item: Case): string {
  return JSON.stringify({ ...item, engine: "" });
}

/** A question for each suite that two devices or more answer at one point. */
export function questionsOf(devices: readonly Device[]): readonly DeviceQuestion[] {
  const suites = new Map(devices.flatMap((device) => device.suites.map((suite) => [suite.id, suite] as const)));
  return [...suites.values()].flatMap((suite) => {
    const points = pointsOf(suite, devices);
    const best = points.toSorted((a, b) => rankOf(b, suite) - rankOf(a, suite))[0];
    return best === undefined ? [] : [{ suite, pictures: picturesAt(best, suite, devices) }];
  });
}

/** Results at one point by device; a device that has none of it is left out. */
type Point = ReadonlyMap<Device, readonly Result[]>;

function pointsOf(suite: Suite, devices: readonly Device[]): readonly Point[] {
  const points = new Map<string, Map<Device, Result[]>>();
  for (const device of devices) {
    const own = device.evidence.results.filter(
      ({ axes, stale, time }) => axes["suite"] === suite.id && !stale && time !== undefined,
    );
    for (const [place, results] of groupBy(own, ({ point }) => placeOf(point, ["engine"])))
      points.set(place, (points.get(place) ?? new Map<Device, Result[]>()).set(device, results));
  }
  return [...points.values()].filter(({ size }) => size > 1);
}

/** What the suite leads with, then the longest, then what compares most. */
function rankOf(point: Point, { leads }: Suite): number {
  const results = [...point.values()].flat();
  return (
    (leads?.(results[0]!.case) === true ? 1e12 : 0) + 1e3 * Number(results[0]!.axes["N"] ?? 0) + results.length * 1e-3
  );
}

interface Row {
  readonly device: Device;
  readonly result: Result;
  readonly value: Estimate;
}

function picturesAt(point: Point, suite: Suite, devices: readonly Device[]): Picture[] {
  const base = baselineOf(suite);
  const all = [...point].flatMap(([device, results]) => results.map((result) => ({ device, result })));
  const relative = all.flatMap(({ device, result }): Row[] => {
    const value = result.contender === base ? undefined : device.evidence.ratios(result, base);
    return value === undefined ? [] : [{ device, result, value }];
  });
  const absolute = all.map(({ device, result }): Row => ({ device, result, value: result.time! }));
  const where = placeWords(all[0]!.result.axes);
  return [
    ...(relative.length === 0
      ? []
      : [
          {
            ...pictureOf(relative, { suite, devices, quantity: "plain", title: `time / time of ${labelOf(base)}` }),
            id: `devices-${suite.id}-relative`,
            title: `Time relative to ${labelOf(base)}, within each device`,
            subtitle: where,
            marks: { at: [1], label: `time of ${labelOf(base)} on the same device` },
          } satisfies Picture,
        ]),
    {
      ...pictureOf(absolute, { suite, devices, quantity: "seconds", title: "time of a call" }),
      id: `devices-${suite.id}-absolute`,
      title: "Time on each device",
      subtitle: where,
    } satisfies Picture,
  ];
}

interface Drawing {
  readonly suite: Suite;
  readonly devices: readonly Device[];
  readonly quantity: Quantity;
  readonly title: string;
}

/** Beyond this ratio small values could not be told apart on a linear axis. */
const WIDEST_LINEAR = 10;

/** A heading for each contender, the fastest first, and a row for each device below it. */
function pictureOf(
  rows: readonly Row[],
  { suite, devices, quantity, title }: Drawing,
): Omit<Picture, "id" | "title" | "subtitle"> {
  const unit = unitOf(
    rows.map(({ value }) => value.estimate),
    quantity,
  );
  const groups = [...groupBy(rows, ({ result }) => result.contender)].sort(([, a], [, b]) => meanLog(a) - meanLog(b));
  const labels: { label: string; isHeading?: boolean }[] = [];
  const series = groups.flatMap(([contender, own]) => {
    labels.push({ label: labelOf(contender), isHeading: true });
    return own.map(({ device, result, value }): PlotSeries => {
      labels.push({ label: device.name });
      const { estimate, low, high } = value;
      const text = printEstimate(value, quantity, unit);
      const interval = low === undefined || high === undefined ? {} : { low, high };
      return {
        id: `${result.id} ${device.name}`,
        label: device.name,
        style: { ...styleOf(contender), marker: MARKERS[devices.indexOf(device) % MARKERS.length]! },
        spread: "interval",
        isRow: true,
        group: labelOf(contender),
        points: [
          {
            x: estimate,
            y: labels.length - 1,
            ...interval,
            value: text,
            text: `${text}, n = ${countOf(value.n, "processes")}`,
          },
        ],
      };
    });
  });
  return {
    suite: suite.id,
    figure: "devices",
    kind: "dots",
    x: axisOf(rows, { quantity, title }),
    y: rowsAxis(labels),
    series,
    missing: [],
    better: "lower",
  };
}

const MARKERS: readonly SeriesStyle["marker"][] = ["circle", "rect", "triangle", "rectRot", "star", "cross"];

function axisOf(rows: readonly Row[], { quantity, title }: Pick<Drawing, "quantity" | "title">): PictureAxis {
  const base = quantity === "plain" ? [1] : [];
  const values = [
    ...base,
    ...rows.flatMap(({ value: { estimate, low = estimate, high = estimate } }) => [estimate, low, high]),
  ];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const axis =
    least > 0 && most / least > WIDEST_LINEAR
      ? logAxis(title, values, quantity)
      : linearAxis(title, values, { quantity, origin: false });
  return { ...axis, hint: "← faster │ slower →" };
}

function meanLog(rows: readonly Row[]): number {
  return rows.reduce((sum, { value }) => sum + Math.log(value.estimate), 0) / rows.length;
}
