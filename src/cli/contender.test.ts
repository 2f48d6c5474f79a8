import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "./main.ts";

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contender-test-"));
  said = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
  vi.spyOn(console, "error").mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

test("schema prints what is published beside the contenders", async () => {
  await main(["contender", "schema"]);
  expect(JSON.parse(said.join("\n"))).toMatchObject({ type: "object" });
});

test("a new contender is named after its folder, passes its check untouched, and fails it when it is wrong", async () => {
  const place = join(folder, "My Kernel");
  await main(["contender", "new", "--language", "node", place]);
  expect(readFileSync(join(place, "contender.json"), "utf8")).toContain('"name": "my-kernel"');
  await main(["contender", "check", place]);
  expect(said.at(-1)).toMatch(/^my-kernel: \d+ checks, all within tolerance/);
  expect(process.exitCode).toBe(0);

  const file = join(place, "program.mjs");
  writeFileSync(file, readFileSync(file, "utf8").replace("sum += a[t * I + i]", "sum += 1.01 * a[t * I + i]"));
  await main(["contender", "check", place]);
  expect(said.join("\n")).toMatch(/FAILED {2}multiplicative global decay=none forward .*\n +out is off by/);
  expect(process.exitCode).toBe(1);
});

test("a folder that is there is not written over; a missing manifest is said", async () => {
  writeFileSync(join(folder, "mine.txt"), "");
  await main(["contender", "new", folder]);
  expect(said.at(-1)).toContain("is there already and not empty");
  expect(process.exitCode).toBe(3);
  await main(["contender", "check", folder]);
  expect(said.at(-1)).toContain("cannot be read");
  expect(process.exitCode).toBe(4);
});
