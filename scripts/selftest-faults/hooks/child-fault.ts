// Loaded into a child before the harness (NODE_OPTIONS=--import): does harm the first time that a case is being worked on.
// FAULT says which; FAULT_ONCE names a file that is made at that moment, so that the next child is left in peace.

import { writeFileSync, writeSync } from "node:fs";
import { GARBAGE } from "../garbage.ts";

const { FAULT: fault, FAULT_ONCE: once } = process.env;
/** File descriptor of the channel between parent and child. */
const CHANNEL = Number(process.env.NODE_CHANNEL_FD ?? 3);

if (process.send !== undefined && fault !== undefined && once !== undefined) {
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = ((message: unknown, ...rest: unknown[]) => {
    if (isTouching(message) && isFirst(once)) harm(fault, send);
    return send(message, ...rest);
  }) as typeof process.send;
}

function isTouching(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "touching";
}

function isFirst(path: string): boolean {
  try {
    writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

function harm(name: string, send: (message: unknown) => boolean): void {
  const kept: unknown[] = [];
  if (name === "heap") for (;;) kept.push(new Array(1e5).fill(kept.length));
  if (name === "memory") for (;;) kept.push(Buffer.alloc(2 ** 24, 1));
  if (name === "hang") for (;;);
  if (name === "exit") process.exit(0);
  if (name === "throw") setImmediate(() => Promise.reject(new Error("thrown by the self-test")));
  if (name === "bytes") writeSync(CHANNEL, "\u0000no JSON at all {{{\n");
  if (name.startsWith("message ")) send(GARBAGE[Number(name.slice(8))]);
}
