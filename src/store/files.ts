// Writing files so that a reader never sees half of one, and a full disk or a forbidden folder says its name.

import { EnvironmentError, describeError } from "#base/errors";
import { host } from "#host/current";

/**
 * Writes a whole file, or leaves the old one.
 *
 * @throws {EnvironmentError} it cannot be written
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  try {
    host.files.write(path, content);
  } catch (error) {
    throw new EnvironmentError(
      `${path} cannot be written (it ${describeError(error)}). Check the folder's rights and the room on the disk.`,
      { path },
      { cause: error },
    );
  }
}
