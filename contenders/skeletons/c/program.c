// A contender for lightnet-bench in C: order-free linear attention, o_t = (sum_j k_j v_j^T)^T q_t.
// Replace `run` by your kernel.

#include "protocol.h"

static const char *prepare(problem *p) {
  if (strcmp(p->op, "multiplicative") != 0 || p->causal || strcmp(p->decay, "none") != 0) return "order-free linear attention only";
  size_t rows = (size_t)p->B * p->H * p->N;
  output(p, "out", rows * p->E);
  if (!p->backward) return NULL;
  output(p, "grad.q", rows * p->D);
  output(p, "grad.k", rows * p->D);
  output(p, "grad.v", rows * p->E);
  return NULL;
}

// sum_t a_t b_t^T into total [D,E].
static void outer_sum(const float *a, const float *b, double *total, int N, int D, int E) {
  memset(total, 0, sizeof(double) * D * E);
  for (int t = 0; t < N; t++)
    for (int d = 0; d < D; d++)
      for (int e = 0; e < E; e++) total[d * E + e] += (double)a[t * D + d] * b[t * E + e];
}

// out_t = matrix^T a_t, or matrix a_t where `transposed`; matrix [D,E].
static void multiply(const float *a, const double *matrix, float *out, int N, int D, int E, int transposed) {
  int in = transposed ? E : D, width = transposed ? D : E;
  for (int t = 0; t < N; t++)
    for (int o = 0; o < width; o++) {
      double sum = 0;
      for (int i = 0; i < in; i++) sum += a[t * in + i] * (transposed ? matrix[o * E + i] : matrix[i * E + o]);
      out[t * width + o] = sum;
    }
}

static void run(problem *p, int i) {
  int N = p->N, D = p->D, E = p->E;
  double *state = malloc(sizeof(double) * D * E);
  float *q = find(&p->sets[i], "q"), *k = find(&p->sets[i], "k"), *v = find(&p->sets[i], "v"), *of_out = find(&p->sets[i], "cotangent");
  float *out = find(&p->outputs, "out"), *of_q = find(&p->outputs, "grad.q"), *of_k = find(&p->outputs, "grad.k"), *of_v = find(&p->outputs, "grad.v");
  for (int head = 0; head < p->B * p->H; head++) {
    size_t keys = (size_t)head * N * D, values = (size_t)head * N * E;
    outer_sum(k + keys, v + values, state, N, D, E);
    multiply(q + keys, state, out + values, N, D, E, 0);
    if (!p->backward) continue;
    multiply(of_out + values, state, of_q + keys, N, D, E, 1);
    outer_sum(q + keys, of_out + values, state, N, D, E); // the gradient of the state
    multiply(v + values, state, of_k + keys, N, D, E, 1);
    multiply(k + keys, state, of_v + values, N, D, E, 0);
  }
  free(state);
}

int main(void) {
  return serve((contender){.name = "my-c-kernel", .version = "1.0.0", .prepare = prepare, .run = run});
}
