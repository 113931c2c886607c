/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "io/lsock-byte-queue-private.h"

/* The queue against a GByteArray that does the same, with the slices that were taken meanwhile. */

typedef struct
{
  GBytes *bytes;
  GBytes *copy;
} Slice;

static void
slice_clear (gpointer data)
{
  Slice *slice = data;

  g_assert_true (g_bytes_equal (slice->bytes, slice->copy));
  g_bytes_unref (slice->bytes);
  g_bytes_unref (slice->copy);
}

static void
fill (guint8 *data,
      gsize   length)
{
  for (gsize i = 0; i < length; i++)
    data[i] = (guint8) g_test_rand_int_range ('a', 'z' + 1);
}

static void
reserve_and_commit (LsockByteQueue *queue,
                    GByteArray     *model,
                    gsize           limit,
                    gsize           wanted)
{
  LsockVector vectors[2];
  guint n = _lsock_byte_queue_reserve (queue, limit, vectors);
  gsize total = 0;
  gsize room = 0;

  for (guint i = 0; i < n; i++)
    room += vectors[i].length;
  g_assert_cmpuint (room, >, 0);
  g_assert_cmpuint (room, <=, limit);

  wanted = MIN (wanted, room);
  for (guint i = 0; i < n && total < wanted; i++)
    {
      gsize part = MIN (wanted - total, vectors[i].length);

      fill (vectors[i].data, part);
      g_byte_array_append (model, vectors[i].data, (guint) part);
      total += part;
    }
  _lsock_byte_queue_commit (queue, total);
}

static void
add_slice (GArray     *slices,
           GBytes     *bytes,
           GByteArray *model,
           gsize       offset,
           gsize       count)
{
  gsize expected = offset < model->len ? MIN (count, model->len - offset) : 0;
  Slice slice = { bytes, g_bytes_new (model->data + (expected > 0 ? offset : 0), expected) };

  g_assert_true (g_bytes_equal (slice.bytes, slice.copy));
  g_array_append_val (slices, slice);
}

static void
one_step (LsockByteQueue *queue,
          GByteArray     *model,
          GArray         *slices)
{
  static guint8 data[100 * 1024];
  gsize size = g_test_rand_bit () ? 200 : g_test_rand_bit () ? 5000 : sizeof data;
  gsize length = (gsize) g_test_rand_int_range (1, (int) size);
  gsize offset = (gsize) g_test_rand_int_range (0, (int) size);
  gsize n;

  switch (g_test_rand_int_range (0, 9))
    {
    case 0:
      fill (data, length);
      _lsock_byte_queue_append (queue, data, length);
      g_byte_array_append (model, data, (guint) length);
      break;

    case 1:
      {
        g_autoptr (GBytes) bytes = NULL;

        fill (data, length);
        bytes = g_bytes_new (data, length);
        _lsock_byte_queue_append_bytes (queue, bytes);
        g_byte_array_append (model, data, (guint) length);
      }
      break;

    case 2:
      length = MIN (length, 6000);
      fill (data, length);
      _lsock_byte_queue_prepend (queue, data, length);
      g_byte_array_prepend (model, data, (guint) length);
      break;

    case 3:
      reserve_and_commit (queue, model, length, offset);
      break;

    case 4:
      n = _lsock_byte_queue_skip (queue, length);
      g_assert_cmpuint (n, ==, MIN (length, model->len));
      g_byte_array_remove_range (model, 0, (guint) n);
      break;

    case 5:
      n = _lsock_byte_queue_read (queue, data, length);
      g_assert_cmpmem (data, n, model->data, MIN (length, model->len));
      g_byte_array_remove_range (model, 0, (guint) n);
      break;

    case 6:
      add_slice (slices, _lsock_byte_queue_take (queue, length), model, 0, length);
      g_byte_array_remove_range (model, 0, (guint) MIN (length, model->len));
      break;

    case 7:
      add_slice (slices, _lsock_byte_queue_slice (queue, offset, length), model, offset, length);
      n = _lsock_byte_queue_peek (queue, offset, data, length);
      if (n > 0)
        g_assert_cmpmem (data, n, model->data + offset, MIN (length, model->len - offset));
      break;

    default:
      {
        gsize limit = MIN (offset + length, model->len);
        const guint8 *found = offset < limit ? memchr (model->data + offset, 'q', limit - offset)
                                             : NULL;

        g_assert_cmpint (_lsock_byte_queue_index_of (queue, 'q', offset, offset + length), ==,
                         found != NULL ? found - model->data : -1);
      }
    }

  g_assert_cmpuint (queue->length, ==, model->len);
}

static void
test_model (void)
{
  LsockByteQueue queue = { 0, };
  g_autoptr (GByteArray) model = g_byte_array_new ();
  g_autoptr (GArray) slices = g_array_new (FALSE, FALSE, sizeof (Slice));

  g_array_set_clear_func (slices, slice_clear);
  for (guint i = 0; i < 3000; i++)
    {
      one_step (&queue, model, slices);
      if (slices->len > 20)
        g_array_remove_index_fast (slices, (guint) g_test_rand_int_range (0, 20));
      if (i % 500 == 499)
        {
          _lsock_byte_queue_clear (&queue);
          g_byte_array_set_size (model, 0);
        }
    }
  _lsock_byte_queue_clear (&queue);
}

static gpointer
release (gpointer bytes)
{
  g_bytes_unref (bytes);
  return NULL;
}

static void
test_threads (void)
{
  LsockByteQueue queue = { 0, };

  g_test_summary ("a piece that was taken can be released in another thread");

  for (guint i = 0; i < 20; i++)
    {
      guint8 data[1000] = { 0, };

      _lsock_byte_queue_append (&queue, data, sizeof data);
      g_thread_join (g_thread_new ("release", release, _lsock_byte_queue_take (&queue, 900)));
    }
  _lsock_byte_queue_clear (&queue);
}

static void
test_no_copy (void)
{
  LsockByteQueue queue = { 0, };
  g_autofree guint8 *data = g_malloc0 (1000);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GBytes) foreign = g_bytes_new_take (g_malloc0 (1000), 1000);
  g_autoptr (GBytes) whole = NULL;

  _lsock_byte_queue_append (&queue, data, 1000);
  first = _lsock_byte_queue_take (&queue, 500);
  second = _lsock_byte_queue_take (&queue, 500);
  g_assert_true ((const guint8 *) g_bytes_get_data (first, NULL) + 500 ==
                 (const guint8 *) g_bytes_get_data (second, NULL));

  _lsock_byte_queue_append_bytes (&queue, foreign);
  whole = _lsock_byte_queue_take (&queue, 1000);
  g_assert_true (g_bytes_get_data (whole, NULL) == g_bytes_get_data (foreign, NULL));
  g_assert_null (queue.head);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/byte-queue/model", test_model);
  g_test_add_func ("/byte-queue/threads", test_threads);
  g_test_add_func ("/byte-queue/no-copy", test_no_copy);

  return g_test_run ();
}
