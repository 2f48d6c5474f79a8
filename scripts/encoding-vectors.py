"""Makes the vector files of the encodings: python3 scripts/encoding-vectors.py src/testing/vectors

Independent of the harness on purpose: the sums are written out as the definitions in docs/operators.md have them (a rotation
is a product of complex numbers, a filter the sum over all earlier tokens), and gradients are central differences of fourth
order. Plain Python, float64, inputs rounded to float32.
"""

import cmath
import json
import math
import random
import struct
import sys
from itertools import product
from pathlib import Path

STEP = 1e-3


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class Tensor:
    def __init__(self, shape, values):
        self.shape, self.values = list(shape), list(values)
        assert len(self.values) == math.prod(self.shape)

    def at(self, *index):
        place = 0
        for size, i in zip(self.shape, index):
            place = place * size + i
        return self.values[place]


def drawn(stream, shape, scale=1.0, shift=0.0):
    return Tensor(shape, [float32(stream.gauss(shift, scale)) for _ in range(math.prod(shape))])


def coordinates(grid, prefix, offset=0):
    """Of every token; None for those of the prefix, which stand nowhere."""
    return [None] * prefix + [tuple(c + offset for c in place) for place in product(*map(range, grid))]


def angles(theta, head, place, width, axes):
    """The angles of a token: each axis owns a slice of ceil(width / axes), with frequencies shared by the axes."""
    owned = math.ceil(width / axes)
    return [0.0 if place is None else place[i // owned] * theta.at(head, i % owned) for i in range(width)]


def encoded(inputs, params, form):
    x, theta = inputs["x"], inputs["theta"]
    B, H, N, D = x.shape
    grid = params["shape"]
    places = coordinates(grid, params["prefix"], params["offset"])
    out = []
    for b, h, t in product(range(B), range(H), range(N)):
        row = [x.at(b, h, t, d) for d in range(D)]
        turned = [cmath.exp(1j * a) for a in angles(theta, h, places[t], D // 2, len(grid))]
        if form == "lrpe-rotating":
            pairs = [complex(row[i], row[i + D // 2]) * turned[i] for i in range(D // 2)]
            out += [z.real for z in pairs] + [z.imag for z in pairs]
        else:
            placed = row[: D // 2]
            out += [v * z.real for v, z in zip(placed, turned)] + [v * z.imag for v, z in zip(placed, turned)]
            out += row[D // 2 :]
    return out


def per_axis(inputs, params):
    x, q, k, decay = inputs["x"], inputs["q"], inputs["k"], inputs["decay"]
    gain, projection = inputs["gain"], inputs["projection"]
    B, N, C = x.shape
    H, grid = params["heads"], params["shape"]
    places = coordinates(grid, params["prefix"])
    tokens = {place: t for t, place in enumerate(places) if place is not None}
    out = [0.0] * (B * N * C)
    for axis in range(len(grid)):
        for b, t in product(range(B), range(N)):
            row = []
            for c in range(C):
                if places[t] is None:
                    row.append(x.at(b, t, c))
                    continue
                h = c // (C // H)
                channels = range(h * (C // H), (h + 1) * (C // H))
                weight = sum(q.at(axis, i) * k.at(axis, i) for i in channels)
                rate = 1 / (1 + math.exp(-decay.at(axis, h)))
                here = places[t]
                total = 0.0
                for s in range(here[axis] + 1):
                    there = tokens[here[:axis] + (s,) + here[axis + 1 :]]
                    total += rate ** (here[axis] - s) * x.at(b, there, c)
                row.append(weight * total)
            size = math.sqrt(sum(v * v for v in row) / C + 1e-6)
            for o in range(C):
                out[(b * N + t) * C + o] += sum(row[c] / size * gain.at(axis, c) * projection.at(axis, c, o) for c in range(C))
    return out


def gradients(run, inputs, cotangent):
    def loss():
        return sum(a * b for a, b in zip(run(), cotangent))

    result = {}
    for name, tensor in inputs.items():
        slopes = []
        for i, value in enumerate(tensor.values):
            moved = []
            for step in (-2, -1, 1, 2):
                tensor.values[i] = value + step * STEP
                moved.append(loss())
            tensor.values[i] = value
            slopes.append((moved[0] - 8 * moved[1] + 8 * moved[2] - moved[3]) / (12 * STEP))
        result[name] = Tensor(tensor.shape, slopes)
    return result


def write(path, op, params, tensors):
    header = {"__metadata__": {"op": op, "params": json.dumps(params), "format": "1"}}
    data = b""
    for name, tensor in tensors.items():
        raw = struct.pack(f"<{len(tensor.values)}f", *tensor.values)
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header)
    text += " " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text.encode() + data)
    print(path, len(data))


def make(folder, name, op, params, inputs, out_shape, run):
    stream = random.Random(name + " cotangent")
    cotangent = drawn(stream, out_shape)
    tensors = {f"in.{key}": value for key, value in inputs.items()}
    tensors["out"] = Tensor(out_shape, run())
    tensors["cotangent"] = cotangent
    tensors |= {f"grad.{key}": value for key, value in gradients(run, inputs, cotangent.values).items()}
    write(folder / f"{name}.safetensors", op, params, tensors)


def make_angles(folder, name, form, grid, prefix, offset):
    stream = random.Random(name)
    B, H, D = 1, 2, 8
    N = prefix + math.prod(grid)
    params = {"shape": grid, "offset": offset, "prefix": prefix}
    inputs = {"x": drawn(stream, [B, H, N, D]), "theta": drawn(stream, [H, math.ceil(D // 2 / len(grid))], 0.5)}
    width = D if form == "lrpe-rotating" else 3 * D // 2
    make(folder, name, form, params, inputs, [B, H, N, width], lambda: encoded(inputs, params, form))


def make_per_axis(folder, name, grid, prefix):
    stream = random.Random(name)
    B, C, H, axes = 2, 6, 2, len(grid)
    N = prefix + math.prod(grid)
    params = {"shape": grid, "heads": H, "prefix": prefix}
    inputs = {
        "x": drawn(stream, [B, N, C]),
        "q": drawn(stream, [axes, C], 0.5, 1.0),
        "k": drawn(stream, [axes, C], 0.5, 1.0),
        "decay": drawn(stream, [axes, H]),
        "gain": drawn(stream, [axes, C], 0.3, 1.0),
        "projection": drawn(stream, [axes, C, C], 0.4),
    }
    make(folder, name, "md-tpe-per-axis", params, inputs, [B, N, C], lambda: per_axis(inputs, params))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    make_angles(target, "lrpe-rotating-1d", "lrpe-rotating", [11], 0, 3)
    make_angles(target, "md-lrpe-rotating-2d-prefix2", "lrpe-rotating", [3, 4], 2, 0)
    make_angles(target, "md-lrpe-rotating-3d-prefix1", "lrpe-rotating", [2, 3, 2], 1, 0)
    make_angles(target, "lrpe-half-1d", "lrpe-half", [11], 0, 3)
    make_angles(target, "md-lrpe-half-2d-prefix2", "lrpe-half", [3, 4], 2, 0)
    make_per_axis(target, "md-tpe-per-axis-1d", [9], 0)
    make_per_axis(target, "md-tpe-per-axis-2d-prefix1", [3, 4], 1)
    make_per_axis(target, "md-tpe-per-axis-3d", [2, 3, 2], 0)
