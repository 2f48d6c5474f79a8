// What files of the user's add to the lists: mixers for models, strategies for operators. Added in the parent, which plans and
// counts weights with them, and in every child, which runs them.

import { z } from "zod";
import { UsageError } from "#base/errors";
import { OPERATORS, type Case, type OperatorSpec, type Shape } from "#case/case";
import { KIND } from "#case/defined-by";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import { addModuleMixer, type MixerDefinition } from "#models/mixers/module";
import type { InputName, Inputs } from "#ops/operator";
import { addStrategy, operators } from "#ops/registry";
import type { GivenModule } from "./given-module.ts";
import { loadModule, type LoadedModule } from "./modules.ts";

/** What the `run` of a contender is given beside its inputs. */
export interface ContenderContext {
  readonly tf: typeof tf;
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly engine: RunningEngine;
}

/** One more way of computing an operator that is here already; that operator's reference judges it. */
export interface ContenderDefinition {
  readonly name: string;
  readonly operator: Exclude<OperatorSpec["op"], "module">;
  /** undefined when it can do this form at this shape with these inputs (a mask, an initial state), else the reason why not; default: it can do all */
  readonly unsupported?: (spec: OperatorSpec, shape: Shape, inputs: readonly InputName[]) => string | undefined;
  /** inputs in the operator's layout → out [B, H, N, E], called within a tidy; differentiable by tfjs */
  readonly run: (inputs: Inputs<tf.Tensor>, context: ContenderContext) => tf.Tensor;
}

export type ModuleContender = (
  | { readonly kind: "mixer"; readonly definition: MixerDefinition }
  | { readonly kind: "contender"; readonly definition: ContenderDefinition }
) & { readonly id: string; readonly given: GivenModule };

const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,79}$/,
    'a name has up to 80 letters, digits, "-", "_" or ".", without spaces or slashes',
  );
const called = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function", "a function is needed");
const schemas = {
  mixer: z.looseObject({
    name: nameSchema,
    causal: z.boolean(),
    positions: z.enum(["none", "sinusoidal", "learned"]).optional(),
    weights: called,
    forward: called,
    reference: called,
    backward: called.optional(),
    step: called.optional(),
    flops: called.optional(),
  }),
  contender: z.looseObject({
    name: nameSchema,
    operator: z.enum(OPERATORS).exclude(["module"]),
    unsupported: called.optional(),
    run: called,
  }),
};

/**
 * Reads files, and adds the mixers and strategies that they define.
 *
 * @throws {UsageError} no such file, or two contenders of one name or it defines none, or wrong ones
 */
export async function addModules(files: readonly string[]): Promise<ModuleContender[]> {
  const contenders: ModuleContender[] = [];
  for (const file of files) contenders.push(...contendersOf(await loadModule(file)));
  const twice = contenders.find(({ definition: { name } }, i) =>
    contenders.slice(0, i).some((other) => other.definition.name === name),
  );
  if (twice !== undefined)
    throw new UsageError(`--contender: two modules define "${twice.definition.name}". Give one of them another name.`);
  for (const contender of contenders) await add(contender);
  return contenders;
}

/** or a file is no longer what the run began with */
export async function addGivenModules(given: readonly GivenModule[]): Promise<void> {
  const contenders = await addModules(given.map(({ file }) => file));
  for (const { file, digest } of given)
    if (!contenders.some((contender) => contender.given.file === file && contender.given.digest === digest))
      throw new UsageError(`${file}: has changed since the run began. Start the run again; what is finished is kept.`);
}

function contendersOf({ exported, file, digest }: LoadedModule): ModuleContender[] {
  const found = exported.flatMap((value) => {
    const kind = typeof value === "object" && value !== null ? (value as { [KIND]?: unknown })[KIND] : undefined;
    if (kind !== "mixer" && kind !== "contender") return [];
    const { error } = schemas[kind].safeParse(value);
    if (error !== undefined) {
      const { path, message } = error.issues[0]!;
      throw new UsageError(`${file}: ${kind} ${path.join(".")}: ${message}`);
    }
    const definition = value as MixerDefinition & ContenderDefinition;
    return [{ kind, definition, id: `${definition.name}@${digest}`, given: { file, digest } } as ModuleContender];
  });
  if (found.length === 0)
    throw new UsageError(
      `${file}: exports no contender: export what defineMixer or defineContender of lightnet-bench returns.`,
    );
  return found;
}

async function add({ kind, id, definition }: ModuleContender): Promise<void> {
  if (kind === "mixer") {
    addModuleMixer(id, definition);
    return;
  }
  const tf = await import("#engine/tf");
  const { operator, unsupported, run } = definition;
  addStrategy(operator, {
    id,
    unsupported: (spec, shape, _engine, inputs) => unsupported?.(spec, shape, inputs),
    run: (inputs, spec, shape, engine) => ({ out: run(inputs, { tf, spec, shape, engine }) }),
  });
}

/** Whether a contender defined in a file can take the place of a case's operator. */
export function suits({ kind, definition }: ModuleContender, item: Case): boolean {
  if (kind === "mixer") return item.kind === "training" && item.model.mixer.operator.causal === definition.causal;
  if (item.kind !== "operator" || item.level !== "operator" || item.precision !== "float32") return false;
  const { spec, shape } = item;
  if (spec.op !== definition.operator) return false;
  const inputs = Object.keys(operators.get(spec.op).inputShapes(spec, shape)) as InputName[];
  return definition.unsupported?.(spec, shape, inputs) === undefined;
}
