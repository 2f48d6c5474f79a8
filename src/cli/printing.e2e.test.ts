// What the command prints, into a terminal's place: names from files, a closed pipe, a full disk.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { lightnetBench } from "#testing/command";
import { fixtureRun } from "#testing/fixture-records";

const BIN = join(packageRoot(), "bin", "lightnet-bench.js");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "printing-"));
  const { manifest, records } = fixtureRun({ processes: 1, rounds: 1 });
  mkdirSync(join(folder, "sound"));
  writeFileSync(join(folder, "sound", "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "sound", "records.jsonl"), records.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const [record] = records.filter(({ status, case: item }) => status === "ok" && item.kind === "operator");
  const hostile = { ...record!, case: { ...record!.case, suite: "\u001B[2J\u001B]0;owned\u0007" } };
  const failed = { ...records.find(({ status }) => status === "failed")!, reason: "\u001B[31mred" };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "records.jsonl"), `${[hostile, failed].map((one) => JSON.stringify(one)).join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("no control character of a record's names reaches the terminal", async () => {
  for (const command of ["report", "tables"]) {
    const { all } = await lightnetBench([command, "--run", folder], folder);
    // eslint-disable-next-line no-control-regex
    expect(all, command).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
  }
});

test.runIf(process.platform === "linux")("a limit on file sizes is told, not died of", async () => {
  const { stderr, exitCode } = await execa({
    reject: false,
    shell: "/bin/bash",
  })`ulimit -f 1; ${process.execPath} ${BIN} report --run ${join(folder, "sound")}`;
  expect(stderr).toMatch(/cannot be written \(it is larger than the system allows\)/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode).toBe(4);
});

test("a closed pipe is quiet, with the status that the command would have had", async () => {
  const { stderr, exitCode } = await execa({
    reject: false,
    shell: "/bin/bash",
  })`set -o pipefail; ${process.execPath} ${BIN} list | head -1 > /dev/null`;
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
});

test.skipIf(!existsSync("/dev/full"))(
  "output that cannot be written ends with 4 and one line (needs /dev/full)",
  async () => {
    const { stderr, exitCode } = await execa({
      reject: false,
      shell: true,
    })`${process.execPath} ${BIN} list > /dev/full`;
    expect(stderr).toMatch(/^output cannot be written \(.*ENOSPC.*\)$/);
    expect(exitCode).toBe(4);
  },
);
