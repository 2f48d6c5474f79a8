#!/usr/bin/env node
// The command: makes a fresh clone ready (see scripts/bootstrap.mjs), then hands over to the compiled program.

import { existsSync } from "node:fs";

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };
for (const [name, code] of Object.entries(SIGNALS)) {
  process.on(name, () => {
    console.error("lightnet-bench: stopped before it began");
    process.exit(code);
  });
}

/** These answer without the kernels of the wasm engine. */
const WITHOUT_KERNELS = ["help", "list", "doctor", "data"];
const [command = "help", ...words] = process.argv.slice(2);
const kernels =
  !WITHOUT_KERNELS.includes(command) && !/^(-h|--help|-V|--version)$/m.test([command, ...words].join("\n"));

const bootstrapFile = new URL("../scripts/bootstrap.mjs", import.meta.url);
if (existsSync(bootstrapFile)) await (await import(bootstrapFile.href)).bootstrap({ kernels });

const { start } = await import("../dist/src/cli/main.js");
await start(process.argv.slice(2));
