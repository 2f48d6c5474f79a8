// Two probes with one rule each: the induction head (what followed this token before?) and selective copying (the
// tokens among the blanks, in their order).

import { distinct, type SequenceTask } from "./sequence.ts";

interface ProbeOptions {
  readonly id: string;
  readonly title: string;
  readonly tokens: number;
  readonly vocabulary: number;
}

/**
 * Token 0 stands once among random others, and again at the end, where the token that followed it is asked.
 *
 *   7 3 0 5 2 6 … 0        asked at the end: 5
 *
 * @source Olsson et al., arXiv 2209.11895; with one trigger as in Gu and Dao, Mamba, arXiv 2312.00752, §4.1.2
 */
export function inductionHead({ tokens, vocabulary, ...names }: ProbeOptions): SequenceTask {
  if (tokens < 3 || vocabulary < 3) throw new RangeError(`${names.id}: needs 3 tokens of 3 or more`);
  const answers = vocabulary - 1;
  return {
    ...names,
    source: "Olsson et al., arXiv 2209.11895, as in Gu and Dao, arXiv 2312.00752",
    grid: [tokens],
    vocabulary,
    answers,
    isCausal: true,
    write({ inputs, targets, distances }, random) {
      for (let cell = 0; cell < tokens - 1; cell++) inputs[cell] = 1 + random.integer(answers);
      const trigger = random.integer(tokens - 2);
      const last = tokens - 1;
      inputs[trigger] = 0;
      inputs[last] = 0;
      targets[last] = inputs[trigger + 1]!;
      distances[last] = last - (trigger + 1);
      return 1;
    },
  };
}

const BLANK = 0;
const NOW = 1;
const FIRST_CONTENT = 2;

/**
 * Some tokens at random places among blanks, then as many markers, at which they are asked in their order.
 *
 *   · 5 · · 3 9 · … now now now        asked: 5 3 9
 *
 * @source Arjovsky et al., arXiv 1511.06464 (copying); selective as in Gu and Dao, arXiv 2312.00752, §4.1.1
 */
export function selectiveCopy({
  tokens,
  vocabulary,
  items,
  ...names
}: ProbeOptions & { readonly items: number }): SequenceTask {
  if (2 * items > tokens || vocabulary < FIRST_CONTENT + 2)
    throw new RangeError(`${names.id}: ${items} items need ${2 * items} tokens of ${FIRST_CONTENT + 2} or more`);
  const answers = vocabulary - FIRST_CONTENT;
  return {
    ...names,
    source: "Gu and Dao, arXiv 2312.00752 (selective copying)",
    grid: [tokens],
    vocabulary,
    answers,
    isCausal: true,
    write({ inputs, targets, distances }, random) {
      const questions = tokens - items;
      const places = distinct(random, items, { first: 0, last: questions - 1 }).sort((a, b) => a - b);
      inputs.fill(BLANK);
      places.forEach((place, i) => {
        const content = FIRST_CONTENT + random.integer(answers);
        inputs[place] = content;
        inputs[questions + i] = NOW;
        targets[questions + i] = content;
        distances[questions + i] = questions + i - place;
      });
      return items;
    },
  };
}
