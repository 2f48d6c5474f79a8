import { expect, test } from "vitest";
import { floorOf } from "./floor.ts";
import type { Task } from "./tasks.ts";

const task = (better: "higher" | "lower", by: number, of: "absolute" | "relative"): Task => ({
  id: "t",
  title: "t",
  datasetKind: "images",
  metric: { name: "score", better },
  margin: { by, of },
});

test("accuracy must lie above chance by the margin", () => {
  expect(floorOf(task("higher", 0.1, "absolute"), { score: 0.23 }, { score: 0.125 })).toEqual({
    score: "score",
    limit: 0.225,
    reached: 0.23,
    beaten: true,
  });
  expect(floorOf(task("higher", 0.1, "absolute"), { score: 0.225 }, { score: 0.125 }).beaten).toBe(false);
});

test("a loss must lie below the trivial one by the margin, a share of it where the task says so", () => {
  expect(floorOf(task("lower", 0.25, "absolute"), { score: 2 }, { score: 2.5 })).toMatchObject({
    limit: 2.25,
    beaten: true,
  });
  expect(floorOf(task("lower", 0.2, "relative"), { score: 0.85 }, { score: 1 })).toMatchObject({
    limit: 0.8,
    beaten: false,
  });
});

test("a score that nobody computed is a fault of the program", () => {
  expect(() => floorOf(task("higher", 0.1, "absolute"), {}, { score: 1 })).toThrow("task t has no score score");
});
