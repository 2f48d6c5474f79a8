// What every picture says of itself: its name, its title, the line under it, and what could not be drawn.

import type { Evidence } from "#evidence/evidence";
import type { Result } from "#evidence/result";
import type { Figure, Suite } from "#case/suite";
import { labelOf } from "../palette.ts";
import { countOf, dataName } from "../print.ts";
import { nameOfFacet, type Facet } from "./facets.ts";
import type { Picture } from "./picture.ts";

/** What is drawn, and where. */
export interface Frame {
  readonly suite: Suite;
  readonly figure: Figure;
  readonly facet: Facet;
  readonly evidence: Evidence;
}

export interface FrameParts {
  readonly drawn: readonly { readonly result: Result; readonly n: number }[];
  readonly quantity: {
    readonly centre: "median" | "mean" | "largest" | "count";
    readonly unitOfN: "processes" | "seeds";
  };
  /** the points, for whether they have intervals */
  readonly points: readonly { readonly low?: number }[];
  /** what is drawn around the centre; default 95 % intervals */
  readonly spread?: string;
  /** default: the figure's own */
  readonly title?: string;
  /** part of the picture's name */
  readonly key?: string;
}

/** The shared part of a picture. */
export function frameOf(
  { suite, figure, facet, evidence }: Frame,
  { drawn, quantity, points, spread = INTERVALS, title = figure.title, key = "" }: FrameParts,
): Pick<Picture, "id" | "suite" | "figure" | "title" | "subtitle" | "missing"> {
  const results = drawn.map(({ result }) => result);
  const counts = [...new Set(drawn.map(({ n }) => n))].sort((a, b) => a - b);
  const most = countOf(counts.at(-1)!, quantity.unitOfN);
  const range = counts.length > 1 ? `${counts[0]} to ${most}` : most;
  const hasSpread = points.some(({ low }) => low !== undefined);
  const trained = results.flatMap(({ training }) => training ?? []);
  const shape =
    trained.length > 0 ? [] : ["B", "H", "D", "N"].flatMap((axis) => shared(results, axis, (v) => `${axis} ${v}`));
  const subtitle = [
    ...shared(results, "level", (value) => (value === "mixer" ? "one layer" : "operator alone")),
    ...shared(results, "scale", (value) => `scale ${value}`),
    ...new Set(results.map((result) => deviceOf(result, evidence))),
    shape.join(", "),
    ...new Set(trained.map(({ first }) => dataName(first))),
    ...shared(results, "steps", (value) => `${value} training steps`),
    centreText(quantity, range, hasSpread ? spread : undefined),
  ];
  return {
    id: joined([suite.id, figure.id, key, nameOfFacet(facet)], "-"),
    suite: suite.id,
    figure: figure.id,
    title: joined([title, facet.title], " — "),
    subtitle: joined(subtitle, " · "),
    missing: missingFrom(facet.results, () => ""),
  };
}

const INTERVALS = "95 % intervals";

function centreText({ centre }: FrameParts["quantity"], range: string, spread: string | undefined): string {
  if (centre === "largest") return `largest over ${range}`;
  if (centre === "count") return "counted from the model";
  if (spread === undefined) return `n = ${range}, no interval`;
  // One training has no spread of its own: its interval is over the examples that it was tested on.
  if (range === countOf(1, "seeds") && spread === INTERVALS) return `${INTERVALS} over test examples, n = ${range}`;
  return `${centre} with ${spread}, n = ${range}`;
}

/** Results with cases that failed: who, where, and why. */
export function missingFrom(results: readonly Result[], place: (result: Result) => string): string[] {
  const texts = results.flatMap((result) =>
    result.failures
      .slice(0, 1)
      .map(({ reason }) => `${labelOf(result.contender)}${place(result)}: ${result.status}, ${reason}`),
  );
  return [...new Set(texts)];
}

function joined(parts: readonly string[], by: string): string {
  return parts.filter((part) => part !== "").join(by);
}

function deviceOf({ environments: hashes }: Result, { environments }: Evidence): string {
  const hash = hashes.at(-1)!;
  const environment = environments.get(hash);
  return environment === undefined
    ? `environment ${hash}`
    : `engine ${environment.engine} on ${environment.device.name}`;
}

/** The value of an axis where all results share it. */
function shared(results: readonly Result[], axis: string, word: (value: string) => string): string[] {
  const values = new Set(results.map(({ axes }) => axes[axis]));
  const [value] = values;
  return values.size === 1 && value !== undefined ? [word(String(value))] : [];
}
