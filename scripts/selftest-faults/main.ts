// Self-test of faults: is anything lost, counted twice or left running when a run is killed, its disk full or its folder
// gone; and does a damaged file give one line instead of a trace, a hang or a full memory?
//
//   npm run selftest:faults -- --short                        minutes: what continuous integration runs
//   npm run selftest:faults -- --kills 200 --mutations 500 --out <folder>
//   npm run selftest:faults -- --only "reader records" --mutations 20 --seed 7
//
// Goes on where it was cut off: trials stand in <folder>/trials.jsonl, each with its commit, their counts in
// <folder>/result.json, which is printed as well. Exit code 1 where there was a problem. Linux; full disks and read-only folders need the right to mount.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execaSync } from "execa";
import { EXIT } from "#base/errors";
import { packageRoot } from "#host/package";
import { killStorm } from "./kill-storm.ts";
import { run } from "./processes.ts";
import { readDamaged } from "./read-damaged.ts";
import { resultOf } from "./result.ts";
import { MEASURING } from "./small-runs.ts";
import { surroundings } from "./surroundings.ts";
import { Ledger } from "./trial.ts";

const SHORT = { kills: 8, mutations: 20 };
const LONG = { kills: 200, mutations: 500 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string" },
      mutations: { type: "string" },
      seed: { type: "string", default: "20260115" },
      only: { type: "string" },
      out: { type: "string", default: mkdtempSync("/tmp/lightnet-faults-") },
    },
  });
  if (process.platform !== "linux") throw new Error("the self-test of faults needs /proc, which is Linux's");
  const usual = values.short ? SHORT : LONG;
  const [kills, mutations, seed] = [values.kills ?? usual.kills, values.mutations ?? usual.mutations, values.seed].map(Number) as [number, number, number]; // prettier-ignore
  mkdirSync(values.out, { recursive: true });
  const ledger = new Ledger(values.out, commitOf());
  const { only } = values;
  if (only === undefined || only === "kill") await killStorm({ kills, seed, ledger });
  if (only === undefined || only === "surroundings") await surroundings({ ledger, isShort: values.short });
  if (only === undefined || only.startsWith("reader")) {
    const source = join(values.out, "sound-run");
    const { code, stderr } = await run([...MEASURING, "--quiet", "--out", source], { cwd: values.out });
    if (code !== EXIT.ok && code !== EXIT.usage) throw new Error(`the run to damage ended with ${code}\n${stderr}`); // 3: it is there from before
    await readDamaged({ mutations, seed, ledger, run: source, ...(only === undefined || only === "readers" ? {} : { only: only.slice("reader ".length) }) }); // prettier-ignore
  }
  const result = resultOf(ledger.all(), {
    node: process.version,
    platform: `${platform()} ${arch()}`,
    seed,
    finishedAt: new Date().toISOString(),
  });
  const text = JSON.stringify(result, undefined, 2);
  writeFileSync(join(values.out, "result.json"), `${text}\n`);
  process.stdout.write(`${text}\n`);
  process.exitCode = result.problems.length === 0 ? EXIT.ok : EXIT.regression;
}

function commitOf(): string {
  const git = (...args: string[]) => execaSync({ reject: false, cwd: packageRoot() })`git ${args}`.stdout.trim();
  const isDirty = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "HEAD")}${isDirty ? " (changed)" : ""}`;
}

await main();
