"""The works of bench-kernels in PyTorch. Reads one JSON request a line, answers one JSON line.

Request: {"work": {"kind": …, "backward": bool, …}, "threads": n, "seconds": least time of a sample, "cpuTime": bool}
Answer:  {"seconds": per call, "calls": n} or {"error": text}; the first line says the versions.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F

torch.manual_seed(0)
CACHE = {}


def tensors(*shapes):
    return [torch.randn(*shape, requires_grad=True) for shape in shapes]


def matmul(a_shape, b_shape, transpose_a, transpose_b):
    a, b = tensors(a_shape, b_shape)
    return [a, b], lambda a, b: torch.matmul(a.transpose(-1, -2) if transpose_a else a, b.transpose(-1, -2) if transpose_b else b)


def additive_global(n):
    shape = (1, 4, n, 64)
    return tensors(shape, shape, shape), lambda q, g, v: q @ (torch.softmax(g, dim=2).transpose(-1, -2) @ v)


def chunked(q, k, v, log_decay, size=64):
    """Linear attention with decay, chunk by chunk; plain factors inside a chunk, as decays here are mild."""
    n = q.shape[2]
    state = q.new_zeros(q.shape[0], q.shape[1], q.shape[3], v.shape[3])
    mask = torch.tril(torch.ones(size, size))
    outs = []
    for start in range(0, n, size):
        part = slice(start, min(start + size, n))
        queries, keys, values = q[:, :, part], k[:, :, part], v[:, :, part]
        if log_decay is None:
            kept, total = keys, 1
        else:
            b = log_decay[:, :, part].cumsum(2)
            last = b[:, :, -1:]
            queries, kept, keys = queries * b.exp(), keys * (last - b).exp(), keys * (-b).exp()
            total = last.exp().transpose(-1, -2)
        length = queries.shape[2]
        scores = (queries @ keys.transpose(-1, -2)) * mask[:length, :length]
        outs.append(scores @ values + queries @ state)
        state = total * state + kept.transpose(-1, -2) @ values
    return torch.cat(outs, 2)


def additive_causal(n):
    shape = (1, 4, n, 64)

    def run(q, g, v):
        weights = (g - g.amax(2, keepdim=True)).exp()
        return chunked(q / weights.cumsum(2), weights, v, None)

    return tensors(shape, shape, shape), run


def vector_decay(n):
    shape = (1, 4, n, 64)
    q, k, v = tensors(shape, shape, shape)
    decay = (-0.1 * torch.randn(shape).abs()).requires_grad_()
    return [q, k, v, decay], chunked


def attention(n):
    shape = (1, 4, n, 64)
    if hasattr(F, "scaled_dot_product_attention"):
        return tensors(shape, shape, shape), F.scaled_dot_product_attention
    return tensors(shape, shape, shape), lambda q, k, v: torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(64), -1) @ v


class Block(torch.nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        linear = lambda i, o: torch.nn.Linear(i, o, bias=False)
        self.heads, self.width = heads, width
        self.norm1, self.norm2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.q, self.g, self.v, self.o = (linear(width, width) for _ in range(4))
        self.u1, self.u2 = linear(width, width // heads), linear(width // heads, width)
        self.w1, self.w2, self.w3 = linear(width, hidden), linear(width, hidden), linear(hidden, width)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x):
        y = self.norm1(x)
        q, g, v = self.split(F.silu(self.q(y))), self.split(self.g(y)), self.split(self.v(y))
        o = q @ (torch.softmax(g, dim=2).transpose(-1, -2) @ v)
        o = F.layer_norm(o.transpose(1, 2).reshape(x.shape), (self.width,))
        x = x + self.o(o * torch.sigmoid(self.u2(self.u1(y))))
        y = self.norm2(x)
        return x + self.w3(F.silu(self.w1(y)) * self.w2(y))


def training_step():
    model = torch.nn.Sequential(torch.nn.Linear(48, 128), *[Block(128, 2, 256) for _ in range(4)], torch.nn.LayerNorm(128))
    head = torch.nn.Linear(128, 10)
    optimiser = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=1e-3, weight_decay=0.05)
    x, labels = torch.randn(8, 256, 48), torch.arange(8)

    def step():
        optimiser.zero_grad()
        F.cross_entropy(head(model(x).mean(1)), labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def prepare(work):
    if work["kind"] == "training":
        return training_step()
    make = {
        "matmul": lambda: matmul(work["a"], work["b"], work["transposeA"], work["transposeB"]),
        "additive-global": lambda: additive_global(work["n"]),
        "additive-causal": lambda: additive_causal(work["n"]),
        "vector-causal": lambda: vector_decay(work["n"]),
        "softmax": lambda: attention(work["n"]),
    }
    inputs, run = make[work["kind"]]()
    if not work["backward"]:
        fixed = [x.detach() for x in inputs]

        def forward():
            with torch.no_grad():
                run(*fixed)

        return forward
    cotangent = torch.randn_like(run(*inputs))

    def both():
        for x in inputs:
            x.grad = None
        run(*inputs).backward(cotangent)

    return both


def answer(request):
    torch.set_num_threads(request["threads"])
    key = json.dumps(request["work"], sort_keys=True)
    if key not in CACHE:
        CACHE.clear()
        CACHE[key] = prepare(request["work"])
        CACHE[key]()
    clock = time.process_time if request["cpuTime"] else time.perf_counter
    run, calls, begin = CACHE[key], 0, clock()
    while calls == 0 or clock() - begin < request["seconds"]:
        run()
        calls += 1
    return {"seconds": (clock() - begin) / calls, "calls": calls}


print(json.dumps({"torch": torch.__version__, "blas": torch.__config__.show().replace("\n", " ")[:400], "python": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:  # the harness prints it beside the row
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
