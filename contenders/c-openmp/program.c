// A contender in C with OpenMP, the example for compiled languages: additive global attention, order-free linear
// attention and softmax attention in plain loops that a compiler vectorises; forward passes.

#include <math.h>
#include <omp.h>

#include "../skeletons/c/protocol.h"

#define BLOCK 64 // tokens that are summed before they are added: plain sums of thousands of terms lose a digit of float
#define ROWS 8 // query rows that share a pass over the keys

static const char *prepare(problem *p) {
  int softmax = strcmp(p->op, "softmax") == 0, additive = strcmp(p->op, "additive") == 0;
  int linear = strcmp(p->op, "multiplicative") == 0 && strcmp(p->decay, "none") == 0;
  if (!(softmax || additive || linear) || p->causal || p->backward) return "order-free forms, forward";
  output(p, "out", (size_t)p->B * p->H * p->N * p->E);
  return NULL;
}

// state += w_t v_t^T over tokens, w = the keys, or exp(g - max) with its column sums divided out at the end.
static void reduce(const float *g, const float *v, float *state, int additive, int N, int D, int E) {
  float *most = malloc(sizeof(float) * (2 * D + D * E)), *w = most + D, *part = w + D;
  double *total = malloc(sizeof(double) * D);
  for (int d = 0; d < D; d++) most[d] = -INFINITY, total[d] = 0;
  if (additive)
    for (int t = 0; t < N; t++)
      for (int d = 0; d < D; d++) most[d] = g[t * D + d] > most[d] ? g[t * D + d] : most[d];
  memset(state, 0, sizeof(float) * D * E);
  memset(part, 0, sizeof(float) * D * E);
  for (int t = 0; t < N; t++) {
    for (int d = 0; d < D; d++) w[d] = additive ? expf(g[t * D + d] - most[d]) : g[t * D + d];
    for (int d = 0; d < D; d++) {
      total[d] += w[d];
      float factor = w[d];
      float *row = part + d * E;
      const float *value = v + t * E;
#pragma omp simd
      for (int e = 0; e < E; e++) row[e] += factor * value[e];
    }
    if ((t + 1) % BLOCK == 0 || t + 1 == N) {
#pragma omp simd
      for (int i = 0; i < D * E; i++) state[i] += part[i], part[i] = 0;
    }
  }
  if (additive)
    for (int d = 0; d < D; d++)
      for (int e = 0; e < E; e++) state[d * E + e] /= total[d];
  free(most);
  free(total);
}

static void apply(const float *q, const float *state, float *out, int N, int D, int E) {
  memset(out, 0, sizeof(float) * N * E);
  for (int t = 0; t < N; t++)
    for (int d = 0; d < D; d++) {
      float factor = q[t * D + d];
#pragma omp simd
      for (int e = 0; e < E; e++) out[t * E + e] += factor * state[d * E + e];
    }
}

static void attend(const float *q, const float *k, const float *v, float *out, int first, int rows, int N, int D, int E) {
  float scale = 1 / sqrtf((float)D);
  float *scores = malloc(sizeof(float) * N);
  for (int t = first; t < first + rows; t++) {
    float most = -INFINITY, total = 0;
    for (int j = 0; j < N; j++) {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int d = 0; d < D; d++) sum += q[t * D + d] * k[j * D + d];
      scores[j] = sum * scale;
      most = scores[j] > most ? scores[j] : most;
    }
    float *row = out + t * E;
    memset(row, 0, sizeof(float) * E);
    for (int j = 0; j < N; j++) {
      float weight = expf(scores[j] - most);
      total += weight;
#pragma omp simd
      for (int e = 0; e < E; e++) row[e] += weight * v[j * E + e];
    }
    for (int e = 0; e < E; e++) row[e] /= total;
  }
  free(scores);
}

static void run(problem *p, int i) {
  int N = p->N, D = p->D, E = p->E, heads = p->B * p->H, softmax = strcmp(p->op, "softmax") == 0;
  int additive = strcmp(p->op, "additive") == 0;
  float *q = find(&p->sets[i], "q"), *k = find(&p->sets[i], additive ? "g" : "k"), *v = find(&p->sets[i], "v"), *out = find(&p->outputs, "out");
  int blocks = softmax ? (N + ROWS - 1) / ROWS : 1;
#pragma omp parallel for collapse(2) schedule(dynamic)
  for (int head = 0; head < heads; head++)
    for (int block = 0; block < blocks; block++) {
      size_t keys = (size_t)head * N * D, values = (size_t)head * N * E;
      if (softmax) {
        int first = block * ROWS, rows = N - first < ROWS ? N - first : ROWS;
        attend(q + keys, k + keys, v + values, out + values, first, rows, N, D, E);
      } else {
        float *state = malloc(sizeof(float) * D * E);
        reduce(k + keys, v + values, state, additive, N, D, E);
        apply(q + keys, state, out + values, N, D, E);
        free(state);
      }
    }
}

int main(void) {
  return serve((contender){.name = "c-openmp", .version = "1.0.0", .prepare = prepare, .run = run, .set_threads = omp_set_num_threads});
}
