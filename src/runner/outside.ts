// Cases of contenders from outside: where a suite measures an operator, whoever computes it takes part, without being named there.

import { groupBy } from "#base/group";
import { hashJson } from "#base/json";
import type { Case, DecodeCase, OperatorCase, TrainStepCase } from "#case/case";
import { implementationOf } from "#catalogue/implementation";
import { hasFormOf, type WantedForm } from "#programs/forms";
import type { OutsideContender } from "#programs/given";
import { contenderName, PROGRAM_STRATEGY, type GivenProgram } from "#programs/named";

export type ProgramCase = OperatorCase | DecodeCase | TrainStepCase;

/** A case for each program and each point where one of `cases` computes or decodes an operator that its manifest lists. */
export function casesOfPrograms(cases: readonly Case[], programs: readonly OutsideContender[]): ProgramCase[] {
  if (programs.length === 0) return [];
  const suitable = cases.filter(
    (item): item is ProgramCase =>
      item.kind !== "training" &&
      (item.kind !== "operator" || (item.level === "operator" && item.precision === "float32")),
  );
  // Strategies of ours that compute the same are one form for others; the first of them names it.
  const forms = groupBy(suitable, (item) => hashJson({ ...item, contender: "", strategy: "" }));
  return [...forms.values()].flatMap(([item]) =>
    programs
      .filter((program) => hasFormOf(program, wantedForm(item!)))
      .map(({ given }) => ({
        ...item!,
        contender: contenderName(given, item!.contender),
        strategy: PROGRAM_STRATEGY,
      })),
  );
}

/** What of a case decides whether a program has a form of it. */
export function wantedForm(item: ProgramCase): WantedForm {
  const { kind: workload, spec } = item;
  return {
    workload,
    spec,
    ...(item.kind === "train-step"
      ? { task: item.task, ...(item.model.id === undefined ? {} : { model: item.model.id }) }
      : {}),
  };
}

/** Whether a program from outside computes a case. */
export function isOfProgram(item: Case): boolean {
  return item.kind !== "training" && item.strategy === PROGRAM_STRATEGY;
}

/** The program that computes a case. */
export function programOf(item: Case, programs: readonly GivenProgram[]): GivenProgram | undefined {
  return isOfProgram(item) ? programs.find(({ name }) => name === implementationOf(item.contender).program) : undefined;
}
