/// <reference types="@webgpu/types" />
// From an adapter to a device with all that the adapter offers, and from the errors that Dawn reports on the side to
// errors that are thrown.

import { EnvironmentError, HarnessError } from "#base/errors";
import type { DeviceDescription } from "../engine.ts";

/** Used where the adapter has them. */
const FEATURES = ["timestamp-query", "shader-f16", "subgroups"] as const;

/** Limits that default to what the weakest phone can do. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Which of several GPUs is asked for: the fastest one, whatever it draws. */
export const POWER_PREFERENCE = "high-performance";

/** Adapters that compute on the CPU, by the names they give themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|software/i;

/** The subset of GPUAdapterInfo that the standard's types and Dawn's agree on, and what Dawn adds. */
type AdapterInfo = GPUAdapterInfo & {
  readonly isFallbackAdapter?: boolean;
  readonly subgroupMinSize?: number;
  readonly subgroupMaxSize?: number;
};

/** What the adapter says of itself. @param subgroupMatrices what `subgroupMatrices` of dawn.ts found, where it was asked */
export function describeAdapter(adapter: GPUAdapter, subgroupMatrices?: string): DeviceDescription {
  const info = adapter.info as AdapterInfo;
  const name = [info.description, info.device, info.vendor].find((part) => part !== "") ?? "unnamed GPU";
  return {
    kind: "gpu",
    name: info.device !== "" && !name.includes(info.device) ? `${info.device} (${name})` : name,
    software:
      info.isFallbackAdapter === true ||
      SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`),
    details: {
      vendor: info.vendor,
      architecture: info.architecture,
      driver: info.description,
      "power preference": POWER_PREFERENCE,
      features: FEATURES.filter((feature) => adapter.features.has(feature)).join(" "),
      ...(info.subgroupMinSize === undefined
        ? {}
        : { "subgroup size": `${info.subgroupMinSize} to ${info.subgroupMaxSize}` }),
      ...(subgroupMatrices === undefined ? {} : { "subgroup matrices": subgroupMatrices }),
      "workgroup memory": adapter.limits.maxComputeWorkgroupStorageSize,
      "largest buffer": adapter.limits.maxStorageBufferBindingSize,
    },
  };
}

/** @throws {EnvironmentError} the driver refuses */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[];
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  try {
    return await adapter.requestDevice({ requiredFeatures, requiredLimits });
  } catch (error) {
    throw new EnvironmentError(`The GPU's driver refused a device: ${(error as Error).message}`, {}, { cause: error });
  }
}

/** The GPU reported an error; what was computed since is worth nothing. */
export class GpuError extends HarnessError {
  override readonly name = "GpuError";
}

/** Collects what Dawn reports asynchronously. `check` throws it, where somebody waits for values. */
export class DeviceFaults {
  #reported: GpuError | undefined;
  #lost: GpuError | undefined;
  #stopped = false;

  constructor(device: GPUDevice) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault(); // Dawn prints it otherwise
      const { error } = event as GPUUncapturedErrorEvent;
      const kind = error.constructor.name.replace(/^GPU|Error$/g, "");
      this.#reported ??= new GpuError(
        "E_GPU",
        `The GPU reported an error (${kind === "OutOfMemory" ? "out of memory" : kind.toLowerCase()}): ${error.message}`,
      );
    });
    void device.lost.then(({ reason, message }) => {
      if (!this.#stopped)
        this.#lost = new GpuError("E_GPU_LOST", `The GPU device was lost (${reason}): ${message}`, { reason });
    });
  }

  /** Device loss is expected from here on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Throws what is behind an error that Dawn threw, which may be reported a moment later, or the error itself. */
  async explain(error: unknown): Promise<never> {
    await new Promise((resolve) => setTimeout(resolve));
    this.check(error);
    throw error;
  }

  /** @throws {GpuError} an error since the last check, or the device is lost */
  check(cause?: unknown): void {
    const fault = this.#lost ?? this.#reported;
    this.#reported = undefined;
    if (fault !== undefined)
      throw cause === undefined ? fault : new GpuError(fault.code, fault.message, fault.facts, { cause });
  }
}
