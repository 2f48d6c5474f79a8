import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "#base/errors";
import { encodeSafetensors } from "#base/safetensors";
import { lightnetBench } from "#testing/command";

test("verify --json spells an infinite error out, and exits with 1", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "verify-"));
  const one = (value: number) => ({ shape: [1, 1, 1, 1], data: Float32Array.of(value) });
  const tensors = { "in.q": one(2), "in.g": one(0.5), "in.v": one(3), out: one(0), cotangent: one(1) }; // out is 6
  const path = join(folder, "wrong.safetensors");
  writeFileSync(path, encodeSafetensors(Object.entries(tensors), { op: "additive", params: '{"causal":true}' }));
  const { stdout, exitCode } = await lightnetBench(["verify", "--vectors", path, "--json"], folder);
  const checks = JSON.parse(stdout) as { ok: boolean; errors: { error: unknown }[] }[];
  const failed = checks.filter(({ ok }) => !ok);
  expect(failed.length).toBeGreaterThan(1);
  expect(failed.flatMap(({ errors }) => errors.map(({ error }) => error))).toEqual(failed.map(() => "Infinity"));
  expect(exitCode).toBe(EXIT.regression);
});
