/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <lsock.h>

G_BEGIN_DECLS

/* Devices on memory.  `ended` tells whether an empty one has ended, or waits for more. */

typedef struct
{
  GByteArray *input;
  GByteArray *output;
  gsize       offset;       /* of the random-access one */
  guint       calls;        /* of reading functions */
  gsize       asked;        /* by the last of them */
  gboolean    ended;
  gboolean    silent_fail;  /* fail without a GError */
  gboolean    fail;
} Memory;

void memory_feed (Memory     *memory,
                  const char *text);

/* One that C would write. */

#define TEST_TYPE_PIPE (test_pipe_get_type ())
G_DECLARE_FINAL_TYPE (TestPipe, test_pipe, TEST, PIPE, LsockIODevice)

struct _TestPipe
{
  LsockIODevice parent_instance;
  Memory        memory;
};

/* One that a binding would write. */

#define TEST_TYPE_BYTES (test_bytes_get_type ())
G_DECLARE_FINAL_TYPE (TestBytes, test_bytes, TEST, BYTES, LsockIODevice)

struct _TestBytes
{
  LsockIODevice parent_instance;
  Memory        memory;
  gboolean      too_much;
  GBytes       *last;
};

/* One with random access, which the base class reads ahead. */

#define TEST_TYPE_DISK (test_disk_get_type ())
G_DECLARE_FINAL_TYPE (TestDisk, test_disk, TEST, DISK, LsockIODevice)

struct _TestDisk
{
  LsockIODevice parent_instance;
  Memory        memory;
};

/* One that overrides nothing. */

#define TEST_TYPE_DUMB (test_dumb_get_type ())
G_DECLARE_FINAL_TYPE (TestDumb, test_dumb, TEST, DUMB, LsockIODevice)

struct _TestDumb
{
  LsockIODevice parent_instance;
};

G_END_DECLS
