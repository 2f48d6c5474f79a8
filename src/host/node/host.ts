// Node as the host.

import { basename, dirname, join, resolve } from "node:path";
import type { Host } from "../host.ts";
import { linesOf } from "./lines.ts";
import { machine } from "./machine.ts";
import { changedAt, kind, list, remove } from "./places.ts";
import { processes } from "./processes.ts";
import { openFile, readBytes, readText } from "./reading.ts";
import { appendTo, create, makeFolder, makeNewFolder, pack, write } from "./writing.ts";

export const nodeHost: Host = {
  files: {
    join,
    resolve,
    dirname,
    basename,
    kind,
    changedAt,
    list,
    readBytes,
    readText,
    lines: linesOf,
    open: openFile,
    write,
    pack,
    create,
    appendTo,
    makeFolder,
    makeNewFolder,
    remove,
  },
  processes,
  machine,
};
