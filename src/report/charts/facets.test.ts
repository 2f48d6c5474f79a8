import { expect, test } from "vitest";
import type { Figure } from "#case/suite";
import type { Result } from "#evidence/result";
import { facetsOf, wordOf } from "./facets.ts";

const FIGURE: Figure = {
  id: "loss",
  title: "Loss",
  x: "step",
  y: "loss",
  facets: ["dataset", "encoding"],
  kind: "line",
};

/** Encodings of named models are their own and no part of the point. */
function modelResult(contender: string, point: Record<string, string>): Result {
  const own = { encoding: contender === "lightnet" ? "md-lrpe-rotating" : "rope" };
  return {
    contender,
    axes: { dataset: "mnist", ...own, ...point },
    point: { dataset: "mnist", ...point },
  } as unknown as Result;
}

test("encodings and local mixings are named as models name them, never by their ids", () => {
  expect(wordOf("encoding", "md-lrpe-rotating")).toBe("rotating LRPE");
  expect(wordOf("encoding", "none")).toBe("no position");
  expect(wordOf("localMixing", "md-tpe-per-axis")).toBe("MD-TPE");
  expect(wordOf("localMixing", "none")).toBe("no local mixing");
  expect(wordOf("encoding", "of-tomorrow")).toBe("of-tomorrow");
});

test("models of their own names stand in one picture without headings; operators are told apart by encoding", () => {
  const named = [modelResult("lightnet", {}), modelResult("softmax-rope", {})];
  const [facet, ...others] = facetsOf(FIGURE, named);
  expect([facet!.title, others.length]).toEqual(["MNIST", 0]);
  const operators = ["rope", "md-lrpe"].map((encoding) => modelResult("additive-global", { encoding }));
  expect(facetsOf(FIGURE, operators).map(({ title }) => title)).toEqual(["MNIST, RoPE", "MNIST, cosine LRPE"]);
});

test("a data set is named by its title; one that this version does not know by what the records call it", () => {
  expect(wordOf("dataset", "mnist")).toBe("MNIST");
  expect(wordOf("dataset", "my-own-set")).toBe("my-own-set");
});

test("places under headings share one picture; a single place is named in the title", () => {
  const figure: Figure = {
    ...{ id: "time", title: "Time", x: "contender", y: "time", kind: "bar" },
    headings: ["task", "variant"],
  };
  const at = (task: string, variant: string, N: number): Result => {
    const axes = { contender: "lightnet", task, variant, N };
    return { contender: "lightnet", axes, point: axes } as unknown as Result;
  };
  const both = [at("image-classification", "mini", 196), at("bidirectional-lm", "mlm-mini", 128)];
  expect(facetsOf(figure, both).map(({ title, results }) => [title, results.length])).toEqual([["", 2]]);
  expect(facetsOf(figure, both.slice(0, 1)).map(({ title }) => title)).toEqual(["image-classification, model mini"]);
});
