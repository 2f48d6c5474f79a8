// The protocol between lightnet-bench and a contender, version 1 (docs/contenders.md), for C.
//
// A program defines a `contender` and calls `serve`. Requests come as one line of JSON each; the few fields that are
// needed are found by name, which the protocol's fixed form allows. Inputs are float32, row-major.

#ifndef LIGHTNET_BENCH_PROTOCOL_H
#define LIGHTNET_BENCH_PROTOCOL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_TENSORS 16
#define MOST_SETS 16

typedef struct {
  char name[32];
  size_t size;
  float *data;
} tensor;

typedef struct {
  int count;
  tensor tensors[MOST_TENSORS];
} tensor_set;

typedef struct {
  int B, H, N, D, E;
  int causal, backward;
  char op[32], decay[16];
  int scans;
  int set_count;
  tensor_set sets[MOST_SETS];
  tensor_set outputs;
} problem;

typedef struct {
  const char *name, *version;
  // The reason why it cannot do this, or NULL; may allocate outputs with `output`.
  const char *(*prepare)(problem *p);
  // Computes on set i into p->outputs: this is what is timed.
  void (*run)(problem *p, int i);
  void (*set_threads)(int threads);
} contender;

static float *find(tensor_set *set, const char *name) {
  for (int i = 0; i < set->count; i++)
    if (strcmp(set->tensors[i].name, name) == 0) return set->tensors[i].data;
  return NULL;
}

// Memory for an output: "out", "grad.q", ...
static float *output(problem *p, const char *name, size_t size) {
  tensor *t = &p->outputs.tensors[p->outputs.count++];
  snprintf(t->name, sizeof t->name, "%s", name);
  t->size = size;
  t->data = calloc(size, sizeof(float));
  return t->data;
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// The text after "name": in a line of JSON, or NULL.
static const char *field(const char *json, const char *name) {
  char pattern[64];
  snprintf(pattern, sizeof pattern, "\"%s\":", name);
  const char *at = strstr(json, pattern);
  return at == NULL ? NULL : at + strlen(pattern);
}

static int int_field(const char *json, const char *name, int otherwise) {
  const char *at = field(json, name);
  return at == NULL ? otherwise : strncmp(at, "true", 4) == 0 ? 1 : strncmp(at, "false", 5) == 0 ? 0 : atoi(at);
}

static void text_field(const char *json, const char *name, char *into, size_t room) {
  const char *at = field(json, name);
  size_t length = 0;
  if (at != NULL && *at == '"')
    for (at++; *at != '"' && *at != '\0' && length + 1 < room; at++) into[length++] = *at;
  into[length] = '\0';
}

static void free_set(tensor_set *set) {
  for (int i = 0; i < set->count; i++) free(set->tensors[i].data);
  set->count = 0;
}

// A safetensors file: 8 bytes of header length, a JSON header, the data. Returns 0 where it cannot be read.
static int read_set(const char *path, tensor_set *set) {
  FILE *file = fopen(path, "rb");
  uint64_t length;
  if (file == NULL || fread(&length, 8, 1, file) != 1 || length > (1 << 20)) return 0;
  char *header = malloc(length + 1);
  if (fread(header, 1, length, file) != length) return 0;
  header[length] = '\0';
  set->count = 0;
  for (const char *at = strstr(header, "\"dtype\""); at != NULL && set->count < MOST_TENSORS; at = strstr(at + 1, "\"dtype\"")) {
    const char *end = at; // …"name":{"dtype": — step back over the brace, the colon and the quotes
    while (*end != '{') end--;
    while (*end != '"') end--;
    const char *begin = end - 1;
    while (*begin != '"') begin--;
    tensor *t = &set->tensors[set->count++];
    snprintf(t->name, sizeof t->name, "%.*s", (int)(end - begin - 1), begin + 1);
    size_t from, to;
    if (sscanf(field(at, "data_offsets"), " [%zu,%zu]", &from, &to) != 2) return 0;
    t->size = (to - from) / sizeof(float);
    t->data = malloc(to - from + 64);
    fseek(file, (long)(8 + length + from), SEEK_SET);
    if (fread(t->data, 1, to - from, file) != to - from) return 0;
  }
  free(header);
  fclose(file);
  return 1;
}

static int write_set(const char *path, tensor_set *set) {
  char header[4096] = "{";
  size_t offset = 0, used = 1;
  for (int i = 0; i < set->count; i++) {
    size_t bytes = set->tensors[i].size * sizeof(float);
    used += snprintf(header + used, sizeof header - used, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu],\"data_offsets\":[%zu,%zu]}", i == 0 ? "" : ",",
                     set->tensors[i].name, set->tensors[i].size, offset, offset + bytes);
    offset += bytes;
  }
  used += snprintf(header + used, sizeof header - used, "}");
  FILE *file = fopen(path, "wb");
  if (file == NULL) return 0;
  uint64_t length = used;
  fwrite(&length, 8, 1, file);
  fwrite(header, 1, used, file);
  for (int i = 0; i < set->count; i++) fwrite(set->tensors[i].data, sizeof(float), set->tensors[i].size, file);
  return fclose(file) == 0;
}

static void say(const char *reply) {
  printf("lightnet-bench %s\n", reply);
  fflush(stdout);
}

static void say_text(const char *type, const char *name, const char *text) {
  char reply[512];
  snprintf(reply, sizeof reply, "{\"type\":\"%s\",\"%s\":\"%s\"}", type, name, text);
  say(reply);
}

static void release(problem *p) {
  for (int i = 0; i < p->set_count; i++) free_set(&p->sets[i]);
  free_set(&p->outputs);
  memset(p, 0, sizeof *p);
}

static const char *receive(contender c, problem *p, const char *line) {
  char text[32];
  release(p);
  p->B = int_field(line, "B", 1), p->H = int_field(line, "H", 1), p->N = int_field(line, "N", 1);
  p->D = int_field(line, "D", 1), p->E = int_field(line, "E", 1), p->scans = int_field(line, "scans", 1);
  p->causal = int_field(line, "causal", 0);
  text_field(line, "op", p->op, sizeof p->op);
  text_field(line, "decay", p->decay, sizeof p->decay);
  text_field(line, "pass", text, sizeof text);
  p->backward = strcmp(text, "forward+backward") == 0;
  const char *at = strchr(field(line, "sets"), '[');
  for (at++; *at != ']' && p->set_count < MOST_SETS; at += *at == ',') {
    char path[4096];
    size_t length = 0;
    for (at++; *at != '"'; at++) path[length++] = *at;
    path[length] = '\0';
    at++;
    if (!read_set(path, &p->sets[p->set_count++])) return "the inputs cannot be read";
  }
  return c.prepare(p);
}

static int serve(contender c) {
  static char line[1 << 20];
  static problem p;
  char text[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    text_field(line, "type", text, sizeof text);
    if (strcmp(text, "hello") == 0) {
      if (c.set_threads != NULL) c.set_threads(int_field(line, "threads", 1));
      snprintf(text, sizeof text, "{\"type\":\"hello\",\"protocol\":1,\"name\":\"%s\",\"version\":\"%s\",\"device\":\"cpu\"}", c.name, c.version);
      say(text);
    } else if (strcmp(text, "prepare") == 0) {
      const char *reason = receive(c, &p, line);
      if (reason == NULL) say_text("ready", "strategy", "c");
      else say_text("unsupported", "reason", reason);
    } else if (strcmp(text, "run") == 0) {
      int set = int_field(line, "set", 0), repeats = int_field(line, "repeats", 1);
      printf("lightnet-bench {\"type\":\"ran\",\"seconds\":[");
      for (int i = 0; i < repeats; i++) {
        double start = seconds_now();
        c.run(&p, (set + i) % p.set_count);
        printf("%s%.9f", i == 0 ? "" : ",", seconds_now() - start);
      }
      printf("]}\n");
      fflush(stdout);
    } else if (strcmp(text, "fetch") == 0) {
      text_field(line, "file", text, sizeof text);
      if (write_set(text, &p.outputs)) say("{\"type\":\"fetched\"}");
      else say_text("error", "message", "the outputs cannot be written");
    } else if (strcmp(text, "memory") == 0) {
      say("{\"type\":\"memory\"}");
    } else if (strcmp(text, "release") == 0) {
      release(&p);
      say("{\"type\":\"released\"}");
    } else if (strcmp(text, "bye") == 0) {
      return 0;
    }
  }
  return 0;
}

#endif
