// Volumes of an object that moves: eight frames, eight directions. Only the order of the frames tells the direction:
//
// - the object moves around a torus from a start that is equally likely everywhere, so that no single frame tells it;
// - it moves by whole patches, so that the patches of a volume, as a bag without places, are the same in every direction;
// - it moves every second frame, so that a patch of two frames sees none of the motion;
// - the volume played backwards is the one of the opposite direction.
//
// A mixer without order, encoding and local mixing therefore stays at chance, 1/8. An encoding that is even in time, such
// as cosine LRPE alone, cannot tell a volume from itself played backwards, and ends at 1/2.

import type { ImageSplit } from "./dataset.ts";

export const FRAMES = 8;
/** frames for which the object rests: the extent of a patch in time */
export const HOLD = 2;
/** pixels of a move along an axis: the edge of a patch */
export const STEP = 4;

/** (rows, columns) of a move, clockwise from the right; a direction and the one four further are opposite. */
const MOVES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
  [-1, 0],
  [-1, 1],
];
export const DIRECTIONS: readonly string[] = [
  "right",
  "down right",
  "down",
  "down left",
  "left",
  "up left",
  "up",
  "up right",
];

export interface Motion {
  /** edge of the square frames, in pixels; a multiple of STEP */
  readonly edge: number;
  /** row and column by which the object is shifted in the first frame */
  readonly start: readonly [number, number];
  /** number in DIRECTIONS */
  readonly direction: number;
}

/**
 * Draws an object, given in a frame of its own, into every frame of a volume.
 *
 * @param volume [FRAMES, edge, edge]
 * @param object [edge, edge]
 */
export function drawMoving(volume: Uint8Array, object: Uint8Array, { edge, start, direction }: Motion): void {
  const [rows, columns] = MOVES[direction]!;
  for (let frame = 0; frame < FRAMES; frame++) {
    const moves = STEP * Math.floor(frame / HOLD);
    const down = wrapped(start[0] + moves * rows, edge);
    const right = wrapped(start[1] + moves * columns, edge);
    for (let row = 0; row < edge; row++) {
      const source = object.subarray(row * edge, (row + 1) * edge);
      const target = (frame * edge + wrapped(row + down, edge)) * edge;
      volume.set(source.subarray(0, edge - right), target + right);
      volume.set(source.subarray(edge - right), target);
    }
  }
}

function wrapped(at: number, edge: number): number {
  return ((at % edge) + edge) % edge;
}

/** Volumes with both of their labels. */
export interface MovingSplit extends Omit<ImageSplit, "labels"> {
  readonly objects: Uint8Array;
  readonly directions: Uint8Array;
}

/** What a data set of moving objects asks for. */
export type Asked = "class" | "direction";

export function labelled({ objects, directions, ...split }: MovingSplit, asked: Asked): ImageSplit {
  return { ...split, labels: asked === "class" ? objects : directions };
}
