// Atoms in children of this process.

import { systemClock } from "#base/clock";
import { hashJson } from "#base/json";
import { host } from "#host/current";
import { describeEnvironment } from "../environment.ts";
import { measure } from "../measure.ts";
import type { Executor } from "./executor.ts";

export const runLocally: Executor = async ({ device, manifest: begun, writer, ...execution }) => {
  const { options } = execution;
  const environment = describeEnvironment(options.engine, device!);
  const environments = { ...begun.environments, [hashJson(environment)]: environment };
  const manifest = { ...begun, environments };
  writer.writeManifest(manifest);
  const keep = async (_atom: unknown, records: Parameters<typeof writer.appendAtom>[0]) => {
    writer.appendAtom(records);
    await host.files.saved();
  };
  const leftOver = await measure({ ...execution, environment, paths: writer.paths, keep });
  if (leftOver === 0) writer.writeManifest({ ...manifest, finishedAt: systemClock.timestamp() });
  return leftOver;
};
