// Output of a run: a full disk or a forbidden folder says its name and what to do.

import { EnvironmentError } from "#base/errors";
import { host } from "#host/current";
import { FileError } from "#host/host";

/**
 * Writes a whole file, all parts of it, or leaves the old one.
 *
 * @throws {EnvironmentError} it cannot be written
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | Iterable<string>): void {
  writable(path, "Check the folder's rights and the room on the disk.", () => host.files.write(path, content));
}

/** @throws {EnvironmentError} what the file system says about the operation, and the remedy */
export function writable<T>(path: string, remedy: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new EnvironmentError(
      `${path} cannot be written (it ${error.message}). ${remedy}`,
      { path },
      { cause: error },
    );
  }
}
