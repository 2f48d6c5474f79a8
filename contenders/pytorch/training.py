"""One training step in PyTorch: the models of lightnet-bench as a user of it would write them, and torch.optim.AdamW.

A model comes as plain data with its weights by name (docs/contenders.md): embedding, local mixing, pre-norm blocks, head, loss.
Every step begins at the given weights and moments.
"""

import math

import torch
import torch.nn.functional as F

from formulas import form_of
from protocol import Unsupported

EPSILON = 1e-6
ROTATIONS = ("rope", "md-lrpe-rotating")


def norm(x, weights, name):
    return F.layer_norm(x, x.shape[-1:], weights[f"{name}.gain"], weights[f"{name}.bias"], EPSILON)


def grid_of(step):
    sizes = step["input"]
    if sizes["kind"] == "text":
        return [sizes["tokens"]]
    return [extent // edge for extent, edge in zip(sizes["imageShape"], step["model"]["patch"])]


def coordinates(grid):
    """[axes, N]"""
    return torch.stack([axis.flatten() for axis in torch.meshgrid(*map(torch.arange, grid), indexing="ij")])


class Rotation:
    """Halves (x1, x2) of a head turned by coordinate times frequency, each axis a slice of the pairs."""

    def __init__(self, grid, width, device):
        self.pairs, axes = width // 2, len(grid)
        self.each = math.ceil(self.pairs / axes)
        axis = torch.arange(self.pairs) // self.each
        self.frequency = (torch.arange(self.pairs) % self.each).to(device)
        self.positions = coordinates(grid)[axis].T.to(device)  # [N, pairs]
        theta = 10000.0 ** (-torch.arange(self.each, dtype=torch.float64) / self.each)
        angle = self.positions.double() * theta.to(device)[self.frequency]
        self.fixed = angle.cos().float(), angle.sin().float()

    def tables(self, theta):
        """cos and sin, [N, pairs] or with trained frequencies [H, N, pairs]"""
        if theta is None:
            return self.fixed
        angle = self.positions * theta[:, self.frequency].unsqueeze(1)
        return angle.cos(), angle.sin()

    @staticmethod
    def turn(x, tables):
        (cos, sin), (first, second) = tables, x.chunk(2, -1)
        return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Mixer:
    """Softmax attention with its scores over the square root of D, and LightNet's layer; nothing around the former."""

    def __init__(self, model, grid, device):
        spec = model["mixer"]
        self.heads, self.width = model["heads"], model["width"]
        self.operator = spec["operator"]
        self.is_softmax = self.operator["op"] == "softmax"
        if self.operator["op"] not in ("softmax", "additive"):
            raise Unsupported(f"no model with the operator {self.operator['op']} in contenders/pytorch")
        plain = {"keyActivation": "identity", "valueActivation": "identity", "normOver": "channels", "normGain": False, "skip": False}
        around = {"norm": "none", "gate": "none", "queryActivation": "identity"}
        light_net = {"norm": "layer", "gate": "sigmoid-low-rank", "gateOrder": "norm-first", "queryActivation": "silu"}
        wanted = {**plain, **(around if self.is_softmax else light_net)}
        if any(spec.get(name) != value for name, value in wanted.items()) or "convolution" in spec:
            raise Unsupported("this layer around the operator is not in contenders/pytorch")
        if spec["encoding"] not in (*ROTATIONS, "none", "learned"):
            raise Unsupported(f"no encoding {spec['encoding']} in contenders/pytorch")
        if not self.is_softmax and self.operator["causal"] and spec["encoding"] in ROTATIONS:
            raise Unsupported("causal additive attention under a rotation is not in contenders/pytorch")
        self.attend = form_of(self.operator)[0]
        self.rotation = Rotation(grid, self.width // self.heads, device) if spec["encoding"] in ROTATIONS else None
        self.is_learned = spec["angles"] == "learned"

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def __call__(self, x, w):
        q, k, v = (self.split(x @ w(name)) for name in ("wq", "wk", "wv"))
        tables = self.rotation and self.rotation.tables(w("theta") if self.is_learned else None)
        turn = (lambda y: self.rotation.turn(y, tables)) if tables else (lambda y: y)
        if self.is_softmax:
            return self.attend(turn(q), turn(k), v).transpose(1, 2).flatten(2) @ w("wo")
        q = F.silu(q)
        if tables:
            out = turn(q) @ (turn(torch.softmax(k, 2)).transpose(-1, -2) @ v)
        else:
            out = self.attend(q, k, v)
        out = F.layer_norm(out.transpose(1, 2).flatten(2), (self.width,), eps=EPSILON)
        return (out * torch.sigmoid(x @ w("wu1") @ w("wu2"))) @ w("wo")


class AxisFilters:
    """MD-TPE per axis: y_t = (q.k of the head) sum_{s<=t} decay^(t-s) x_s along the axis, RMS norm, projection; the sum of the axes."""

    def __init__(self, model, grid, device):
        self.heads, self.grid = model["heads"], grid
        self.gaps = [(torch.arange(n)[:, None] - torch.arange(n)[None, :]).to(device) for n in grid]

    def __call__(self, x, weights):
        B, N, C = x.shape
        cells = x.view(B, *self.grid, self.heads, C // self.heads)
        total = 0
        for axis, gaps in enumerate(self.gaps):
            q, k, decay, gain, projection = (weights[f"local.axis{axis}.{name}"] for name in ("q", "k", "decay", "gain", "projection"))
            factor = (q * k).view(self.heads, -1).sum(1)
            powers = torch.exp(gaps.clamp(min=0) * F.logsigmoid(decay)[:, None, None]).masked_fill(gaps < 0, 0)
            along = cells.movedim(1 + axis, -3)  # [B, the others, n, H, D]
            filtered = torch.einsum("hts,...shd->...thd", factor[:, None, None] * powers, along)
            y = filtered.movedim(-3, 1 + axis).reshape(B, N, C)
            total = total + F.rms_norm(y, (C,), gain, EPSILON) @ projection
        return total


class Model:
    """Weights by name -> the mean loss of a batch."""

    def __init__(self, step, device):
        self.model, self.input = step["model"], step["input"]
        grid = grid_of(step)
        if self.input["kind"] == "denoiser":
            raise Unsupported("no denoiser in contenders/pytorch")
        if self.model["localMixing"] not in ("none", "md-tpe-per-axis"):
            raise Unsupported(f"no local mixing {self.model['localMixing']} in contenders/pytorch")
        self.mixer = Mixer(self.model, grid, device)
        self.local = AxisFilters(self.model, grid, device) if self.model["localMixing"] == "md-tpe-per-axis" else None

    def stack(self, x, weights):
        if self.model["mixer"]["encoding"] == "learned":
            x = x + weights["position"]
        if self.local:
            x = self.local(x, weights)
        for layer in range(self.model["depth"]):
            block = f"block{layer}"
            x = x + self.mixer(norm(x, weights, f"{block}.norm1"), lambda name: weights[f"{block}.mixer.{name}"])
            y = norm(x, weights, f"{block}.norm2")
            hidden = F.silu(y @ weights[f"{block}.glu.w1"]) * (y @ weights[f"{block}.glu.w2"])
            x = x + hidden @ weights[f"{block}.glu.w3"]
        return norm(x, weights, "last")

    def loss(self, weights, batch):
        if self.input["kind"] == "text":
            x = self.stack(F.embedding(batch["tokens"], weights["embedding"]), weights)
            logits = x @ weights["embedding"].T
            return F.cross_entropy(logits.flatten(0, 1), batch["targets"].flatten(), ignore_index=-1)
        embedded = batch["patches"] @ weights["embedding.w"] + weights["embedding.bias"]
        features = self.stack(embedded, weights).mean(1)
        return F.cross_entropy(features @ weights["head.w"] + weights["head.bias"], batch["targets"])


def states_of(one, tensor):
    """weight, moment1 and moment2 by name"""
    kinds = ("weight", "moment1", "moment2")
    return [{name[len(kind) + 1 :]: tensor(t) for name, t in one.items() if name.startswith(f"{kind}.")} for kind in kinds]


class Training:
    """What `serve` prepares for the workload train-step."""

    def __init__(self, case, sets, tensor, device, compiled):
        step = case["step"]
        self.strategy = "autograd, fused AdamW"
        model = Model(step, device)
        self.loss = torch.compile(model.loss) if compiled else model.loss
        whole = ("tokens", "targets") if step["input"]["kind"] == "text" else ()
        plain = [{name: t for name, t in one.items() if "." not in name} for one in sets]
        self.batches = [{name: tensor(t).long() if name in whole else tensor(t) for name, t in one.items()} for one in plain]
        start, *self.moments = states_of(sets[0], tensor)
        self.start = list(start.values())
        self.names = list(start)
        self.weights = {name: value.clone().requires_grad_() for name, value in start.items()}
        self.parameters = list(self.weights.values())
        self.optimiser, self.clip = self.adam_w(step), step["optimiser"].get("clipNorm")
        self.count = step["optimiser"]["step"] - 1

    def adam_w(self, step):
        given = step["optimiser"]
        decays = {weight["name"]: weight["decays"] for weight in step["weights"]}
        groups = [
            {"params": [value for name, value in self.weights.items() if decays[name] == which], "weight_decay": decay}
            for which, decay in ((True, given["weightDecay"]), (False, 0.0))
        ]
        optimiser = torch.optim.AdamW(
            [group for group in groups if group["params"]],
            lr=given["learningRate"],
            betas=(given["beta1"], given["beta2"]),
            eps=given["epsilon"],
            fused=True,
        )
        for name, parameter in self.weights.items():
            state = optimiser.state[parameter]
            state["step"] = torch.zeros((), device=parameter.device)
            state["exp_avg"], state["exp_avg_sq"] = (torch.zeros_like(parameter.detach()) for _ in range(2))
        return optimiser

    def begin(self):
        """The weights and moments that every step starts at."""
        states = [self.optimiser.state[parameter] for parameter in self.parameters]
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.start)
            for key, values in zip(("exp_avg", "exp_avg_sq"), self.moments):
                torch._foreach_copy_([state[key] for state in states], list(values.values()))
            for state in states:
                state["step"].fill_(self.count)

    def run(self, i):
        self.begin()
        self.optimiser.zero_grad()
        loss = self.loss(self.weights, self.batches[i])
        loss.backward()
        self.gradients = [parameter.grad for parameter in self.parameters]
        if self.clip is not None:
            total = torch.nn.utils.get_total_norm(self.gradients)
            factor = torch.clamp(self.clip / (total + 1e-6), max=1.0)
            for parameter, gradient in zip(self.parameters, torch._foreach_mul(self.gradients, factor)):
                parameter.grad = gradient
        self.optimiser.step()
        self.last_loss = loss

    @property
    def result(self):
        """Of the last step."""
        return {
            "loss": self.last_loss.detach().view(1),
            **{f"grad.{name}": g for name, g in zip(self.names, self.gradients)},
            **{f"weight.{name}": w for name, w in self.weights.items()},
        }
