// The words of the page, for a reader who comes from elsewhere.

import { html, type Html } from "./template.ts";

const WORDS: readonly (readonly [word: string, meaning: string])[] = [
  ["n", "Independent repetitions behind a number: processes for times, seeds for trainings."],
  ["N", "Tokens in a sequence; pixels or patches of an image, in the order in which they are read."],
  ["operator", "The recurrence or attention alone, from given queries, keys, values and gates to its output."],
  ["layer", "The operator with its projections, gate and normaliser: what stands in a model."],
  ["scan", "One pass along the tokens in one direction. Grids are often read in two or four."],
  ["order-free", "The result does not depend on the order of the tokens, so that one pass is enough in any dimension."],
  ["head-split", "Each direction is read by its own share of the heads: several directions for the work of one scan."],
  ["ratio", "Time of a contender over time of the base, both from rounds in which they ran side by side."],
  ["95 % interval", "The range that holds the value in 95 of 100 repetitions of the whole measurement."],
  ["◦ noisy", "The rounds of this time spread over more than 10 % of their median. Drawn hollow."],
  ["holds, fails, undecided", "The interval lies within the claim's limit, beyond it, or across it."],
  ["— absent", "Not found in any public source, or not measured."],
];

export function glossaryHtml(): Html {
  return html`<dl class="facts">
    ${WORDS.map(
      ([word, meaning]) =>
        html`<dt>${word}</dt>
          <dd>${meaning}</dd>`,
    )}
  </dl>`;
}
