// The table that `verify` prints: a line for each file or form and strategy, with its largest errors.

import type { RunningEngine } from "#engine/engine";
import type { Check } from "#runner/verification";

export function formatChecks(checks: readonly Check[], engine: RunningEngine): string {
  const rows = checks.map(({ what, strategy, ok, errors, reason }) => {
    const verdict = ok ? (errors.length === 0 ? "n/a" : "ok") : "MISS";
    return [
      verdict,
      what,
      strategy,
      largest(errors, "outputs"),
      largest(errors, "states"),
      largest(errors, "gradients"),
      reason ?? "",
    ];
  });
  const header = ["", "case", "strategy", "outputs", "states", "gradients", ""];
  const widths = header.map((name, column) =>
    Math.max(name.length, ...(column === 6 ? [] : rows.map((row) => row[column]!.length))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  const missed = checks.filter(({ ok }) => !ok).length;
  const compared = checks.filter(({ errors }) => errors.length > 0).length;
  const summary = `${compared} checks on ${engine.id} (${engine.device.name}): ${missed === 0 ? "all within tolerance" : `${missed} missed`}; n/a means that the strategy does not do this form`;
  return [
    line(header),
    ...rows.map(line),
    "",
    "largest relative error max|a − b| / max|b|, with the share of the tolerance used",
    summary,
  ].join("\n");
}

type Group = "outputs" | "states" | "gradients";

function groupOf(name: string): Group {
  if (name.startsWith("grad.")) return "gradients";
  return name === "out" ? "outputs" : "states";
}

function largest(errors: Check["errors"], group: Group): string {
  const members = errors.filter(({ name }) => groupOf(name) === group);
  if (members.length === 0) return "–";
  const worst = members.reduce((a, b) => (b.error / b.tolerance > a.error / a.tolerance ? b : a));
  return `${worst.error.toExponential(1)} (${Math.ceil((100 * worst.error) / worst.tolerance)} %)`;
}
