import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { describeOnEachEngine } from "#testing/engines";
import { ownVectors } from "#testing/vector-files";
import { operatorVectors } from "./operator-vectors.ts";
import { checkVectorFile } from "./vectors.ts";

const PREFIXES = ["additive", "softmax"]; // multiplicative/ checks its own
const FILES = ownVectors(...PREFIXES).map((path) => [basename(path), path] as const);

await describeOnEachEngine("vectors", (engine) => {
  test.each(FILES)("%s", async (_file, path) => {
    const results = await checkVectorFile(path, engine(), [operatorVectors]);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(
      results.filter(({ errors }) => errors.length > 0).length,
      "reference and at least one strategy",
    ).toBeGreaterThan(1);
  });

  test("a file that nobody can check, or that is damaged, is not ok and says why", async () => {
    const [path] = ownVectors("additive-causal-one-token");
    const [unchecked] = await checkVectorFile(path!, engine(), []);
    expect(unchecked).toMatchObject({
      ok: false,
      op: "additive",
      reason: expect.stringContaining('no check for op "additive"'),
    });
    const damaged = join(mkdtempSync(join(tmpdir(), "vectors-")), "damaged.safetensors");
    writeFileSync(damaged, readFileSync(path!).subarray(0, 900));
    const [unread] = await checkVectorFile(damaged, engine(), [operatorVectors]);
    expect(unread).toMatchObject({ ok: false, reason: expect.stringContaining("E_DATA") });
  });

  test("a wrong value in a file is found", async () => {
    const [path] = ownVectors("additive-causal-one-token");
    const bytes = readFileSync(path!);
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 1, bytes.length - 4); // the last value of the last tensor
    const changed = join(mkdtempSync(join(tmpdir(), "vectors-")), "changed.safetensors");
    writeFileSync(changed, bytes);
    const results = await checkVectorFile(changed, engine(), [operatorVectors]);
    expect(results.filter(({ ok, errors }) => ok && errors.length > 0)).toEqual([]);
  });
});
