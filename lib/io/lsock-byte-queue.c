/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The byte queue: what both directions of a device are buffered in. */

#include "config.h"

#include "io/lsock-byte-queue-private.h"

#include <string.h>

/* So many free chunks wait in each thread: enough for a few busy sockets, too little to matter. */
#define MAX_CACHED_SMALL 16
#define MAX_CACHED_LARGE 4

/* What is shorter is copied: a reference to a chunk would keep kilobytes alive for a few bytes. */
#define MIN_SHARED 128

/* A piece of memory.  [begin, end) is in the queue, [end, capacity) is free.  What lies before
 * `end` may be seen by a GBytes too as long as there is more than one reference, and is not
 * written to until then. */
struct _LsockChunk
{
  LsockChunk *next;
  guint8     *data;
  gsize       begin;
  gsize       end;
  gsize       capacity;
  GBytes     *foreign;     /* owns `data` in place of the chunk, which then has no room */
  int         ref_count;   /* atomic: a GBytes may be released in any thread */
};

G_STATIC_ASSERT (sizeof (LsockChunk) <= 64);

typedef struct
{
  LsockChunk *small;
  LsockChunk *large;
  guint       n_small;
  guint       n_large;
} ChunkCache;

static void chunk_cache_free (gpointer data);

/* Frees the cache with its thread; looking it up here each time would cost more than a chunk
 * saves, hence the second variable. */
static GPrivate chunk_cache = G_PRIVATE_INIT (chunk_cache_free);
static _Thread_local ChunkCache *this_thread_cache;


/* Chunks */

static void
chunk_list_free (LsockChunk *chunk)
{
  while (chunk != NULL)
    {
      LsockChunk *next = chunk->next;

      g_free (chunk);
      chunk = next;
    }
}

static void
chunk_cache_free (gpointer data)
{
  ChunkCache *cache = data;

  this_thread_cache = NULL;
  chunk_list_free (cache->small);
  chunk_list_free (cache->large);
  g_free (cache);
}

static ChunkCache *
chunk_cache_get (void)
{
  if (G_UNLIKELY (this_thread_cache == NULL))
    {
      this_thread_cache = g_new0 (ChunkCache, 1);
      g_private_set (&chunk_cache, this_thread_cache);
    }

  return this_thread_cache;
}

static LsockChunk *
chunk_new (gsize capacity)
{
  ChunkCache *cache = chunk_cache_get ();
  gboolean large = capacity == LSOCK_BYTE_QUEUE_LARGE_CHUNK;
  LsockChunk **list = large ? &cache->large : &cache->small;
  LsockChunk *chunk = *list;

  if (chunk != NULL)
    {
      *list = chunk->next;
      if (large)
        cache->n_large--;
      else
        cache->n_small--;
    }
  else
    {
      chunk = g_malloc (sizeof (LsockChunk) + capacity);
      chunk->data = (guint8 *) (chunk + 1);
      chunk->capacity = capacity;
      chunk->foreign = NULL;
    }

  chunk->next = NULL;
  chunk->begin = 0;
  chunk->end = 0;
  chunk->ref_count = 1;

  return chunk;
}

static LsockChunk *
chunk_new_foreign (GBytes *bytes)
{
  LsockChunk *chunk = g_new0 (LsockChunk, 1);
  gsize length;

  chunk->data = (guint8 *) g_bytes_get_data (bytes, &length);
  chunk->end = length;
  chunk->capacity = length;
  chunk->foreign = g_bytes_ref (bytes);
  chunk->ref_count = 1;

  return chunk;
}

static void
chunk_unref (gpointer data)
{
  LsockChunk *chunk = data;
  ChunkCache *cache;

  if (!g_atomic_int_dec_and_test (&chunk->ref_count))
    return;

  if (chunk->foreign != NULL)
    {
      g_bytes_unref (chunk->foreign);
      g_free (chunk);
      return;
    }

  cache = chunk_cache_get ();
  if (chunk->capacity == LSOCK_BYTE_QUEUE_LARGE_CHUNK && cache->n_large < MAX_CACHED_LARGE)
    {
      chunk->next = cache->large;
      cache->large = chunk;
      cache->n_large++;
    }
  else if (chunk->capacity == LSOCK_BYTE_QUEUE_SMALL_CHUNK && cache->n_small < MAX_CACHED_SMALL)
    {
      chunk->next = cache->small;
      cache->small = chunk;
      cache->n_small++;
    }
  else
    {
      g_free (chunk);
    }
}

static gsize
chunk_get_room (const LsockChunk *chunk)
{
  return chunk->capacity - chunk->end;
}

static GBytes *
chunk_share (LsockChunk *chunk,
             gsize       offset,
             gsize       count)
{
  const guint8 *data = chunk->data + chunk->begin + offset;

  if (count < MIN_SHARED)
    return g_bytes_new (data, count);

  if (chunk->foreign != NULL)
    return g_bytes_new_from_bytes (chunk->foreign, chunk->begin + offset, count);

  g_atomic_int_inc (&chunk->ref_count);
  return g_bytes_new_with_free_func (data, count, chunk_unref, chunk);
}


/* LsockByteQueue */

static void
queue_link (LsockByteQueue *self,
            LsockChunk     *chunk)
{
  if (self->tail != NULL)
    self->tail->next = chunk;
  else
    self->head = chunk;

  self->tail = chunk;
}

static void
queue_drop_spare (LsockByteQueue *self)
{
  g_clear_pointer (&self->spare[0], chunk_unref);
  g_clear_pointer (&self->spare[1], chunk_unref);
  self->offered = 0;
}

/* Moves the front; @count is in the first chunk. */
static void
queue_advance (LsockByteQueue *self,
               gsize           count)
{
  LsockChunk *chunk = self->head;

  chunk->begin += count;
  self->length -= count;

  if (chunk->begin == chunk->end)
    {
      self->head = chunk->next;
      if (self->head == NULL)
        {
          self->tail = NULL;
          self->offered = 0;
        }
      chunk_unref (chunk);
    }
}

/* The chunk in which @offset lies, and the rest of the way into it. */
static LsockChunk *
queue_find (const LsockByteQueue *self,
            gsize                *offset)
{
  LsockChunk *chunk = self->head;

  while (chunk != NULL && *offset >= chunk->end - chunk->begin)
    {
      *offset -= chunk->end - chunk->begin;
      chunk = chunk->next;
    }

  return chunk;
}

void
_lsock_byte_queue_clear (LsockByteQueue *self)
{
  while (self->head != NULL)
    {
      LsockChunk *chunk = self->head;

      self->head = chunk->next;
      chunk_unref (chunk);
    }

  self->tail = NULL;
  self->length = 0;
  queue_drop_spare (self);
}

guint
_lsock_byte_queue_reserve (LsockByteQueue *self,
                           gsize           limit,
                           LsockVector     vectors[2])
{
  guint n = 0;

  g_assert (limit > 0);

  self->offered = 0;
  if (self->tail != NULL && chunk_get_room (self->tail) > 0)
    {
      self->offered = MIN (chunk_get_room (self->tail), limit);
      vectors[n].data = self->tail->data + self->tail->end;
      vectors[n++].length = self->offered;
      limit -= self->offered;
    }

  for (guint i = 0; n < 2 && limit > 0; i++)
    {
      LsockChunk *chunk;

      /* A small chunk holds most messages; a batch that fills it goes on in a large one. */
      if (self->spare[i] == NULL)
        self->spare[i] = chunk_new (n == 0 && !self->bulk ? LSOCK_BYTE_QUEUE_SMALL_CHUNK
                                                          : LSOCK_BYTE_QUEUE_LARGE_CHUNK);

      chunk = self->spare[i];
      vectors[n].data = chunk->data;
      vectors[n].length = MIN (chunk->capacity, limit);
      limit -= vectors[n++].length;
      /* Two only where one of them is the rest of a chunk that holds something already: a message
       * that fits a small chunk is not worth the longer call. */
      if (self->bulk || n == 1)
        break;
    }

  return n;
}

void
_lsock_byte_queue_commit (LsockByteQueue *self,
                          gsize           count)
{
  gsize rest = count;
  gsize n = MIN (rest, self->offered);

  self->length += count;
  if (n > 0)
    {
      self->tail->end += n;
      rest -= n;
    }

  for (guint i = 0; i < G_N_ELEMENTS (self->spare) && rest > 0; i++)
    {
      LsockChunk *chunk = g_steal_pointer (&self->spare[i]);

      g_assert (chunk != NULL);
      chunk->end = MIN (chunk->capacity, rest);
      rest -= chunk->end;
      queue_link (self, chunk);
    }

  g_assert (rest == 0);
  self->bulk = count >= LSOCK_BYTE_QUEUE_SMALL_CHUNK;
  queue_drop_spare (self);
}

void
_lsock_byte_queue_append (LsockByteQueue *self,
                          const void     *data,
                          gsize           length)
{
  const guint8 *from = data;

  while (length > 0)
    {
      gsize n;

      if (self->tail == NULL || chunk_get_room (self->tail) == 0)
        queue_link (self, chunk_new (length > LSOCK_BYTE_QUEUE_SMALL_CHUNK
                                     ? LSOCK_BYTE_QUEUE_LARGE_CHUNK
                                     : LSOCK_BYTE_QUEUE_SMALL_CHUNK));

      n = MIN (length, chunk_get_room (self->tail));
      memcpy (self->tail->data + self->tail->end, from, n);
      self->tail->end += n;
      self->length += n;
      from += n;
      length -= n;
    }
}

void
_lsock_byte_queue_append_bytes (LsockByteQueue *self,
                                GBytes         *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  if (length < MIN_SHARED)
    {
      _lsock_byte_queue_append (self, data, length);
      return;
    }

  queue_link (self, chunk_new_foreign (bytes));
  self->length += length;
}

void
_lsock_byte_queue_prepend (LsockByteQueue *self,
                           const void     *data,
                           gsize           length)
{
  const guint8 *from = data;

  while (length > 0)
    {
      LsockChunk *chunk = self->head;
      gsize n;

      /* What a GBytes may still see stays as it is. */
      if (chunk == NULL || chunk->begin == 0 || chunk->foreign != NULL ||
          g_atomic_int_get (&chunk->ref_count) > 1)
        {
          chunk = chunk_new (LSOCK_BYTE_QUEUE_SMALL_CHUNK);
          chunk->begin = chunk->end = chunk->capacity;
          chunk->next = self->head;
          self->head = chunk;
          if (self->tail == NULL)
            self->tail = chunk;
        }

      n = MIN (length, chunk->begin);
      chunk->begin -= n;
      memcpy (chunk->data + chunk->begin, from + length - n, n);
      self->length += n;
      length -= n;
    }
}

guint
_lsock_byte_queue_get_vectors (const LsockByteQueue *self,
                               LsockVector          *vectors,
                               guint                 max_vectors)
{
  guint n = 0;

  for (LsockChunk *chunk = self->head; chunk != NULL && n < max_vectors; chunk = chunk->next)
    {
      vectors[n].data = chunk->data + chunk->begin;
      vectors[n++].length = chunk->end - chunk->begin;
    }

  return n;
}

gsize
_lsock_byte_queue_skip (LsockByteQueue *self,
                        gsize           count)
{
  gsize rest = count = MIN (count, self->length);

  while (rest > 0)
    {
      gsize n = MIN (rest, self->head->end - self->head->begin);

      queue_advance (self, n);
      rest -= n;
    }

  return count;
}

gsize
_lsock_byte_queue_read (LsockByteQueue *self,
                        void           *buffer,
                        gsize           count)
{
  guint8 *to = buffer;
  gsize rest = count = MIN (count, self->length);

  while (rest > 0)
    {
      gsize n = MIN (rest, self->head->end - self->head->begin);

      memcpy (to, self->head->data + self->head->begin, n);
      queue_advance (self, n);
      to += n;
      rest -= n;
    }

  return count;
}

gsize
_lsock_byte_queue_peek (const LsockByteQueue *self,
                        gsize                 offset,
                        void                 *buffer,
                        gsize                 count)
{
  guint8 *to = buffer;
  LsockChunk *chunk;
  gsize rest;

  if (offset >= self->length)
    return 0;

  rest = count = MIN (count, self->length - offset);
  for (chunk = queue_find (self, &offset); rest > 0; chunk = chunk->next)
    {
      gsize n = MIN (rest, chunk->end - chunk->begin - offset);

      memcpy (to, chunk->data + chunk->begin + offset, n);
      offset = 0;
      to += n;
      rest -= n;
    }

  return count;
}

GBytes *
_lsock_byte_queue_take (LsockByteQueue *self,
                        gsize           count)
{
  GBytes *bytes = _lsock_byte_queue_slice (self, 0, count);

  _lsock_byte_queue_skip (self, g_bytes_get_size (bytes));
  return bytes;
}

GBytes *
_lsock_byte_queue_slice (const LsockByteQueue *self,
                         gsize                 offset,
                         gsize                 count)
{
  LsockChunk *chunk;
  gsize within = offset;
  void *data;

  if (offset >= self->length || count == 0)
    return g_bytes_new_static (NULL, 0);

  count = MIN (count, self->length - offset);
  chunk = queue_find (self, &within);
  if (count <= chunk->end - chunk->begin - within)
    return chunk_share (chunk, within, count);

  data = g_malloc (count);
  _lsock_byte_queue_peek (self, offset, data, count);
  return g_bytes_new_take (data, count);
}

gssize
_lsock_byte_queue_index_of (const LsockByteQueue *self,
                            guint8                c,
                            gsize                 offset,
                            gsize                 limit)
{
  LsockChunk *chunk;
  gsize at = offset;

  limit = MIN (limit, self->length);
  if (offset >= limit)
    return -1;

  for (chunk = queue_find (self, &offset); chunk != NULL && at < limit; chunk = chunk->next)
    {
      const guint8 *data = chunk->data + chunk->begin + offset;
      gsize n = MIN (limit - at, chunk->end - chunk->begin - offset);
      const guint8 *found = memchr (data, c, n);

      if (found != NULL)
        return (gssize) (at + (gsize) (found - data));

      at += n;
      offset = 0;
    }

  return -1;
}
