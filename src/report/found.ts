// What a suite found, in plain sentences: who is best in its first picture and where each row of LightNet's stands, and the verdicts
// that rest on its results.

import { groupBy } from "#base/group";
import { without } from "#base/without";
import { CLAIMS } from "#catalogue/claims";
import type { Claim } from "#evidence/claims/claim";
import type { Result } from "#evidence/result";
import { hasRows, rankOf, type Picture, type PlotPoint, type PlotSeries } from "./charts/picture.ts";

/** Places of a suite that are told; the others stand in its pictures. */
const MOST_PLACES = 2;

/** Rows of LightNet's own that are named one by one. */
const MOST_OWN = 3;

/** At most two sentences of numbers and one of verdicts; none of what was not measured. */
export function foundOf(
  pictures: readonly Picture[],
  results: readonly Result[],
  claims: readonly Claim[],
): readonly string[] {
  return [...placesFound(pictures), ...verdictsOf(results, claims)];
}

/** Who is best where, in at most two sentences. */
export function placesFound(pictures: readonly Picture[]): readonly string[] {
  const telling = pictures.filter(({ better, isCurve }) => better !== undefined && isCurve !== true);
  const ranked = telling.toSorted((a, b) => rankOf(a) - rankOf(b));
  const lead = ranked.find(({ isLead }) => isLead === true) ?? ranked[0];
  const alike = ranked.filter((one) => one === lead || (lead?.isLead !== true && one.figure === lead?.figure));
  return alike.flatMap(placesIn).slice(0, MOST_PLACES).flatMap(sentenceOf);
}

/** Groups that are places of their own, as a picture each. */
function placesIn(picture: Picture): readonly Picture[] {
  if (picture.areGroupsApart !== true) return [picture];
  return [...groupBy(picture.series, ({ group = "" }) => group)].map(([group, members]) => ({
    ...picture,
    title: `${picture.title} — ${group}`,
    series: members.map((series) => without(series, "group")),
  }));
}

interface Place {
  readonly series: PlotSeries;
  readonly point: PlotPoint;
  readonly value: number;
}

function sentenceOf(picture: Picture): string[] {
  const isRows = hasRows(picture);
  const last = Math.max(...picture.series.flatMap(({ points }) => points.map(({ x }) => x)));
  const places = picture.series.flatMap((series): Place[] => {
    const point = isRows ? series.points[0] : series.points.find(({ x }) => x === last);
    return point === undefined ? [] : [{ series, point, value: isRows ? point.x : point.y }];
  });
  const sign = picture.better === "lower" ? 1 : -1;
  const ranked = places.toSorted((a, b) => sign * (a.value - b.value));
  const [best, second] = ranked;
  const own = ranked.filter(({ series }) => series.isSubject === true);
  if (best === undefined || second === undefined) return [];
  const where = `${picture.title}${isRows ? "" : `, at ${picture.x.title} ${last}`}`;
  const most = `the ${picture.better === "lower" ? "lowest" : "highest"} of ${places.length}`;
  const told = [...(own.length === 0 || best === own[0] ? [second] : []), ...own.slice(0, MOST_OWN)].filter(
    (one) => one !== best,
  );
  const others = ranked
    .filter((one) => told.includes(one))
    .map((one) => `${nameOf(one)} has ${one.point.value}${standing(picture, ranked, one)}`);
  const left = own.slice(MOST_OWN);
  const rest = left.length === 0 ? [] : [`${left.length} more of LightNet's down to ${left.at(-1)!.point.value}`];
  return [`${where}: ${[`${nameOf(best)} has ${best.point.value}, ${most}`, ...others, ...rest].join("; ")}.`];
}

/** Overlapping intervals are no test; a reader must not take an order from them. */
function standing(picture: Picture, ranked: readonly Place[], one: Place): string {
  const place = ranked.length > 2 ? [`place ${ranked.indexOf(one) + 1}`] : [];
  const overlap = overlaps(picture, ranked[0]!, one) ? ["its interval overlaps that of the first"] : [];
  const parts = [...place, ...overlap];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function overlaps({ better }: Picture, best: Place, other: Place): boolean {
  const [first, second] = [best, other].map(({ point: { low, high }, value }) =>
    low === undefined || high === undefined ? { low: value, high: value } : { low, high },
  );
  return better === "lower" ? first!.high >= second!.low : first!.low <= second!.high;
}

function nameOf({ series: { label, group } }: Place): string {
  return group === undefined || label.includes(group) ? label : `${label} (${group})`;
}

/** `Claim C1, one scan is faster: undecided.` where points of a claim rest on these results. */
function verdictsOf(results: readonly Result[], claims: readonly Claim[]): string[] {
  const ids = new Set(results.flatMap(({ caseIds }) => caseIds));
  const texts = claims.flatMap(({ id, verdict, points }) => {
    const isOwn = points.some(({ caseIds }) => caseIds.some((caseId) => ids.has(caseId)));
    const title = CLAIMS.find((claim) => claim.id === id)?.title;
    return !isOwn || title === undefined || verdict === "not tested" ? [] : [`${id} (${title}) ${WORDS[verdict]}`];
  });
  return texts.length === 0 ? [] : [`Claims that rest on this: ${texts.join(", ")}.`];
}

const WORDS = {
  holds: "holds",
  fails: "fails",
  undecided: "is undecided",
  "not decidable": "is not decidable here",
} as const;
