import { expect, test } from "vitest";
import { joinedBytes, textOf, utf8 } from "./bytes.ts";

test.each(["", "scan", "ж→🎲", "\uFEFFmarked", "half \uD83C pair"])(
  "bytes of %j are those of Node, and come back",
  (text) => {
    expect([...utf8(text)]).toEqual([...Buffer.from(text, "utf8")]);
    expect(textOf(utf8(text))).toBe(Buffer.from(text, "utf8").toString("utf8"));
  },
);

test("bytes that are no text become U+FFFD, as in Node", () => {
  const broken = Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x62);
  expect(textOf(broken)).toBe(Buffer.from(broken).toString("utf8"));
});

test("parts are joined in their order", () => {
  expect([...joinedBytes([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])]).toEqual([1, 2, 3]);
});
