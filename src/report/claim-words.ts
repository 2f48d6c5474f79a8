// Claims in words: what was found, where, and what it says.

import { groupBy } from "#base/group";
import { CLAIMS, UNTESTABLE_CLAIMS } from "#catalogue/claims";
import type { Claim, ClaimPoint } from "#evidence/claims/claim";
import type { Estimate } from "#stats/estimate";
import { labelOf } from "./palette.ts";
import type { ClaimText } from "./report-data.ts";
import { countOf, dataName, printDifference, printEstimate } from "./print.ts";

/** Points that are written out; the others are counted. */
const SHOWN_POINTS = 3;

/** Every claim as the page and the terminal print it. */
export function claimTexts(claims: readonly Claim[]): ClaimText[] {
  const wheres = claims.flatMap(({ points }) => points.map(({ where }) => where));
  const several = new Set(
    ["engine", "scale"].filter((axis) => new Set(wheres.flatMap((where) => where[axis] ?? [])).size > 1),
  );
  return claims.map((claim) => {
    const { id, verdict, scale, points } = claim;
    const declared = CLAIMS.find((one) => one.id === id);
    const shared = {
      id,
      verdict,
      verdictText: { ...VERDICTS, fails: `fails at scale ${scale}` }[verdict],
      findings: findingsOf(claim, several),
      caseIds: [...new Set(points.flatMap(({ caseIds }) => caseIds))],
    };
    if (declared === undefined) {
      const { sentence } = UNTESTABLE_CLAIMS.find((one) => one.id === id)!;
      return {
        ...shared,
        title: "Claimed in the paper, not testable here",
        sentence,
        statistic: "",
        rule: "",
        suites: [],
      };
    }
    const { title, sentence, statistic, suites, holdsIf, refutedIf } = declared;
    const rule = `Holds if ${holdsIf}; refuted if ${refutedIf}.`;
    return { ...shared, title, sentence, statistic, rule, suites };
  });
}

const VERDICTS: Readonly<Record<Exclude<Claim["verdict"], "fails">, string>> = {
  holds: "holds",
  undecided: "undecided",
  "not decidable": "not decidable here",
  "not tested": "not tested",
};

const RANK = ["fails", "undecided", "not decidable", "holds"] as const;

/** One line a place: those that decide the verdict first, what stands beside them in the same line. */
function findingsOf({ points, notes }: Claim, several: ReadonlySet<string>): string[] {
  const places = [...groupBy(points, ({ where }) => JSON.stringify(where)).values()];
  const rankOf = (members: readonly ClaimPoint[]): number =>
    Math.min(...members.map(({ verdict }) => (verdict === undefined ? RANK.length : RANK.indexOf(verdict))));
  const deciding = places.filter((members) => rankOf(members) < RANK.length).toSorted((a, b) => rankOf(a) - rankOf(b));
  const beside = places.filter((members) => rankOf(members) === RANK.length);
  const shown = deciding.slice(0, SHOWN_POINTS).map((members) => placeText(members, several));
  const rest = deciding.length - shown.length;
  return [
    ...shown,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...beside.map((members) => placeText(members, several)),
    ...notes,
  ];
}

/** `against HGRN2-like, 2 scans, MNIST, mini: after equal training −3.5 [−4.0, −3.0] points (n = 7: fails)`. */
function placeText(members: readonly ClaimPoint[], several: ReadonlySet<string>): string {
  const found = members.map(({ what = "", estimate, unit, verdict }) => {
    const value = estimate === undefined ? "" : valueOf(estimate, unit);
    const behind = [
      ...(estimate === undefined ? [] : [timesOf(estimate.n, members[0]!.where)]),
      ...(verdict === undefined ? [] : [verdict]),
    ];
    return `${[what, value].filter((part) => part !== "").join(" ")}${verdict === undefined ? "" : ` (${behind.join(": ")})`}`;
  });
  const isDifference = members.some(({ unit }) => unit !== "plain");
  return `${placeWords(members[0]!.where, isDifference, several)}: ${found.join(", ")}`;
}

/** What n counts: seeds of trainings, lengths behind an exponent, processes behind a time. */
function timesOf(n: number, { data, fromN }: ClaimPoint["where"]): string {
  if (fromN !== undefined) return `${n} lengths`;
  return countOf(n, data === undefined ? "processes" : "seeds");
}

function valueOf(estimate: Estimate, unit: ClaimPoint["unit"]): string {
  return unit === "plain" ? printEstimate(estimate, "plain") : printDifference(estimate, unit);
}

function placeWords(where: ClaimPoint["where"], isDifference: boolean, several: ReadonlySet<string>): string {
  const { contender, from, to, dims, level, N, fromN, toN, pass, data, synthetic, variant, steps } = where;
  const label = contender === undefined ? undefined : labelOf(String(contender));
  const words = [
    label !== undefined && isDifference ? `against ${label}` : label,
    dims === undefined ? undefined : `${dims}-D`,
    from === undefined ? undefined : `${from}-D to ${to}-D`,
    level,
    N === undefined ? undefined : `N ${N}`,
    fromN === undefined ? undefined : `N ${fromN} to ${toN}`,
    pass,
    data === undefined ? undefined : dataName({ dataLabel: String(data), synthetic: synthetic === true }),
    variant,
    steps === undefined ? undefined : `${steps} steps`,
    ...[...several].map((axis) => (where[axis] === undefined ? undefined : `${axis} ${where[axis]}`)),
  ];
  return words.filter((word) => word !== undefined).join(", ");
}
