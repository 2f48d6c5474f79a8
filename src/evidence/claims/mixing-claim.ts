// C4: whose gain is it, the decay's or the local mixing's? A two-way layout of mixer × local mixing.

import { groupBy } from "#base/group";
import type { Estimate } from "#stats/estimate";
import { placeOf, SUBJECT } from "../point.ts";
import type { Result } from "../result.ts";
import { meanOverSeeds, pairFinal } from "../scores.ts";
import { together, type ClaimEvidence, type ClaimPoint, type Finding, type PointVerdict } from "./claim.ts";
import { judgeSeeds, settingOf, trainedIn } from "./settings.ts";

/** The same layer without the decay: what the decay adds is judged against it. */
const REFERENCE = "linear-global";
const METRIC = "top1";

interface Effects {
  /** LightNet minus the rival without local mixing, and with MD-TPE */
  readonly without: Estimate;
  readonly with: Estimate;
  /** the second minus the first */
  readonly interaction: Estimate;
}

/** C4: the effect of the decay without local mixing, with MD-TPE, and their difference, over shared seeds. */
export function gainIsDecay({ results }: ClaimEvidence): Finding {
  const layouts = groupBy(trainedIn(results, "local-mixing"), ({ point }) => placeOf(point, ["localMixing"]));
  const points = [...layouts.values()].flatMap((members): ClaimPoint[] => {
    const judged = effectsAgainst(REFERENCE, members);
    if (judged === undefined) return [];
    const rivals = [...new Set(members.map(({ contender }) => contender))].filter(
      (id) => id !== SUBJECT && id !== REFERENCE,
    );
    return [REFERENCE, ...rivals].flatMap((rival) => {
      const effects = effectsAgainst(rival, members);
      const caseIds = members.flatMap(({ contender, caseIds: ids }) =>
        contender === SUBJECT || contender === rival ? ids : [],
      );
      const where = { contender: rival, ...settingOf(members[0]!) };
      const verdict = rival === REFERENCE ? { verdict: verdictOf(judged) } : {};
      return effects === undefined ? [] : effectPoints(effects, { where, unit: "points", caseIds }, verdict);
    });
  });
  return together(points, `no scores of ${SUBJECT} and ${REFERENCE}, each without local mixing and with MD-TPE`);
}

function effectPoints(
  effects: Effects,
  common: Pick<ClaimPoint, "where" | "unit" | "caseIds">,
  verdict: Pick<ClaimPoint, "verdict">,
): ClaimPoint[] {
  return [
    { what: "without local mixing", ...common, estimate: effects.without, ...verdict },
    { what: "with MD-TPE", ...common, estimate: effects.with },
    { what: "interaction", ...common, estimate: effects.interaction },
  ];
}

function effectsAgainst(rival: string, members: readonly Result[]): Effects | undefined {
  const find = (contender: string, localMixing: string) =>
    members.find(({ contender: id, axes }) => id === contender && axes["localMixing"] === localMixing);
  const effectWith = (localMixing: string): ReadonlyMap<number, number> => {
    const [own, other] = [find(SUBJECT, localMixing), find(rival, localMixing)];
    if (own === undefined || other === undefined) return new Map();
    const { seeds, candidate, reference } = pairFinal(own.training!.runs, other.training!.runs, METRIC);
    return new Map(seeds.map((seed, index) => [seed, candidate[index]! - reference[index]!]));
  };
  const authors = effectWith("md-tpe-per-axis"); // runs of schema 1 have the other form
  const [plain, mixed] = [effectWith("none"), authors.size > 0 ? authors : effectWith("md-tpe")];
  const seeds = [...plain.keys()].filter((seed) => mixed.has(seed));
  if (seeds.length === 0) return undefined;
  const stream = `C4/${rival}/${find(SUBJECT, "none")!.id}`;
  const over = (name: string, effect: (seed: number) => number) =>
    meanOverSeeds(seeds.map(effect), `${stream}/${name}`);
  return {
    without: over("without", (seed) => plain.get(seed)!),
    with: over("with", (seed) => mixed.get(seed)!),
    interaction: over("interaction", (seed) => mixed.get(seed)! - plain.get(seed)!),
  };
}

function verdictOf({ without, interaction }: Effects): PointVerdict {
  const needsMixing = judgeSeeds(interaction, { holds: (low) => low > 0, fails: () => false }) === "holds";
  return judgeSeeds(without, { holds: (low) => low > 0, fails: (_, high) => high < 0 || needsMixing });
}
