"""JAX as a contender: jitted formulas; the causal forms chunk by chunk, with all chunks in one batch and states by lax.scan.

Factors of a chunk overflow where logits or decays are extreme; such inputs take the plain recurrence, token by token.
"""

import os
import sys

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "skeletons", "python"))
from protocol import Unsupported, serve  # noqa: E402

CHUNK = 64
# Largest range of exponents in a chunk whose factors keep float32's precision.
MILD = 30


def turned(x):
    return jnp.swapaxes(x, -1, -2)


def additive_global(q, g, v):
    return q @ (turned(jax.nn.softmax(g, axis=2)) @ v)


def linear_global(q, k, v):
    return q @ (turned(k) @ v)


def attention(spec):
    def run(q, k, v):
        out = jax.nn.dot_product_attention(*(jnp.swapaxes(x, 1, 2) for x in (q, k, v)), is_causal=spec["causal"], scale=spec.get("scoreScale"))
        return jnp.swapaxes(out, 1, 2)  # jax.nn takes and gives [B,N,H,D]

    return run


def in_chunks(x):
    """[B,H,N,D] -> [B,H,n,CHUNK,D], zeros behind the last token."""
    padded = jnp.pad(x, [(0, 0), (0, 0), (0, -x.shape[2] % CHUNK), (0, 0)])
    return padded.reshape(*x.shape[:2], -1, CHUNK, x.shape[3])


def joined(out, n):
    return out.reshape(*out.shape[:2], -1, out.shape[4])[:, :, :n]


def mask():
    return jnp.tril(jnp.ones((CHUNK, CHUNK), bool))


def linear_causal(q, k, v):
    """o_t = sum_{j<=t} (q_t.k_j) v_j: the state of a chunk is the sum of those before it."""
    n = q.shape[2]
    q, k, v = in_chunks(q), in_chunks(k), in_chunks(v)
    added = turned(k) @ v
    scores = jnp.where(mask(), q @ turned(k), 0)
    return joined(scores @ v + q @ (jnp.cumsum(added, 2) - added), n)


def additive_causal(q, g, v):
    """Linear attention with keys e^g and queries over their running sum, as the weights e^{g_j - z_t} share 1/e^{z_t}."""
    shift = jax.lax.stop_gradient(jnp.max(g, 2, keepdims=True))

    def mild(q, g, v):
        weights = jnp.exp(g - shift)
        return linear_causal(q / jax.lax.associative_scan(jnp.add, weights, axis=2), weights, v)

    return jax.lax.cond(jnp.max(shift - g) > MILD, jax.checkpoint(additive_recurrence), mild, q, g, v)


def additive_recurrence(q, g, v):
    most = jax.lax.cummax(jax.lax.stop_gradient(g), axis=2)
    kept = jnp.exp(jnp.pad(most[:, :, :-1], [(0, 0), (0, 0), (1, 0), (0, 0)]) - most)  # the first meets an empty state
    kept = kept.at[:, :, 0].set(0)

    def step(carry, now):
        state, total = carry
        query, weight, value, keep = now
        state, total = state * keep[..., None] + weight[..., None] * value[..., None, :], total * keep + weight
        return (state, total), ((query / total)[..., None, :] @ state)[..., 0, :]

    return over_tokens(step, lambda state: (state, state[..., 0]), q, jnp.exp(g - most), v, kept)


def decay_causal(q, k, v, log_decay):
    """o_t = sum_{j<=t} (prod_{i=j+1..t} lambda_i) q_t.k_j v_j; log_decay [H], [B,H,N] or [B,H,N,D]."""
    if log_decay.ndim == 1:
        log_decay = jnp.broadcast_to(log_decay[None, :, None], q.shape[:3])
    if log_decay.ndim == 3:
        log_decay = log_decay[..., None]
    extreme = jnp.min(jnp.sum(in_chunks(log_decay), 3)) < -MILD
    # Without `checkpoint`, what the recurrence keeps for its gradient, N states, would be allocated for both branches.
    return jax.lax.cond(extreme, jax.checkpoint(decay_recurrence), decay_chunks, q, k, v, log_decay)


def decay_chunks(q, k, v, log_decay):
    n = q.shape[2]
    q, k, v, b = in_chunks(q), in_chunks(k), in_chunks(v), jnp.cumsum(in_chunks(log_decay), 3)
    last = b[:, :, :, -1:]
    if b.shape[-1] == 1:
        scores = q @ turned(k) * jnp.exp(jnp.where(mask(), b - turned(b), -jnp.inf))
    else:
        middle = b[:, :, :, CHUNK // 2 : CHUNK // 2 + 1]
        scores = jnp.where(mask(), (q * jnp.exp(b - middle)) @ turned(k * jnp.exp(middle - b)), 0)
    added, kept = turned(k * jnp.exp(last - b)) @ v, turned(jnp.exp(last))
    step = lambda state, now: (now[1] * state + now[0], state)
    _, states = jax.lax.scan(step, jnp.zeros_like(added[:, :, 0]), (jnp.moveaxis(added, 2, 0), jnp.moveaxis(kept, 2, 0)))
    return joined(scores @ v + (q * jnp.exp(b)) @ jnp.moveaxis(states, 0, 2), n)


def decay_recurrence(q, k, v, log_decay):
    def step(state, now):
        query, key, value, decay = now
        state = state * decay[..., None] + key[..., None] * value[..., None, :]
        return state, (query[..., None, :] @ state)[..., 0, :]

    return over_tokens(step, lambda state: state, q, k, v, jnp.exp(log_decay))


def over_tokens(step, start, q, k, v, decay):
    state = jnp.zeros((*q.shape[:2], q.shape[3], v.shape[3]), q.dtype)
    _, outs = jax.lax.scan(step, start(state), tuple(jnp.moveaxis(x, 2, 0) for x in (q, k, v, decay)))
    return jnp.moveaxis(outs, 0, 2)


def tied(function):
    return lambda q, v, log_decay: function(q, -jnp.expm1(log_decay), v, log_decay)


def both_directions(function):
    def run(*inputs):
        flip = lambda x: jnp.flip(x, 2) if x.ndim > 1 else x  # a decay per head has no order
        return function(*inputs) + flip(function(*map(flip, inputs)))

    return run


def form_of(spec):
    op, causal = spec["op"], spec["causal"]
    if op == "matmul":
        return jnp.matmul, ("a", "b")
    if op == "additive":
        return (additive_causal if causal else additive_global), ("q", "g", "v")
    if op == "softmax":
        return attention(spec), ("q", "k", "v")
    if op == "multiplicative" and "feature" not in spec:
        if spec["decay"] == "none":
            return (linear_causal if causal else linear_global), ("q", "k", "v")
        names = ("q", "v", "logDecay") if spec.get("tiedKey") else ("q", "k", "v", "logDecay")
        scan = tied(decay_causal) if spec.get("tiedKey") else decay_causal
        if causal or spec.get("scans", 1) == 2:
            return (scan if causal else both_directions(scan)), names
    raise Unsupported("no formula for this operator in contenders/jax")


class Form:
    strategy = "jit"

    def __init__(self, case, sets):
        function, self.names = form_of(case["spec"])
        self.backward = case["pass"] == "forward+backward"
        kind = np.float16 if case["precision"] == "float16" else np.float32
        array = lambda t: jax.device_put(np.frombuffer(t.data, np.float32).reshape(t.shape).astype(kind))
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
