import { expect, test } from "vitest";
import { formatBytes, formatCount, formatSeconds, withMinusSigns } from "./units.ts";

test.each([
  [0.01234, "12.3 ms"],
  [3e-7, "300 ns"],
  [1.5, "1.5 s"],
  [300, "5 min"],
  [9000, "2.5 h"],
  [0, "0 ns"],
])("%d seconds read %s", (value, text) => {
  expect(formatSeconds(value)).toBe(text);
});

test("bytes go by 1024, counts by 1000", () => {
  expect(formatBytes(1536)).toBe("1.5 KiB");
  expect(formatBytes(5)).toBe("5 B");
  expect(formatCount(1234567)).toBe("1.23 M");
});

test("minus signs stand where numbers begin, and nowhere else", () => {
  expect(withMinusSigns("-1.0 [-1.2, 0.3]")).toBe("−1.0 [−1.2, 0.3]");
  expect(withMinusSigns("1e-7 in 2026-11-25, hgrn2-2scan")).toBe("1e-7 in 2026-11-25, hgrn2-2scan");
});
