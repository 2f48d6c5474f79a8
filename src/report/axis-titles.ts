// Axes of cases as people read them; one without an entry is read by its name.

export const AXIS_TITLES: Readonly<Record<string, string>> = {
  N: "tokens N",
  B: "batch B",
  H: "heads H",
  D: "key width of a head D",
  E: "value width of a head E",
  C: "model width C",
  stateBytes: "state of a layer (bytes)",
  dims: "dimensions of the grid",
  scans: "number of scans",
  learningRate: "learning rate",
  localMixing: "local mixing",
};
