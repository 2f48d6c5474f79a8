// What a program needs of the machine it runs on, as one interface: Node answers it today, and a page in a browser can
// stand in for it. Folders that a browser loads take the host from #host/current and name no module of Node.

import type { Bytes, Seconds } from "#base/units";

/** A line of a text file. */
export interface Line {
  readonly text: string;
  /** from 1 */
  readonly number: number;
  /** ends with a newline: what a killed writer leaves does not */
  readonly whole: boolean;
}

/** A regular file, open for reading. */
export interface OpenFile {
  readonly size: Bytes;
  /** @throws {FileError} the file ends before */
  read(position: number, length: Bytes): Uint8Array<ArrayBuffer>;
}

/** A file open for appending. */
export interface AppendFile {
  readonly size: Bytes;
  /** Writes the texts one after another and waits until the disk has them; what did not fit as a whole is taken back. */
  append(texts: Iterable<string>): void;
  /** The name still means this file, with the size that it has here. */
  isInPlace(): boolean;
  close(): void;
}

/** Reading takes regular files only and never more bytes than allowed; every error is a `FileError` in plain words. */
export interface Files {
  join(...parts: readonly string[]): string;
  resolve(...parts: readonly string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
  /** what lies there, links followed; undefined for nothing. @throws {FileError} it may not be looked at */
  kind(path: string): "file" | "folder" | "other" | undefined;
  /** whether a path, links followed, lies in a folder; what does not exist yet is judged by where it would be made */
  isInside(folder: string, path: string): boolean;
  /** time of the last change, in seconds since 1970; to sort by, not to judge by: such times step */
  changedAt(path: string): Seconds;
  /** names in a folder, sorted */
  list(folder: string): string[];
  readBytes(path: string, most: Bytes): Uint8Array<ArrayBuffer>;
  /** UTF-8 */
  readText(path: string, most: Bytes): string;
  /** lines of a text of any size, unpacked on the way where the file is gzip; `most` bounds a line */
  lines(path: string, most: Bytes): Iterable<Line>;
  open<T>(path: string, use: (file: OpenFile) => T): T;
  /** the old file or the whole new one, never half of one; folders above are made; texts are written one after another */
  write(path: string, content: string | Uint8Array | Iterable<string>): void;
  /** the same for texts one after another, packed with gzip */
  pack(path: string, texts: Iterable<string>): void;
  /** a whole file under a name that was free; false where the name is taken */
  create(path: string, content: string): boolean;
  /** cuts an incomplete last line off first */
  appendTo(path: string): AppendFile;
  /** a regular file of any size; folders above are made */
  copy(from: string, to: string): void;
  makeFolder(path: string): void;
  /** false where there is one already */
  makeNewFolder(path: string): boolean;
  /** a file or a folder with all that is in it; nothing happens where there is none */
  remove(path: string): void;
  /** Resolves when what was written before outlives this program; where the calls above wait for it themselves, at once. */
  saved(): Promise<void>;
}

/** A process as others can know it again. */
export interface ProcessName {
  readonly pid: number;
  /** boot and start time as the system counts them; absent where it does not say */
  readonly start?: string | undefined;
  readonly host: string;
}

export interface Processes {
  readonly own: ProcessName;
  /** Whether that very process runs on this machine; a later one with its number is another one. */
  isAlive(process: ProcessName): boolean;
  /** Runs a program and returns what it prints; undefined where it is missing, fails or takes longer. */
  outputOf(program: string, args: readonly string[], limit: Seconds): string | undefined;
  /** Resolves after what waits to be heard by this process, such as a signal, was heard. */
  turn(): Promise<void>;
  /** Calls once when this process is asked to end, in the place of its end; never where it is ended unasked, as a worker is. */
  onAskedToEnd(listener: () => void): void;
}

/** What runs the program and on what, as records keep it: nothing here tells who it is. */
export interface MachineFacts {
  /** tells machines apart; absent where a program may not know */
  readonly host?: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes?: Bytes;
  readonly node?: string;
  readonly nodeFlags?: string[];
  readonly browser?: { readonly name: string; readonly version: string };
  readonly page?: PageFacts;
}

/** What decides how well a page can measure. */
export interface PageFacts {
  /** the server isolates it from other pages: its clock is finer then */
  readonly isolated: boolean;
  /** the smallest step of its clock that was seen */
  readonly clockResolutionSeconds: Seconds;
  /** whether it was in view; a run waits while it is not */
  readonly visibility: "visible" | "hidden";
  /** what feeds the machine: on battery it may clock lower; absent where the browser does not tell */
  readonly power?: "mains" | "battery";
}

export interface Machine {
  readonly facts: MachineFacts;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: Bytes;
  /** the smallest step of `performance.now` */
  clockResolution(): Seconds;
  /** averages of the run queue over 1, 5 and 15 minutes */
  loadAverage(): number[];
  /** resident bytes of this process: now, or the peak since `resetPeak`; undefined where the system does not tell */
  residentBytes(which: "now" | "peak"): Bytes | undefined;
  resetPeak(): void;
  /** what this process may map at most (`ulimit -v`); undefined without a limit, or where the system does not tell */
  addressSpaceLimit(): Bytes | undefined;
}

/** What is installed: this package, and those that it uses. */
export interface Packages {
  /** the whole of a file of this package, by its path from package.json. @throws {FileError} */
  ownFile(path: string): Uint8Array<ArrayBuffer>;
  /** the text of a file that lies beside the main file of an installed package. @throws {FileError} */
  sourceOf(name: string, file: string): string;
  /** where the file of an installed package lies that this specifier means, such as `@scope/name/dist/file.wasm` */
  resolve(specifier: string): string;
  /** of an installed package */
  version(name: string): string;
  /** of this package and of those that compute, by name, as records keep them */
  versions(): Record<string, string>;
  /** the commit that this copy of the package is of; nothing outside a checkout */
  commit(): { readonly gitCommit?: string; readonly gitDirty?: boolean };
}

/** A thread beside the main one. It never keeps the program running. */
export interface Thread {
  stop(): Promise<void>;
}

export interface Host {
  /** what runs the program, with its version: `Node v20.20.2` */
  readonly title: string;
  readonly packages: Packages;
  /** Lets WebAssembly use relaxed SIMD where it needs to be asked; before the first module is compiled. */
  allowRelaxedSimd(): void;
  /** an environment variable; undefined where it is not set, or there are none */
  variable(name: string): string | undefined;
  readonly files: Files;
  readonly processes: Processes;
  readonly machine: Machine;
  /**
   * Starts a thread with a built module of this package, by its path from package.json. The module's `prepare` takes the data and
   * returns the thread's work; the promise resolves before that begins, and rejects with what `prepare` throws. Absent where the main
   * thread may not wait for another.
   */
  readonly startThread?: (module: string, data: unknown) => Promise<Thread>;
}

/** Why a file could not be read or written, in words that follow its name: "does not exist". */
export class FileError extends Error {
  override readonly name = "FileError";
  /** nothing lies there */
  readonly isMissing: boolean;

  constructor(reason: string, { isMissing = false, cause }: { isMissing?: boolean; cause?: unknown } = {}) {
    super(reason, { cause });
    this.isMissing = isMissing;
  }
}
