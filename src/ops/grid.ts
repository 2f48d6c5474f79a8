// The rule every operator shares about its grid.

import type { Shape } from "#case/case";

/** undefined when the tokens are those of prefix and grid, else the rule broken. */
export function gridMismatch({ N, grid, prefix }: Shape): string | undefined {
  const cells = grid.reduce((product, axis) => product * axis, 1);
  return N === prefix + cells ? undefined : `N = prefix + product of the grid = ${prefix} + ${cells}, got ${N}`;
}

/** The fields of a spec that were given, but belong to another operator. */
export function foreignField(spec: object, own: readonly string[]): string | undefined {
  return Object.entries(spec).find(
    ([name, value]) => value !== undefined && !["op", "causal", ...own].includes(name),
  )?.[0];
}
