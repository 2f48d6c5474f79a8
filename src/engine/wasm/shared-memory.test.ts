import { expect, test } from "vitest";
import { isShared, withSharedMemory } from "./shared-memory.ts";

/** A module of the given sections, each [id, ...content]. */
function moduleOf(...sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const parts = sections.map(([id, ...content]) => [id!, content.length, ...content]);
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts.flat()]);
}

const text = (name: string) => [name.length, ...new TextEncoder().encode(name)];
/** flags 1: the largest size follows; 2 pages, 130 at most (two bytes of LEB128) */
const LIMITS = [1, 2, 130, 1];

test("a module's own memory becomes one that threads share, and nothing else changes", () => {
  const given = moduleOf([5, 1, ...LIMITS], [7, 1, ...text("memory"), 2, 0]);
  const changed = withSharedMemory(given);
  expect([...changed].flatMap((byte, i) => (byte === given[i] ? [] : [[i, given[i], byte]]))).toEqual([[11, 1, 3]]);
  const { memory } = new WebAssembly.Instance(new WebAssembly.Module(changed), {}).exports as {
    memory: WebAssembly.Memory;
  };
  expect(isShared(memory)).toBe(true);
  expect(memory.buffer.byteLength).toBe(2 * 65_536);
});

test("so does one that is imported after functions, tables and globals", () => {
  const place = [...text("env"), ...text("x")];
  const given = moduleOf(
    [1, 1, 0x60, 0, 0],
    [2, 4, ...place, 0, 0, ...place, 1, 0x70, 1, 1, 200, 1, ...place, 3, 0x7f, 0, ...place, 2, ...LIMITS],
  );
  const compiled = new WebAssembly.Module(withSharedMemory(given));
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 130, shared: true });
  expect(isShared(memory)).toBe(true);
  expect(isShared(new WebAssembly.Memory({ initial: 2, maximum: 130 }))).toBe(false);
  // A memory that is not shared no longer fits; a wrong function is refused before.
  expect(() => new WebAssembly.Instance(compiled, { env: { x: memory } })).toThrow(/function/);
});

test.each([
  ["no memory", moduleOf([1, 1, 0x60, 0, 0]), /it has none/],
  ["no memory among its imports", moduleOf([2, 1, ...text("env"), ...text("g"), 3, 0x7f, 0]), /it has none/],
  ["a memory without a largest size", moduleOf([5, 1, 0, 2]), /one with flags 0/],
  ["a shared memory", moduleOf([5, 1, 3, 2, 2]), /one with flags 3/],
])("a module with %s is refused", (_, given, reason) => {
  expect(() => withSharedMemory(given)).toThrow(reason);
});
