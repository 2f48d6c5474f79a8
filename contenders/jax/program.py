"""JAX as a contender: jitted formulas; causal decays by lax.scan over chunks."""

import os
import sys

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from protocol import Unsupported, serve  # noqa: E402

CHUNK = 64


def additive_global(q, g, v):
    return q @ (jnp.swapaxes(jax.nn.softmax(g, axis=2), -1, -2) @ v)


def linear_global(q, k, v):
    return q @ (jnp.swapaxes(k, -1, -2) @ v)


def attention(causal):
    def run(q, k, v):
        turned = [jnp.swapaxes(x, 1, 2) for x in (q, k, v)]  # jax.nn takes [B,N,H,D]
        return jnp.swapaxes(jax.nn.dot_product_attention(*turned, is_causal=causal), 1, 2)

    return run


def decay_causal(q, k, v, log_decay):
    """o_t = sum_{j<=t} (prod_{i=j+1..t} lambda_i) q_t.k_j v_j; log_decay [B,H,N,D] or [B,H,N]."""
    if log_decay.ndim == 3:
        log_decay = jnp.broadcast_to(log_decay[..., None], k.shape)
    n = q.shape[2]
    padding = (-n) % CHUNK
    split = lambda x: jnp.moveaxis(jnp.pad(x, [(0, 0), (0, 0), (0, padding), (0, 0)]).reshape(*x.shape[:2], -1, CHUNK, x.shape[-1]), 2, 0)
    mask = jnp.tril(jnp.ones((CHUNK, CHUNK), bool))

    def chunk(state, part):
        queries, keys, values, decays = part
        b = jnp.cumsum(decays, 2)
        last, middle = b[:, :, -1:], b[:, :, CHUNK // 2 : CHUNK // 2 + 1]
        scores = (queries * jnp.exp(b - middle)) @ jnp.swapaxes(keys * jnp.exp(middle - b), -1, -2)
        out = jnp.where(mask, scores, 0) @ values + (queries * jnp.exp(b)) @ state
        kept = jnp.swapaxes(keys * jnp.exp(last - b), -1, -2)
        return jnp.swapaxes(jnp.exp(last), -1, -2) * state + kept @ values, out

    start = jnp.zeros((*q.shape[:2], q.shape[3], v.shape[3]), q.dtype)
    _, outs = jax.lax.scan(chunk, start, tuple(split(x) for x in (q, k, v, log_decay)))
    return jnp.moveaxis(outs, 0, 2).reshape(*q.shape[:2], -1, v.shape[3])[:, :, :n]


def additive_causal(q, g, v):
    z = jax.lax.associative_scan(jnp.logaddexp, g, axis=2)
    before = jnp.concatenate([z[:, :, :1], z[:, :, :-1]], 2)
    return decay_causal(q, jnp.exp(g - z), v, before - z)


def form_of(spec):
    if spec["op"] == "additive":
        return (additive_causal if spec["causal"] else additive_global), ("q", "g", "v")
    if spec["op"] == "softmax" and "scoreScale" not in spec:
        return attention(spec["causal"]), ("q", "k", "v")
    if spec["op"] == "multiplicative" and not spec.get("tiedKey") and "feature" not in spec:
        if spec["decay"] == "none" and not spec["causal"]:
            return linear_global, ("q", "k", "v")
        if spec["decay"] in ("scalar", "vector") and spec["causal"]:
            return decay_causal, ("q", "k", "v", "logDecay")
    raise Unsupported("no formula for this operator in contenders/jax")


class Form:
    strategy = "jit"

    def __init__(self, case, sets):
        function, self.names = form_of(case["spec"])
        self.backward = case["pass"] == "forward+backward"
        half = np.float16 if case["precision"] == "float16" else np.float32
        array = lambda t: jax.device_put(np.frombuffer(t.data, np.float32).reshape(t.shape).astype(half))
        self.sets = [{name: array(tensor) for name, tensor in one.items()} for one in sets]
        self.call = jax.jit(self.with_gradients(function) if self.backward else lambda *inputs: {"out": function(*inputs)})
        self.result = {}

    def with_gradients(self, function):
        def both(cotangent, *inputs):
            out, pull = jax.vjp(function, *inputs)
            return {"out": out, **{f"grad.{name}": g for name, g in zip(self.names, pull(cotangent))}}

        return both

    def run(self, i):
        inputs = [self.sets[i][name] for name in self.names]
        self.result = jax.block_until_ready(self.call(*([self.sets[i]["cotangent"]] if self.backward else []), *inputs))

    def fetch(self):
        return {name: (x.shape, np.asarray(x, np.float32).tobytes()) for name, x in self.result.items()}


serve("jax", jax.__version__, Form, libraries={"jax": jax.__version__}, on_hello=lambda request: jax.devices()[0].device_kind)
