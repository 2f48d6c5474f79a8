// Masked language modelling: which tokens of a window are hidden, what stands in their place, and what is asked. Plain
// numbers from a random stream; the same stream gives the same masks on every machine.

import type { MaskingRule } from "#case/case";
import type { Random } from "#base/random";

/** Tokens that follow those of a tokeniser, the same in every model on it, so that weights fit from task to task. */
export interface SpecialTokens {
  /** stands for a hidden token */
  readonly mask: number;
  /** fills a sequence up */
  readonly pad: number;
  /** stands before a sequence that is judged as a whole */
  readonly start: number;
  /** stands between two sentences */
  readonly separator: number;
  /** tokens in all, the tokeniser's included */
  readonly vocabulary: number;
}

/** @param tokens number of the tokeniser's tokens; its ids are 0 to tokens − 1 */
export function specialTokens(tokens: number): SpecialTokens {
  return { mask: tokens, pad: tokens + 1, start: tokens + 2, separator: tokens + 3, vocabulary: tokens + 4 };
}

export interface MaskedWindow {
  /** [N], what the model reads */
  readonly inputs: Int32Array<ArrayBuffer>;
  /** [k], places that are asked, ascending */
  readonly positions: Int32Array<ArrayBuffer>;
  /** [k], the tokens that stood there */
  readonly targets: Int32Array<ArrayBuffer>;
}

/** Of 80-10-10: shares of the hidden tokens that become [MASK], and a random token; the rest stay. @source Devlin et al., arXiv 1810.04805 */
const MASKED_OF_HIDDEN = 0.8;
const RANDOM_OF_HIDDEN = 0.1;

/** Number of tokens hidden in a window: always the same, so that every window weighs the same. At least one. */
export function hiddenIn(tokens: number, { share }: Pick<MaskingRule, "share">): number {
  return Math.max(1, Math.round(share * tokens));
}

/**
 * Hides exactly `hiddenIn(N)` tokens of a window, every set of places equally likely.
 *
 * @param tokens number of the tokeniser's tokens: random replacements are drawn from these, never a special one
 */
export function maskWindow(
  window: Int32Array,
  rule: MaskingRule,
  { tokens, random }: { readonly tokens: number; readonly random: Random },
): MaskedWindow {
  const { mask } = specialTokens(tokens);
  const places = Int32Array.from(window, (_, i) => i);
  const count = hiddenIn(window.length, rule);
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(places.length - i);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  const positions = places.slice(0, count).sort();
  const inputs = Int32Array.from(window);
  for (const position of positions) inputs[position] = replacement(window[position]!);
  return { inputs, positions, targets: positions.map((position) => window[position]!) };

  function replacement(own: number): number {
    if (rule.replacement === "mask") return mask;
    const draw = random.uniform();
    if (draw < MASKED_OF_HIDDEN) return mask;
    return draw < MASKED_OF_HIDDEN + RANDOM_OF_HIDDEN ? random.integer(tokens) : own;
  }
}
