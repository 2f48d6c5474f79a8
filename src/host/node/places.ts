// What lies where.

import { readdirSync, rmSync, statSync } from "node:fs";
import type { Seconds } from "#base/units";
import { inWords } from "./errors.ts";

export function kind(path: string): "file" | "folder" | "other" | undefined {
  const stats = inWords(() => {
    try {
      return statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined; // below a file there is nothing
      throw error;
    }
  });
  if (stats === undefined) return undefined;
  return stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
}

export function changedAt(path: string): Seconds {
  return inWords(() => statSync(path)).mtimeMs / 1000;
}

export function list(folder: string): string[] {
  return inWords(() => readdirSync(folder)).sort();
}

export function remove(path: string): void {
  inWords(() => rmSync(path, { force: true, recursive: true }));
}
