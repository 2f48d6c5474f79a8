// What the operating system says, in words.

import { FileError } from "../host.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "may not be opened by this user (permission denied)",
  EPERM: "may not be changed by this user (not permitted)",
  EROFS: "lies on a read-only file system",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "has a part in its path that is no folder",
  ENAMETOOLONG: "has a name that is too long for the file system",
  ELOOP: "is a link, or a circle of links",
  ENXIO: "is no regular file",
  ENOSPC: "does not fit on the disk (no space left)",
  EDQUOT: "does not fit into this user's share of the disk (quota)",
  EFBIG: "is larger than the system allows",
  EMFILE: "cannot be opened: too many files are open",
};

/** A `FileError` for anything that an operation on a file throws. */
export function fileError(error: unknown): FileError {
  if (error instanceof FileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = (code === undefined ? undefined : REASONS[code]) ?? `cannot be used (${code ?? message})`;
  return new FileError(reason, { isMissing: code === "ENOENT", cause: error });
}

/** Runs an operation on files; what it throws becomes a `FileError`. */
export function inWords<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw fileError(error);
  }
}
