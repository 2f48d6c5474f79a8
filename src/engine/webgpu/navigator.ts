/// <reference types="@webgpu/types" />
// The browser's own WebGPU: takes the place of ./dawn.ts in what a page loads (src/web/bundle.ts).

import { EnvironmentError } from "#base/errors";
import type { FoundAdapter } from "./dawn.ts";
import { POWER_PREFERENCE } from "./device.ts";

/**
 * The adapter that the browser prefers; a page cannot choose among several by name.
 *
 * @throws {EnvironmentError} no WebGPU, or no adapter
 */
export async function findAdapter(): Promise<FoundAdapter> {
  const { gpu } = (globalThis as unknown as { readonly navigator: { readonly gpu?: GPU } }).navigator;
  if (gpu === undefined)
    throw new EnvironmentError(
      "This browser has no WebGPU here. It needs https or localhost; in Firefox and on Linux it may have to be switched on.",
    );
  const adapter = await gpu.requestAdapter({ powerPreference: POWER_PREFERENCE });
  if (adapter === null) throw new EnvironmentError("The browser found no GPU adapter that it may use.");
  return { gpu, adapter, globals: {} };
}

/** Browsers do not show them to pages. */
export function subgroupMatrices(): Promise<string> {
  return Promise.resolve("not shown to pages");
}
