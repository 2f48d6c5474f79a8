"""One token after a context, in PyTorch: the state of the causal forms, and for softmax a cache of keys and values.

A step returns the output of its token and makes the next state; the state that it was given stays, so that every call is the same.
"""

import torch
import torch.nn.functional as F

from formulas import per_token
from protocol import Unsupported


class Additive:
    """Per channel the largest logit, the sum of e^(g - largest), and the sum of e^(g - largest) v."""

    names = ("q", "g", "v")

    def __init__(self, spec, g, v, **_):
        self.most = g.amax(2)
        weights = (g - self.most.unsqueeze(2)).exp()
        self.total, self.state = weights.sum(2), weights.transpose(-1, -2) @ v

    def step(self, q, g, v):
        most = torch.maximum(self.most, g[:, :, 0])
        kept, weight = (self.most - most).exp(), (g[:, :, 0] - most).exp()
        total = self.total * kept + weight
        state = self.state * kept.unsqueeze(-1) + weight.unsqueeze(-1) * v
        return (q / total.unsqueeze(2)) @ state, (most, total, state)


class Linear:
    names = ("q", "k", "v")

    def __init__(self, spec, k, v, **_):
        self.state = k.transpose(-1, -2) @ v

    def step(self, q, k, v):
        state = self.state + k.transpose(-1, -2) * v
        return q @ state, state


class Decaying:
    """Each token weighs as much as the decays after it leave of it."""

    names = ("q", "k", "v", "logDecay")

    def __init__(self, spec, q, k, v, logDecay):
        decays = per_token(logDecay, k).double()
        after = decays.flip(2).cumsum(2).flip(2)[:, :, 1:]
        left = F.pad(after, (0, 0, 0, 1)).exp().float()
        self.state = (k * left).transpose(-1, -2) @ v

    def step(self, q, k, v, logDecay):
        kept = per_token(logDecay, k).exp().transpose(-1, -2)
        state = kept * self.state + k.transpose(-1, -2) * v
        return q @ state, state


class Softmax:
    """A cache with room for the next token, which every step writes to the same place."""

    names = ("q", "k", "v")

    def __init__(self, spec, k, v, **_):
        self.scale = spec.get("scoreScale")
        self.keys, self.values = (F.pad(x, (0, 0, 0, 1)) for x in (k, v))

    def step(self, q, k, v):
        self.keys[:, :, -1:], self.values[:, :, -1:] = k, v
        return F.scaled_dot_product_attention(q, self.keys, self.values, scale=self.scale), self.keys


def decoder_of(spec):
    op = spec["op"]
    if spec["causal"] and op == "additive":
        return Additive
    if spec["causal"] and op == "softmax":
        return Softmax
    if spec["causal"] and op == "multiplicative" and not spec.get("tiedKey") and "feature" not in spec:
        return Linear if spec["decay"] == "none" else Decaying
    raise Unsupported("no decoding of this operator in contenders/pytorch")


class Decoding:
    """What `serve` prepares for the workload decode: a token in each set, the context in `context.<input>`."""

    def __init__(self, case, sets, tensor):
        decoder = decoder_of(case["spec"])
        self.names, self.strategy = decoder.names, "cache" if decoder is Softmax else "state"
        self.sets = [{name: tensor(one[name]) for name in self.names} for one in sets]
        context = {name: tensor(sets[0][f"context.{name}"]) for name in self.names}
        self.decoder = decoder(case["spec"], **context)
        self.result = {}

    def run(self, i):
        with torch.no_grad():
            out, self.next = self.decoder.step(**self.sets[i])
        self.result = {"out": out}
