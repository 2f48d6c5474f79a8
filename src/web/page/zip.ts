// A run as a zip: the folder that every command of the command line reads.

import { strToU8, zipSync } from "fflate";
import { host } from "#host/current";
import { runPaths } from "#store/layout";

const LARGEST = Infinity;

/** Manifest and records of a run, in a folder of its name. */
export function zipOf(folder: string): Uint8Array<ArrayBuffer> {
  const name = host.files.basename(folder);
  const { manifest, records } = runPaths(folder);
  const files = [manifest, records].filter((path) => host.files.kind(path) === "file");
  return zipSync(
    Object.fromEntries(
      files.map((path) => [`${name}/${host.files.basename(path)}`, strToU8(host.files.readText(path, LARGEST))]),
    ),
  );
}
