// What any JSON of a file must keep to before its schema is asked: nesting that no program of ours can follow, numbers
// whose squares overflow and texts that are no Unicode would end somewhere else, in a trace.

/** Squares and products of two stay finite. */
const LARGEST_NUMBER = 1e150;
const LONGEST_TEXT = 100_000;
const DEEPEST = 50;

/** The first rule that a value breaks, with the place in it; undefined where it keeps all. */
export function brokenBound(value: unknown): string | undefined {
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value, path: "", depth: 0 },
  ];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { value: item, path, depth } = entry;
    const rule = ruleBrokenBy(item, depth);
    if (rule !== undefined) return `${path === "" ? "" : `${path} `}${rule}`;
    if (typeof item !== "object" || item === null) continue;
    for (const [key, inner] of Object.entries(item)) {
      const name = Array.isArray(item) ? `${path}[${key}]` : `${path}${path === "" ? "" : "."}${shown(key)}`;
      const keyRule = ruleBrokenBy(key, depth);
      if (keyRule !== undefined) return `${name}: its name ${keyRule}`;
      open.push({ value: inner, path: name, depth: depth + 1 });
    }
  }
  return undefined;
}

function ruleBrokenBy(value: unknown, depth: number): string | undefined {
  if (depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels`;
  if (typeof value === "number" && !(Math.abs(value) <= LARGEST_NUMBER)) return `is beyond ±${LARGEST_NUMBER}`;
  if (typeof value !== "string") return undefined;
  if (value.length > LONGEST_TEXT) return `is longer than ${LONGEST_TEXT} letters`;
  return value.isWellFormed() ? undefined : "holds half of a surrogate pair, which is no Unicode text";
}

function shown(key: string): string {
  return key.length <= 40 ? key.toWellFormed() : `${key.slice(0, 40).toWellFormed()}…`;
}
