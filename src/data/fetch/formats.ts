// Reads the content of a data file through, piece by piece, and says what it holds or what is wrong with it. A checksum
// says more; this is for files without one, subsets above all.

import type { FormatId } from "./source.ts";

export interface Inspector {
  update(chunk: Uint8Array): void;
  /** What the file holds, "60000 items of 28×28". @throws {Error} what is wrong with it */
  end(): string;
}

/** Images of CIFAR are 32×32 in three planes. */
const CIFAR_PIXELS = 3 * 32 * 32;
const LARGEST_HEADER = 4 + 4 * 8;

export function createInspector(format: FormatId): Inspector {
  switch (format) {
    case "idx":
      return new IdxInspector();
    case "cifar-10":
      return new RecordInspector([9]);
    case "cifar-100":
      return new RecordInspector([19, 99]);
    case "tsv":
      return new TextInspector(true);
    case "text":
      return new TextInspector(false);
    case "bytes":
      return new ByteCounter();
  }
}

class ByteCounter implements Inspector {
  #count = 0;

  update(chunk: Uint8Array): void {
    this.#count += chunk.length;
  }

  end(): string {
    if (this.#count === 0) throw new Error("is empty");
    return `${this.#count} bytes`;
  }
}

/** The header of an idx file tells its size. */
class IdxInspector implements Inspector {
  #header = Buffer.alloc(0);
  #count = 0;

  update(chunk: Uint8Array): void {
    this.#count += chunk.length;
    if (this.#header.length < LARGEST_HEADER)
      this.#header = Buffer.concat([this.#header, chunk.subarray(0, LARGEST_HEADER - this.#header.length)]);
  }

  end(): string {
    const dimensions = this.#header[3] ?? 0;
    const headerSize = 4 + 4 * dimensions;
    if (
      this.#header.length < 4 ||
      this.#header.readUInt16BE(0) !== 0 ||
      this.#header[2] !== 8 ||
      dimensions === 0 ||
      headerSize > this.#header.length
    ) {
      throw new Error("does not begin like an idx file of bytes");
    }
    const shape = Array.from({ length: dimensions }, (_, axis) => this.#header.readUInt32BE(4 + 4 * axis));
    const expected = headerSize + shape.reduce((product, extent) => product * extent, 1);
    if (this.#count !== expected)
      throw new Error(
        `${this.#count < expected ? "truncated" : "too long"}: its header asks for ${expected} bytes, found ${this.#count}`,
      );
    return `${shape[0]} items${dimensions === 1 ? "" : ` of ${shape.slice(1).join("×")}`}`;
  }
}

/** Records of label bytes and pixels. */
class RecordInspector implements Inspector {
  readonly #largestLabels: readonly number[];
  readonly #recordSize: number;
  #count = 0;
  #problem: string | undefined;

  constructor(largestLabels: readonly number[]) {
    this.#largestLabels = largestLabels;
    this.#recordSize = largestLabels.length + CIFAR_PIXELS;
  }

  update(chunk: Uint8Array): void {
    for (const [place, largest] of this.#largestLabels.entries()) {
      const first = (place - (this.#count % this.#recordSize) + this.#recordSize) % this.#recordSize;
      for (let at = first; at < chunk.length; at += this.#recordSize) {
        if (chunk[at]! > largest)
          this.#problem ??= `label ${chunk[at]} of record ${Math.floor((this.#count + at) / this.#recordSize)} is outside 0 to ${largest}`;
      }
    }
    this.#count += chunk.length;
  }

  end(): string {
    if (this.#problem !== undefined) throw new Error(this.#problem);
    if (this.#count === 0 || this.#count % this.#recordSize !== 0)
      throw new Error(`truncated: records have ${this.#recordSize} bytes each, found ${this.#count} bytes`);
    return `${this.#count / this.#recordSize} records`;
  }
}

/** UTF-8; with columns, every line has as many tabs as the first. */
class TextInspector implements Inspector {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #hasColumns: boolean;
  #rest = "";
  #lines = 0;
  #columns: number | undefined;
  #problem: string | undefined;

  constructor(hasColumns: boolean) {
    this.#hasColumns = hasColumns;
  }

  update(chunk: Uint8Array): void {
    this.#take(chunk);
  }

  #take(chunk?: Uint8Array): void {
    try {
      const text =
        this.#rest + (chunk === undefined ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true }));
      const lines = text.split("\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#line(line);
    } catch {
      this.#problem ??= `is not UTF-8 text (after line ${this.#lines})`;
    }
  }

  #line(line: string): void {
    this.#lines++;
    if (!this.#hasColumns) return;
    const columns = line.split("\t").length;
    this.#columns ??= columns;
    if (columns !== this.#columns)
      this.#problem ??= `line ${this.#lines} has ${columns} columns, the first has ${this.#columns}`;
    if (columns < 2) this.#problem ??= "has no columns divided by tabs";
  }

  end(): string {
    this.#take();
    if (this.#rest !== "") this.#line(this.#rest);
    if (this.#problem !== undefined) throw new Error(this.#problem);
    if (this.#lines === 0) throw new Error("is empty");
    return `${this.#lines} lines${this.#hasColumns ? ` of ${this.#columns} columns` : ""}`;
  }
}
