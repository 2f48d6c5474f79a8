"""The forms of the comparison in PyTorch on the same GPU: additive global eager, scaled_dot_product_attention and softmax attention
eager, in float32 (no TF32) and bfloat16, forward and with gradients, beside a matrix product and a copy.

Usage: pytorch.py <result.json> <seconds> [cpu]     `cpu` tries the steps at tiny shapes; its numbers mean nothing.
Exit code 4 and a reason on stderr where there is no PyTorch or no CUDA device.
"""

import json
import math
import sys
import time

path, budget = sys.argv[1], float(sys.argv[2])
on_cpu = sys.argv[3:] == ["cpu"]
try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    print(f"no PyTorch: {error}", file=sys.stderr)
    sys.exit(4)
if not on_cpu and not torch.cuda.is_available():
    print(f"PyTorch {torch.__version__} finds no CUDA device", file=sys.stderr)
    sys.exit(4)

device = "cpu" if on_cpu else "cuda"
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False
SAMPLES = 20
began = time.perf_counter()


def sample(run):
    """Seconds of single calls: CUDA events around each, after two calls that warm up."""
    for _ in range(2):
        run()
    seconds = []
    for _ in range(SAMPLES):
        if on_cpu:
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        else:
            first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            first.record()
            run()
            last.record()
            torch.cuda.synchronize()
            seconds.append(first.elapsed_time(last) / 1000)
    return seconds


def additive_global(q, g, v):
    return q @ (torch.softmax(g, dim=2).transpose(-1, -2) @ v)


def softmax_eager(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[3]), -1) @ v


FORMS = {"additive-global": additive_global, "softmax-eager": softmax_eager}
if hasattr(F, "scaled_dot_product_attention"):
    FORMS["softmax-sdpa"] = F.scaled_dot_product_attention
LARGE = [(1, 8, 65536, 128), (12, 12, 32768, 128)]
SHAPES = {"additive-global": LARGE, "softmax-eager": [(1, 8, 4096, 128)], "softmax-sdpa": [(1, 8, 4096, 128), (1, 8, 16384, 128)]}
TINY = [(1, 2, 64, 16)]


def measure(form, shape, dtype, backward):
    inputs = [torch.randn(shape, device=device, dtype=dtype, requires_grad=backward) for _ in range(3)]
    if not backward:
        with torch.no_grad():
            return sample(lambda: FORMS[form](*inputs))
    cotangent = torch.randn(shape, device=device, dtype=dtype)
    return sample(lambda: torch.autograd.grad(FORMS[form](*inputs), inputs, cotangent))


rows = []
peaks = {}
size = 64 if on_cpu else 4096
for dtype in (torch.float32, torch.bfloat16):
    a = torch.randn(size, size, device=device, dtype=dtype)
    peaks[str(dtype)] = {"matmul": size, "seconds": sample(lambda: a @ a)}
x = torch.randn(size * size * 4, device=device)
peaks["copy"] = {"bytes": 2 * x.numel() * 4, "seconds": sample(lambda: x.clone())}
del a, x
for backward in (False, True):
    for dtype in (torch.float32, torch.bfloat16):
        for form in FORMS:
            for shape in TINY if on_cpu else SHAPES[form]:
                row = {"form": form, "shape": shape, "dtype": str(dtype), "pass": "backward" if backward else "forward"}
                if time.perf_counter() - began > budget:
                    rows.append({**row, "skipped": "the time is spent"})
                    continue
                try:
                    rows.append({**row, "seconds": measure(form, shape, dtype, backward)})
                except RuntimeError as error:  # out of memory, mostly
                    rows.append({**row, "error": str(error).split("\n")[0]})
                if not on_cpu:
                    torch.cuda.empty_cache()

name = "CPU" if on_cpu else torch.cuda.get_device_name()
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "cuda": torch.version.cuda, "device": name, "peaks": peaks, "rows": rows}, file, indent=1)
for row in rows:
    seconds = sorted(row.get("seconds", []))
    text = f"{seconds[len(seconds) // 2] * 1000:.3f} ms" if seconds else row.get("error", row.get("skipped"))
    print(f"{row['form']:16} {'x'.join(map(str, row['shape'])):18} {row['dtype']:15} {row['pass']:9} {text}")
