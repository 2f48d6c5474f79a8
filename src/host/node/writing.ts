// Writing so that a reader never sees half of a file, a full disk or a forbidden folder says its name, and what was
// written before is never lost. Own code: the library write-file-atomic takes a short write for a whole one, and on a
// disk that is nearly full it puts half a file in the place of a whole one.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { FileError, type AppendFile } from "../host.ts";
import { fileError, inWords } from "./errors.ts";
import { packed } from "./gzip.ts";
import { assertRegular, chunksOf, isGzip, openRegular } from "./reading.ts";

/** Writes beside the target, waits for the disk, renames: the file is the old one or the whole new one. */
export function write(path: string, content: string | Uint8Array | Iterable<string>): void {
  writeParts(path, typeof content === "string" || content instanceof Uint8Array ? [content] : content);
}

/** The same for a text of any size, packed with gzip. Equal texts give equal files: no time is written. */
export function pack(path: string, texts: Iterable<string>): void {
  writeParts(path, packed(texts));
}

export function copy(from: string, to: string): void {
  const file = openRegular(from);
  try {
    writeParts(to, chunksOf(file));
  } finally {
    closeSync(file);
  }
}

function writeParts(path: string, parts: Iterable<string | Uint8Array>): void {
  inWords(() => {
    makeFolder(dirname(path));
    writeBeside(path, parts, (temporary) => renameSync(temporary, path));
  });
}

/** The same for a name that must be free: link(2) refuses a name that is taken, and only ever shows the whole file. */
export function create(path: string, content: string): boolean {
  return inWords(() => {
    let isNew = true;
    writeBeside(path, [content], (temporary) => {
      try {
        linkSync(temporary, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        isNew = statSync(temporary).nlink === 2; // over NFS the answer to a link that was made may be lost
      }
    });
    return isNew;
  });
}

let temporaries = 0;

function writeBeside(path: string, parts: Iterable<string | Uint8Array>, place: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}-${temporaries++}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      for (const part of parts) writeAll(file, typeof part === "string" ? Buffer.from(part) : part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    place(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Writes all bytes: a single write may take fewer. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

/** Opens a file for appending and cuts a line off that a kill left incomplete. Links are not followed. */
export function appendTo(path: string): AppendFile {
  return inWords(() => {
    const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    const file = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o666);
    try {
      assertRegular(file);
      assertPlain(file);
      cutIncompleteLine(file);
      return new AppendedFile(path, file);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  });
}

class AppendedFile implements AppendFile {
  readonly #path: string;
  readonly #file: number;
  size: number;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  append(texts: Iterable<string>): void {
    try {
      for (const text of texts) writeAll(this.#file, Buffer.from(text));
      inWords(() => fsyncSync(this.#file));
    } catch (error) {
      ftruncateSync(this.#file, this.size);
      throw fileError(error);
    }
    this.size = fstatSync(this.#file).size;
  }

  isInPlace(): boolean {
    try {
      const there = statSync(this.#path, { bigint: true });
      const own = fstatSync(this.#file, { bigint: true });
      return there.ino === own.ino && there.dev === own.dev && own.size === BigInt(this.size);
    } catch {
      return false; // nothing there, or not to be seen
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function assertPlain(file: number): void {
  const start = Buffer.alloc(2);
  readSync(file, start, 0, 2, 0);
  if (isGzip(start))
    throw new FileError("is packed with gzip, and nothing can be appended to it: give it a name that ends in .gz");
}

const BACKWARDS = 64 * 1024;

function cutIncompleteLine(file: number): void {
  const { size } = fstatSync(file);
  const buffer = Buffer.alloc(BACKWARDS);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BACKWARDS);
    const found = readSync(file, buffer, 0, end - start, start);
    const newline = buffer.subarray(0, found).lastIndexOf(0x0a);
    if (newline >= 0) {
      if (start + newline + 1 !== size) ftruncateSync(file, start + newline + 1);
      return;
    }
    end = start;
  }
  ftruncateSync(file, 0);
}

/**
 * Like mkdirSync with `recursive`, which never returns on some file systems: /proc answers ENOENT for a folder whose
 * parent is there, and Node 20 asks again without end.
 */
export function makeFolder(path: string): void {
  inWords(() => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const parent = dirname(path);
    if (parent !== path) makeFolder(parent);
    if (!makeNewFolder(path) && !statSync(path).isDirectory()) mkdirSync(path); // a file of that name: say so
  });
}

/** False where something of that name is there: another process may have been faster. */
export function makeNewFolder(path: string): boolean {
  return inWords(() => {
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}
