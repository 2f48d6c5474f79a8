// The answer of a run in plain sentences, whichever way it falls, and what makes its numbers less sure.

import { defined } from "#base/defined";
import { contenders } from "#catalogue/contenders";
import type { ClaimPoint } from "#evidence/claims/claim";
import { isNoisy } from "#evidence/conditions";
import type { Evidence } from "#evidence/evidence";
import { SUBJECT } from "#evidence/point";
import type { Result } from "#evidence/result";
import { rateOf, type Estimate } from "#stats/estimate";
import { labelOf, modelLabelOf } from "./palette.ts";
import { countOf, dataName, printDifference, printEstimate } from "./print.ts";

export interface Answer {
  /** one to three sentences: the cost of a layer, of decoding, and scores; none of what was not measured */
  readonly sentences: readonly string[];
  /** the first of them in a few words, for a title: `LightNet 1.2× as fast as its best rival …` */
  readonly headline?: string;
}

const MOST_SENTENCES = 3;

export function answerOf(evidence: Evidence): Answer {
  const layer = layerRivals(evidence);
  const points = scorePoints(evidence);
  const sentences = [...layerSentence(layer), ...decodeSentence(evidence), ...points.map(scoreSentence)];
  const headline = headlineOf(layer, points[0]) ?? decodeHeadline(evidence);
  return defined({ sentences: sentences.slice(0, MOST_SENTENCES), headline });
}

const PLACES: Readonly<Record<string, string>> = { 1: "sequences", 2: "images", 3: "volumes" };

function headlineOf({ best }: LayerRivals, point: ClaimPoint | undefined): string | undefined {
  if (best !== undefined) {
    const place = PLACES[String(best.result.axes["dims"])];
    if (isAbove(best.ratio, 1) || isBelow(best.ratio, 1))
      return `LightNet ${best.ratio.estimate.toPrecision(2)}× as fast as its best rival with two or more scans on ${place}`;
    return `LightNet: no gain shown over its best rival with two or more scans on ${place}`;
  }
  if (point?.estimate === undefined) return undefined;
  const { data, synthetic } = point.where;
  const place = dataName({ dataLabel: String(data), synthetic: synthetic === true });
  return `LightNet ${scoreWords(point.verdict, point.estimate)} ${rivalLabel(point)} on ${place}`;
}

interface Rival {
  readonly result: Result;
  /** its time over LightNet's */
  readonly ratio: Estimate;
}

/** Images before sequences before volumes, forward before both passes. */
const LAYER_ORDER = [2, 1, 3].flatMap((dims) => ["forward", "forward+backward"].map((pass) => `${dims} ${pass}`));

/** Rivals where the layer is judged, and the fastest of them with two scans or more. */
interface LayerRivals {
  readonly here: readonly Rival[];
  readonly best?: Rival;
}

function layerRivals({ results, ratios }: Evidence): LayerRivals {
  const rivals = rivalsOf(
    results.filter(({ axes, stale }) => !stale && axes["suite"] === "scan-count" && axes["level"] === "mixer"),
    (result) => ratios(result, SUBJECT),
  );
  const placeOf = ({ result: { axes } }: Rival): string => `${axes["dims"]} ${axes["pass"]}`;
  const place = LAYER_ORDER.find((one) => rivals.some((rival) => placeOf(rival) === one && scansOf(rival) > 1));
  const here = rivals.filter((rival) => placeOf(rival) === place);
  return defined({ here, best: fastest(here.filter((rival) => scansOf(rival) > 1)) });
}

function layerSentence({ here, best }: LayerRivals): string[] {
  if (best === undefined) return [];
  const { axes } = best.result;
  const where = `${axes["dims"]}-D grid, N ${axes["N"]}, ${axes["pass"]}, engine ${axes["engine"]}, n = ${countOf(best.ratio.n, "processes")}`;
  const free = here.find(({ result }) => result.contender === "linear-global");
  const beside =
    free === undefined ? "" : ` Over plain linear attention, which is order-free too, ${gainWords(free.ratio)}.`;
  const share = printEstimate(rateOf(1, best.ratio), "plain");
  const shown = isAbove(best.ratio, 1) || isBelow(best.ratio, 1) ? "" : ", so that no difference is shown";
  return [
    `One LightNet layer takes ${share} times the time of its fastest rival with two or more scans, ${labelOf(best.result.contender)}${shown} (${where}).${beside}`,
  ];
}

function gainWords(ratio: Estimate): string {
  const printed = printEstimate(rateOf(1, ratio), "plain");
  if (isAbove(ratio, 1)) return `it is faster: ${printed} times the time`;
  return isBelow(ratio, 1) ? `it is slower: ${printed} times the time` : `no gain is shown: ${printed}`;
}

const DECODED = "additive-causal";

interface DecodeRivals {
  readonly N: number;
  readonly all: readonly Rival[];
  readonly slower: readonly Rival[];
  readonly faster: readonly Rival[];
}

/** The longest context, against every other contender that is linear in it. */
function decodeRivals({ results, ratios }: Evidence): DecodeRivals {
  const decoded = results.filter(({ axes, stale }) => !stale && axes["suite"] === "decode");
  const N = Math.max(...decoded.map(({ axes }) => Number(axes["N"])));
  const all = rivalsOf(
    decoded.filter(({ axes, contender }) => axes["N"] === N && contender !== DECODED),
    (result) => ratios(result, DECODED),
  ).filter(({ result: { contender } }) => familyOf(contender) !== "softmax");
  const slower = all.filter(({ ratio }) => isBelow(ratio, 1));
  return { N, all, slower, faster: all.filter(({ ratio }) => isAbove(ratio, 1)) };
}

function decodeSentence(evidence: Evidence): string[] {
  const rivals = decodeRivals(evidence);
  return rivals.all.length === 0
    ? []
    : [`Decoding a token with its causal form ${decodeWords(rivals)} measured (N ${rivals.N}).`];
}

/** A verb and those it is set beside, to be followed by "measured". */
function decodeWords({ all, slower, faster }: DecodeRivals): string {
  const times = slower.map(({ ratio }) => 1 / ratio.estimate);
  const range = [...new Set([Math.min(...times), Math.max(...times)].map((value) => value.toPrecision(2)))].join(
    " to ",
  );
  if (slower.length === all.length) return `takes ${range} times as long as with every other linear mixer`;
  if (faster.length === all.length) return "is faster than with every other linear mixer";
  if (slower.length + faster.length === 0) return "is told apart from none of the other linear mixers";
  return `is slower than with ${slower.length}, and faster than with ${faster.length}, of ${all.length} other linear mixers`;
}

function decodeHeadline(evidence: Evidence): string | undefined {
  const { all, slower, faster } = decodeRivals(evidence);
  if (all.length === 0) return undefined;
  return `LightNet decodes slower than ${slower.length} and faster than ${faster.length} of ${all.length} other linear mixers`;
}

const SCORE_RANK = ["fails", "holds", "undecided", "not decidable"];

/** After equal training, against the best multiplicative rival: what is worse comes first. */
function scorePoints({ claims }: Evidence): readonly ClaimPoint[] {
  const points = claims.find(({ id }) => id === "C3")?.points ?? [];
  return points
    .filter(({ what, estimate }) => what?.startsWith("after equal training") === true && estimate !== undefined)
    .toSorted((a, b) => SCORE_RANK.indexOf(a.verdict ?? "") - SCORE_RANK.indexOf(b.verdict ?? ""));
}

function scoreSentence(point: ClaimPoint): string {
  const { what, where, estimate, unit, verdict } = point;
  const { data, synthetic, variant } = where;
  const place = [dataName({ dataLabel: String(data), synthetic: synthetic === true }), variant].join(", ");
  const difference = printDifference(estimate!, unit === "plain" ? "score" : unit);
  const form = formOf(what);
  const subject = form.length === 0 ? "LightNet" : `LightNet (${form.join(", ")})`;
  return `After equal training ${subject} ${scoreWords(verdict, estimate!)} its best multiplicative rival, ${rivalLabel(point)}, on ${place}: ${difference}, above zero is better for LightNet (n = ${countOf(estimate!.n, "seeds")}${isDecided(verdict) ? "" : ", no verdict"}).`;
}

/** What the compared forms are said to be: `not the authors' model` where they have no name. */
function formOf(what = ""): readonly string[] {
  return what.split(", ").slice(1);
}

function rivalLabel({ what, where: { contender } }: ClaimPoint): string {
  return (formOf(what).length === 0 ? modelLabelOf : labelOf)(String(contender));
}

function isDecided(verdict: ClaimPoint["verdict"]): boolean {
  return verdict === "fails" || verdict === "holds";
}

/** What was decided; else on which side of zero the interval lies, which too few seeds can show without deciding the claim. */
function scoreWords(verdict: ClaimPoint["verdict"], estimate: Estimate): string {
  if (isDecided(verdict)) return verdict === "fails" ? "scores worse than" : "scores no worse than";
  if (isBelow(estimate, 0)) return "came out worse than";
  return isAbove(estimate, 0) ? "came out better than" : "is not told apart from";
}

function rivalsOf(results: readonly Result[], ratioOf: (result: Result) => Estimate | undefined): Rival[] {
  return results.flatMap((result) => {
    const ratio = ratioOf(result);
    return ratio === undefined ? [] : [{ result, ratio }];
  });
}

function fastest(rivals: readonly Rival[]): Rival | undefined {
  return rivals.toSorted((a, b) => a.ratio.estimate - b.ratio.estimate)[0];
}

function familyOf(contender: string): string {
  return contenders.has(contender) ? contenders.get(contender).family : "";
}

function scansOf({ result: { contender } }: Rival): number {
  if (familyOf(contender) !== "multiplicative") return 0;
  return contenders.get(contender).spec.scans ?? 1;
}

function isAbove({ low }: Estimate, limit: number): boolean {
  return low !== undefined && low > limit;
}

function isBelow({ high }: Estimate, limit: number): boolean {
  return high !== undefined && high < limit;
}

/** A line each, for the strip above the first number. */
export function cautionsOf({ results, environments, manifests }: Evidence): readonly string[] {
  const current = results.filter(({ stale }) => !stale);
  const loads = current.flatMap(({ conditions: { loadBefore: load }, environments: hashes }) => {
    const cores = environments.get(hashes.at(-1)!)?.cores;
    return load === undefined || cores === undefined || load <= cores / 2 ? [] : [{ load, cores }];
  });
  const noisy = current.filter(isNoisy).length;
  const broken = results.filter(({ status }) => status !== "ok").length;
  const unfinished = manifests.filter(({ finishedAt }) => finishedAt === undefined).length;
  const highest = Math.max(...loads.map(({ load }) => load)).toFixed(1);
  return [
    ...(loads.length > 0
      ? [
          `The machine was busy in ${loads.length} of ${current.length} cases: load up to ${highest} on ${loads[0]!.cores} cores.`,
        ]
      : []),
    ...(noisy > 0 ? [`${noisy} ${noisy === 1 ? "result is" : "results are"} noisy and drawn hollow.`] : []),
    ...(broken > 0 ? [`${broken} of ${results.length} cases have no result.`] : []),
    ...(unfinished > 0 ? ["The run is not finished."] : []),
  ];
}
