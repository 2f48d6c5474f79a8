// `reproduce`: the main job. Every suite, then tables, charts and one page.

import type { Command } from "commander";
import { quoted } from "./quoted.ts";
import { addRunFlags, readRunFlags } from "./run-flags.ts";
import { suites } from "./suites.ts";

export function addReproduce(program: Command): void {
  const command = addRunFlags(
    program.command("reproduce").description("run every suite, then write tables, charts and the report"),
  );
  command.action(async () => {
    const flags = readRunFlags(command);
    const { launch } = await import("./launch.ts");
    const typed = `lightnet-bench ${process.argv.slice(2).map(quoted).join(" ")}`;
    process.exitCode = await launch(suites.all(), flags, typed, { takesAlong: true });
  });
}
