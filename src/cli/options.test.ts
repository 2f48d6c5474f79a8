import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import {
  applyConfigFile,
  checkDataDir,
  collect,
  flag,
  oneOf,
  parseCount,
  parseDuration,
  parseSize,
} from "./options.ts";

test.each([
  ["200ms", 0.2],
  ["30s", 30],
  ["10m", 600],
  ["1.5h", 5400],
])("%s is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBeCloseTo(seconds);
});

test.each(["", "30", "s", "-5s", "0s", "5 weeks"])("%j is no duration", (text) => {
  expect(() => parseDuration(text)).toThrow(/a duration is a number with a unit/);
});

test("sizes are powers of two", () => {
  expect(parseSize("4G")).toBe(4 * 2 ** 30);
  expect(parseSize("512MiB")).toBe(512 * 2 ** 20);
  expect(() => parseSize("4")).toThrow(/a size is a number with a unit/);
});

test("counts are whole and positive", () => {
  expect(parseCount("3")).toBe(3);
  expect(() => parseCount("0")).toThrow(/at least 1/);
  expect(() => parseCount("2.5")).toThrow(/whole number/);
});

test("a value outside its list answers with the nearest", () => {
  expect(() => oneOf("scale", ["smoke", "small"])("smal")).toThrow(/Did you mean small\?/);
});

test("a refused value names its flag and the environment twin", () => {
  const made = new Command("run").addOption(flag("--run-budget <time>", "").argParser(parseDuration)).exitOverride();
  expect(() => made.parse(["--run-budget=-5s"], { from: "user" })).toThrow(
    /^--run-budget or LIGHTNET_BENCH_RUN_BUDGET: a duration is .* got "-5s"/,
  );
});

function command(): Command {
  const made = new Command("run")
    .addOption(flag("--scale <scale>", "").default("smoke"))
    .addOption(flag("--filter <f>", "").argParser(collect));
  return made.exitOverride();
}

test("flags win over environment, environment over file, file over defaults", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  const parse = (args: readonly string[]) => {
    const made = command().parse([...args], { from: "user" });
    applyConfigFile(made, folder);
    return made.opts<{ scale: string; filter?: string[] }>();
  };
  expect(parse([]).scale).toBe("smoke");
  writeFileSync(join(folder, "lightnet-bench.config.json"), '{"scale":"paper","filter":["N=1","N=2"]}');
  expect(parse([])).toEqual({ scale: "paper", filter: ["N=1", "N=2"] });
  process.env.LIGHTNET_BENCH_SCALE = "small";
  try {
    expect(parse([]).scale).toBe("small");
    expect(parse(["--scale", "smoke"]).scale).toBe("smoke");
  } finally {
    delete process.env.LIGHTNET_BENCH_SCALE;
  }
});

test("a config file with an unknown option or broken JSON is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  const file = join(folder, "lightnet-bench.config.json");
  writeFileSync(file, '{"scal":"paper"}');
  expect(() => applyConfigFile(command(), folder)).toThrow(/Did you mean scale\?/);
  writeFileSync(file, "{");
  expect(() => applyConfigFile(command(), folder)).toThrow(file);
});

test("a config file may name options of any command, those of nested ones included", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  writeFileSync(join(folder, "lightnet-bench.config.json"), '{"scale":"small"}');
  const program = new Command("program");
  program.addCommand(command());
  const nested = program.command("data").command("list");
  expect(() => applyConfigFile(nested, folder)).not.toThrow();
});

test("a data folder that is not there, or is a file, is refused: it would quietly mean generated data", () => {
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  expect(() => checkDataDir({ dataDir: folder })).not.toThrow();
  expect(() => checkDataDir({})).not.toThrow();
  expect(() => checkDataDir({ dataDir: join(folder, "typo") })).toThrow(/there is no folder .*typo/);
  writeFileSync(join(folder, "file"), "");
  expect(() => checkDataDir({ dataDir: join(folder, "file") })).toThrow(/is a file/);
});
