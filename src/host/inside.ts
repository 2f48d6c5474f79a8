// Places of files that a run folder or a report names.

import { StoreError } from "#base/errors";
import { host } from "./current.ts";

/**
 * The path of a file in a folder.
 *
 * @throws {StoreError} it leads out of the folder, by its name or by a link
 */
export function pathInside(folder: string, path: string): string {
  const target = host.files.resolve(folder, path);
  if (!host.files.isInside(folder, path))
    throw new StoreError(target, `leads out of ${folder}. Remove the link, or choose another folder.`, { folder });
  return target;
}
