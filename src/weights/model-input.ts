// What goes into a model and what comes out, as far as it decides on weights.

/** Images or volumes into one of several classes. */
export interface ImageInput {
  readonly kind: "images";
  /** extents along the axes, then channels */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** Noisy images or latents, with a time step and a class, into their noise. */
export interface DenoiserInput extends Omit<ImageInput, "kind"> {
  readonly kind: "denoiser";
}

/** Token ids, and logits over the vocabulary at every position. */
export interface TextInput {
  readonly kind: "text";
  readonly tokens: number;
  readonly vocabulary: number;
  /** how the tokens stand, where they are not one line */
  readonly grid?: readonly number[];
}

export type ModelInput = ImageInput | DenoiserInput | TextInput;
