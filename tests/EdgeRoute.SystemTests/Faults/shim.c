// A machine in trouble, for a program that does not know: loaded by LD_PRELOAD, it makes calls of the C library fail now and then.
//
// EDGEROUTE_FAULTS holds words NAME=VALUE: seed; gate (a path: calls fail only while it exists); counts (a file that the number of each kind
// is kept in, as u64); enospc, eio, emfile, enomem, short, slow (shares of calls, 0 to 1); slow_ms. In every fourth slice of five seconds one
// kind has nine calls of ten: a full disk, a dead one, no descriptors, a slow disk. Only regular files fail to be written, because the .NET
// runtime wakes itself through pipes; what glibc calls inside itself is not seen here. What a program looks up in glibc by name is. Build: gcc -O2 -shared -fPIC -o shim.so shim.c -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { ENOSPC_KIND, EIO_KIND, EMFILE_KIND, ENOMEM_KIND, SHORT_KIND, SLOW_KIND, KINDS };

static const char *const names[KINDS] = {"enospc", "eio", "emfile", "enomem", "short", "slow"};
static const enum kind storms[] = {ENOSPC_KIND, EIO_KIND, EMFILE_KIND, SLOW_KIND};
static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};  // of dlsym: newer, arm64, x64
static double rates[KINDS];
static uint64_t seed = 1, drawn, unseen[KINDS];
static uint64_t *counts = unseen;
static struct timespec start;
static char gate[4096];
static long slow_ms = 20;

static uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

__attribute__((constructor)) static void begin(void) {
  clock_gettime(CLOCK_MONOTONIC, &start);
  const char *text = getenv("EDGEROUTE_FAULTS");
  char words[8192], place[4096] = "";
  if (text == NULL || strlen(text) >= sizeof words) return;
  strcpy(words, text);
  char *rest = NULL;
  for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    if (value == NULL) continue;
    *value++ = 0;
    for (int k = 0; k < KINDS; k++) if (strcmp(word, names[k]) == 0) rates[k] = atof(value);
    if (strcmp(word, "seed") == 0) seed = strtoull(value, NULL, 10);
    if (strcmp(word, "slow_ms") == 0) slow_ms = atol(value);
    if (strcmp(word, "gate") == 0) snprintf(gate, sizeof gate, "%s", value);
    if (strcmp(word, "counts") == 0) snprintf(place, sizeof place, "%s", value);
  }
  int file = (int)syscall(SYS_openat, AT_FDCWD, place, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (ftruncate(file, sizeof unseen) == 0) {
    void *map = (void *)syscall(SYS_mmap, NULL, sizeof unseen, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) counts = map;
  }
  syscall(SYS_close, file);
}

static double rate_of(enum kind kind) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t slice = mixed(seed ^ mixed((uint64_t)(now.tv_sec - start.tv_sec) / 5));
  int has_storm = rates[kind] > 0 && slice % 4 == 0 && storms[(slice >> 8) % 4] == kind;
  return has_storm ? 0.9 : rates[kind];
}

static int draws(enum kind kind) {
  if (rates[kind] <= 0 || syscall(SYS_faccessat, AT_FDCWD, gate, F_OK) != 0) return 0;
  uint64_t x = mixed(seed ^ mixed(__atomic_fetch_add(&drawn, 1, __ATOMIC_RELAXED)));
  if ((double)(x >> 11) * 0x1p-53 >= rate_of(kind)) return 0;
  __atomic_fetch_add(&counts[kind], 1, __ATOMIC_RELAXED);
  return 1;
}

static int fails(enum kind kind, int error) {
  int before = errno, does = draws(kind);
  errno = does ? error : before;
  return does;
}

static void linger(void) {
  int before = errno;
  if (draws(SLOW_KIND)) {
    struct timespec time = {slow_ms / 1000, slow_ms % 1000 * 1000000};
    nanosleep(&time, NULL);
  }
  errno = before;
}

static int is_regular(int file) {
  struct stat facts;
  int before = errno, is = fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
  errno = before;
  return is;
}

// A disk does not take it: 1. Else *count is what it takes of it.
static int refuses(int file, size_t *count) {
  if (!is_regular(file)) return 0;
  linger();
  if (fails(ENOSPC_KIND, ENOSPC) || fails(EIO_KIND, EIO)) return 1;
  if (*count > 1 && draws(SHORT_KIND)) *count /= 2;
  return 0;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write);
  return refuses(file, &count) ? -1 : real(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  REAL(pwrite);
  return refuses(file, &count) ? -1 : real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  REAL(pwrite64);
  return refuses(file, &count) ? -1 : real(file, bytes, count, at);
}

static int refuses_all(int file) {
  size_t count = 1;
  return refuses(file, &count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  return refuses_all(file) ? -1 : real(file, parts, count);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  REAL(pwritev);
  return refuses_all(file) ? -1 : real(file, parts, count, at);
}

int fsync(int file) {
  REAL(fsync);
  linger();
  return fails(EIO_KIND, EIO) ? -1 : real(file);
}

int ftruncate(int file, off_t length) {
  REAL(ftruncate);
  return fails(EIO_KIND, EIO) ? -1 : real(file, length);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  return fails(EIO_KIND, EIO) || fails(ENOSPC_KIND, ENOSPC) ? -1 : real(from, to);
}

static int open_refused(int flags) {
  linger();
  return fails(EMFILE_KIND, EMFILE) || ((flags & O_CREAT) != 0 && fails(ENOSPC_KIND, ENOSPC));
}

#define OPEN(name, arguments, ...) \
  int name arguments { \
    REAL(name); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    return open_refused(flags) ? -1 : real(__VA_ARGS__, flags, mode); \
  }

OPEN(open, (const char *path, int flags, ...), path)
OPEN(open64, (const char *path, int flags, ...), path)
OPEN(openat, (int folder, const char *path, int flags, ...), folder, path)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder, path)

int accept(int door, struct sockaddr *address, socklen_t *length) {
  REAL(accept);
  return fails(EMFILE_KIND, EMFILE) ? -1 : real(door, address, length);
}

int accept4(int door, struct sockaddr *address, socklen_t *length, int flags) {
  REAL(accept4);
  return fails(EMFILE_KIND, EMFILE) ? -1 : real(door, address, length, flags);
}

void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
  REAL(mmap);
  return fails(ENOMEM_KIND, ENOMEM) ? MAP_FAILED : real(at, length, protection, flags, file, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int file, off64_t offset) {
  REAL(mmap64);
  return fails(ENOMEM_KIND, ENOMEM) ? MAP_FAILED : real(at, length, protection, flags, file, offset);
}

// What .NET takes memory for frames with. The other ways are left alone: GLib ends the process where it gets none.
void *aligned_alloc(size_t alignment, size_t size) {
  REAL(aligned_alloc);
  return fails(ENOMEM_KIND, ENOMEM) ? NULL : real(alignment, size);
}

// Programs that bind to glibc while they run, as .NET does, would pass by all of the above.
void *dlsym(void *library, const char *name) {
  static void *(*real)(void *, const char *);
  static const struct { const char *name; void *call; } own[] = {
      {"write", write}, {"pwrite", pwrite}, {"pwrite64", pwrite64}, {"writev", writev}, {"pwritev", pwritev}, {"fsync", fsync},
      {"ftruncate", ftruncate}, {"rename", rename}, {"open", open}, {"open64", open64}, {"openat", openat}, {"openat64", openat64},
      {"accept", accept}, {"accept4", accept4}, {"mmap", mmap}, {"mmap64", mmap64},
      {"aligned_alloc", aligned_alloc}};
  for (size_t i = 0; real == NULL && i < sizeof versions / sizeof *versions; i++) real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  for (size_t i = 0; library != RTLD_NEXT && i < sizeof own / sizeof *own; i++) {
    if (strcmp(name, own[i].name) == 0) return own[i].call;
  }
  return real(library, name);
}
