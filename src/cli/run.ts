// `run [suite…]`: the named suites, all of them by default.

import type { Command } from "commander";
import { Registry } from "#base/registry";
import type { Suite } from "#case/suite";
import { loadManifest } from "#store/load";
import { findRun } from "#store/layout";
import { quoted } from "./quoted.ts";
import { addRunFlags, readRunFlags } from "./run-flags.ts";
import { readSuites } from "./own-suites.ts";
import { suites } from "./suites.ts";

const EXAMPLES = `
Examples:
  lightnet-bench run scan-count --dry-run                     what would run
  lightnet-bench run decode --filter N=1024 --name before     one length, kept as "before"
  lightnet-bench run --resume before                          go on where it stopped
  lightnet-bench run --scale small --run-budget 8h            overnight; exit 5 when work is left`;

export function addRun(program: Command): void {
  const command = addRunFlags(
    program
      .command("run")
      .description("run suites and write their report")
      .argument("[suite...]", "suites to run (default: all)"),
  ).addHelpText("after", EXAMPLES);
  command.action(async (names: string[]) => {
    const flags = readRunFlags(command);
    const resumed =
      flags.resume === undefined ? undefined : loadManifest(findRun(flags.resume === true ? flags.out : flags.resume));
    const own = await readSuites(flags.suite);
    const known = new Registry<Suite>("suite", [...suites.all(), ...own]);
    const others = own.length > 0 ? own.map(({ id }) => id) : suites.ids();
    const wanted = names.length > 0 ? [...names, ...own.map(({ id }) => id)] : (resumed?.suites ?? others);
    const chosen = [...new Set(wanted)].map((name) => known.get(name));
    const { launch } = await import("./launch.ts");
    process.exitCode = await launch(chosen, flags, `lightnet-bench ${process.argv.slice(2).map(quoted).join(" ")}`);
  });
}
