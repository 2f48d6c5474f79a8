// Paths that stay in their folder, whatever links lie on the way.

import { lstatSync, realpathSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";

/** Whether a path, links followed, lies in a folder. What does not exist yet is judged by where it would be made. */
export function isInside(folder: string, path: string): boolean {
  const [root, target] = [resolve(folder), resolve(folder, path)];
  if (!isBelow(root, target)) return false;
  try {
    const existing = nearest(root, target);
    return existing === root || isBelow(realpathSync(root), realpathSync(existing));
  } catch (error) {
    // A link to nowhere or in a circle is none of ours. Whatever else stands in the way is told by who opens the file.
    return !["ENOENT", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

/** The path itself, or the nearest folder above it that exists. */
function nearest(root: string, path: string): string {
  let existing = path;
  while (existing !== root && lstatSync(existing, { throwIfNoEntry: false }) === undefined)
    existing = dirname(existing);
  return existing;
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
