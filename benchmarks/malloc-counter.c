/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded with LD_PRELOAD beside any peer, this counts what it allocates in the file that
 * BENCH_MALLOC_FILE names, where it can be read at any moment: how many allocations there were, and
 * how many bytes are held, the allocator's own header included. */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What glibc puts before each block. */
#define HEADER sizeof (size_t)

typedef struct
{
  _Atomic uint64_t allocations;
  _Atomic uint64_t bytes;
} Counters;

/* glibc's own names for what is replaced here: dlsym() would allocate. */
extern void *__libc_malloc   (size_t size);
extern void *__libc_calloc   (size_t n,
                              size_t size);
extern void *__libc_realloc  (void  *block,
                              size_t size);
extern void *__libc_memalign (size_t alignment,
                              size_t size);
extern void  __libc_free     (void  *block);

static Counters before_file;
static Counters *counters = &before_file;

static void *
count (void *block)
{
  if (block != NULL)
    {
      atomic_fetch_add_explicit (&counters->allocations, 1, memory_order_relaxed);
      atomic_fetch_add_explicit (&counters->bytes, malloc_usable_size (block) + HEADER,
                                 memory_order_relaxed);
    }
  return block;
}

static void
forget (void *block)
{
  if (block != NULL)
    atomic_fetch_sub_explicit (&counters->bytes, malloc_usable_size (block) + HEADER,
                               memory_order_relaxed);
}

void *
malloc (size_t size)
{
  return count (__libc_malloc (size));
}

void *
calloc (size_t n,
        size_t size)
{
  return count (__libc_calloc (n, size));
}

void *
realloc (void  *block,
         size_t size)
{
  size_t old = block != NULL ? malloc_usable_size (block) + HEADER : 0;
  void *new = __libc_realloc (block, size);

  if (new != NULL || size == 0)
    atomic_fetch_sub_explicit (&counters->bytes, old, memory_order_relaxed);
  return count (new);
}

void *
memalign (size_t alignment,
          size_t size)
{
  return count (__libc_memalign (alignment, size));
}

void *
aligned_alloc (size_t alignment,
               size_t size)
{
  return count (__libc_memalign (alignment, size));
}

int
posix_memalign (void  **out,
                size_t  alignment,
                size_t  size)
{
  void *block = count (__libc_memalign (alignment, size));

  if (block == NULL)
    return ENOMEM;
  *out = block;
  return 0;
}

void
free (void *block)
{
  forget (block);
  __libc_free (block);
}

__attribute__ ((constructor)) static void
use_file (void)
{
  const char *name = getenv ("BENCH_MALLOC_FILE");
  int fd = name != NULL ? open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  Counters *shared;

  if (fd < 0 || ftruncate (fd, sizeof *shared) < 0)
    return;
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (shared == MAP_FAILED)
    return;
  atomic_store (&shared->allocations, atomic_load (&before_file.allocations));
  atomic_store (&shared->bytes, atomic_load (&before_file.bytes));
  counters = shared;
}
