// gzip part by part: neither the packed nor the plain text is ever held as a whole.

import { Gunzip, Gzip } from "minizlib";
import { FileError } from "../host.ts";
import { isGzip } from "./reading.ts";

/** The bytes themselves, or what they hold where they are gzip. @throws {FileError} damaged gzip */
export function* unpacked(chunks: Generator<Buffer>): Generator<Buffer> {
  const first = chunks.next();
  if (first.done === true) return;
  if (isGzip(first.value)) {
    yield* through(new Gunzip({}), joined(first.value, chunks));
  } else {
    yield first.value;
    yield* chunks;
  }
}

export function packed(texts: Iterable<string>): Generator<Buffer> {
  return through(new Gzip({ level: 9 }), texts);
}

function* joined(first: Buffer, rest: Iterable<Buffer>): Generator<Buffer> {
  yield first;
  yield* rest;
}

function* through(filter: Gzip | Gunzip, parts: Iterable<Buffer | string>): Generator<Buffer> {
  const ready: Buffer[] = [];
  let failure: unknown;
  filter.on("data", (part: Buffer) => ready.push(part));
  filter.on("error", (error) => (failure = error));
  const flush = function* () {
    if (failure !== undefined) throw new FileError(`is damaged gzip (${String(failure)})`, { cause: failure });
    yield* ready.splice(0);
  };
  for (const part of parts) {
    filter.write(part);
    yield* flush();
  }
  filter.end();
  yield* flush();
}
