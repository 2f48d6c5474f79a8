// Every command that the documents show exists and parses.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { describeExitCodes } from "#base/errors";
import { packageRoot } from "#host/package";
import { suites } from "./suites.ts";
import { buildProgram } from "./main.ts";

const DOCUMENTS = [
  "README.md",
  "REPRODUCING.md",
  "CONTRIBUTING.md",
  "results/README.md",
  "docs/tensorflow.md",
  "docs/measurement.md",
  "docs/findings.md",
  "docs/artifact.md",
  "SECURITY.md",
];

const commands = DOCUMENTS.flatMap((file) => {
  const text = readFileSync(join(packageRoot(), file), "utf8");
  const inline = [...text.matchAll(/`((?:npx )?lightnet-bench [^`]+|npm run [^`]+|npm test)`/g)].map(([, command]) =>
    command!.replaceAll("\n", " "),
  );
  const inBlocks = [...text.matchAll(/^```[^\n]*\n(.*?)^```/gms)].flatMap(
    ([, block]) => block!.match(/^(?:npx lightnet-bench|npm run|npm test).*$/gm) ?? [],
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
