// Every command that the documents show exists and parses; those that take no time run.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { describeExitCodes } from "#base/errors";
import { packageRoot } from "#host/package";
import { suites } from "./suites.ts";
import { buildProgram } from "./main.ts";

const DOCUMENTS = [
  ...["README.md", "REPRODUCING.md", "CONTRIBUTING.md", "SECURITY.md", "results/README.md"],
  ...readdirSync(join(packageRoot(), "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const commands = DOCUMENTS.flatMap((file) => {
  const text = readFileSync(join(packageRoot(), file), "utf8");
  const inline = [...text.matchAll(/`((?:npx )?lightnet-bench [^`]+|npm run [^`]+|npm test)`/g)].map(([, command]) =>
    command!.replaceAll("\n", " "),
  );
  const inBlocks = [...text.matchAll(/^```[^\n]*\n(.*?)^```/gms)].flatMap(([, block]) =>
    [...block!.matchAll(/^\s*(?:- )?(?:run: )?((?:npx lightnet-bench|npm run|npm test).*)$/gm)].map(([, line]) =>
      line!.replace(/\s+(?:#|>).*$/, ""),
    ),
  );
  return [...inline, ...inBlocks].map((command) => [file, command] as const);
});

/** Handlers do nothing, so that a command only parses; the suites that `run` names must exist. */
function silence(command: Command): void {
  command.action(() => {
    if (command.name() === "run") for (const id of command.args) if (id !== "x") suites.get(id);
  });
  command.exitOverride();
  command.commands.forEach(silence);
}

test("README lists the exit codes as the program has them", () => {
  const text = readFileSync(join(packageRoot(), "README.md"), "utf8").replaceAll(/\s+/g, " ");
  expect(text).toContain(`Exit codes: ${describeExitCodes()}. `);
});

test("the documents show commands", () => {
  expect(commands.length).toBeGreaterThan(15);
});

test.each(commands)("%s: %s", async (_file, command) => {
  const words = command
    .replace(/^npx /, "")
    .replaceAll(/"[^"]*"|<[^>]*>|…/g, "x")
    .split(/\s+/);
  if (words[0] === "npm") {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts).toHaveProperty([words[1] === "run" ? words[2]! : "test"]);
    return;
  }
  const program = buildProgram();
  program.commands.forEach(silence);
  await program.parseAsync(words.slice(1), { from: "user" });
});

/** Lists, plans of nothing, and tables of a small published run: no engine, no network, nothing written. */
const CHEAP = /^npx lightnet-bench (?:list |data list|tables .*--run results\/published\/)/;
const cheap = [...new Set(commands.map(([, command]) => command))].filter(
  (command) => CHEAP.test(command) && !/<|--data-dir/.test(command),
);

afterEach(() => vi.restoreAllMocks());

test("the documents show commands that can be run here", () => {
  expect(cheap.length).toBeGreaterThan(4);
});

test.each(cheap)("runs: %s", { timeout: 60_000 }, async (command) => {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  await buildProgram().parseAsync(command.split(/\s+/).slice(2), { from: "user" });
  expect(printed.mock.calls.flat().join("\n").length).toBeGreaterThan(40);
});

test("the README's way to the best contender on MNIST answers with a difference and its limits", async () => {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const [, command] = commands.find(([file, text]) => file === "README.md" && text.includes("mnist-models-small"))!;
  await buildProgram().parseAsync(command.split(/\s+/).slice(2), { from: "user" });
  expect(printed.mock.calls.flat().join("\n")).toMatch(
    /scores worse than its best multiplicative rival, Mamba-2[^]*−1\.2 \[−1\.5, −0\.9\] points[^]*\n {2}Mamba-2, 2 scans \(no position\) +97\.6 /,
  );
});
