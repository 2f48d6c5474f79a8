import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { differencesOf, FIDELITY, fidelityTable } from "./fidelity.ts";
import { models } from "./models.ts";

test("docs/fidelity.md holds the table", () => {
  const squeezed = (text: string) =>
    text
      .replaceAll(/ +/g, " ")
      .replaceAll(/-{3,}/g, "---")
      .replaceAll(/\| --- /g, "|---");
  const text = squeezed(readFileSync(join(packageRoot(), "docs/fidelity.md"), "utf8"));
  for (const row of fidelityTable().split("\n").slice(2)) expect(text).toContain(squeezed(row));
});

test("every difference has its reason, and every model its elements", () => {
  for (const { element, ours, why } of FIDELITY)
    expect([element, ours === undefined]).toEqual([element, why === undefined]);
  for (const { method } of models.all()) expect(FIDELITY.some((entry) => entry.method === method)).toBe(true);
  expect(differencesOf("hgrn2").map(({ element }) => element)).toEqual(["two directions"]);
});
