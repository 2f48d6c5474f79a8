// The Inception-v3 network that Fréchet distances are measured with, as a table: Google's of 2015-12-05, as ported by
// pytorch-fid. It differs from torchvision's in its pooling: averages leave out the padding, and the last block takes the
// largest value where the others take the mean.
//
// Source: C. Szegedy et al., arXiv 1512.00567; github.com/mseitzer/pytorch-fid, src/pytorch_fid/inception.py.

/** A convolution without bias, a batch norm and a ReLU. */
export interface Convolution {
  readonly kind: "convolution";
  /** as in pytorch-fid's state dict, which holds `<name>.conv.weight` and `<name>.bn.*` */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: readonly [rows: number, columns: number];
  readonly stride: 1 | 2;
  readonly padding: "same" | "valid";
}

/** Of 3×3 pixels; padded at stride 1. */
export interface Pooling {
  readonly kind: "mean" | "largest";
  readonly stride: 1 | 2;
}

/** The same input through each, outputs side by side as channels. */
export interface Branches {
  readonly kind: "branches";
  readonly of: readonly (readonly Step[])[];
}

export type Step = Convolution | Pooling | Branches;

type Shape = readonly [from: number, to: number, rows?: number, columns?: number];
type Options = Partial<Pick<Convolution, "stride" | "padding">>;

function convolution(
  name: string,
  [from, to, rows = 1, columns = rows]: Shape,
  { stride = 1, padding = stride === 1 ? "same" : "valid" }: Options = {},
): Convolution {
  return { kind: "convolution", name, from, to, kernel: [rows, columns], stride, padding };
}

/** Convolutions whose names begin with the block's. */
function inside(block: string): (branch: string, shape: Shape, options?: Options) => Convolution {
  return (branch, shape, options) => convolution(`${block}.${branch}`, shape, options);
}

const branches = (...of: readonly (readonly Step[])[]): Branches => ({ kind: "branches", of });
const SHRINK: Options = { stride: 2 };
const LARGEST_OF_EACH_TWO: Pooling = { kind: "largest", stride: 2 };

function blockA(block: string, from: number, pooled: number): Branches {
  const to = inside(block);
  return branches(
    [to("branch1x1", [from, 64])],
    [to("branch5x5_1", [from, 48]), to("branch5x5_2", [48, 64, 5])],
    [to("branch3x3dbl_1", [from, 64]), to("branch3x3dbl_2", [64, 96, 3]), to("branch3x3dbl_3", [96, 96, 3])],
    [{ kind: "mean", stride: 1 }, to("branch_pool", [from, pooled])],
  );
}

function blockB(block: string, from: number): Branches {
  const to = inside(block);
  return branches(
    [to("branch3x3", [from, 384, 3], SHRINK)],
    [to("branch3x3dbl_1", [from, 64]), to("branch3x3dbl_2", [64, 96, 3]), to("branch3x3dbl_3", [96, 96, 3], SHRINK)],
    [LARGEST_OF_EACH_TWO],
  );
}

function blockC(block: string, from: number, inner: number): Branches {
  const to = inside(block);
  return branches(
    [to("branch1x1", [from, 192])],
    [to("branch7x7_1", [from, inner]), to("branch7x7_2", [inner, inner, 1, 7]), to("branch7x7_3", [inner, 192, 7, 1])],
    [
      to("branch7x7dbl_1", [from, inner]),
      to("branch7x7dbl_2", [inner, inner, 7, 1]),
      to("branch7x7dbl_3", [inner, inner, 1, 7]),
      to("branch7x7dbl_4", [inner, inner, 7, 1]),
      to("branch7x7dbl_5", [inner, 192, 1, 7]),
    ],
    [{ kind: "mean", stride: 1 }, to("branch_pool", [from, 192])],
  );
}

function blockD(block: string, from: number): Branches {
  const to = inside(block);
  return branches(
    [to("branch3x3_1", [from, 192]), to("branch3x3_2", [192, 320, 3], SHRINK)],
    [
      to("branch7x7x3_1", [from, 192]),
      to("branch7x7x3_2", [192, 192, 1, 7]),
      to("branch7x7x3_3", [192, 192, 7, 1]),
      to("branch7x7x3_4", [192, 192, 3], SHRINK),
    ],
    [LARGEST_OF_EACH_TWO],
  );
}

function blockE(block: string, from: number, pooling: Pooling["kind"]): Branches {
  const to = inside(block);
  return branches(
    [to("branch1x1", [from, 320])],
    [
      to("branch3x3_1", [from, 384]),
      branches([to("branch3x3_2a", [384, 384, 1, 3])], [to("branch3x3_2b", [384, 384, 3, 1])]),
    ],
    [
      to("branch3x3dbl_1", [from, 448]),
      to("branch3x3dbl_2", [448, 384, 3]),
      branches([to("branch3x3dbl_3a", [384, 384, 1, 3])], [to("branch3x3dbl_3b", [384, 384, 3, 1])]),
    ],
    [{ kind: pooling, stride: 1 }, to("branch_pool", [from, 192])],
  );
}

/** Images [B, rows, columns, 3] in [−1, 1] to the input of the last pooling, [B, rows', columns', 2048]. */
export const INCEPTION: readonly Step[] = [
  convolution("Conv2d_1a_3x3", [3, 32, 3], SHRINK),
  convolution("Conv2d_2a_3x3", [32, 32, 3], { padding: "valid" }),
  convolution("Conv2d_2b_3x3", [32, 64, 3]),
  LARGEST_OF_EACH_TWO,
  convolution("Conv2d_3b_1x1", [64, 80]),
  convolution("Conv2d_4a_3x3", [80, 192, 3], { padding: "valid" }),
  LARGEST_OF_EACH_TWO,
  blockA("Mixed_5b", 192, 32),
  blockA("Mixed_5c", 256, 64),
  blockA("Mixed_5d", 288, 64),
  blockB("Mixed_6a", 288),
  blockC("Mixed_6b", 768, 128),
  blockC("Mixed_6c", 768, 160),
  blockC("Mixed_6d", 768, 160),
  blockC("Mixed_6e", 768, 192),
  blockD("Mixed_7a", 768),
  blockE("Mixed_7b", 1280, "mean"),
  blockE("Mixed_7c", 2048, "largest"),
];

/** Every convolution of the steps, in order. */
export function convolutionsOf(steps: readonly Step[]): Convolution[] {
  return steps.flatMap((step) =>
    step.kind === "branches" ? step.of.flatMap(convolutionsOf) : step.kind === "convolution" ? [step] : [],
  );
}
