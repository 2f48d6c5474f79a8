// The files that docs/library.md shows, run by the built command as a reader would.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { loadRun } from "#store/load";
import { lightnetBench } from "#testing/command";

const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-library-"));
const text = readFileSync(join(packageRoot(), "docs", "library.md"), "utf8");
for (const [, name, body] of text.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```/gms))
  writeFileSync(join(folder, name!), body!);

const TRAINING = ["run", "image-classification", "--filter", "contender=mean-mixer", "--train-steps", "2", "--quiet"];

test("a mixer from a file passes its gate and is trained on synthetic shapes, as large as the others", async () => {
  const args = [...TRAINING, "--contender", "./mean-mixer.ts", "--out", "trained"];
  const { exitCode, all } = await lightnetBench(args, folder);
  const [record] = loadRun(join(folder, "trained")).records;
  expect(record, all).toMatchObject({ status: "ok", case: { contender: "mean-mixer", dataset: "synthetic-shapes" } });
  expect([0, 2], all).toContain(exitCode);
  expect(JSON.stringify(record!.case)).toMatch(/"module":"mean-mixer@[0-9a-f]+"/);
});

test("a mixer that is not what its reference says is not trained", async () => {
  const right = readFileSync(join(folder, "mean-mixer.ts"), "utf8");
  writeFileSync(join(folder, "wrong.ts"), right.replace("tf.sigmoid(", "tf.tanh("));
  const args = [...TRAINING, "--contender", "./wrong.ts", "--out", "wrong"];
  const { exitCode, all } = await lightnetBench(args, folder);
  const [record] = loadRun(join(folder, "wrong")).records;
  expect(exitCode, all).toBe(2);
  expect(record).toMatchObject({ status: "failed", reason: expect.stringMatching(/^correctness: .*out is off/) });
});

test("a suite and a strategy from files run together", async () => {
  const args = ["run", "--suite", "./short-lines.ts", "--contender", "./two-products.ts", "--quiet", "--out", "lines"];
  const { all } = await lightnetBench([...args, "--filter", "N=64", "--engine", "cpu"], folder);
  const { records } = loadRun(join(folder, "lines"));
  const own = records.filter((record) => record.case.contender === "two-products/linear-global");
  expect(
    own.map(({ status }) => status),
    all,
  ).toContain("ok");
});

test("a run is not resumed with files of code that its manifest alone names", async () => {
  const resumed = ["run", "--resume", "lines", "--quiet", "--dry-run"];
  const refused = await lightnetBench(resumed, folder);
  expect(refused.exitCode, refused.all).toBe(3);
  expect(refused.all).toContain("--suite ./short-lines.ts --contender ./two-products.ts");
  const asked = ["--suite", "./short-lines.ts", "--contender", "./two-products.ts"];
  const { exitCode, all } = await lightnetBench([...resumed, ...asked], folder);
  expect(exitCode, all).toBe(0);
});
