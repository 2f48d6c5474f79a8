import { expect, test } from "vitest";
import { Random } from "#base/random";
import { analyse, overheadLine, tableOf, type SelftestLine } from "./analyse.ts";
import { cells, REPEATS, VARIANTS, type Variant } from "./cells.ts";

/** Lines of a machine whose processes differ by 0.5 % and rounds by 1 %; under drift times double half-way. */
function simulate(condition: SelftestLine["condition"], executions: number, processes = 3): SelftestLine[] {
  const random = new Random(1);
  const places = Array.from({ length: executions * processes * 4 }, (_, index) => ({
    execution: Math.floor(index / (4 * processes)),
    process: Math.floor(index / 4) % processes,
    cell: index % 4,
  }));
  return places.map((place) => {
    const shift = 0.005 * random.normal();
    const drift = Array.from(
      { length: 20 },
      (_, round) => (condition === "drift" && round >= 10 ? 2 : 1) * Math.exp(shift + 0.005 * random.normal()),
    );
    const timed = VARIANTS.map((variant) => [
      variant,
      drift.map((factor) => 1e-4 * REPEATS[variant] * factor * Math.exp(0.005 * random.normal())),
    ]);
    return { condition, ...place, roundSecondsSamples: Object.fromEntries(timed) as Record<Variant, number[]> };
  });
}

test("equal code is the same, slowdowns are found, and drift changes neither side by side", () => {
  const rows = analyse([...simulate("quiet", 6), ...simulate("drift", 2)], cells());
  const share = (title: string, word: string) => {
    const words = rows.find((row) => row.title === title)!.words.flat();
    return words.filter((found) => found === word).length / words.length;
  };
  expect(rows[0]!.words.map((words) => words.length)).toEqual([4, 4, 4]);
  for (const where of ["two runs of 3 processes", "side by side", "side by side under drift"]) {
    expect(share(`${where}, equal code`, "slower") + share(`${where}, equal code`, "faster")).toBe(0);
    expect(share(`${where}, 20 % slower`, "slower")).toBe(1);
  }
  expect(share("side by side under drift, 10 % slower", "slower")).toBe(1);
});

test("the table has a row a comparison and shares in percent", () => {
  const table = tableOf(analyse(simulate("quiet", 2), cells())).split("\n");
  expect(table).toHaveLength(2 + 8);
  expect(table[2]).toMatch(/^\| two runs of 3 processes, equal code \| 1 × 4 \| .* % \|/);
});

test("two runs of many processes are judged with the first three alone as well", () => {
  const rows = analyse(simulate("quiet", 2, 8), cells()).filter(({ title }) => title.startsWith("two runs"));
  expect(rows.map(({ title }) => title.slice(0, 23))).toEqual([
    ...Array<string>(4).fill("two runs of 8 processes"),
    ...Array<string>(4).fill("two runs of 3 processes"),
  ]);
  expect(rows[3]!.words.flat()).toEqual(Array(4).fill("slower"));
});

test("the overhead is the median over lines, beside the shortest cell; lines of before tell none", () => {
  const lines = simulate("quiet", 1);
  expect(overheadLine(lines)).toBe("");
  // 20 repeats of 0.1 ms
  expect(overheadLine(lines.map((line, index) => ({ ...line, overheadSeconds: index === 0 ? 1 : 1e-6 })))).toMatch(
    /takes 1 µs: 0\.05\d* % of the shortest cell \((2|1\.9|2\.1) ms\)/,
  );
});

test("a cell's slowdowns are 5, 10 and 20 % more of the same work", () => {
  expect(VARIANTS.map((variant) => REPEATS[variant] / REPEATS.base)).toEqual([1, 1, 1.05, 1.1, 1.2]);
  expect(cells()).toHaveLength(20);
});
