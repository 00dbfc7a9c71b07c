/* Preloaded into the tool by a test: makes calls on files below $FAIL_ROOT fail, and counts them into $FAIL_COUNT.
   $FAIL_KIND is ENOSPC or EIO (call number $FAIL_AT fails), KILL (the process is killed there), EINTR (every second call is
   interrupted once) or SHORT (every write takes half of its bytes). Only calls for which the kernel can give such an
   answer are touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_int calls;
static char watched[65536];

static int is_kind(const char *kind) {
  const char *chosen = getenv("FAIL_KIND");
  return chosen != NULL && strcmp(chosen, kind) == 0;
}

static int below_root(const char *path) {
  const char *root = getenv("FAIL_ROOT");
  return root != NULL && path != NULL && strncmp(path, root, strlen(root)) == 0;
}

static int is_watched(int file) { return file >= 0 && file < (int)sizeof watched && watched[file]; }

/* Whether this call is to fail; sets errno. */
static int fails(int may_be_interrupted) {
  const int number = ++calls;
  const char *at = getenv("FAIL_AT");
  if (is_kind("EINTR") && may_be_interrupted && number % 2 == 1) {
    errno = EINTR;
    return 1;
  }
  if (at == NULL || atoi(at) != number) return 0;
  if (is_kind("ENOSPC")) errno = ENOSPC;
  else if (is_kind("EIO")) errno = EIO;
  else if (is_kind("KILL")) raise(SIGKILL);
  else return 0;
  return 1;
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("FAIL_COUNT");
  if (path == NULL) return;
  FILE *file = fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%d\n", atomic_load(&calls));
  fclose(file);
}

static int opened(const char *path, int file) {
  if (file >= 0 && file < (int)sizeof watched) watched[file] = (char)below_root(path);
  return file;
}

static mode_t mode_of(int flags, va_list arguments) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, mode_t) : 0; }

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (below_root(path) && fails(1)) return -1;
  return opened(path, REAL(open)(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (below_root(path) && fails(1)) return -1;
  return opened(path, REAL(open64)(path, flags, mode));
}

int close(int file) {
  if (file >= 0 && file < (int)sizeof watched) watched[file] = 0;
  return REAL(close)(file);
}

ssize_t write(int file, const void *bytes, size_t size) {
  if (is_watched(file)) {
    if (fails(1)) return -1;
    if (is_kind("SHORT") && size > 1) size /= 2;
  }
  return REAL(write)(file, bytes, size);
}

int fsync(int file) { return is_watched(file) && fails(1) ? -1 : REAL(fsync)(file); }
int mkdir(const char *path, mode_t mode) { return below_root(path) && fails(0) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return below_root(from) && fails(0) ? -1 : REAL(rename)(from, to); }

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  return below_root(from) && fails(0) ? -1 : REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

void *mmap(void *place, size_t size, int protection, int flags, int file, off_t offset) {
  return is_watched(file) && fails(0) ? MAP_FAILED : REAL(mmap)(place, size, protection, flags, file, offset);
}
