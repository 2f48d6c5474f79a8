// Two versions of one program in one run, as docs/contenders.md recommends for judging a change.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { loadRun } from "#store/load";
import { lightnetBench } from "#testing/command";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "two-versions-"));
  for (const name of ["before", "after"])
    cpSync(join(packageRoot(), "contenders", "skeletons", "node"), join(folder, name), { recursive: true });
  const args = ["run", "kernel-forward", "--engine", "wasm", "--filter", "N=256,1024", "--threads", "1", "--quiet"];
  const few = ["--filter", "contender=linear-global", "--contender-budget", "50ms", "--out", "both"];
  // By the twin of --contender in the environment, which takes several.
  const { exitCode, all } = await lightnetBench([...args, ...few], folder, {
    LIGHTNET_BENCH_CONTENDER: "before;after",
  });
  expect(exitCode, all).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const between = async (...flags: string[]) => {
  const names = ["--between", "my-node-kernel@before", "my-node-kernel@after"];
  const { exitCode, stdout, all } = await lightnetBench(
    ["compare", "both", ...names, "--format", "json", ...flags],
    folder,
  );
  return { exitCode, all, pairs: stdout.startsWith("[") ? (JSON.parse(stdout) as PairLine[]) : [] };
};
interface PairLine {
  readonly baseline: string;
  readonly candidate: string;
  readonly verdict: string;
  readonly isRegression: boolean;
  readonly ratio: { readonly n: number };
}

test("one program from two folders has two names, and the threads that were asked for", () => {
  const { records } = loadRun(join(folder, "both"));
  const programs = records.flatMap((record) => (record.status === "ok" && record.program ? [record] : []));
  expect(new Set(programs.map(({ case: item }) => item.contender))).toEqual(
    new Set(["my-node-kernel@before/linear-global", "my-node-kernel@after/linear-global"]),
  );
  expect(programs.map(({ program }) => program?.threads)).toEqual(programs.map(() => 1));
});

test("--between judges every point by paired rounds, and the status says whether one is slower", async () => {
  const { exitCode, pairs, all } = await between();
  expect(pairs.length, all).toBe(2);
  for (const { baseline, candidate, ratio, verdict } of pairs) {
    expect([baseline, candidate, ratio.n]).toEqual([
      "my-node-kernel@before/linear-global",
      "my-node-kernel@after/linear-global",
      3,
    ]);
    expect(["same", "faster", "slower", "ambiguous"]).toContain(verdict);
  }
  expect(exitCode).toBe(pairs.some(({ isRegression }) => isRegression) ? 1 : 0);
});

test("a run is resumed with the programs given again: a manifest alone starts none", async () => {
  const resumed = ["run", "--resume", "both", "--quiet", "--dry-run"];
  const refused = await lightnetBench(resumed, folder);
  expect(refused.exitCode, refused.all).toBe(3);
  expect(refused.all).toContain("--contender before --contender after");
  const { exitCode, all } = await lightnetBench([...resumed, "--contender", "before", "--contender", "after"], folder);
  expect(exitCode, all).toBe(0);
});

test("--filter keeps points; what nobody has is named", async () => {
  expect((await between("--filter", "N=1024")).pairs).toHaveLength(1);
  const { exitCode, all } = await between("--filter", "N=7");
  expect(exitCode).toBe(3);
  expect(all).toMatch(/N.*7/);
});
