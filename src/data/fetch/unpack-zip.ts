// Unpacks a zip archive: the package `yauzl` reads its directory, and every entry is written here and its CRC checked.

import { Transform } from "node:stream";
import { crc32 } from "node:zlib";
import { openPromise, type Entry } from "yauzl";
import { DataError, describeError, HarnessError } from "#base/errors";
import { entryPath, EntryGuard, writeEntry, type UnpackRules } from "./archive-entry.ts";

/** File type bits of a Unix mode, as zip keeps it in the upper half of its external attributes. */
const TYPE_BITS = 0o170000;
const FOLDER = 0o040000;
const REGULAR = 0o100000;

/**
 * Unpacks into an existing, empty folder and returns the paths written, relative to it.
 *
 * @throws {DataError} not a sound archive, or an entry against the rules; the folder may then hold some of the files
 */
export async function unpackZip(archive: string, folder: string, rules: UnpackRules): Promise<readonly string[]> {
  const guard = new EntryGuard(archive, rules);
  try {
    const zip = await openPromise(archive, {
      lazyEntries: true,
      strictFileNames: true,
      validateEntrySizes: true,
      autoClose: false,
    });
    try {
      for await (const entry of zip.eachEntry()) {
        const target = guard.admit(entry.fileName, kindOf(entry), entry.uncompressedSize);
        if (target === undefined) continue;
        const content = await zip.openReadStreamPromise(entry);
        const checked = content.pipe(checkingCrc(archive, entry));
        content.on("error", (error) => checked.destroy(error));
        await writeEntry(checked, entryPath(folder, target));
      }
    } finally {
      zip.close();
    }
    return guard.targets();
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new DataError(archive, `is not a sound .zip archive (${describeError(error)})`, {}, { cause: error });
  }
}

function kindOf({ fileName, externalFileAttributes }: Entry): "file" | "folder" | "other" {
  const type = (externalFileAttributes >>> 16) & TYPE_BITS;
  if (type === FOLDER || (type === 0 && fileName.endsWith("/"))) return "folder";
  return type === REGULAR || type === 0 ? "file" : "other";
}

function checkingCrc(archive: string, entry: Entry): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      if (sum === entry.crc32) done();
      else
        done(
          new DataError(
            archive,
            `entry ${JSON.stringify(entry.fileName)} is damaged: its CRC is ${sum.toString(16)}, expected ${entry.crc32.toString(16)}`,
          ),
        );
    },
  });
}
