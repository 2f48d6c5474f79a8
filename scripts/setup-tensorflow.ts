// Sets up engine `tensorflow`: npm run setup:tensorflow [-- --gpu …]. See docs/tensorflow.md.

import { readdirSync, rmSync } from "node:fs";
import { EXIT, HarnessError, UsageError, describeError } from "#base/errors";
import { formatBytes } from "#base/units";
import { defaultPrefix } from "#engine/tensorflow/installation";
import { install, lock, uninstall } from "./tensorflow/install.ts";
import { type SetUpRequest, USAGE, parseRequest } from "./tensorflow/request.ts";

const say = (line: string) => {
  console.error(`setup:tensorflow: ${line}`);
};

async function setUp({ prefix, source }: Extract<SetUpRequest, { action: "install" }>): Promise<void> {
  const start = performance.now();
  const release = lock(prefix);
  try {
    const { folder, manifest, device, wasThere, downloadBytes } = await install(prefix, source, say);
    const what = `TensorFlow ${manifest.tensorflow.version}${manifest.gpu ? " with CUDA" : ""} for ${manifest.package.name} ${manifest.package.version}`;
    const took = `${formatBytes(downloadBytes)} downloaded, ${((performance.now() - start) / 1000).toFixed(1)} s`;
    console.log(
      wasThere ? `${what} is set up in ${folder}` : `${what} set up in ${folder}, checked on ${device} (${took})`,
    );
    if (prefix !== defaultPrefix()) console.log(`Tell the engine: export LIGHTNET_BENCH_TENSORFLOW=${prefix}`);
  } finally {
    release();
  }
}

function remove(prefix: string): void {
  const release = lock(prefix);
  const found = uninstall(prefix);
  release();
  if (readdirSync(prefix).length === 0) rmSync(prefix, { recursive: true });
  console.log(found ? `removed ${prefix}` : `nothing is set up in ${prefix}`);
}

async function main(): Promise<number> {
  let isOptional = false;
  try {
    const request = parseRequest(process.argv.slice(2), process.env);
    if (request.action === "help") console.log(USAGE);
    else if (request.action === "uninstall") remove(request.prefix);
    else {
      isOptional = request.optional;
      await setUp(request);
    }
    return EXIT.ok;
  } catch (error) {
    say(error instanceof HarnessError ? error.message : describeError(error));
    if (isOptional && !(error instanceof UsageError)) {
      say("left out, as it is optional; the other engines work without it");
      return EXIT.ok;
    }
    return error instanceof HarnessError ? error.exitCode : EXIT.environment;
  }
}

process.exitCode = await main();
