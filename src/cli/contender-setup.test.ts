// `contender setup`: the commands of a manifest make what it needs in the user's cache; what is missing is a row with the way to it.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { packageRoot } from "#host/package";
import { readProgram, type Manifest } from "#programs/manifest";
import { cacheFolder } from "#programs/session";
import { main } from "./main.ts";

const NODE = process.execPath;
let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup test ")); // with blanks, as homes have
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  said = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
  vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

/** The skeleton of Node with these fields in its manifest. */
function contender(fields: Partial<Manifest>): string {
  const place = join(folder, "mine");
  cpSync(join(packageRoot(), "contenders", "skeletons", "node"), place, { recursive: true });
  const { manifest } = readProgram(place);
  writeFileSync(join(place, "contender.json"), JSON.stringify({ ...manifest, name: "mine", ...fields }));
  return place;
}

/** Makes the cache's folder and a library in it, and notes each time. */
const MAKE = `
  const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
  const [, cache] = process.argv;
  mkdirSync(cache, { recursive: true });
  writeFileSync(cache + "/library.mjs", "export const factor = 1;");
  appendFileSync(cache + "/times", "x");`;
/** The program behind its library, which it finds in the cache. */
const COMMAND = [NODE, "--import", "{cache}/library.mjs", "{folder}/program.mjs"];

test("what the set-up makes lies in the user's cache; before it check says what is missing, and after it passes", async () => {
  const place = contender({
    command: COMMAND,
    setup: [[NODE, "--eval", MAKE, "{cache}"]],
    setupNote: "a library of one line",
  });
  await main(["contender", "check", place]);
  expect(said.at(-1)).toMatch(/mine is not set up here \(no .*library\.mjs\): lightnet-bench contender setup/);
  expect(process.exitCode).not.toBe(0);

  const cache = cacheFolder(readProgram(place));
  expect(cache.startsWith(join(folder, "cache"))).toBe(true);
  for (const times of ["x", "xx"]) {
    said.length = 0;
    await main(["contender", "setup", place]);
    expect(said).toEqual([
      "mine needs a library of one line",
      expect.stringMatching(/^\$ .*--eval/),
      `mine is set up in ${cache}`,
    ]);
    expect(readFileSync(join(cache, "times"), "utf8")).toBe(times);
  }
  process.exitCode = undefined;
  await main(["contender", "check", place]);
  expect(said.at(-1)).toMatch(/^mine: \d+ checks, all within tolerance/);
  expect(process.exitCode).toBe(0);
});

test("a command that fails ends the set-up: what failed, exit code 4, and nothing after it runs", async () => {
  const after = join(folder, "after");
  const place = contender({
    setup: [
      [NODE, "--eval", "process.exit(3)"],
      [NODE, "--eval", `require("node:fs").writeFileSync(${JSON.stringify(after)}, "")`],
    ],
  });
  await main(["contender", "setup", place]);
  expect(said.at(-1)).toMatch(/^mine is not set up: .*exit code 3/);
  expect(process.exitCode).toBe(4);
  expect(existsSync(after)).toBe(false);
});

test("a command that is not there is said", async () => {
  await main(["contender", "setup", contender({ setup: [["no-such-package-manager", "install"]] })]);
  expect(said.at(-1)).toMatch(/^mine is not set up: .*no-such-package-manager/);
  expect(process.exitCode).toBe(4);
});

test("a library that goes missing after the set-up fails each form with the program's own words", async () => {
  const place = contender({ command: [NODE, "--import", "no-such-library", "{folder}/program.mjs"] });
  await main(["contender", "check", place]);
  expect(said.join("\n")).toContain("no-such-library");
  expect(process.exitCode).not.toBe(0);
});

test("one that needs nothing says so", async () => {
  await main(["contender", "setup", contender({})]);
  expect(said).toEqual(["mine needs no set-up."]);
});
