import { expect, test } from "vitest";
import type { Result } from "#evidence/result";
import { bestFirst, scoreRank } from "./order.ts";

const timed = (id: string, place: string, seconds?: number): Result =>
  ({ id, place, case: { kind: "operator" }, time: seconds === undefined ? undefined : { estimate: seconds } }) as never;
const trained = (id: string, task: string, scores: Record<string, number>): Result =>
  ({
    id,
    place: "p",
    case: { kind: "training", task },
    training: { scores: new Map(Object.entries(scores).map(([name, estimate]) => [name, { estimate }])) },
  }) as never;
const idsOf = (results: readonly Result[]): string => results.map(({ id }) => id).join("");

test("places keep their order, times go from fast to slow, and what has no number comes last", () => {
  expect(idsOf(bestFirst([timed("a", "x", 3), timed("b", "y", 9), timed("c", "x"), timed("d", "x", 1)]))).toBe("dacb");
});

test("trainings go by the score of their task, whichever way it is good", () => {
  const images = [0.8, 0.9].map((top1, index) =>
    trained("ab"[index]!, "image-classification", { top1, top5: 1 - top1 }),
  );
  expect(idsOf(bestFirst(images))).toBe("ba");
  expect(idsOf(bestFirst(images, scoreRank("top5")))).toBe("ab");
  const text = [1.8, 1.7].map((loss, index) => trained("ab"[index]!, "autoregressive-lm", { loss }));
  expect(idsOf(bestFirst(text))).toBe("ba");
  expect(idsOf(bestFirst([trained("a", "unknown", {}), trained("b", "unknown", {})]))).toBe("ab");
});
