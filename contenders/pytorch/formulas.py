"""The operators in PyTorch, as a user of it would write them; q, k, g [B,H,N,D], v [B,H,N,E].

The causal forms work chunk by chunk with all chunks in one batch, so that only the small states are carried in a loop. Factors of
a chunk overflow where logits or decays are extreme; such inputs take the plain recurrence, token by token.
"""

import torch
import torch.nn.functional as F

from protocol import Unsupported

CHUNK = 64
# Largest range of exponents in a chunk whose factors keep float32's precision.
MILD = 30


def additive_global(q, g, v):
    # Softmax of the transposed logits: along the last axis PyTorch sums in blocks, and so more exactly.
    return q @ (torch.softmax(g.transpose(-1, -2), dim=-1) @ v)


def linear_global(q, k, v):
    return q @ (k.transpose(-1, -2) @ v)


def softmax(spec):
    scale = spec.get("scoreScale")
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=spec["causal"], scale=scale)


def in_chunks(x):
    """[B,H,N,D] -> [B,H,n,CHUNK,D], zeros behind the last token."""
    padded = F.pad(x, (0, 0, 0, -x.shape[2] % CHUNK))
    return padded.view(*x.shape[:2], -1, CHUNK, x.shape[3])


def causal_mask(device):
    return torch.ones(CHUNK, CHUNK, dtype=torch.bool, device=device).tril()


def joined(out, n):
    return out.flatten(2, 3)[:, :, :n]


def linear_causal(q, k, v):
    """o_t = sum_{j<=t} (q_t.k_j) v_j: the state of a chunk is the sum of those before it."""
    n = q.shape[2]
    q, k, v = in_chunks(q), in_chunks(k), in_chunks(v)
    added = k.transpose(-1, -2) @ v
    state = added.cumsum(2) - added
    scores = (q @ k.transpose(-1, -2)).masked_fill(~causal_mask(q.device), 0)
    return joined(scores @ v + q @ state, n)


def additive_causal(q, g, v):
    """Linear attention with keys e^g and queries over their running sum, as the weights e^{g_j - z_t} share 1/e^{z_t}."""
    shift = g.detach().amax(2, keepdim=True)
    if (shift - g.detach()).amax() > MILD:
        return additive_recurrence(q, g, v)
    weights = (g - shift).exp()
    return linear_causal(q / weights.cumsum(2), weights, v)


def additive_recurrence(q, g, v):
    most = g.detach().cummax(2).values
    state, total, outs = 0, 0, []
    for t in range(q.shape[2]):
        if t > 0:
            kept = (most[:, :, t - 1] - most[:, :, t]).exp()
            state, total = state * kept.unsqueeze(-1), total * kept
        weight = (g[:, :, t] - most[:, :, t]).exp()
        state, total = state + weight.unsqueeze(-1) * v[:, :, t].unsqueeze(-2), total + weight
        outs.append((q[:, :, t] / total).unsqueeze(-2) @ state)
    return torch.cat(outs, 2)


def decay_causal(q, k, v, log_decay):
    """o_t = sum_{j<=t} (prod_{i=j+1..t} lambda_i) q_t.k_j v_j; log_decay [H], [B,H,N] or [B,H,N,D]."""
    log_decay = per_token(log_decay, q)
    decays = in_chunks(log_decay)
    if decays.detach().sum(3).amin() < -MILD:
        return decay_recurrence(q, k, v, log_decay)
    n = q.shape[2]
    q, k, v = in_chunks(q), in_chunks(k), in_chunks(v)
    b = decays.cumsum(3)
    last = b[:, :, :, -1:]
    mask = causal_mask(q.device)
    if b.shape[-1] == 1:
        weights = (b - b.transpose(-1, -2)).masked_fill(~mask, -torch.inf).exp()
        scores = q @ k.transpose(-1, -2) * weights
    else:
        middle = b[:, :, :, CHUNK // 2 : CHUNK // 2 + 1]
        scores = ((q * (b - middle).exp()) @ (k * (middle - b).exp()).transpose(-1, -2)).masked_fill(~mask, 0)
    added = (k * (last - b).exp()).transpose(-1, -2) @ v
    kept = last.exp().transpose(-1, -2)
    state, states = torch.zeros_like(added[:, :, 0]), []
    for chunk in range(added.shape[2]):
        states.append(state)
        state = kept[:, :, chunk] * state + added[:, :, chunk]
    return joined(scores @ v + (q * b.exp()) @ torch.stack(states, 2), n)


def decay_recurrence(q, k, v, log_decay):
    state, outs = 0, []
    for t in range(q.shape[2]):
        state = state * log_decay[:, :, t].exp().unsqueeze(-1) + k[:, :, t].unsqueeze(-1) * v[:, :, t].unsqueeze(-2)
        outs.append(q[:, :, t].unsqueeze(-2) @ state)
    return torch.cat(outs, 2)


def per_token(log_decay, q):
    """-> [B,H,N,1 or D]."""
    if log_decay.dim() == 1:
        return log_decay.view(1, -1, 1, 1).expand(q.shape[0], -1, q.shape[2], 1)
    return log_decay.unsqueeze(-1) if log_decay.dim() == 3 else log_decay


def tied(function):
    return lambda q, v, log_decay: function(q, -torch.expm1(log_decay), v, log_decay)


def both_directions(function):
    """The scan from the first token to the last plus the one back; a decay per head has no order."""

    def run(*inputs):
        turned = [x.flip(2) if x.dim() > 1 else x for x in inputs]
        return function(*inputs) + function(*turned).flip(2)

    return run


def form_of(spec):
    """The function of a spec, the names of its inputs, and a word for the record."""
    op, causal = spec["op"], spec["causal"]
    if op == "matmul":
        return torch.matmul, ("a", "b"), "matmul"
    if op == "additive":
        return (additive_causal if causal else additive_global), ("q", "g", "v"), "chunked" if causal else "formula"
    if op == "softmax":
        return softmax(spec), ("q", "k", "v"), "scaled_dot_product_attention"
    if op == "multiplicative" and "feature" not in spec:
        if spec["decay"] == "none":
            return (linear_causal if causal else linear_global), ("q", "k", "v"), "chunked" if causal else "formula"
        names = ("q", "v", "logDecay") if spec.get("tiedKey") else ("q", "k", "v", "logDecay")
        scan = tied(decay_causal) if spec.get("tiedKey") else decay_causal
        if causal or spec.get("scans", 1) == 2:
            return (scan if causal else both_directions(scan)), names, "chunked"
    raise Unsupported("no formula for this operator in contenders/pytorch")
