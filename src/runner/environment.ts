// The machine and the code of a run, as every record refers to them.

import type { DeviceDescription } from "#engine/engine";
import { host } from "#host/current";
import type { Environment } from "#store/record";

export function describeEnvironment(engine: string, device: DeviceDescription): Environment {
  return {
    ...host.machine.facts,
    packages: host.packages.versions(),
    engine,
    device: { ...device, details: { ...device.details } },
    ...host.packages.commit(),
  };
}
