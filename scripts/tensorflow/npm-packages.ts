// Packages from the npm registry, unpacked without running anything of theirs.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { DataError } from "#base/errors";
import type { NpmPackage } from "./pins.ts";

const packSchema = z.array(z.looseObject({ filename: z.string() })).length(1);

/**
 * Downloads a package with npm, checks its integrity and unpacks it to `folder`/node_modules.
 *
 * @returns bytes downloaded
 * @throws {DataError} what came is not what the pin says
 */
export async function installPackage({ name, version, integrity }: NpmPackage, folder: string): Promise<number> {
  const downloads = join(folder, "downloads");
  mkdirSync(downloads, { recursive: true });
  const { stdout } = await execa(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", downloads, `${name}@${version}`],
    { cwd: folder },
  );
  // Some versions of npm tell the name of a scoped package with its slash, and write it with a dash.
  const filename = packSchema.parse(JSON.parse(stdout))[0]!.filename.replace(/^@/, "").replace("/", "-");
  const archive = join(downloads, filename);
  const content = readFileSync(archive);
  checkIntegrity(archive, content, integrity);
  const target = join(folder, "node_modules", name);
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await execa("tar", ["-xzf", archive, "-C", partial, "--strip-components=1"]);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(dirname(target), { recursive: true });
  renameSync(partial, target);
  rmSync(archive);
  return content.length;
}

/** @throws {DataError} the sha512 differs */
export function checkIntegrity(path: string, content: Uint8Array, integrity: string): void {
  const found = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  if (found !== integrity)
    throw new DataError(
      path,
      `its checksum is ${found}, expected ${integrity}. Do not use it; try another registry or network.`,
    );
}
