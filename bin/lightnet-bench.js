#!/usr/bin/env node
// The command: makes a fresh clone ready (see scripts/bootstrap.mjs), then hands over to the compiled program.

import { existsSync } from "node:fs";

const bootstrapFile = new URL("../scripts/bootstrap.mjs", import.meta.url);
if (existsSync(bootstrapFile)) (await import(bootstrapFile.href)).bootstrap();

const { start } = await import("../dist/src/cli/main.js");
await start(process.argv.slice(2));
