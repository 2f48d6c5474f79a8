// What the published runs of suite `rivals` say: each operator by other implementations, over ours.

import { groupBy } from "#base/group";
import { markdownTable } from "#base/markdown";
import { formatWithInterval } from "#stats/interval-digits";
import type { Estimate } from "#stats/estimate";
import { implementationOf, isOutside } from "#catalogue/implementation";
import type { Evidence } from "#evidence/evidence";
import type { Result } from "#evidence/result";
import { labelOf } from "#report/palette";
import type { PublishedRun } from "./published.ts";

interface Compared {
  readonly program: string;
  /** `additive, causal, forward, N 4096` */
  readonly what: string;
  /** their time / ours */
  readonly ratio: Estimate;
}

/** A paragraph and a table per published run, or that there is none. */
export function rivalsText(runs: readonly Pick<PublishedRun, "name" | "evidence">[]): string {
  const texts = runs.flatMap(({ name, evidence }) => {
    const outside = evidence.results.filter((result) => result.axes["suite"] === "rivals" && isOutside(result));
    const places = groupBy(outside, (result) => placeOf(result, evidence));
    return [...places].map(([place, results]) => textOf(name, place, results, evidence));
  });
  return texts.length === 0
    ? "No run with other implementations is published yet; docs/contenders.md tells how to make one of suite `rivals`."
    : texts.join("\n\n");
}

/** Engine, processor, and threads where they were asked for. */
function placeOf({ axes, environments }: Result, evidence: Pick<Evidence, "environments">): string {
  const threads = axes["threads"];
  const { cpu, cores } = evidence.environments.get(environments[0] ?? "") ?? {};
  return [
    `engine \`${axes["engine"]}\``,
    ...(cpu === undefined ? [] : [`${cpu}, ${cores} cores`]),
    ...(threads === undefined ? [] : [`${threads} ${threads === 1 ? "thread" : "threads"}`]),
  ].join(", ");
}

function textOf(name: string, place: string, results: readonly Result[], { ratios }: Pick<Evidence, "ratios">): string {
  const compared = results.flatMap((result): Compared[] => {
    const { program = "", of } = implementationOf(result.contender);
    const ratio = ratios(result, of);
    const { pass, N } = result.axes;
    return ratio === undefined ? [] : [{ program, what: `${labelOf(of)}, ${pass}, N ${N}`, ratio }];
  });
  const missing = groupBy(
    results.filter(({ status }) => status !== "ok"),
    ({ contender, failures }) => `${implementationOf(contender).program}: ${failures[0]?.reason ?? "no reason"}`,
  );
  const programs = [...new Set(compared.map(({ program }) => program))];
  const rows = [...groupBy(compared, ({ what }) => what)].map(([what, members]) => [
    what,
    ...programs.map((program) => cellOf(members.find((member) => member.program === program)?.ratio)),
  ]);
  const table = markdownTable(["operator", ...programs], rows, ["left", ...programs.map(() => "right" as const)]);
  const absent = [...missing].map(([reason, members]) => `${members.length} × ${reason}`);
  return [
    `Run \`${name}\`, ${place}. ${standing(compared)}`,
    table,
    "Their time over ours, from the same rounds, with 95 % intervals: above 1 ours is faster.",
    ...(absent.length === 0 ? [] : [`Not measured: ${absent.join("; ")}.`]),
  ].join("\n\n");
}

/** Where ours is behind stands first. */
function standing(compared: readonly Compared[]): string {
  const isBehind = ({ ratio: { high } }: Compared) => high !== undefined && high < 1;
  const isAhead = ({ ratio: { low } }: Compared) => low !== undefined && low > 1;
  const behind = compared.filter(isBehind);
  const ahead = compared.filter(isAhead).length;
  const worst = behind.reduce<Compared | undefined>(
    (most, one) => (most === undefined || one.ratio.estimate < most.ratio.estimate ? one : most),
    undefined,
  );
  const most =
    worst === undefined ? "" : `, most of all ${worst.program} with ${worst.what} (${cellOf(worst.ratio)} of our time)`;
  return (
    `Our kernels are behind in ${behind.length} of ${compared.length} comparisons${most}; ahead in ${ahead}, ` +
    `undecided in ${compared.length - behind.length - ahead}.`
  );
}

function cellOf(ratio: Estimate | undefined): string {
  return ratio === undefined ? "–" : formatWithInterval(ratio.estimate, ratio);
}
