// What a contender is called in tables and pictures: by its model where a case names one, else by its operator and what
// stands around it.

import type { Case } from "#case/case";
import { contenders } from "./contenders.ts";
import { differencesOf } from "./fidelity.ts";
import { labelWith, models } from "./models.ts";

/** The model that a case names, at level mixer or in training; a mixer from a file is one of its own. */
export function modelIdOf(item: Case): string | undefined {
  if (item.kind === "training") return item.model.id ?? item.model.mixer.operator.module;
  if (item.kind === "train-step") return item.model.id;
  return item.kind === "operator" ? item.model : undefined;
}

/** A model's label carries encoding and local mixing; an operator in training gets them here. Unknown contenders keep their name. */
export function labelOfCase(item: Case): string {
  const id = modelIdOf(item);
  if (id !== undefined) return models.has(id) ? models.get(id).label : item.contender;
  const name = contenders.has(item.contender) ? contenders.get(item.contender).label : item.contender;
  return item.kind === "training" ? labelWith(name, item.model.mixer.encoding, item.model.localMixing) : name;
}

/** `differs: Δ₀ of the causal form, start of projections`: in what a case's model is not its authors' (docs/fidelity.md). */
export function differsNote(item: Case): string | undefined {
  const id = modelIdOf(item);
  if (id === undefined || !models.has(id)) return undefined;
  const elements = differencesOf(models.get(id).method).map(({ element }) => element);
  return elements.length === 0 ? undefined : `differs: ${elements.join(", ")}`;
}
