// Which cases a program can compute, by the forms of its manifest.

import type { OperatorSpec, Pass, Precision, Shape } from "#case/case";
import type { DEVICES, Form, Manifest, Program, Workload } from "./manifest.ts";

export interface WantedForm {
  readonly workload: Workload;
  readonly spec: OperatorSpec;
  /** train-step */
  readonly task?: string;
  /** train-step: its name in the list of models */
  readonly model?: string;
}

export interface Wanted extends WantedForm {
  readonly shape: Shape;
  readonly pass: Pass;
  readonly precision: Precision;
  readonly device: (typeof DEVICES)[number];
}

/** Fields whose absence means a value: a form that names the value and a case that leaves it out are the same. */
const DEFAULTS: Readonly<Partial<OperatorSpec>> = {
  layout: "parallel",
  sharing: "all",
  merge: "sum",
  currentToken: "per-direction",
  initialLse: "-inf",
  scans: 1,
  tiedKey: false,
  explicitKey: false,
  normalised: false,
};

/** undefined where the program can do this, else the reason why not. */
export function unsupportedBy({ name, operators }: Manifest, wanted: Wanted): string | undefined {
  const sameOperator = operators.filter((form) => isOf(form, wanted));
  if (sameOperator.length === 0) return `${name} has no form of this operator`;
  const reasons = sameOperator.map((form) => limitOf(form, wanted));
  return reasons.includes(undefined) ? undefined : `${name}: ${reasons[0]}`;
}

/** Whether two specs mean the same operator. */
export function sameSpec(a: OperatorSpec, b: OperatorSpec): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof OperatorSpec>;
  const valueOf = (spec: OperatorSpec, name: keyof OperatorSpec) => spec[name] ?? DEFAULTS[name];
  return [...names].every((name) => valueOf(a, name) === valueOf(b, name));
}

function limitOf(form: Form, { shape: { N, D, E }, pass, precision, device }: Wanted): string | undefined {
  if (!form.passes.includes(pass)) return `no ${pass} pass`;
  if (!form.precisions.includes(precision)) return `no ${precision}`;
  if (!form.devices.includes(device)) return `not on ${device}`;
  if (form.mostTokens !== undefined && N > form.mostTokens) return `at most ${form.mostTokens} tokens, asked for ${N}`;
  if (form.equalWidths === true && D !== E) return `only D = E, asked for ${D} and ${E}`;
  const strange = [D, E].find((width) => form.widths !== undefined && !form.widths.includes(width));
  return strange === undefined ? undefined : `widths ${form.widths!.join(", ")}, asked for ${strange}`;
}

/** Whether the manifest of a program has a form of this operator, and of a training step of this model, within whatever limits. */
export function hasFormOf({ manifest }: Pick<Program, "manifest">, wanted: WantedForm): boolean {
  return manifest.operators.some((form) => isOf(form, wanted));
}

function isOf({ operator, workloads, tasks, models }: Form, { workload, spec, task, model }: WantedForm): boolean {
  const isAmong = (names: readonly string[] | undefined, name: string | undefined) =>
    names === undefined || name === undefined || names.includes(name);
  return workloads.includes(workload) && sameSpec(operator, spec) && isAmong(tasks, task) && isAmong(models, model);
}
