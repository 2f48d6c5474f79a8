// What `contender check` prints: a line for each form and case, and on demand one for each output.

import { counted } from "#base/counted";
import type { FormCheck } from "#programs/check";

export function linesOfCheck({ form, workload, case: id, ...found }: FormCheck, rows: boolean): string[] {
  const { pass, errors, ok, reason } = found;
  const { op, causal, decay } = form.operator;
  const name = [
    op,
    causal ? "causal" : "global",
    ...(decay === undefined ? [] : [`decay=${decay}`]),
    workload === "operator" ? pass : workload,
  ].join(" ");
  const wrong = errors.filter(({ error, tolerance }) => !(error <= tolerance));
  const shown = rows ? errors : wrong;
  return [
    `${ok ? "ok    " : "FAILED"}  ${name}  ${id}${reason === undefined ? "" : `: ${reason}`}`,
    ...shown.map(
      ({ name: output, error, tolerance, at }) =>
        `          ${output} is off by ${error.toExponential(2)}, allowed ${tolerance}${at === undefined ? "" : `, worst at ${at}`}`,
    ),
  ];
}

export function summaryOf(name: string, checks: readonly FormCheck[]): string {
  const failed = checks.filter(({ ok }) => !ok).length;
  if (checks.length === 0) return `${name}: none of its forms can be checked here, so nothing was`;
  if (failed === 0) return `${name}: ${counted(checks.length, "check")}, all within tolerance`;
  return `${name}: ${failed} of ${counted(checks.length, "check")} failed`;
}
