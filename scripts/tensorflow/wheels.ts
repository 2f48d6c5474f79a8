// Wheels from the Python package index: what a requirement means, its checksum, and what we take out of a wheel.
// pip downloads for one fixed Python version, so that the files are the same whatever Python runs it.

import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { DataError, EnvironmentError } from "#base/errors";
import { shortHash } from "#base/json";
import { WHEELS } from "./pins.ts";

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** The library is the same in the wheels for every Python; the newest releases lose the older ones. */
const PYTHONS = ["3.11", "3.12", "3.13", "3.10"];
/** Oldest and newest glibc 2.x that a wheel may ask for; pip takes each name for itself and implies no older ones. */
const OLDEST_GLIBC = 17;
const NEWEST_GLIBC = 28;

const reportSchema = z.looseObject({
  install: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), version: z.string() }),
      download_info: z.looseObject({ archive_info: z.looseObject({ hashes: z.looseObject({ sha256: z.string() }) }) }),
    }),
  ),
});

/** Options that make pip choose wheels for Linux, one architecture and one Python. */
export function targetOptions(architecture: string, python: string): string[] {
  const machine = architecture === "arm64" ? "aarch64" : "x86_64";
  const releases = Array.from({ length: NEWEST_GLIBC - OLDEST_GLIBC + 1 }, (_, i) => `manylinux_2_${NEWEST_GLIBC - i}`);
  const platforms = [...releases, "manylinux2014"].flatMap((name) => ["--platform", `${name}_${machine}`]);
  const abi = `cp${python.replace(".", "")}`;
  return [
    "--no-deps",
    "--only-binary=:all:",
    "--implementation",
    "cp",
    "--python-version",
    python,
    "--abi",
    abi,
    "--abi",
    "none",
    ...platforms,
  ];
}

export interface Pip {
  readonly python: string;
  readonly architecture: string;
  /** where downloads go */
  readonly folder: string;
}

/**
 * The exact wheels for requirements like `name==1.2.3` or `name<13,>=12.5`, with the index's checksums.
 *
 * @throws {EnvironmentError} the index has none that fits, or does not answer
 */
export async function resolveWheels(
  pip: Pip,
  requirements: readonly string[],
): Promise<{ readonly wheels: readonly Wheel[]; readonly python: string }> {
  const pinned = requirements.map((requirement) => pinnedWheel(requirement, pip.architecture));
  if (pinned.every((wheel) => wheel !== undefined)) return { wheels: pinned, python: PYTHONS[0]! };
  let message = "";
  for (const python of PYTHONS) {
    const ask = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--dry-run",
      "--ignore-installed",
      "--target",
      join(pip.folder, "none"),
      "--report",
      "-",
    ];
    const result = await execa(pip.python, [...ask, ...targetOptions(pip.architecture, python), ...requirements], {
      reject: false,
      stdin: "ignore",
    });
    if (result.exitCode !== 0) {
      message = result.stderr;
      continue;
    }
    const { install } = reportSchema.parse(JSON.parse(result.stdout));
    const wheels = install.map(({ metadata, download_info }) => ({
      ...metadata,
      sha256: download_info.archive_info.hashes.sha256,
    }));
    return { wheels: wheels.map(({ name, version, sha256 }) => ({ name, version, sha256 })), python };
  }
  throw new EnvironmentError(`pip finds no wheel for ${requirements.join(", ")}:\n${message.trim()}`);
}

function pinnedWheel(requirement: string, architecture: string): Wheel | undefined {
  const [name, version] = requirement.split("==");
  const sha256 = WHEELS[`${name} ${version} ${architecture}`];
  return sha256 === undefined || name === undefined || version === undefined ? undefined : { name, version, sha256 };
}

/** pip's requirements file in which every wheel has its checksum: pip then refuses any other file. */
export function hashedRequirements(wheels: readonly Wheel[]): string {
  return wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join("");
}

/**
 * Downloads wheels; pip checks every checksum, and so do we.
 *
 * @returns their paths, sizes and checksums
 * @throws {EnvironmentError} the download failed
 * @throws {DataError} a file has a checksum that was not asked for
 */
export async function downloadWheels(
  pip: Pip,
  wheels: readonly Wheel[],
  python: string,
): Promise<readonly { path: string; bytes: number; sha256: string }[]> {
  const requirements = hashedRequirements(wheels);
  const folder = join(pip.folder, shortHash(requirements)); // what an interrupted set-up left there is what is wanted
  mkdirSync(folder, { recursive: true });
  const list = join(folder, "requirements.txt");
  writeFileSync(list, requirements);
  const options = [
    "--quiet",
    "--require-hashes",
    "--requirement",
    list,
    "--dest",
    folder,
    ...targetOptions(pip.architecture, python),
  ];
  const { exitCode, stderr } = await execa(pip.python, ["-m", "pip", "download", ...options], {
    reject: false,
    stdin: "ignore",
  });
  if (exitCode !== 0)
    throw new EnvironmentError(
      `pip could not download ${wheels.map(({ name }) => name).join(", ")}:\n${stderr.trim()}`,
    );
  const expected = new Set(wheels.map(({ sha256 }) => sha256));
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".whl"))
    .map((name) => join(folder, name));
  return Promise.all(
    files.map(async (path) => ({ path, bytes: statSync(path).size, sha256: await checkFile(path, expected) })),
  );
}

/** @throws {DataError} the file's sha256 is not among the expected ones */
export async function checkFile(path: string, expected: ReadonlySet<string>): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  const sha256 = hash.digest("hex");
  if (!expected.has(sha256))
    throw new DataError(
      path,
      `its sha256 is ${sha256}, expected ${[...expected].join(" or ")}. Do not use it; try another mirror or network.`,
    );
  return sha256;
}

// Run by Python, whose standard library reads zip files: wheel, target, then what to take (files, or folders with a
// slash at the end). File modes are kept: one of the CUDA wheels has programs.
const EXTRACT = `
import os, sys, zipfile
wheel, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if any(entry.filename == w or (w.endswith("/") and entry.filename.startswith(w)) for w in wanted):
            path = archive.extract(entry, target)
            mode = entry.external_attr >> 16 & 0o777
            if mode: os.chmod(path, mode | 0o600)
`;

/** Unpacks the wanted files and folders of a wheel into `target`. */
export async function extractWheel(
  python: string,
  wheel: string,
  target: string,
  wanted: readonly string[],
): Promise<void> {
  mkdirSync(target, { recursive: true });
  await execa(python, ["-c", EXTRACT, wheel, target, ...wanted]);
}

/** Requirements that the extra `and-cuda` of a wheel's METADATA names. */
export function cudaRequirements(metadata: string): string[] {
  return [...metadata.matchAll(/^Requires-Dist: ([^;\n]+);.*extra == ["']and-cuda["']/gm)].map(([, requirement]) =>
    requirement!.replace(/[\s()]/g, ""),
  );
}
