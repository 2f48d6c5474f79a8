import { expect, test } from "vitest";
import { isThrottled, stateOf, type GpuState } from "./gpu-state.ts";
import { rowsOf } from "./nvidia-smi.ts";

const read = (csv: string): GpuState[] | undefined => rowsOf(csv, 4)?.map(stateOf);

test("one GPU a line: clocks, temperature, and the bits of what holds the clocks down", () => {
  expect(read("1980, 2619, 41, 0x0000000000000000\n345, 1593, 28, 0x0000000000000001\n")).toEqual([
    { smClockMegahertz: 1980, memoryClockMegahertz: 2619, temperatureCelsius: 41, clockLimits: [] },
    { smClockMegahertz: 345, memoryClockMegahertz: 1593, temperatureCelsius: 28, clockLimits: ["idle"] },
  ]);
});

test("heat and power throttle, idling and settings do not; a bit without a name is kept as a number", () => {
  const [hot, set, unknown] = read(
    "1200, 2619, 88, 0x0000000000000024\n1980, 2619, 40, 0x0000000000000002\n1980, 2619, 40, 0x0000000000000201\n",
  )!;
  expect(hot!.clockLimits).toEqual(["power cap", "software thermal slowdown"]);
  expect([hot!, set!, unknown!].map(isThrottled)).toEqual([true, false, false]);
  expect(unknown!.clockLimits).toEqual(["idle", "0x200"]);
});

test("what a driver does not tell is absent, not zero", () => {
  expect(read("[N/A], [Not Supported], 52, [N/A]\n")).toEqual([{ temperatureCelsius: 52 }]);
  expect(read("\n")).toEqual([]);
});

test("an answer of another shape is refused", () => {
  expect(read("1980, 2619\n")).toBeUndefined();
});
