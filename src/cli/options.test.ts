import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { CONFIG_FILE, addNegations, applyDefaults } from "./defaults.ts";
import { buildProgram } from "./main.ts";
import { Flag, checkDataDir, collect, flag, oneOf, parseCountTo, parseDuration, parseSize } from "./options.ts";

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

test("counts are whole, positive, and no larger than makes sense", () => {
  expect(parseCountTo(1000)("3")).toBe(3);
  for (const text of ["0", "2.5", "1e9", "1001", "-1", "0x10", " "])
    expect(() => parseCountTo(1000)(text), text).toThrow(/a whole number from 1 to 1000/);
});

test('an empty value is refused: --out "" would fill the current folder', () => {
  const made = new Command("run").addOption(flag("--out <dir>", "")).exitOverride();
  expect(() => made.parse(["--out", ""], { from: "user" })).toThrow(/^--out or LIGHTNET_BENCH_OUT: a value is needed/);
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
    .addOption(flag("--filter <f>", "").argParser(collect))
    .addOption(flag("--json", ""))
    .addOption(flag("--resume [run]", ""));
  addNegations(made);
  return made.exitOverride();
}

/** What a command line means in these surroundings. */
function meaning(args: readonly string[], environment: NodeJS.ProcessEnv, folder = "/nowhere") {
  const made = command().parse([...args], { from: "user" });
  applyDefaults(made, { environment, folder });
  return made.opts<{ scale: string; filter?: string[]; json?: boolean; resume?: string | true }>();
}

test.each(["0", "false", "no", "", "off", "FALSE"])("LIGHTNET_BENCH_JSON=%j means off", (value) => {
  expect(meaning([], { LIGHTNET_BENCH_JSON: value }).json).toBe(false);
});

test.each(["1", "true", "yes", "on", "True"])(
  "LIGHTNET_BENCH_JSON=%j means on, and --no-json wins over it",
  (value) => {
    expect(meaning([], { LIGHTNET_BENCH_JSON: value }).json).toBe(true);
    expect(meaning(["--no-json"], { LIGHTNET_BENCH_JSON: value }).json).toBe(false);
  },
);

test("any other word for a boolean is refused under the variable's name", () => {
  expect(() => meaning([], { LIGHTNET_BENCH_JSON: "maybe" })).toThrow(/^LIGHTNET_BENCH_JSON: .* got "maybe"/);
});

test("the environment twin of a repeated flag takes several; an empty one of a flag with a value says nothing", () => {
  expect(meaning([], { LIGHTNET_BENCH_FILTER: "N=256,512; contender=a" }).filter).toEqual(["N=256,512", "contender=a"]);
  expect(meaning(["--filter", "N=1"], { LIGHTNET_BENCH_FILTER: "N=2" }).filter).toEqual(["N=1"]);
  expect(meaning([], { LIGHTNET_BENCH_SCALE: "" }).scale).toBe("smoke");
});

test("flags win over environment, environment over file, file over defaults", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  expect(meaning([], {}, folder).scale).toBe("smoke");
  writeFileSync(join(folder, CONFIG_FILE), '{"scale":"paper","filter":["N=1","N=2"],"json":false,"resume":true}');
  expect(meaning([], {}, folder)).toEqual({ scale: "paper", filter: ["N=1", "N=2"], json: false, resume: true });
  expect(meaning([], { LIGHTNET_BENCH_SCALE: "small" }, folder).scale).toBe("small");
  expect(meaning(["--scale", "smoke"], { LIGHTNET_BENCH_SCALE: "small" }, folder).scale).toBe("smoke");
});

test("a config file with an unknown option or broken JSON is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  const file = join(folder, CONFIG_FILE);
  writeFileSync(file, '{"scal":"paper"}');
  expect(() => meaning([], {}, folder)).toThrow(/Did you mean scale\?/);
  writeFileSync(file, "{");
  expect(() => meaning([], {}, folder)).toThrow(file);
});

test("a config file may name options of any command, those of nested ones included", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  writeFileSync(join(folder, "lightnet-bench.config.json"), '{"scale":"small"}');
  const program = new Command("program");
  program.addCommand(command());
  const nested = program.command("data").command("list");
  expect(() => applyDefaults(nested, { environment: {}, folder })).not.toThrow();
});

test("a data folder that is not there, or is a file, is refused: it would quietly mean generated data", () => {
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  expect(() => checkDataDir({ dataDir: folder })).not.toThrow();
  expect(() => checkDataDir({})).not.toThrow();
  expect(() => checkDataDir({ dataDir: join(folder, "typo") })).toThrow(/there is no folder .*typo/);
  writeFileSync(join(folder, "file"), "");
  expect(() => checkDataDir({ dataDir: join(folder, "file") })).toThrow(/is a file/);
});

function commandsBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}

test.each(commandsBelow(buildProgram()).map((command) => [command.name(), command.options] as const))(
  "%s: every flag has a twin in the environment, and every boolean one a negation",
  (_name, options) => {
    const own = options.filter(({ negate, long }) => !negate && long !== "--version");
    expect(own.filter((option) => !(option instanceof Flag))).toEqual([]);
    const negated = options.filter(({ negate }) => negate).map((option) => option.name());
    expect(negated).toEqual(own.filter((option) => option.isBoolean()).map((option) => `no-${option.name()}`));
  },
);
