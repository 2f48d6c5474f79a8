"""flash-linear-attention as a contender: its chunk-wise Triton kernels, which need a CUDA device."""

import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from protocol import Unsupported, serve  # noqa: E402


def on_hello(request):
    if request["device"] != "cuda" or not torch.cuda.is_available():
        raise RuntimeError("its Triton kernels need a CUDA device; run with device cuda where PyTorch finds one")
    torch.manual_seed(request["seed"])
    return torch.cuda.get_device_name()


def form_of(spec):
    """The function of a spec on inputs [B,N,H,D], the names of these, and the kernel's name."""
    op, decay = spec["op"], spec.get("decay")
    if not spec["causal"] or "feature" in spec:
        raise Unsupported("causal forms without feature maps")
    if op == "additive":
        from fla.ops.lightnet import chunk_lightnet

        return lambda q, g, v: chunk_lightnet(q, g, v, scale=1.0)[0], ("q", "g", "v"), "chunk_lightnet"
    if op == "softmax":
        from fla.ops.attn.parallel import parallel_attn

        return lambda q, k, v: parallel_attn(q, k, v, scale=spec.get("scoreScale")), ("q", "k", "v"), "parallel_attn"
    if op != "multiplicative":
        raise Unsupported("no kernel for this operator in contenders/flash-linear-attention")
    if decay == "vector":
        from fla.ops.gla import chunk_gla

        if spec.get("tiedKey"):  # HGRN2
            return lambda q, v, g: chunk_gla(q, -torch.expm1(g), v, g, scale=1.0)[0], ("q", "v", "logDecay"), "chunk_gla"
        return lambda q, k, v, g: chunk_gla(q, k, v, g, scale=1.0)[0], ("q", "k", "v", "logDecay"), "chunk_gla"
    from fla.ops.simple_gla import chunk_simple_gla

    if decay == "none":
        return lambda q, k, v: chunk_simple_gla(q, k, v, scale=1.0)[0], ("q", "k", "v"), "chunk_simple_gla"
    if decay == "scalar":
        return lambda q, k, v, g: chunk_simple_gla(q, k, v, g, scale=1.0)[0], ("q", "k", "v", "logDecay"), "chunk_simple_gla"
    run = lambda q, k, v, g: chunk_simple_gla(q, k, v, g_gamma=g, scale=1.0)[0]
    return run, ("q", "k", "v", "logDecay"), "chunk_simple_gla, decay per head"


class Form:
    def __init__(self, case, sets):
        self.function, self.names, self.strategy = form_of(case["spec"])
        self.backward = case["pass"] == "forward+backward"
        self.half = case["precision"] == "float16"
        self.sets = [{name: self.tensor(tensor) for name, tensor in one.items()} for one in sets]
        self.result = {}

    def tensor(self, tensor):
        """In the kernels' own layout: [B,N,H,D] of [B,H,N,D], [B,N,H] of [B,H,N]."""
        values = torch.frombuffer(tensor.data, dtype=torch.float32).view(tensor.shape).cuda()
        values = turned(values.half() if self.half else values.clone()).contiguous()
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
        torch.cuda.synchronize()

    def fetch(self):
        named = {name: turned(x.detach()).float().cpu().contiguous() for name, x in self.result.items()}
        return {name: (tuple(x.shape), x.numpy().tobytes()) for name, x in named.items()}


def turned(x):
    return x.transpose(1, 2) if x.dim() > 2 else x


serve("flash-linear-attention", "0.6.0", Form, libraries={"torch": torch.__version__, "fla-core": "0.6.0"}, on_hello=on_hello, device_memory=torch.cuda.max_memory_allocated)
