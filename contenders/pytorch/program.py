"""PyTorch as a contender: formulas, scaled_dot_product_attention, and torch.compile (LIGHTNET_COMPILE=1)."""

import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from decoding import Decoding  # noqa: E402
from formulas import form_of  # noqa: E402
from protocol import serve  # noqa: E402
from training import Training  # noqa: E402

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


def values_of(tensor, half=False):
    values = torch.frombuffer(tensor.data, dtype=torch.float32).view(tensor.shape).to(DEVICE)
    return values.half() if half else values.clone()


class Form:
    def __init__(self, case, sets):
        function, self.names, self.strategy = form_of(case["spec"])
        self.function = torch.compile(function) if COMPILE else function
        self.strategy += ", compiled" if COMPILE else ""
        self.backward = case["pass"] == "forward+backward"
        half = case["precision"] == "float16"
        self.sets = [{name: values_of(tensor, half) for name, tensor in one.items()} for one in sets]
        if self.backward:
            for one in self.sets:
                for name in self.names:
                    one[name].requires_grad_()
        self.result = {}

    def run(self, i):
        inputs = [self.sets[i][name] for name in self.names]
        if self.backward:
            out = self.function(*inputs)
            gradients = torch.autograd.grad(out, inputs, self.sets[i]["cotangent"])
            self.result = {"out": out, **{f"grad.{name}": g for name, g in zip(self.names, gradients)}}
        else:
            with torch.no_grad():
                self.result = {"out": self.function(*inputs)}


WORKLOADS = {
    "operator": Form,
    "decode": lambda case, sets: Decoding(case, sets, values_of),
    "train-step": lambda case, sets: Training(case, sets, values_of, DEVICE, COMPILE),
}


class Prepared:
    """A form, a token to decode or a training step, with what they share: the end of a call, and what it gave."""

    def __init__(self, case, sets):
        self.work = WORKLOADS[case["workload"]](case, sets)
        self.strategy = self.work.strategy

    def run(self, i):
        self.work.run(i)
        if DEVICE == "cuda":
            torch.cuda.synchronize()

    def fetch(self):
        result = self.work.result
        return {name: (tuple(x.shape), x.detach().float().cpu().contiguous().numpy().tobytes()) for name, x in result.items()}


def device_memory():
    return torch.cuda.max_memory_allocated() if DEVICE == "cuda" else None


serve("pytorch", torch.__version__, Prepared, libraries={"torch": torch.__version__}, on_hello=on_hello, device_memory=device_memory)
