// Any text as LaTeX that compiles with the packages of `latexDocument` alone: the result is plain ASCII.

/** Text in which LaTeX sees no command, and no letter that it does not know. */
export function escapeLatex(text: string): string {
  const letters = [...text.replace(/\s*\n\s*/g, " ")];
  // Two hyphens would be set as a dash.
  return letters.map((letter, at) => (letter === "-" && letters[at + 1] === "-" ? "-{}" : inLatex(letter))).join("");
}

function inLatex(letter: string): string {
  const known = KNOWN[letter];
  if (known !== undefined) return known;
  if (isPlain(letter)) return letter;
  return (
    accented(letter) ?? compatible(letter) ?? `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`
  );
}

function isPlain(letter: string): boolean {
  return letter >= " " && letter <= "~";
}

/** A letter and its accents: ï is \"{i}. */
function accented(letter: string): string | undefined {
  const [base = "", ...marks] = letter.normalize("NFD");
  if (marks.length === 0 || !/[A-Za-z]/.test(base) || !marks.every((mark) => mark in ACCENTS)) return undefined;
  const stem = base === "i" || base === "j" ? `\\${base}` : base; // without their dots
  return marks.reduce((below, mark) => `${ACCENTS[mark]}{${below}}`, stem);
}

/** Letters that are others in another dress: ½ is 1/2, ﬁ is fi, Ａ is A. */
function compatible(letter: string): string | undefined {
  const plain = letter.normalize("NFKC");
  return plain === letter ? undefined : [...plain].map(inLatex).join("");
}

const ACCENTS: Readonly<Record<string, string>> = {
  "\u0300": "\\`",
  "\u0301": "\\'",
  "\u0302": "\\^",
  "\u0303": "\\~",
  "\u0304": "\\=",
  "\u0306": "\\u",
  "\u0307": "\\.",
  "\u0308": '\\"',
  "\u030A": "\\r",
  "\u030B": "\\H",
  "\u030C": "\\v",
  "\u0323": "\\d",
  "\u0327": "\\c",
  "\u0331": "\\b",
};

const TEXT = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "[": "{[}", // after \\, TeX would read it as an option
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  '"': "''", // \\textquotedbl needs another font encoding
  "`": "\\textasciigrave{}",
  "\u00A0": "~",
  "\u2009": "\\,",
  "\u202F": "\\,",
  "\u200B": "",
  "\t": " ",
  "—": "---",
  "–": "--",
  "‘": "`",
  "’": "'",
  "“": "``",
  "”": "''",
  "⁄": "/",
  "°": "\\textdegree{}",
  "€": "\\texteuro{}",
  "£": "\\pounds{}",
  "©": "\\copyright{}",
  "§": "\\S{}",
  µ: "\\textmu{}",
  μ: "\\textmu{}",
  "…": "\\ldots{}",
  ß: "\\ss{}",
  æ: "\\ae{}",
  Æ: "\\AE{}",
  œ: "\\oe{}",
  Œ: "\\OE{}",
  ø: "\\o{}",
  Ø: "\\O{}",
  ł: "\\l{}",
  Ł: "\\L{}",
  ı: "\\i{}",
} as const;

/** Set in mathematics. */
const MATHS = {
  "<": "<",
  ">": ">",
  "|": "|",
  "−": "-",
  "±": "\\pm",
  "×": "\\times",
  "÷": "\\div",
  "·": "\\cdot",
  "≥": "\\geq",
  "≤": "\\leq",
  "≈": "\\approx",
  "≠": "\\neq",
  "≡": "\\equiv",
  "∝": "\\propto",
  "∞": "\\infty",
  "√": "\\surd",
  "∑": "\\Sigma",
  "∏": "\\Pi",
  "∂": "\\partial",
  "∈": "\\in",
  "→": "\\to",
  "←": "\\leftarrow",
  "↑": "\\uparrow",
  "↓": "\\downarrow",
  "†": "^\\dagger",
  "‡": "^\\ddagger",
  "²": "^2",
  "³": "^3",
  "¹": "^1",
  ᵀ: "^\\top",
  "◦": "\\circ",
  "▸": "\\triangleright",
} as const;

// Greek letters have their names; those that look Latin have none in TeX.
const GREEK_NAMES =
  "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda - nu xi o pi rho varsigma sigma tau upsilon varphi chi psi omega";
const GREEK_CAPITALS = "A B Gamma Delta E Z H Theta I K Lambda M N Xi O Pi P - Sigma T Upsilon Phi X Psi Omega";

function greek(names: string, first: string): [letter: string, name: string][] {
  return names.split(" ").flatMap((name, index): [string, string][] => {
    const letter = String.fromCodePoint(first.codePointAt(0)! + index);
    return name === "-" ? [] : [[letter, name.length === 1 ? name : `\\${name}`]];
  });
}

const KNOWN: Readonly<Record<string, string>> = Object.assign(
  Object.create(null),
  Object.fromEntries(
    [...Object.entries(MATHS), ...greek(GREEK_NAMES, "α"), ...greek(GREEK_CAPITALS, "Α")].map(([letter, maths]) => [
      letter,
      `$${maths}$`,
    ]),
  ),
  TEXT,
) as Readonly<Record<string, string>>;
