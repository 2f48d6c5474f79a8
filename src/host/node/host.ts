// Node as the host.

import { basename, dirname, join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Host } from "../host.ts";
import { isInside } from "./inside.ts";
import { linesOf } from "./lines.ts";
import { machine } from "./machine.ts";
import { packages } from "./packages.ts";
import { changedAt, kind, list, remove } from "./places.ts";
import { processes } from "./processes.ts";
import { openFile, readBytes, readText } from "./reading.ts";
import { startThread } from "./threads.ts";
import { appendTo, copy, create, makeFolder, makeNewFolder, pack, write } from "./writing.ts";

export const nodeHost: Host = {
  title: `Node ${process.version}`,
  packages,
  allowRelaxedSimd: () => setFlagsFromString("--experimental-wasm-relaxed-simd"), // on by default from Node 22
  variable: (name) => process.env[name],
  files: {
    join,
    resolve,
    dirname,
    basename,
    kind,
    isInside,
    changedAt,
    list,
    readBytes,
    readText,
    lines: linesOf,
    open: openFile,
    write,
    pack,
    create,
    copy,
    appendTo,
    makeFolder,
    makeNewFolder,
    remove,
    saved: () => Promise.resolve(), // every call above has waited for the disk
  },
  processes,
  machine,
  startThread,
};
