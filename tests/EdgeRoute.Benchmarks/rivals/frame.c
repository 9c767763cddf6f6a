/* The bare rival of the whole-frame benchmark: the same library, the same model, the same RGB frame, in plain C and nothing else.
   usage: frame LIBRARY MODEL THREADS FRAME_WIDTH FRAME_HEIGHT SCALE [cold [FURTHER_MODEL...]]
   Reads "run N" lines; for each runs N frames (bilinear stretch to the input tensor, BGR, pixel * SCALE, planar; then one session run) and prints
   "whole_min whole_p50 session_min session_p50" in nanoseconds. With "cold" it checks a SHA-256 of every model, opens all of them, runs
   each of the further ones once on zeroes, then one frame on the first, and ends. Functions are taken from the table
   of the C API by position, as published in onnxruntime_c_api.h (the table only ever grows). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GetErrorMessage = 2, CreateSession = 7, Run = 9, CreateSessionOptions = 10, SessionGetInputCount = 30, SessionGetOutputCount = 31,
       SessionGetInputTypeInfo = 33, SessionGetOutputTypeInfo = 34,
       SessionGetInputName = 36, SessionGetOutputName = 37, CreateTensorWithDataAsOrtValue = 49, CastTypeInfoToTensorInfo = 55,
       GetDimensionsCount = 61, GetDimensions = 62, CreateCpuMemoryInfo = 69, GetAllocatorWithDefaultOptions = 78, CreateEnvWithGlobalThreadPools = 119,
       DisablePerSessionThreads = 120, CreateThreadingOptions = 121, SetGlobalIntraOpNumThreads = 147, SetGlobalInterOpNumThreads = 148,
       SetGlobalSpinControl = 149 };

static void **table;
#define CALL(slot, types, ...) check(((void *(*)types)table[slot])(__VA_ARGS__), #slot)

static void check(void *status, const char *what) {
  if (!status) return;
  fprintf(stderr, "%s: %s\n", what, ((const char *(*)(void *))table[GetErrorMessage])(status));
  exit(1);
}

static int64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static int by_value(const void *a, const void *b) { int64_t x = *(const int64_t *)a, y = *(const int64_t *)b; return x < y ? -1 : x > y; }

static void tensor_of(const uint8_t *frame, int fw, int fh, float *out, int w, int h, float scale, const int *x0, const float *wx) {
  for (int y = 0; y < h; y++) {
    float sy = (y + 0.5f) * fh / h - 0.5f; if (sy < 0) sy = 0;
    int y0 = (int)sy; float wy = sy - y0; int y1 = y0 + 1 < fh ? y0 + 1 : y0;
    const uint8_t *a = frame + (size_t)y0 * fw * 3, *b = frame + (size_t)y1 * fw * 3;
    for (int x = 0; x < w; x++) {
      int p = x0[x] * 3, q = x0[x] + 1 < fw ? p + 3 : p;
      for (int c = 0; c < 3; c++) {
        float top = a[p + c] + (a[q + c] - a[p + c]) * wx[x], low = b[p + c] + (b[q + c] - b[p + c]) * wx[x];
        out[(size_t)(2 - c) * w * h + (size_t)y * w + x] = (top + (low - top) * wy) * scale;
      }
    }
  }
}

/* Reads and hashes a whole file, as a host does that trusts no pack. */
static void hash(const char *path) {
  static unsigned char *(*sha256)(const unsigned char *, size_t, unsigned char *);
  if (!sha256) {
    void *crypto = dlopen("libcrypto.so.3", RTLD_NOW);
    sha256 = crypto ? (unsigned char *(*)(const unsigned char *, size_t, unsigned char *))dlsym(crypto, "SHA256") : NULL;
    if (!sha256) { fprintf(stderr, "no SHA256 in libcrypto.so.3\n"); exit(1); }
  }
  FILE *file = fopen(path, "rb");
  if (!file) { perror(path); exit(1); }
  fseek(file, 0, SEEK_END); long size = ftell(file); rewind(file);
  unsigned char *bytes = malloc(size), digest[32];
  if (fread(bytes, 1, size, file) != (size_t)size) { perror(path); exit(1); }
  fclose(file); sha256(bytes, size, digest); free(bytes);
}

/* Opens a model and runs it once on zeroes: float inputs, free sizes taken as 1. */
static void warm_up(void *env, void *options, void *allocator, void *memory, const char *path) {
  void *session, *type, *info, *inputs[8], *outputs[8] = {0};
  size_t input_count, output_count, rank;
  char *in_names[8], *out_names[8];
  CALL(CreateSession, (void *, const char *, void *, void **), env, path, options, &session);
  CALL(SessionGetInputCount, (void *, size_t *), session, &input_count);
  CALL(SessionGetOutputCount, (void *, size_t *), session, &output_count);
  for (size_t i = 0; i < input_count; i++) {
    int64_t dims[8]; size_t count = 1;
    CALL(SessionGetInputName, (void *, size_t, void *, char **), session, i, allocator, &in_names[i]);
    CALL(SessionGetInputTypeInfo, (void *, size_t, void **), session, i, &type);
    CALL(CastTypeInfoToTensorInfo, (void *, void **), type, &info);
    CALL(GetDimensionsCount, (void *, size_t *), info, &rank);
    CALL(GetDimensions, (void *, int64_t *, size_t), info, dims, rank);
    for (size_t d = 0; d < rank; d++) { if (dims[d] < 1) dims[d] = 1; count *= (size_t)dims[d]; }
    CALL(CreateTensorWithDataAsOrtValue, (void *, void *, size_t, int64_t *, size_t, int, void **), memory, calloc(count, 4), count * 4, dims, rank, 1, &inputs[i]);
  }
  for (size_t i = 0; i < output_count; i++)
    CALL(SessionGetOutputName, (void *, size_t, void *, char **), session, i, allocator, &out_names[i]);
  CALL(Run, (void *, void *, char **, void **, size_t, char **, size_t, void **), session, NULL, in_names, inputs, input_count, out_names, output_count, outputs);
}

int main(int argc, char **argv) {
  if (argc < 7) { fprintf(stderr, "usage: frame LIBRARY MODEL THREADS FRAME_WIDTH FRAME_HEIGHT SCALE [cold [FURTHER_MODEL...]]\n"); return 2; }
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
  void **base = ((void **(*)(void))dlsym(library, "OrtGetApiBase"))();
  table = ((void **(*)(uint32_t))base[0])(17);
  int threads = atoi(argv[3]), fw = atoi(argv[4]), fh = atoi(argv[5]);
  float scale = (float)atof(argv[6]);
  void *threading, *env, *options, *session, *memory, *allocator, *type, *info, *value_in, *value_out[16];
  CALL(CreateThreadingOptions, (void **), &threading);
  CALL(SetGlobalIntraOpNumThreads, (void *, int), threading, threads);
  CALL(SetGlobalInterOpNumThreads, (void *, int), threading, 1);
  CALL(SetGlobalSpinControl, (void *, int), threading, 0);
  CALL(CreateEnvWithGlobalThreadPools, (int, const char *, void *, void **), 2, "rival", threading, &env);
  CALL(CreateSessionOptions, (void **), &options);
  CALL(DisablePerSessionThreads, (void *), options);
  CALL(CreateSession, (void *, const char *, void *, void **), env, argv[2], options, &session);
  CALL(GetAllocatorWithDefaultOptions, (void **), &allocator);
  CALL(CreateCpuMemoryInfo, (int, int, void **), 0, 0, &memory);
  char *in_name, *out_name;
  int64_t in_dims[4], dims[8]; size_t rank, count = 1;
  CALL(SessionGetInputName, (void *, size_t, void *, char **), session, 0, allocator, &in_name);
  CALL(SessionGetInputTypeInfo, (void *, size_t, void **), session, 0, &type);
  CALL(CastTypeInfoToTensorInfo, (void *, void **), type, &info);
  CALL(GetDimensions, (void *, int64_t *, size_t), info, in_dims, 4);
  CALL(SessionGetOutputName, (void *, size_t, void *, char **), session, 0, allocator, &out_name);
  CALL(SessionGetOutputTypeInfo, (void *, size_t, void **), session, 0, &type);
  CALL(CastTypeInfoToTensorInfo, (void *, void **), type, &info);
  CALL(GetDimensionsCount, (void *, size_t *), info, &rank);
  CALL(GetDimensions, (void *, int64_t *, size_t), info, dims, rank);
  for (size_t i = 0; i < rank; i++) { if (dims[i] < 1) dims[i] = 1; count *= (size_t)dims[i]; }
  for (int i = 8; i < argc; i++) { hash(argv[i]); warm_up(env, options, allocator, memory, argv[i]); }
  if (argc > 7) hash(argv[2]);
  int h = (int)in_dims[2], w = (int)in_dims[3];
  in_dims[0] = 1;
  float *tensor = aligned_alloc(64, (size_t)3 * w * h * 4 + 64), *output = aligned_alloc(64, count * 4 + 64);
  CALL(CreateTensorWithDataAsOrtValue, (void *, void *, size_t, int64_t *, size_t, int, void **), memory, tensor, (size_t)3 * w * h * 4, in_dims, 4, 1, &value_in);
  CALL(CreateTensorWithDataAsOrtValue, (void *, void *, size_t, int64_t *, size_t, int, void **), memory, output, count * 4, dims, rank, 1, &value_out[0]);
  uint8_t *frame = malloc((size_t)fw * fh * 3 + 64);
  for (size_t i = 0; i < (size_t)fw * fh * 3; i++) frame[i] = (uint8_t)((i * 2654435761u) >> 13);
  int *x0 = malloc(sizeof(int) * w); float *wx = malloc(sizeof(float) * w);
  for (int x = 0; x < w; x++) { float s = (x + 0.5f) * fw / w - 0.5f; if (s < 0) s = 0; x0[x] = (int)s; wx[x] = s - x0[x]; }
  const char *in_names[] = {in_name}, *out_names[] = {out_name}; void *inputs[] = {value_in};
  char line[64]; int n = 1, cold = argc > 7;
  while (cold || (fgets(line, sizeof line, stdin) && sscanf(line, "run %d", &n) == 1)) {
    int64_t *whole = malloc(sizeof(int64_t) * n), *run = malloc(sizeof(int64_t) * n);
    for (int i = 0; i < n; i++) {
      int64_t start = now();
      tensor_of(frame, fw, fh, tensor, w, h, scale, x0, wx);
      int64_t middle = now();
      CALL(Run, (void *, void *, const char **, void **, size_t, const char **, size_t, void **), session, NULL, in_names, inputs, 1, out_names, 1, value_out);
      int64_t end = now();
      whole[i] = end - start; run[i] = end - middle;
    }
    if (cold) return 0;
    qsort(whole, n, 8, by_value); qsort(run, n, 8, by_value);
    printf("%lld %lld %lld %lld\n", (long long)whole[0], (long long)whole[n / 2], (long long)run[0], (long long)run[n / 2]); fflush(stdout);
    free(whole); free(run);
  }
  return 0;
}
