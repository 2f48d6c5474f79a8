// Parts of a plan, each run by itself, merged, and gone on with as one run.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadRun } from "#store/load";
import { lightnetBench } from "#testing/command";

const PLAN = ["run", "decode", "--filter", "N=256,1024", "--engine", "wasm", "--contender-budget", "20ms"];

test(
  "a merged part resumes to the whole plan; both parts merged leave nothing to run",
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
    const bench = async (...args: string[]) => {
      const { exitCode, all } = await lightnetBench(args, folder);
      expect(exitCode, all).toBe(0);
      return all ?? "";
    };
    const matchups = (name: string) => new Set(loadRun(join(folder, name)).records.map(({ matchup }) => matchup));
    await bench(...PLAN, "--shard", "1/2", "--out", "one");
    expect(matchups("one").size).toBe(1);
    await bench("merge", "one", "--out", "half");
    expect(await bench("run", "--resume", "half", "--dry-run")).toContain("3 processes (of 6) would run");
    await bench("run", "--resume", "half");
    expect(matchups("half").size).toBe(2);

    await bench(...PLAN, "--shard", "2/2", "--out", "two");
    await bench("merge", "one", "two", "--out", "whole");
    expect(matchups("whole")).toEqual(matchups("half"));
    expect(await bench("run", "--resume", "whole", "--dry-run")).toContain("0 processes (of 6) would run");
    expect(loadRun(join(folder, "whole")).manifest.finishedAt).toBeDefined();
  },
);
