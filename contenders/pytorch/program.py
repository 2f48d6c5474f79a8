"""PyTorch as a contender: formulas, scaled_dot_product_attention, and torch.compile (LIGHTNET_COMPILE=1)."""

import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from formulas import form_of  # noqa: E402
from protocol import serve  # noqa: E402

COMPILE = os.environ.get("LIGHTNET_COMPILE") == "1"
DEVICE = "cpu"


def on_hello(request):
    global DEVICE
    torch.set_num_threads(request["threads"])
    torch.manual_seed(request["seed"])
    DEVICE = request["device"]
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("PyTorch finds no CUDA device")
    return torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"


class Form:
    def __init__(self, case, sets):
        function, self.names, self.strategy = form_of(case["spec"])
        self.function = torch.compile(function) if COMPILE else function
        self.strategy += ", compiled" if COMPILE else ""
        self.backward = case["pass"] == "forward+backward"
        self.half = case["precision"] == "float16"
        self.sets = [{name: self.tensor(tensor) for name, tensor in one.items()} for one in sets]
        self.result = {}

    def tensor(self, tensor):
        values = torch.frombuffer(tensor.data, dtype=torch.float32).view(tensor.shape).to(DEVICE)
        values = values.half() if self.half else values.clone()
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
