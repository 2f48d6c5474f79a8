// One head, as the references take and give it.

/** One head of one batch entry; absent k means 1. */
export interface Head {
  readonly q: Float64Array;
  readonly g: Float64Array;
  readonly v: Float64Array;
  readonly k?: Float64Array;
  readonly state0: Float64Array;
  readonly lse0: Float64Array;
}

export interface HeadOutputs {
  readonly out: Float64Array;
  readonly state: Float64Array;
  readonly lse: Float64Array;
}

export interface HeadGradients {
  readonly q: Float64Array;
  readonly g: Float64Array;
  readonly v: Float64Array;
  readonly k: Float64Array;
  readonly initialState: Float64Array;
  readonly initialLse: Float64Array;
}
