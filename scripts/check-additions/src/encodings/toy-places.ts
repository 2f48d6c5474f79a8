// A toy encoding: the number of the token, scaled, on every channel.

import type { EncodingOperations } from "./encoding.ts";
import { tokensOf } from "./place.ts";

const SCALE = 0.01;

export const toyPlaces: EncodingOperations = {
  absolute: ({ C, place }) => Float32Array.from({ length: tokensOf(place) * C }, (_, at) => SCALE * Math.floor(at / C)),
  trained: false,
};
