"""The protocol between lightnet-bench and a contender, version 1 (docs/contenders.md). Needs nothing but Python.

A contender calls `serve` with a function `prepare(case, sets)` that returns an object with

    run(i)    computes on the i-th set of inputs and returns when the device is done: this is what is timed
    fetch()   a dict of name -> (shape, floats): "out" and, with a backward pass, "grad.q", ...
    strategy  one word for the record (optional)

or raises `Unsupported("reason")`. A set is a dict of name -> Tensor; "cotangent" is there with a backward pass.
"""

import array
import json
import struct
import sys
import time

PREFIX = "lightnet-bench "


class Unsupported(Exception):
    """This form is not one the contender computes; the text is shown in the report."""


class Tensor:
    """A shape and its float32 values, row-major."""

    def __init__(self, shape, data):
        self.shape, self.data = tuple(shape), data


def read_tensors(path):
    """The float32 tensors of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = array.array("f")
        values.frombytes(data[begin:end])
        tensors[name] = Tensor(entry["shape"], values)
    return tensors


def write_tensors(path, tensors):
    """`tensors`: name -> (shape, floats or bytes of float32)."""
    header, parts, offset = {}, [], 0
    for name, (shape, values) in tensors.items():
        data = values if isinstance(values, bytes) else array.array("f", values).tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def serve(name, version, prepare, device="cpu", libraries=None, on_hello=None, device_memory=None):
    """Answers requests until `bye` or the end of the input. `on_hello(request)` may set threads and device."""
    form = None

    def say(reply):
        sys.stdout.write("\n" + PREFIX + json.dumps(reply) + "\n")
        sys.stdout.flush()

    for line in sys.stdin:
        request = json.loads(line)
        kind = request["type"]
        try:
            if kind == "hello":
                where = on_hello(request) if on_hello else None
                say({"type": "hello", "protocol": 1, "name": name, "version": version, "device": where or device, "libraries": libraries or {}})
            elif kind == "prepare":
                form = None
                count = len(request["sets"])
                form = prepare(request["case"], [read_tensors(path) for path in request["sets"]])
                say({"type": "ready", "strategy": getattr(form, "strategy", "own")})
            elif kind == "run":
                seconds = []
                for i in range(request["repeats"]):
                    start = time.perf_counter()
                    form.run((request["set"] + i) % count)
                    seconds.append(time.perf_counter() - start)
                say({"type": "ran", "seconds": seconds})
            elif kind == "fetch":
                write_tensors(request["file"], form.fetch())
                say({"type": "fetched"})
            elif kind == "memory":
                peak = device_memory() if device_memory else None
                say({"type": "memory"} if peak is None else {"type": "memory", "devicePeakBytes": peak})
            elif kind == "release":
                form = None
                say({"type": "released"})
            elif kind == "bye":
                return
        except Unsupported as reason:
            say({"type": "unsupported", "reason": str(reason)})
        except Exception as error:
            say({"type": "error", "message": f"{type(error).__name__}: {error}"})
