// Numbers that the kernels share with the operators' conventions, as WGSL.

export const NUMBERS = `
const HIDDEN = -1e38; // logit of a token that is not to be seen
const NOTHING = -1e30; // where running maxima start: far above HIDDEN, so that e^{HIDDEN - maximum} is 0
const UNSEEN = -1e29; // logits below are hidden ones
fn inverseWeight(l: f32) -> f32 { return select(1.0 / l, 0.0, l == 0.0); }
`;

/** −∞ as bits: WGSL has no literal for it, and constant expressions may not give it. Passed as the param `minusInfinity`. */
export const MINUS_INFINITY_BITS = 0xff800000 | 0;
export const NOT_A_NUMBER_BITS = 0x7fc00000;
