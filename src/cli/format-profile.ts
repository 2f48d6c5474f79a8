// A profile as text: parts, modules forward and backward, kernels.

import { groupBy } from "#base/group";
import type { ProfiledStep, StepRow } from "#runner/profile-step";
import { asText } from "./list.ts";

const MEBIBYTE = 2 ** 20;
const BETWEEN = "(between kernels)";
const OUTSIDE = "(outside the model)";
const KERNELS_SHOWN = 30;

/** @param axes what the case is, for the heading */
export function formatProfile(profiled: ProfiledStep, axes: Readonly<Record<string, unknown>>): string {
  const { rows, profiledSeconds: whole, medianSeconds, medianProfiledSeconds, steps } = profiled;
  const { caseId, engine, threads, device } = profiled;
  const of = ["suite", "contender", "task", "variant", "dataset", "scale"].flatMap((axis) =>
    axes[axis] === undefined ? [] : [`${axis}=${String(axes[axis])}`],
  );
  const cost = medianProfiledSeconds - medianSeconds;
  const table = (title: string, key: (row: StepRow) => string, kept: readonly StepRow[] = rows, most = Infinity) =>
    `${title}\n${asText(summed(kept, key, whole).slice(0, most))}`;
  const inModel = rows.filter(({ part, module }) => module !== "" && (part === "forward" || part === "backward"));
  const kernels = new Set(rows.map(({ kernel }) => kernel)).size;
  return [
    `${caseId}: ${of.join(" ")}`,
    `engine ${engine}, ${threads === undefined ? "" : `threads ${threads}, `}${device}`,
    `one step: ${milliseconds(whole)} ms, mean of ${steps} profiled steps, to which each table of parts and kernels adds up`,
    `the profile itself: median step ${milliseconds(medianProfiledSeconds)} ms with it and ${milliseconds(medianSeconds)} ms without, ${milliseconds(cost)} ms more`,
    "",
    table("By part", ({ part }) => part),
    "",
    `By module, forward and backward\n${asText(byModule(inModel, whole))}`,
    "",
    table(
      `By kernel${kernels > KERNELS_SHOWN ? `, the first ${KERNELS_SHOWN} of ${kernels} (--json has all, by part and module)` : ""}`,
      ({ kernel }) => kernel || BETWEEN,
      rows,
      KERNELS_SHOWN,
    ),
  ].join("\n");
}

function summed(rows: readonly StepRow[], key: (row: StepRow) => string, whole: number) {
  return [...groupBy(rows, key)]
    .map(([name, own]) => ({ name, own, seconds: total(own, "seconds") }))
    .sort((a, b) => b.seconds - a.seconds)
    .map(({ name, own, seconds }) => ({
      name,
      calls: rounded(total(own, "calls")),
      "ms/step": milliseconds(seconds),
      share: percent(seconds / whole),
      "MiB created": (total(own, "bytes") / MEBIBYTE).toFixed(2),
    }));
}

function byModule(rows: readonly StepRow[], whole: number) {
  return [...groupBy(rows, ({ module }) => module || OUTSIDE)]
    .map(([name, own]) => ({ name, own, seconds: total(own, "seconds") }))
    .sort((a, b) => b.seconds - a.seconds)
    .map(({ name, own, seconds }) => {
      const inPart = (part: string) => milliseconds(total(own.filter((row) => row.part === part), "seconds")); // prettier-ignore
      return {
        name,
        calls: rounded(total(own, "calls")),
        "forward ms": inPart("forward"),
        "backward ms": inPart("backward"),
        share: percent(seconds / whole),
        "MiB created": (total(own, "bytes") / MEBIBYTE).toFixed(2),
      };
    });
}

function total(rows: readonly StepRow[], what: "calls" | "seconds" | "bytes"): number {
  return rows.reduce((sum, row) => sum + row[what], 0);
}

function milliseconds(seconds: number): string {
  return (1000 * seconds).toFixed(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Calls may differ from step to step. */
function rounded(calls: number): string {
  return Number.isInteger(calls) ? String(calls) : calls.toFixed(1);
}
