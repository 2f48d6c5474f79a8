import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resultOf } from "./result.ts";
import { Ledger } from "./trial.ts";

const ABOUT = { node: "v20", platform: "linux x64", seed: 1, finishedAt: "2026-11-26T00:00:00Z" };

test("trials are kept for the next start, which counts the last attempt of each", () => {
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  const first = new Ledger(folder, "a");
  first.add({ section: "kill measuring", index: 0, what: "SIGTERM to the parent", problem: "rounds count twice" });
  first.add({ section: "kill measuring", index: 1, what: "SIGKILL to the group" });
  first.add({ section: "reader records", index: 0, what: "a bit, refused", peakBytes: 2e8, seconds: 0.126 });
  expect(resultOf(first.all(), ABOUT)).toMatchObject({ commit: "a", kills: 2, mutations: 1, problems: [{ index: 0 }] });

  const second = new Ledger(folder, "b");
  expect([0, 1, 2].map((index) => second.has("kill measuring", index))).toEqual([true, true, false]);
  second.add({ section: "kill measuring", index: 0, what: "SIGTERM to the parent" });
  expect(resultOf(second.all(), ABOUT)).toMatchObject({
    commit: "several",
    problems: [],
    sections: { "kill measuring": { trials: 2, problems: 0 } },
    readers: { records: { trials: 1, problems: 0, refused: 1, peakMegabytes: 200, slowestSeconds: 0.13 } },
  });
});
