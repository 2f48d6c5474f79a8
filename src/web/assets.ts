// The files that a page and its workers fetch from beside them, and their names there.

import { EnvironmentError } from "#base/errors";
import type { PageAbout, PageAssets } from "#host/page/host";
import { LIBRARIES } from "#report/page/libraries";

/** This package's files by their paths from package.json: a worker needs them. */
export const OWN_FILES = ["dist/kernels/relaxed.wasm", "dist/kernels/simd.wasm"] as const;

/** Browser builds of libraries, which the page draws with and puts into reports; by package and file. */
export const LIBRARY_FILES = LIBRARIES.map(([name, file]) => `${name}/${file}`);

/** What is known of this copy, written at the time of bundling. */
export const ABOUT_FILE = "about.json";

/** The code behind the cases of each engine, by `work engine`. */
export interface About extends PageAbout {
  readonly codeHashes: Readonly<Record<string, string>>;
}

/** `chart.js/chart.umd.min.js` lies at `chart.js-chart.umd.min.js`, files of this package under their own names. */
export function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return LIBRARY_FILES.includes(path) ? path.replace("/", "-") : name;
}

/** @throws {EnvironmentError} one is not there */
export async function assetsAt(
  base: string,
  paths: readonly string[],
): Promise<PageAssets & { readonly about: About }> {
  const files = await Promise.all(
    paths.map(async (path) => [path, new Uint8Array(await (await got(base + nameOf(path))).arrayBuffer())] as const),
  );
  const about = (await (await got(base + ABOUT_FILE)).json()) as About;
  return { base, files: new Map(files), about };
}

async function got(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new EnvironmentError(`${address}: the server answered ${response.status}`);
  return response;
}
