"""PyTorch as a contender: eager formulas, scaled_dot_product_attention, and torch.compile (LIGHTNET_COMPILE=1)."""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from protocol import Unsupported, serve  # noqa: E402

COMPILE = os.environ.get("LIGHTNET_COMPILE") == "1"
CHUNK = 64
DEVICE = "cpu"


def on_hello(request):
    global DEVICE
    torch.set_num_threads(request["threads"])
    torch.manual_seed(request["seed"])
    DEVICE = request["device"]
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("PyTorch finds no CUDA device")
    return torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"


def additive_global(spec):
    return lambda q, g, v: q @ (torch.softmax(g, dim=2).transpose(-1, -2) @ v)


def linear_global(spec):
    return lambda q, k, v: q @ (k.transpose(-1, -2) @ v)


def softmax(spec):
    scale = spec.get("scoreScale")
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=spec["causal"], scale=scale)


def chunks(n):
    return [slice(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK)]


def decay_scan(q, k, v, log_decay):
    """o_t = sum_{j<=t} (prod_{i=j+1..t} lambda_i) q_t.k_j v_j, chunk by chunk; log_decay [B,H,N,1 or D] or None."""
    state = q.new_zeros(q.shape[0], q.shape[1], q.shape[3], v.shape[3])
    mask = torch.ones(CHUNK, CHUNK, device=q.device).tril()
    outs = []
    for part in chunks(q.shape[2]):
        queries, keys, values = q[:, :, part], k[:, :, part], v[:, :, part]
        kept, total = keys, 1
        if log_decay is not None:
            b = log_decay[:, :, part].cumsum(2)
            last, middle = b[:, :, -1:], b[:, :, b.shape[2] // 2 : b.shape[2] // 2 + 1]
            outer = queries * b.exp()
            kept, total = keys * (last - b).exp(), last.exp().transpose(-1, -2)
            queries, keys = queries * (b - middle).exp(), keys * (middle - b).exp()
        else:
            outer = queries
        n = queries.shape[2]
        outs.append((queries @ keys.transpose(-1, -2) * mask[:n, :n]) @ values + outer @ state)
        state = total * state + kept.transpose(-1, -2) @ values
    return torch.cat(outs, 2)


def additive_causal(spec):
    def run(q, g, v):
        z = torch.logcumsumexp(g, 2)
        before = torch.cat([z[:, :, :1], z[:, :, :-1]], 2)  # the first decay meets an empty state
        return decay_scan(q, (g - z).exp(), v, before - z)

    return run


def decay_causal(spec):
    if spec.get("tiedKey"):
        return lambda q, v, logDecay: decay_scan(q, -torch.expm1(logDecay), v, logDecay)
    return lambda q, k, v, logDecay: decay_scan(q, k, v, shaped(logDecay, q))


def shaped(log_decay, q):
    """[H] or [B,H,N] or [B,H,N,D] -> [B,H,N,1 or D]."""
    if log_decay.dim() == 1:
        return log_decay.view(1, -1, 1, 1).expand(q.shape[0], -1, q.shape[2], 1)
    return log_decay.unsqueeze(-1) if log_decay.dim() == 3 else log_decay


def two_scans(spec):
    one = decay_causal(spec)

    def run(*inputs):
        turned = [x.flip(2) if x.dim() > 1 else x for x in inputs]
        return one(*inputs) + one(*turned).flip(2)

    return run


FORMS = {
    ("additive", False): (additive_global, ("q", "g", "v")),
    ("additive", True): (additive_causal, ("q", "g", "v")),
    ("softmax", False): (softmax, ("q", "k", "v")),
    ("softmax", True): (softmax, ("q", "k", "v")),
}


def form_of(spec):
    if spec["op"] == "multiplicative":
        if spec["decay"] == "none" and not spec["causal"] and "feature" not in spec:
            return linear_global, ("q", "k", "v")
        names = ("q", "v", "logDecay") if spec.get("tiedKey") else ("q", "k", "v", "logDecay")
        if spec["decay"] != "none" and spec["causal"]:
            return decay_causal, names
        if spec["decay"] != "none" and spec.get("scans") == 2:
            return two_scans, names
    elif (spec["op"], spec["causal"]) in FORMS:
        return FORMS[spec["op"], spec["causal"]]
    raise Unsupported("no formula for this operator in contenders/pytorch")


class Form:
    def __init__(self, case, sets):
        make, self.names = form_of(case["spec"])
        self.backward = case["pass"] == "forward+backward"
        self.strategy = ("sdpa" if make is softmax else "formula") + ("-compiled" if COMPILE else "")
        self.function = torch.compile(make(case["spec"])) if COMPILE else make(case["spec"])
        half = case["precision"] == "float16"
        self.sets = [{name: self.tensor(tensor, half) for name, tensor in one.items()} for one in sets]
        self.result = {}

    def tensor(self, tensor, half):
        values = torch.frombuffer(tensor.data, dtype=torch.float32).view(tensor.shape).to(DEVICE)
        values = values.half() if half else values.clone()
        return values.requires_grad_() if self.backward else values

    def run(self, i):
        inputs = [self.sets[i][name] for name in self.names]
        if self.backward:
            out = self.function(*inputs)
            gradients = torch.autograd.grad(out, inputs, self.sets[i]["cotangent"])
            self.result = {"out": out, **{f"grad.{name}": g for name, g in zip(self.names, gradients)}}
        else:
            with torch.no_grad():
                self.result = {"out": self.function(*inputs)}
        if DEVICE == "cuda":
            torch.cuda.synchronize()

    def fetch(self):
        return {name: (tuple(x.shape), x.detach().float().cpu().contiguous().numpy().tobytes()) for name, x in self.result.items()}


def device_memory():
    return torch.cuda.max_memory_allocated() if DEVICE == "cuda" else None


serve("pytorch", torch.__version__, Form, libraries={"torch": torch.__version__}, on_hello=on_hello, device_memory=device_memory)
