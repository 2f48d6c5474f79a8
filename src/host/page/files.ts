// The files of a page: held in memory as texts, and told change by change to whoever keeps them beyond the page.

import type { Bytes } from "#base/units";
import { formatBytes } from "#base/units";
import { FileError, type AppendFile, type Files, type Line } from "../host.ts";

/** What happened to a file; `append` adds to what is there, `write` replaces it, both in one step. */
export type Change =
  | { readonly kind: "write" | "append"; readonly path: string; readonly text: string }
  | { readonly kind: "remove"; readonly path: string };

/** Keeps changes where they outlive the page. */
export interface Keeper {
  /** told in order */
  note(change: Change): void;
  /** Resolves when all that was noted is kept. @throws {Error} it could not be */
  kept(): Promise<void>;
}

const NOWHERE: Keeper = { note: () => undefined, kept: () => Promise.resolve() };

interface Entry {
  text: string;
  changedAt: number;
}

const entries = new Map<string, Entry>();
const folders = new Set<string>(["/"]);
let keeper = NOWHERE;

/** To be called once, before a file is used: what was kept before, and who keeps from now on. */
export function useFiles(kept: Iterable<readonly [path: string, text: string]>, by: Keeper): void {
  for (const [path, text] of kept) entries.set(path, { text, changedAt: 0 });
  keeper = by;
}

function change(next: Change): void {
  const { path } = next;
  if (next.kind === "remove") entries.delete(path);
  else {
    const before = next.kind === "append" ? (entries.get(path)?.text ?? "") : "";
    entries.set(path, { text: before + next.text, changedAt: performance.now() / 1000 });
  }
  keeper.note(next);
}

function resolve(...parts: readonly string[]): string {
  const from = parts.findLastIndex((part) => part.startsWith("/"));
  const names: string[] = [];
  for (const name of parts
    .slice(Math.max(from, 0))
    .flatMap((part) => part.split("/"))
    .filter((part) => part !== "" && part !== ".")) {
    if (name === "..") names.pop();
    else names.push(name);
  }
  return `/${names.join("/")}`;
}

const isBelow = (path: string, folder: string) => folder === "/" || path.startsWith(`${folder}/`);

function kind(path: string): "file" | "folder" | undefined {
  const at = resolve(path);
  if (entries.has(at)) return "file";
  const known = [...entries.keys(), ...folders];
  return folders.has(at) || known.some((other) => isBelow(other, at)) ? "folder" : undefined;
}

function textOf(path: string, most: Bytes): string {
  const entry = entries.get(resolve(path));
  if (entry === undefined) throw new FileError("does not exist", { isMissing: true });
  if (entry.text.length > most) throw new FileError(`is larger than ${formatBytes(most)}`);
  return entry.text;
}

function write(path: string, content: string | Uint8Array | Iterable<string>): void {
  if (content instanceof Uint8Array) throw new FileError("cannot be written: a page keeps texts only");
  const text = typeof content === "string" ? content : [...content].join("");
  change({ kind: "write", path: resolve(path), text });
}

function* linesOf(path: string, most: Bytes): Generator<Line> {
  const texts = textOf(path, Infinity).split("\n");
  const last = texts.pop()!;
  for (const [index, text] of texts.entries()) {
    if (text.length > most) throw new FileError(`has a line longer than ${formatBytes(most)}, line ${index + 1}`);
    yield { text, number: index + 1, whole: true };
  }
  if (last !== "") yield { text: last, number: texts.length + 1, whole: false };
}

function appendTo(path: string): AppendFile {
  const at = resolve(path);
  const found = entries.get(at)?.text ?? "";
  const whole = found.slice(0, found.lastIndexOf("\n") + 1);
  if (whole !== found || !entries.has(at)) write(at, whole);
  let size = whole.length;
  return {
    get size() {
      return size;
    },
    append(texts) {
      const text = [...texts].join("");
      change({ kind: "append", path: at, text });
      size += text.length;
    },
    isInPlace: () => entries.get(at)?.text.length === size,
    close: () => undefined,
  };
}

function remove(path: string): void {
  const at = resolve(path);
  for (const other of [...entries.keys()])
    if (other === at || isBelow(other, at)) change({ kind: "remove", path: other });
  for (const other of [...folders]) if (other !== "/" && (other === at || isBelow(other, at))) folders.delete(other);
}

function list(folder: string): string[] {
  const at = resolve(folder);
  if (kind(at) !== "folder") throw new FileError("does not exist", { isMissing: true });
  const below = [...entries.keys(), ...folders].filter((path) => path !== at && isBelow(path, at));
  return [...new Set(below.map((path) => path.slice(at === "/" ? 1 : at.length + 1).split("/")[0]!))].sort();
}

/** Whether a folder of that name was not there before. */
function makeNewFolder(path: string): boolean {
  const isNew = kind(path) === undefined;
  folders.add(resolve(path));
  return isNew;
}

export const pageFiles: Files = {
  join: (...parts) => {
    const path = resolve("/", parts.join("/"));
    return parts[0]?.startsWith("/") === true ? path : path.slice(1);
  },
  resolve,
  dirname: (path) => path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/",
  basename: (path) => path.slice(path.lastIndexOf("/") + 1),
  kind,
  isInside: (folder, path) => isBelow(resolve(folder, path), resolve(folder)),
  changedAt: (path) => entries.get(resolve(path))?.changedAt ?? 0,
  list,
  readBytes: (path, most) => new TextEncoder().encode(textOf(path, most)),
  readText: textOf,
  lines: linesOf,
  open: (path, use) => {
    const bytes = new TextEncoder().encode(textOf(path, Infinity));
    return use({
      size: bytes.length,
      read: (from, length) => {
        if (from + length > bytes.length) throw new FileError("ends early");
        return bytes.slice(from, from + length);
      },
    });
  },
  write,
  pack: () => {
    throw new FileError("cannot be packed: a page keeps texts only");
  },
  create: (path, content) => {
    if (kind(path) !== undefined) return false;
    write(path, content);
    return true;
  },
  appendTo,
  copy: (from, to) => write(to, textOf(from, Infinity)),
  makeFolder: (path) => void makeNewFolder(path),
  makeNewFolder,
  remove,
  saved: () => keeper.kept(),
};
