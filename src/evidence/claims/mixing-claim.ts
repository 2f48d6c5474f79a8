// C4: whose gain is it, the decay's or the local mixing's? A two-way layout of mixer × local mixing.

import { groupBy } from "#base/group";
import { meanOverSeeds, pairFinal } from "../paired-seeds.ts";
import type { Estimate } from "#stats/estimate";
import { experimentsOf, inPoints, judgeSeeds, settingOf, settingText, type Experiment } from "./experiments.ts";
import { joined, notTested, type Evidence, type Finding, type PointFinding } from "./finding.ts";

const SUITE = "local-mixing";
const SUBJECT = "additive-global";
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
export function gainIsDecay({ views }: Evidence): Finding {
  const groups = [...groupBy(experimentsOf(views, SUITE), settingOf).values()];
  const points = groups.flatMap((entries) => {
    const judged = effectsAgainst(REFERENCE, entries);
    if (judged === undefined) return [];
    const rivals = [...new Set(entries.map(({ case: item }) => item.contender))].filter(
      (id) => id !== SUBJECT && id !== REFERENCE,
    );
    const others = rivals.flatMap((rival) => {
      const effects = effectsAgainst(rival, entries);
      return effects === undefined
        ? []
        : [`against ${rival} ${inPoints(effects.without)} and ${inPoints(effects.with)}`];
    });
    const { without, with: mixed, interaction } = judged;
    const main = `LightNet minus ${REFERENCE}: ${inPoints(without)} without local mixing, ${inPoints(mixed)} with MD-TPE, interaction ${inPoints(interaction)}`;
    const text = `${[main, ...others].join(", ")}, n = ${without.n} ${without.n === 1 ? "seed" : "seeds"} (${settingText(entries[0]!)})`;
    return [{ verdict: verdictOf(judged), text, caseIds: entries.flatMap(({ caseIds }) => caseIds) }];
  });
  if (points.length === 0)
    return notTested(`no scores of ${SUBJECT} and ${REFERENCE}, each without local mixing and with MD-TPE`);
  return joined(points);
}

function effectsAgainst(rival: string, entries: readonly Experiment[]): Effects | undefined {
  const cell = (contender: string, localMixing: string) =>
    entries.find(({ case: item }) => item.contender === contender && item.model.localMixing === localMixing);
  const cells = [cell(SUBJECT, "none"), cell(rival, "none"), cell(SUBJECT, "md-tpe"), cell(rival, "md-tpe")];
  const [plainOwn, plainRival, mixedOwn, mixedRival] = cells;
  if (plainOwn === undefined || plainRival === undefined || mixedOwn === undefined || mixedRival === undefined)
    return undefined;
  const plain = pairFinal(plainOwn.results, plainRival.results, METRIC);
  const mixed = pairFinal(mixedOwn.results, mixedRival.results, METRIC);
  const shared = plain.seeds.filter((seed) => mixed.seeds.includes(seed));
  if (shared.length === 0) return undefined;
  const effect = ({ seeds, candidate, reference }: typeof plain) =>
    shared.map((seed) => candidate[seeds.indexOf(seed)]! - reference[seeds.indexOf(seed)]!);
  const [without, withMixing] = [effect(plain), effect(mixed)];
  const stream = `C4/${rival}/${plainOwn.caseIds[0]}`;
  return {
    without: meanOverSeeds(without, `${stream}/without`),
    with: meanOverSeeds(withMixing, `${stream}/with`),
    interaction: meanOverSeeds(
      withMixing.map((value, i) => value - without[i]!),
      `${stream}/interaction`,
    ),
  };
}

function verdictOf({ without, interaction }: Effects): PointFinding["verdict"] {
  const needsMixing = judgeSeeds(interaction, { holds: (low) => low > 0, fails: () => false }) === "holds";
  return judgeSeeds(without, { holds: (low) => low > 0, fails: (_, high) => high < 0 || needsMixing });
}
