// `doctor`: which engines can be used here, and why not; what the machine is.

import { cpus, totalmem, loadavg } from "node:os";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { packageManifest } from "#host/package";
import { formatBytes } from "#base/units";
import { engines } from "#engine/registry";
import { listGpus } from "#engine/tensorflow/nvidia";
import { host } from "#host/current";
import { flag } from "./options.ts";

interface DoctorFlags {
  readonly json?: boolean;
  readonly gpuAdapter?: string;
}

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("engines available here or the reason why not; CPU, memory, GPU, versions")
    .addOption(flag("--json", "as JSON"))
    .addOption(flag("--gpu-adapter <name>", "part of the name of the GPU adapter to look for"));
  command.action(async () => {
    const flags = command.opts<DoctorFlags>();
    const findings = await examine(flags.gpuAdapter);
    console.log(flags.json === true ? JSON.stringify(findings, undefined, 2) : asText(findings));
  });
}

type Findings = Awaited<ReturnType<typeof examine>>;

async function examine(gpuAdapter: string | undefined) {
  const { probeEngine } = await import("#runner/choose-engine");
  const { version, dependencies } = packageManifest();
  const engineReports = [];
  for (const { id, title } of engines.all())
    engineReports.push({ id, title, ...(await probeEngine(id, { gpuAdapter })) });
  return {
    machine: {
      cpu: host.machine.processor,
      cores: cpus().length,
      memoryBytes: totalmem(),
      load: loadavg()[0]!,
      platform: `${process.platform} ${process.arch}`,
      gpu: nvidiaGpu(),
    },
    versions: { "lightnet-bench": version, node: process.version, tfjs: dependencies["@tensorflow/tfjs"] ?? "unknown" },
    engines: engineReports,
  };
}

/** Name and driver of the first NVIDIA GPU, as nvidia-smi tells. */
function nvidiaGpu(): string {
  const [gpu] = listGpus();
  if (gpu !== undefined) return `${gpu.name}, ${gpu.driver}`;
  return existsSync("/dev/dri") ? "a GPU device that nvidia-smi does not know" : "none found";
}

function asText({ machine, versions, engines: reports }: Findings): string {
  const lines = [
    `machine   ${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}, load ${machine.load.toFixed(2)}, ${machine.platform}`,
    `gpu       ${machine.gpu}`,
    `versions  ${Object.entries(versions)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
    "engines",
  ];
  for (const report of reports) {
    if (report.type === "unavailable") {
      lines.push(`  ${report.id.padEnd(11)} not available: ${report.reason}`);
      continue;
    }
    const { name, software, details } = report.device;
    const facts = Object.entries(details).map(([key, value]) => `${key} ${String(value)}`);
    lines.push(
      `  ${report.id.padEnd(11)} available: ${[name, ...(software ? ["software GPU, never timed"] : []), ...facts].join(", ")}`,
    );
  }
  return lines.join("\n");
}
