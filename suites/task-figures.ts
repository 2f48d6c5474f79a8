// The pictures of a task that models are trained on: how good they became, by time and by data, and how fast they train.

import type { Figure } from "#case/suite";

/** Its leading score by contender comes under `id` and `title`, which are part of file names and of the page. */
export function taskFigures({ id, title, where }: Pick<Figure, "id" | "title" | "where">): readonly Figure[] {
  const shared = { facets: ["dataset", "variant"], ...(where === undefined ? {} : { where }) } as const;
  return [
    { ...shared, id: "loss", title: "Training loss", x: "step", y: "loss", kind: "line" },
    { ...shared, id: "seconds", title: `${title} by training time`, x: "seconds", y: "score", kind: "line" },
    { ...shared, id: "tokens", title: `${title} by training data`, x: "tokens", y: "score", kind: "line" },
    { ...shared, id, title, x: "contender", y: "score", kind: "bar" },
    { ...shared, id: "throughput", title: "Training throughput", x: "contender", y: "throughput", kind: "bar" },
  ];
}
