// What a contender is called in tables and pictures: by its model where a case names one, else by its operator and what
// stands around it.

import type { Case } from "#case/case";
import { contenders } from "./contenders.ts";
import { labelWith, models } from "./models.ts";

/** The model that a case names, at level mixer or in training. */
export function modelIdOf(item: Case): string | undefined {
  if (item.kind === "training") return item.model.id;
  return item.kind === "operator" ? item.model : undefined;
}

/** A model's label carries encoding and local mixing; an operator in training gets them here. Unknown contenders keep their name. */
export function labelOfCase(item: Case): string {
  const id = modelIdOf(item);
  if (id !== undefined) return models.has(id) ? models.get(id).label : item.contender;
  const name = contenders.has(item.contender) ? contenders.get(item.contender).label : item.contender;
  return item.kind === "training" ? labelWith(name, item.model.mixer.encoding, item.model.localMixing) : name;
}
