// Takes the place of runner/modules.ts in what a page loads: a page reads no files of code.

import { UsageError } from "#base/errors";
import type { LoadedModule } from "#runner/modules";

export type { LoadedModule };

export function loadModule(): Promise<LoadedModule> {
  return Promise.reject(new UsageError("a page reads no files of code: run this contender in Node"));
}
