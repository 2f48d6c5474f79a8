// Two clocks watch every call of a program: its own, which gives the sample, and the harness's around the request. A
// clock that reports less than passed is found: the two may differ by the cost of the protocol only.

import type { Seconds } from "#base/units";
import { quantile } from "#stats/quantiles";
import { sortSamples } from "#stats/samples";

export interface Observation {
  /** own seconds of all repeats of a request, added */
  readonly own: Seconds;
  /** from sending the request to its reply */
  readonly wall: Seconds;
  /** processor time that the program took meanwhile; absent where it says nothing, as of work on a GPU */
  readonly cpuSeconds?: Seconds;
}

/** Share of the time between the two clocks that is not the protocol's: what a program does between repeats. */
const SHARE_BETWEEN_REPEATS = 0.1;
const LEAST_ALLOWANCE: Seconds = 2e-3;
const ROUND_TRIPS = 5;
/** So many calls of an honest program are answered and read at once, however busy the machine. */
const PROMPT_SHARE = 0.1;
/** Clocks of two processes tick apart by less than this. */
const RESOLUTION: Seconds = 1e-6;

/** How much longer the harness's clock may be than the program's own. @param roundTrip of a request that does nothing */
export function allowanceOf(wall: Seconds, roundTrip: Seconds): Seconds {
  return SHARE_BETWEEN_REPEATS * wall + Math.max(LEAST_ALLOWANCE, ROUND_TRIPS * roundTrip);
}

/**
 * What is wrong with a program's clock, or undefined. A clock that reports more than has passed is wrong at once. On a
 * busy machine the replies of an honest program are read late, all of them where its core is shared; but work that it
 * hides takes processor time, which waiting does not. So a clock that reports less is wrong where half of the calls show
 * it and the program took more processor time than fits into what it reported. Where processor time says nothing, as of
 * work on a GPU, even the most prompt tenth of the calls has to show it.
 *
 * @param threads cores that the program is held to
 */
export function clockFault(observations: readonly Observation[], roundTrip: Seconds, threads = 1): string | undefined {
  const fast = observations.find(({ own, wall }) => own > wall + RESOLUTION);
  if (fast !== undefined) return `its clock reports ${format(fast.own)} where ${format(fast.wall)} passed`;
  const beyond = (allowed: (wall: Seconds) => Seconds, share: number) =>
    quantile(sortSamples(observations.map(({ own, wall }) => wall - own - allowed(wall))), share) > 0;
  const worked = workOf(observations);
  const isWrong =
    worked === undefined
      ? beyond((wall) => allowanceOf(wall, roundTrip), PROMPT_SHARE)
      : beyond((wall) => allowanceOf(wall, 0), 0.5) && worked > mostWork(observations, threads);
  if (!isWrong) return undefined;
  const typical = observations.reduce((a, b) => (b.wall - b.own > a.wall - a.own ? b : a));
  return (
    `its clock reports ${format(typical.own)} where ${format(typical.wall)} passed, and the protocol takes ` +
    `${format(roundTrip)}: work outside its clock`
  );
}

/** Processor time of all calls; undefined where that of one is not known. */
function workOf(observations: readonly Observation[]): Seconds | undefined {
  return observations.reduce<Seconds | undefined>(
    (sum, { cpuSeconds }) => (sum === undefined || cpuSeconds === undefined ? undefined : sum + cpuSeconds),
    0,
  );
}

/** What fits into the reported time on all cores, and around it. */
function mostWork(observations: readonly Observation[], threads: number): Seconds {
  const reported = observations.reduce((sum, { own }) => sum + own, 0);
  return (1 + SHARE_BETWEEN_REPEATS) * reported * threads + LEAST_ALLOWANCE * observations.length;
}

function format(seconds: Seconds): string {
  return `${(1000 * seconds).toPrecision(3)} ms`;
}

/** Processor time of a program while others were measured: more than this share of a core disturbs them. */
const IDLE_SHARE = 0.2;
/** Collectors and pools wind down after a call. */
const LEAST_IDLE: Seconds = 0.5;

/** What is wrong with a program that should have been idle, or undefined. */
export function idleFault({
  cpuSeconds,
  wallSeconds,
}: {
  readonly cpuSeconds: Seconds;
  readonly wallSeconds: Seconds;
}): string | undefined {
  if (cpuSeconds <= Math.max(LEAST_IDLE, IDLE_SHARE * wallSeconds)) return undefined;
  const share = (cpuSeconds / wallSeconds).toFixed(2);
  return `it kept ${share} cores busy for ${wallSeconds.toFixed(1)} s in which others were measured; waiting has to be passive`;
}
