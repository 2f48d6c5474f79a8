// A WGSL program of ours that counts its own arithmetic while it runs, so that models of it are held against what was executed.

/** What is added to a program: an array of two counters, multiply-adds and exponentials. */
export const COUNTS = "counts_";

const HEAD = `
var<private> multiplyAdds_: u32;
var<private> exponentials_: u32;
fn widthOf_(ones: f32) -> u32 { return u32(ones * ones + 0.5); } // of the length of a vector of ones
fn countMultiplyAdds_(ones: f32) { multiplyAdds_ += widthOf_(ones); }
fn countDot_() -> f32 { multiplyAdds_ += 4u; return 0.0; }
fn countExponentials_(ones: f32) -> f32 { exponentials_ += widthOf_(ones); return 0.0; }
`;
const END = `
  atomicAdd(&${COUNTS}[0], multiplyAdds_);
  atomicAdd(&${COUNTS}[1], exponentials_);
}`;

/**
 * The program with counters: of the components of every `x += a * b`, `x *= a` and `dot(a, b)` (sums `dot(a, ones)` left out), and of
 * those of every `exp`. Scalars and vectors alike.
 *
 * @param code WGSL that ends with `fn main`, whose threads return early before they have counted anything
 */
export function instrumented(code: string): string {
  const counted = withDots(withExponentials(withAccumulations(code)));
  return HEAD + counted.slice(0, counted.lastIndexOf("}")) + END;
}

function withAccumulations(code: string): string {
  return code.replace(
    /([A-Za-z_]\w*(?:\[[^\];]*\])?(?:\.[xyzw])?) (\+=|\*=) ([^;{}]+);/g,
    (statement, target: string, operator: string, value: string) =>
      operator === "*=" || withoutBrackets(value).includes(" * ")
        ? `${statement} countMultiplyAdds_(${widthOf(target)});`
        : statement,
  );
}

/** WGSL of the length of a vector of ones of the value's type, be it a scalar or a vector of finite or infinite numbers. */
function widthOf(value: string): string {
  return `length(saturate(abs(${value}) + 1.0))`;
}

/** Arithmetic on indices and inside of calls is none of the statement's own. */
function withoutBrackets(text: string): string {
  const inner = /\[[^[\]]*\]|\([^()]*\)/g;
  let rest = text;
  while (rest.search(inner) >= 0) rest = rest.replace(inner, "");
  return rest;
}

function withExponentials(code: string): string {
  return eachCall(code, "exp", (argument) => `exp(${argument} + countExponentials_(${widthOf(argument)}))`);
}

function withDots(code: string): string {
  return eachCall(code, "dot", (argument) =>
    argument.endsWith("vec4<f32>(1.0)") ? `dot(${argument})` : `(dot(${argument}) + countDot_())`,
  );
}

/** Puts what `written` makes of the arguments in the place of every call of a function; calls in the arguments stay. */
function eachCall(code: string, name: string, written: (argument: string) => string): string {
  const call = new RegExp(`\\b${name}\\(`, "g");
  let result = "";
  let from = 0;
  for (let found = call.exec(code); found !== null; found = call.exec(code)) {
    const end = closing(code, call.lastIndex);
    result += code.slice(from, found.index) + written(code.slice(call.lastIndex, end));
    from = call.lastIndex = end + 1;
  }
  return result + code.slice(from);
}

/** Where the bracket closes that opened before `from`. */
function closing(code: string, from: number): number {
  let depth = 1;
  for (let at = from; ; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return at;
  }
}
