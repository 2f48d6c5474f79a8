// `contender check`: the engine on which our training steps are computed, started with the first form that asks for one.

import type { RunningEngine } from "#engine/engine";
import type { AskSteps } from "#programs/check";

export class EngineForSteps {
  #engine: RunningEngine | undefined;

  readonly steps: AskSteps = async function* (this: EngineForSteps, form: Parameters<AskSteps>[0]) {
    const { startEngine } = await import("#engine/registry");
    const { stepsOfForm } = await import("#runner/workloads/asked-step");
    this.#engine ??= await startEngine("wasm");
    yield* stepsOfForm(form, this.#engine);
  }.bind(this);

  async stop(): Promise<void> {
    await this.#engine?.stop();
  }
}
