// Normal, Student and binomial distributions in double precision. Own code, because the typed package for
// elementary statistics (simple-statistics) has tables of four digits, another quantile and no typed arrays.
//
// Sources: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
// Applied Statistics 37 (1988) 477 (PPND16); W. H. Press et al., "Numerical Recipes", 3rd ed. (2007):
// §6.1 log Γ, §6.2 incomplete gamma, §6.4 incomplete beta by Lentz's continued fraction.

/* eslint no-loss-of-precision: "off" -- coefficients are written as published */

const TINY = 1e-300;
const PRECISION = 1e-16;
const MAX_TERMS = 10_000;

// Lanczos coefficients (g = 671/128, n = 14) as printed in Numerical Recipes §6.1.
const LANCZOS = [
  57.156235665862923517, -59.597960355475491248, 14.136097974741747174, -0.49191381609762019978,
  0.33994649984811888699e-4, 0.46523628927048575665e-4, -0.98374475304879564677e-4, 0.15808870322491248884e-3,
  -0.21026444172410488319e-3, 0.2174396181152126432e-3, -0.16431810653676389022e-3, 0.84418223983852743293e-4,
  -0.2619083840158140867e-4, 0.36899182659531622704e-5,
];

function logGamma(x: number): number {
  let series = 0.999999999999997092;
  LANCZOS.forEach((coefficient, j) => {
    series += coefficient / (x + 1 + j);
  });
  const t = x + 671 / 128;
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310005 * series) / x);
}

/** Lentz's evaluation of b0 + a1/(b1 + a2/(b2 + …)); `term(i)` gives [a_i, b_i] for i ≥ 1. */
function continuedFraction(b0: number, term: (i: number) => readonly [number, number]): number {
  let value = b0 === 0 ? TINY : b0;
  let c = value;
  let d = 0;
  for (let i = 1; i < MAX_TERMS; i++) {
    const [a, b] = term(i);
    d = 1 / (b + a * d || TINY);
    c = b + a / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}

/** Upper tail of the standard normal, P(Z > x) for x ≥ 0: half of Q(1/2, x²/2). */
function normalUpperTail(x: number): number {
  const a = 0.5;
  const y = (x * x) / 2;
  const scale = Math.exp(-y) * Math.sqrt(y / Math.PI); // e^{−y} y^a / Γ(a)
  if (y < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
      term *= y / (a + n);
      sum += term;
    }
    return (1 - scale * sum) / 2;
  }
  const fraction = continuedFraction(y + 1 - a, (i) => [-i * (i - a), y + 2 * i + 1 - a]);
  return scale / fraction / 2;
}

/** Φ(x) = P(Z ≤ x) of the standard normal. */
export function normalCdf(x: number): number {
  return x >= 0 ? 1 - normalUpperTail(x) : normalUpperTail(-x);
}

function ratioOfPolynomials(top: readonly number[], bottom: readonly number[], x: number): number {
  return top.reduceRight((sum, c) => sum * x + c, 0) / bottom.reduceRight((sum, c) => sum * x + c, 0);
}

// prettier-ignore
const AS241 = {
  centre: [
    [3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727],
    [1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061, 28729.085735721942674, 5226.495278852854561],
  ],
  side: [
    [1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4],
    [1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9],
  ],
  tail: [
    [6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
    [1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15],
  ],
} as const;

/** x with Φ(x) = p; −∞ at 0 and ∞ at 1. @throws {RangeError} p outside [0, 1] */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`normalQuantile: p must lie in [0, 1], got ${p}`);
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratioOfPolynomials(...AS241.centre, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size = r <= 5 ? ratioOfPolynomials(...AS241.side, r - 1.6) : ratioOfPolynomials(...AS241.tail, r - 5);
  return q < 0 ? -size : size;
}

/** Regularised incomplete beta I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const fraction = continuedFraction(1, (i) => {
    const m = i >> 1;
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [i % 2 === 0 ? even : odd, 1];
  });
  return front / a / fraction;
}

/** P(T ≤ t) of Student's t with `df` > 0 degrees of freedom (any real number). */
export function studentCdf(t: number, df: number): number {
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t >= 0 ? 1 - tail : tail;
}

/** t with P(T ≤ t) = p, by bisection on `studentCdf`. @throws {RangeError} p outside (0, 1) or df ≤ 0 */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0)) throw new RangeError(`studentQuantile: needs 0 < p < 1 and df > 0, got ${p}, ${df}`);
  if (p < 0.5) return -studentQuantile(1 - p, df);
  let low = 0;
  let high = 1;
  while (studentCdf(high, df) < p) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≤ k) for X binomial with n trials of probability ½: the law of how many samples fall below the median. */
export function fairBinomialCdf(k: number, n: number): number {
  if (k < 0) return 0;
  let sum = 0;
  for (let i = 0; i <= Math.min(k, n); i++) {
    sum += Math.exp(logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1) - n * Math.LN2);
  }
  return Math.min(1, sum);
}
