// What a model holds on the engine. Variables are made from declarations, each from its own random stream, so that
// weights of the same name and shape start alike in every contender of a seed. Tables that layers share live and go with them.

import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { sizeOf, type WeightDeclaration } from "#weights/weights";

/** Weights of one layer by their name within it. */
export type Weights = (name: string) => tf.Tensor;

interface Disposable {
  dispose(): void;
}

/** Where layers of a model put what they share. */
export type SharedTables = Pick<Parameters, "shared">;

export class Parameters {
  readonly declarations: readonly WeightDeclaration[];
  readonly #variables = new Map<string, tf.Variable>();
  readonly #shared = new Map<string, Disposable>();

  /** @throws {Error} two weights share a name */
  constructor(declarations: readonly WeightDeclaration[], seed: number) {
    this.declarations = declarations;
    const random = new Random(seed).fork("weights");
    for (const { name, shape, initial } of declarations) {
      if (this.#variables.has(name)) throw new Error(`two weights are called "${name}"`);
      const start = tf.tensor(initial(random.fork(name), sizeOf(shape)), [...shape]);
      this.#variables.set(name, tf.variable(start));
      start.dispose();
    }
  }

  /** In the order of the declarations. */
  list(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** @throws {Error} no such weight */
  get(name: string): tf.Variable {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new Error(`no weight is called "${name}"`);
    return variable;
  }

  /** The weights under a path, by their name within it. */
  under(path: string): Weights {
    return (name) => this.get(`${path}.${name}`);
  }

  /** Something that is not trained, a tensor or tables: made once under this name, and disposed of with the model. */
  shared<T extends Disposable>(name: string, make: () => T): T {
    const known = this.#shared.get(name) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(name, made);
    return made;
  }

  dispose(): void {
    for (const held of [...this.#variables.values(), ...this.#shared.values()]) held.dispose();
    this.#variables.clear();
    this.#shared.clear();
  }
}

/**
 * Makes a model's weights and builds it on them; where that fails, no weight is left on the engine.
 *
 * @throws what `build` throws
 */
export async function withWeights<M>(
  declarations: readonly WeightDeclaration[],
  seed: number,
  build: (parameters: Parameters) => Promise<M>,
): Promise<M> {
  const parameters = new Parameters(declarations, seed);
  try {
    return await build(parameters);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
}
