/// <reference types="@webgpu/types" />
// Dawn, from the npm package `webgpu`: loading it, finding an adapter, and saying precisely why there is none.

import type * as dawnModule from "webgpu";
import { EnvironmentError, describeError } from "#base/errors";
import { host } from "#host/current";
import type { EngineOptions } from "../engine.ts";
import { POWER_PREFERENCE } from "./device.ts";

type Dawn = typeof dawnModule;

export interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly globals: object;
}

/** Timestamps are rounded to 65 536 ns, against side channels of web pages, unless this is off. */
const OPTIONS = ["disable-dawn-features=timestamp_quantization"];

/** Where the dynamic loader of a Linux system looks, as far as distributions agree. */
const LIBRARY_FOLDERS = [
  "/usr/local/lib",
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
];
const DRIVER_FOLDERS = ["/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** Dawn keeps a thread alive for as long as this is referred to. */
let dawn: Dawn | undefined;

async function loadDawn(): Promise<Dawn> {
  try {
    return (dawn ??= await import("webgpu"));
  } catch (error) {
    throw new EnvironmentError(
      `The optional package \`webgpu\` is not installed or does not load on ${process.platform}-${process.arch} (${describeError(error)}). Install it: npm install webgpu`,
      {},
      { cause: error },
    );
  }
}

/**
 * The adapter whose name contains `gpuAdapter`, or the one that Dawn prefers.
 *
 * @throws {EnvironmentError} no package, no Vulkan loader, no driver, or no adapter of that name
 */
export async function findAdapter({ gpuAdapter }: EngineOptions): Promise<FoundAdapter> {
  const { create, globals } = await loadDawn();
  // Asked first, because Dawn would only print a warning and find nothing.
  if (process.platform === "linux" && !hasVulkanLoader()) {
    throw new EnvironmentError(
      "WebGPU needs the Vulkan loader (libvulkan.so.1), which is not here. On Debian and Ubuntu: apt-get install libvulkan1",
    );
  }
  const { gpu, adapter } = await request(create, OPTIONS, gpuAdapter);
  if (adapter === null) throw new EnvironmentError(`No GPU adapter was found. ${driversFound()}`);
  return { gpu, adapter, globals };
}

/** What Dawn's types do not name yet. */
interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/**
 * Shapes of matrix products within a subgroup (tensor cores) on the adapter that `findAdapter` finds, in words. Dawn shows them, as an experiment,
 * only to those who ask for unsafe features: this asks in an instance of its own. No kernel uses them.
 */
export async function subgroupMatrices({ gpuAdapter }: EngineOptions): Promise<string> {
  const { create } = await loadDawn();
  const { adapter } = await request(create, [...OPTIONS, "enable-dawn-features=allow_unsafe_apis"], gpuAdapter);
  if (adapter?.features.has("chromium-experimental-subgroup-matrix" as GPUFeatureName) !== true) return "none offered";
  const { subgroupMatrixConfigs = [] } = adapter.info as GPUAdapterInfo & {
    readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
  };
  const shapes = subgroupMatrixConfigs.map(
    ({ componentType, resultComponentType, M, N, K }) => `${componentType} to ${resultComponentType} ${M}x${N}x${K}`,
  );
  return `offered, not used: ${shapes.join("; ")}`;
}

async function request(
  create: Dawn["create"],
  options: readonly string[],
  gpuAdapter: string | undefined,
): Promise<{ gpu: GPU; adapter: GPUAdapter | null }> {
  const ask = async (name: string | undefined) => {
    const gpu = create(name === undefined ? [...options] : [...options, `adapter=${name}`]);
    return { gpu, adapter: await gpu.requestAdapter({ powerPreference: POWER_PREFERENCE }) };
  };
  try {
    return await ask(gpuAdapter);
  } catch (error) {
    // Dawn answers a name that is not exactly part of one with the list of names.
    const answer = describeError(error).replace(/\s*\n\s*/g, " ");
    const like =
      gpuAdapter === undefined
        ? undefined
        : [...answer.matchAll(/name: '([^']+)'/g)]
            .map(([, name]) => name!)
            .find((name) => plain(name).includes(plain(gpuAdapter)));
    if (like !== undefined && like !== gpuAdapter) return ask(like);
    throw new EnvironmentError(
      `No GPU adapter's name contains "${gpuAdapter ?? ""}": ${answer}`,
      { gpuAdapter },
      { cause: error },
    );
  }
}

/** As adapters name themselves to `doctor` and in records: small letters, and dashes for the rest. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

function hasVulkanLoader(): boolean {
  const searched = [
    ...(process.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== ""),
    ...LIBRARY_FOLDERS,
  ];
  return searched.some((folder) => host.files.kind(`${folder}/libvulkan.so.1`) !== undefined);
}

/** What the Vulkan loader could use, in words. */
function driversFound(): string {
  if (process.platform !== "linux") return "Update the graphics driver.";
  const named = process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"];
  const listed = DRIVER_FOLDERS.filter((folder) => host.files.kind(folder) === "folder").flatMap(host.files.list);
  const drivers = named ?? (listed.length === 0 ? "none" : listed.join(", "));
  return `The Vulkan loader is here; its drivers: ${drivers}. A GPU needs its vendor's Vulkan driver; in an NVIDIA container NVIDIA_DRIVER_CAPABILITIES must include "graphics".`;
}
