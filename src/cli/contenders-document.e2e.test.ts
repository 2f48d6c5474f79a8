// docs/contenders.md, followed by a newcomer from an empty folder: its program, its manifest and its commands.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { readProgram } from "#programs/manifest";
import { cacheFolder } from "#programs/session";
import { loadRun } from "#store/load";
import { lightnetBench } from "#testing/command";

const DOCUMENT = readFileSync(join(packageRoot(), "docs", "contenders.md"), "utf8");
const CONTENDERS = join(packageRoot(), "contenders");
/** What `contender setup contenders/pytorch` makes. */
const PYTHON = join(cacheFolder(readProgram(join(CONTENDERS, "pytorch"))), "venv", "bin", "python");

const blockOf = (language: string) => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(DOCUMENT)![1]!;
const commands = [...DOCUMENT.matchAll(/^```bash\n(.*?)^```/gms)].flatMap(([, block]) =>
  [...block!.matchAll(/^npx lightnet-bench (.*)$/gm)].map(([, words]) => words!.replace(/\s+#.*$/, "")),
);

let folder: string;
let here: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "newcomer-"));
  here = join(folder, "here");
  mkdirSync(here);
  symlinkSync(CONTENDERS, join(here, "contenders"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the document's command that begins so. */
async function follow(start: string): Promise<string> {
  const command = commands.find((words) => words.startsWith(start))!;
  const { exitCode, all } = await lightnetBench(command.split(" "), here);
  expect(exitCode, `${command}\n${all}`).toBe(0);
  return all;
}

test("every command in a block is followed here", () => {
  expect(commands.map((words) => words.split(" ").slice(0, 2).join(" "))).toEqual([
    "contender new",
    "contender check",
    "contender check",
    "run rivals",
    "run rivals",
    "compare change",
  ]);
});

test("the skeleton is made and passes its check", async () => {
  expect(await follow("contender new")).toContain("holds the contender mine");
  expect(await follow("contender check")).toMatch(/^mine: \d+ checks, all within tolerance/m);
});

describe.skipIf(!existsSync(PYTHON))("with PyTorch", () => {
  beforeAll(() => {
    writeFileSync(join(folder, "mine", "program.py"), blockOf("python"));
    const manifest = blockOf("json").replace("/path/to/venv/bin/python", PYTHON);
    writeFileSync(join(folder, "mine", "contender.json"), manifest);
  });

  test(
    "the document's function passes the check and gets a timed, checked row beside ours",
    { timeout: 300_000 },
    async () => {
      expect(await follow("contender check")).toMatch(/^mine: \d+ checks, all within tolerance/m);
      const said = await follow("run rivals --contender ../mine");
      expect(said).toMatch(/my attention: additive, 1 scan.* \d/);
      const [, run] = /report: (.*)\/report\.html/.exec(said)!;
      const ok = loadRun(join(here, run!)).records.filter(({ status }) => status === "ok");
      expect(new Set(ok.map(({ case: item }) => item.contender))).toEqual(
        new Set(["additive-global", "mine/additive-global"]),
      );
      const table = readFileSync(join(here, run!, "tables", "same-operator-rivals.md"), "utf8");
      expect(table).toMatch(/\| my attention +\| idiomatic +\|/);
    },
  );

  test("two versions are judged in one run", { timeout: 300_000 }, async () => {
    for (const version of ["before", "after"]) cpSync(join(folder, "mine"), join(folder, version), { recursive: true });
    expect(await follow("run rivals --contender ../before")).toContain("my attention @before: additive, 1 scan");
    const command = commands.find((words) => words.startsWith("compare change"))!;
    const { exitCode, all } = await lightnetBench(command.split(" "), here);
    expect([0, 1], all).toContain(exitCode); // the same program twice, yet on a busy machine either may be slower
    expect(all).toContain("mine@after");
  });
});
