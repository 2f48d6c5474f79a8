// Lines of a text file of any size, gzip unpacked on the way: neither the file nor its text is ever held as a whole.

import { closeSync } from "node:fs";
import { formatBytes, type Bytes } from "#base/units";
import { FileError, type Line } from "../host.ts";
import { unpacked } from "./gzip.ts";
import { chunksOf, decode, openRegular } from "./reading.ts";

const NEWLINE = 0x0a;

/** @throws {FileError} unreadable, damaged gzip, not UTF-8, or a line above `most` bytes */
export function* linesOf(path: string, most: Bytes): Generator<Line> {
  const file = openRegular(path);
  try {
    yield* split(unpacked(chunksOf(file)), most);
  } finally {
    closeSync(file);
  }
}

function* split(chunks: Iterable<Buffer>, most: Bytes): Generator<Line> {
  let begun: Buffer[] = []; // of the line that goes on in the next chunk
  let begunBytes = 0;
  let number = 1;
  const line = (whole: boolean): Line => ({ text: textOf(Buffer.concat(begun), number), number, whole });
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const newline = chunk.indexOf(NEWLINE, start);
      const part = chunk.subarray(start, newline < 0 ? undefined : newline);
      begun.push(part);
      begunBytes += part.length;
      if (begunBytes > most) throw new FileError(`has a line longer than ${formatBytes(most)}, line ${number}`);
      if (newline < 0) break;
      yield line(true);
      [begun, begunBytes, start] = [[], 0, newline + 1];
      number++;
    }
  }
  if (begunBytes > 0) yield line(false);
}

function textOf(bytes: Buffer, number: number): string {
  try {
    return decode(bytes);
  } catch (error) {
    throw new FileError(`is not UTF-8 text in line ${number}`, { cause: error });
  }
}
