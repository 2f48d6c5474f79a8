"""A contender for lightnet-bench in plain Python: order-free linear attention, o_t = (sum_j k_j v_j^T)^T q_t.

Replace `Linear` by your kernel. In PyTorch, `torch.frombuffer(tensor.data, dtype=torch.float32).view(tensor.shape)`
makes a tensor of an input; contenders/pytorch in the repository of lightnet-bench is a complete example.
"""

from protocol import Unsupported, serve


class Linear:
    strategy = "loops"

    def __init__(self, case, sets):
        self.shape, self.backward, self.sets = case["shape"], case["pass"] == "forward+backward", sets
        self.outputs = {}

    def run(self, i):
        B, H, N, D, E = (self.shape[letter] for letter in "BHNDE")
        q, k, v = (self.sets[i][name].data for name in "qkv")
        names = {"out": E, "grad.q": D, "grad.k": D, "grad.v": E} if self.backward else {"out": E}
        self.outputs = {name: ((B, H, N, width), []) for name, width in names.items()}
        for head in range(B * H):
            rows = lambda values, width: [values[(head * N + t) * width : (head * N + t + 1) * width] for t in range(N)]
            queries, keys, values = rows(q, D), rows(k, D), rows(v, E)
            state = outer_sum(keys, values, D, E)
            self.put("out", (times(row, state) for row in queries))
            if not self.backward:
                continue
            cotangents = rows(self.sets[i]["cotangent"].data, E)
            of_state = outer_sum(queries, cotangents, D, E)  # d(state) = sum_t q_t do_t^T
            self.put("grad.q", (times(row, transposed(state)) for row in cotangents))
            self.put("grad.k", (times(row, transposed(of_state)) for row in values))
            self.put("grad.v", (times(row, of_state) for row in keys))

    def put(self, name, rows):
        for row in rows:
            self.outputs[name][1].extend(row)

    def fetch(self):
        return self.outputs


def outer_sum(left, right, D, E):
    total = [[0.0] * E for _ in range(D)]
    for a, b in zip(left, right):
        for d in range(D):
            row, factor = total[d], a[d]
            for e in range(E):
                row[e] += factor * b[e]
    return total


def times(row, matrix):
    return [sum(x * y for x, y in zip(row, column)) for column in zip(*matrix)]


def transposed(matrix):
    return list(zip(*matrix))


def prepare(case, sets):
    spec = case["spec"]
    if spec["op"] != "multiplicative" or spec["causal"] or spec.get("decay") != "none":
        raise Unsupported("this program computes order-free linear attention only")
    return Linear(case, sets)


serve("my-python-kernel", "1.0.0", prepare)
