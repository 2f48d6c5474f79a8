// The files that a page's worker fetches from beside it, and their names there.

import { EnvironmentError } from "#base/errors";
import type { PageAssets } from "#host/page/host";

/** This package's files by their paths from package.json. */
export const OWN_FILES = ["dist/kernels/relaxed.wasm", "dist/kernels/simd.wasm"] as const;

/** Versions of the packages that compute, written at the time of bundling. */
export const VERSIONS_FILE = "versions.json";

export const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** @throws {EnvironmentError} one is not there */
export async function assetsAt(base: string): Promise<PageAssets> {
  const files = await Promise.all(
    OWN_FILES.map(
      async (path) => [path, new Uint8Array(await (await got(base + nameOf(path))).arrayBuffer())] as const,
    ),
  );
  const versions = (await (await got(base + VERSIONS_FILE)).json()) as Readonly<Record<string, string>>;
  return { base, files: new Map(files), versions };
}

async function got(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new EnvironmentError(`${address}: the server answered ${response.status}`);
  return response;
}
