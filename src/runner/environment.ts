// The machine and the code of a run, as every record refers to them.

import { execaSync } from "execa";
import { cpus, hostname, platform, release, totalmem } from "node:os";
import { host } from "#host/current";
import type { DeviceDescription } from "#engine/engine";
import type { Environment } from "#store/record";
import { shortHash } from "#base/json";
import { packageManifest, packageRoot } from "#host/package";

const PACKAGES = [
  "@tensorflow/tfjs",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "webgpu",
  "tinybench",
] as const;

export function describeEnvironment(engine: string, device: DeviceDescription): Environment {
  return {
    host: shortHash(hostname()), // tells machines apart without naming them
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: host.machine.processor,
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    nodeFlags: [...process.execArgv],
    packages: packageVersions(),
    engine,
    device: { ...device, details: { ...device.details } },
    ...gitState(),
  };
}

function packageVersions(): Record<string, string> {
  const { dependencies, optionalDependencies, version } = packageManifest();
  return {
    "lightnet-bench": version,
    ...Object.fromEntries(
      PACKAGES.map((name) => [name, dependencies[name] ?? optionalDependencies[name] ?? "unknown"]),
    ),
  };
}

/** Commit and dirty flag of the checkout this code runs from; absent outside a git checkout. */
function gitState(): { gitCommit?: string; gitDirty?: boolean } {
  const cwd = packageRoot();
  const commit = execaSync({ cwd, reject: false })`git rev-parse HEAD`;
  if (commit.exitCode !== 0) return {};
  const status = execaSync({ cwd, reject: false })`git status --porcelain`;
  return { gitCommit: commit.stdout.trim(), gitDirty: status.stdout.trim() !== "" };
}
