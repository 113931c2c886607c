/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A queue of bytes made of chunks.  The transport fills its end in place, a GBytes taken from its
 * front shares the chunk, and a chunk that became free waits in a small cache of the thread, so
 * the steady state allocates nothing and an idle queue holds nothing.
 * Storey: io */

typedef struct _LsockChunk LsockChunk;

/* All zero is an empty queue.  Read `length`, leave the rest alone. */
typedef struct
{
  LsockChunk *head;
  LsockChunk *tail;
  gsize       length;

  /* Room that was reserved beyond the tail, in the order in which it is filled. */
  LsockChunk *spare[2];
  /* How much of the free tail was offered by the last reservation. */
  gsize       offered;
  /* The last batch did not fit a small chunk: the next is expected to be like it. */
  gboolean    bulk;
} LsockByteQueue;

/* One piece of memory, laid out as struct iovec. */
typedef struct
{
  void  *data;
  gsize  length;
} LsockVector;

/* A large one holds a message of 64 KiB and some, so that no second read is needed to see whether
 * there is more. */
#define LSOCK_BYTE_QUEUE_SMALL_CHUNK (4 * 1024 - 64)
#define LSOCK_BYTE_QUEUE_LARGE_CHUNK (68 * 1024 - 64)

void      _lsock_byte_queue_clear       (LsockByteQueue       *self);

/* Free room at the end, @limit bytes at most and at least one: fills one or two vectors and
 * returns how many.  Either _commit() follows with what was put there, zero included, or the room
 * stays reserved. */
guint     _lsock_byte_queue_reserve     (LsockByteQueue       *self,
                                         gsize                 limit,
                                         LsockVector           vectors[2]);
void      _lsock_byte_queue_commit      (LsockByteQueue       *self,
                                         gsize                 count);

void      _lsock_byte_queue_append      (LsockByteQueue       *self,
                                         const void           *data,
                                         gsize                 length);
/* Keeps a reference on @bytes rather than a copy. */
void      _lsock_byte_queue_append_bytes (LsockByteQueue      *self,
                                         GBytes               *bytes);
void      _lsock_byte_queue_prepend     (LsockByteQueue       *self,
                                         const void           *data,
                                         gsize                 length);

/* The front of the queue, for a gathering write: returns how many vectors it filled. */
guint     _lsock_byte_queue_get_vectors (const LsockByteQueue *self,
                                         LsockVector          *vectors,
                                         guint                 max_vectors);

gsize     _lsock_byte_queue_skip        (LsockByteQueue       *self,
                                         gsize                 count);
gsize     _lsock_byte_queue_read        (LsockByteQueue       *self,
                                         void                 *buffer,
                                         gsize                 count);
gsize     _lsock_byte_queue_peek        (const LsockByteQueue *self,
                                         gsize                 offset,
                                         void                 *buffer,
                                         gsize                 count);
/* Removes the first @count bytes and returns them; shares memory where they lie in one chunk. */
GBytes   *_lsock_byte_queue_take        (LsockByteQueue       *self,
                                         gsize                 count);
/* The same without removing them. */
GBytes   *_lsock_byte_queue_slice       (const LsockByteQueue *self,
                                         gsize                 offset,
                                         gsize                 count);
/* The distance from the front to the first @c at or after @offset, or -1; looks no further than
 * @limit bytes from the front. */
gssize    _lsock_byte_queue_index_of    (const LsockByteQueue *self,
                                         guint8                c,
                                         gsize                 offset,
                                         gsize                 limit);

G_END_DECLS
