/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing and reading, in every form. */

#include "operations.h"

#include <string.h>


static Stream *
get_out (Actor *actor)
{
  if (actor->out == NULL)
    actor->out = stream_table_add (actor->world->streams);
  actor->out->broken = actor->out->broken || actor->doomed;
  return actor->out;
}

static void
written (Actor  *actor,
         Stream *stream,
         gssize  n,
         gsize   count)
{
  world_note (actor->world, "   %" G_GSSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes of stream %u", n,
              count, stream->id);
  if (n > 0)
    stream->accepted += (guint64) n;
}

static void
write_socket (World *world,
              Actor *actor)
{
  Stream *stream = get_out (actor);
  gsize count = pick_size (world);
  g_autofree guint8 *data = stream_next (stream, count);

  written (actor, stream, lsock_io_device_write (actor->object, data, (gssize) count, NULL), count);
}

static void
write_bytes_socket (World *world,
                    Actor *actor)
{
  Stream *stream = get_out (actor);
  gsize count = pick_size (world);
  g_autoptr (GBytes) bytes = g_bytes_new_take (stream_next (stream, count), count);

  written (actor, stream, lsock_io_device_write_bytes (actor->object, bytes, NULL), count);
}

static void
put_char_socket (World *world,
                 Actor *actor)
{
  Stream *stream = get_out (actor);
  g_autofree guint8 *data = stream_next (stream, 1);

  written (actor, stream, lsock_io_device_put_char (actor->object, data[0], NULL), 1);
}

static void
read_socket (World *world,
             Actor *actor)
{
  gsize count = pick_size (world);
  g_autofree guint8 *data = g_malloc (MAX (count, 1));
  guint place = actor_begin_read (actor);
  gssize n = lsock_io_device_read (actor->object, data, count, NULL);

  world_note (world, "   %" G_GSSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes", n, count);
  g_assert_cmpint (n, <=, (gssize) count);
  actor_end_read (actor, place, data, n);
}

static void
end_read_bytes (Actor  *actor,
                guint   place,
                GBytes *bytes,
                gsize   limit)
{
  gsize count = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &count) : NULL;

  world_note (actor->world, "   %" G_GSIZE_FORMAT " bytes", count);
  g_assert_cmpuint (count, <=, limit);
  actor_end_read (actor, place, data, (gssize) count);
}

static void
read_bytes_socket (World *world,
                   Actor *actor)
{
  gsize count = pick_size (world);
  guint place = actor_begin_read (actor);
  g_autoptr (GBytes) bytes = lsock_io_device_read_bytes (actor->object, (gssize) count, NULL);

  end_read_bytes (actor, place, bytes, count);
}

static void
read_all_socket (World *world,
                 Actor *actor)
{
  guint place = actor_begin_read (actor);
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (actor->object, NULL);

  end_read_bytes (actor, place, bytes, G_MAXSIZE);
}

static void
check_line (const guint8 *data,
            gsize         n)
{
  const guint8 *end = n > 0 ? memchr (data, '\n', n) : NULL;

  g_assert_true (end == NULL || end == data + n - 1);
}

static void
read_line_socket (World *world,
                  Actor *actor)
{
  guint place = actor_begin_read (actor);
  g_autoptr (GBytes) bytes = lsock_io_device_read_line (actor->object, 0, NULL);

  if (bytes != NULL)
    check_line (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  end_read_bytes (actor, place, bytes, G_MAXSIZE);
}

static void
read_line_into_socket (World *world,
                       Actor *actor)
{
  char buffer[24];
  gsize size = 2 + world_pick (world, sizeof buffer - 1);
  guint place = actor_begin_read (actor);
  gssize n = lsock_io_device_read_line_into (actor->object, buffer, size, NULL);

  g_assert_cmpint (n, <, (gssize) size);
  check_line ((const guint8 *) buffer, (gsize) MAX (n, 0));
  actor_end_read (actor, place, (const guint8 *) buffer, n);
}

static void
peek_socket (World *world,
             Actor *actor)
{
  gsize count = pick_size (world);
  guint64 offset = actor->in.offset;
  g_autoptr (GBytes) bytes = lsock_io_device_peek (actor->object, (gssize) count, NULL);

  /* A handler may have read meanwhile. */
  if (bytes == NULL || actor->in.offset != offset)
    return;

  world_note (world, "   %" G_GSIZE_FORMAT " bytes", g_bytes_get_size (bytes));
  g_assert_cmpuint (g_bytes_get_size (bytes), <=, count);
  actor_check_peek (actor, bytes);
}

/* What is skipped has to be seen first, to be checked. */
static void
skip_socket (World *world,
             Actor *actor)
{
  gsize count = pick_size (world);
  guint64 offset = actor->in.offset;
  g_autoptr (GBytes) bytes = lsock_io_device_peek (actor->object, (gssize) count, NULL);
  gsize peeked = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  guint place;
  gint64 n;

  if (actor->object == NULL || actor->reading > 0 || actor->in.offset != offset)
    return;

  place = actor_begin_read (actor);
  n = lsock_io_device_skip (actor->object, (gint64) peeked, NULL);
  g_assert_cmpint (n, <=, (gint64) peeked);
  actor_end_read (actor, place, bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL, (gssize) n);
}

static void
get_char_socket (World *world,
                 Actor *actor)
{
  guint8 c;
  guint place = actor_begin_read (actor);
  gboolean got = lsock_io_device_get_char (actor->object, &c);

  actor_end_read (actor, place, &c, got);
}

static void
unget_char_socket (World *world,
                   Actor *actor)
{
  gboolean takes = lsock_io_device_is_readable (actor->object) &&
                   !lsock_io_device_is_transaction_started (actor->object);

  if (actor->blind || actor->reading > 0 || actor->in.offset == 0 || actor->bound != actor->attempt)
    return;

  lsock_io_device_unget_char (actor->object, cursor_previous (&actor->in));
  if (takes)
    actor->in.offset--;
}

static void
start_transaction (World *world,
                   Actor *actor)
{
  if (actor->reading > 0 || lsock_io_device_is_transaction_started (actor->object))
    return;

  lsock_io_device_start_transaction (actor->object);
  actor->transaction = lsock_io_device_is_transaction_started (actor->object);
  actor->transaction_start = actor->in.offset;
}

static void
commit_transaction (World *world,
                    Actor *actor)
{
  if (actor->reading > 0 || !lsock_io_device_is_transaction_started (actor->object))
    return;

  lsock_io_device_commit_transaction (actor->object);
  actor->transaction = FALSE;
}

static void
rollback_transaction (World *world,
                      Actor *actor)
{
  if (actor->reading > 0 || !lsock_io_device_is_transaction_started (actor->object))
    return;

  lsock_io_device_rollback_transaction (actor->object);
  actor->in.offset = actor->transaction_start;
  actor->transaction = FALSE;
}

static void
flush_socket (World *world,
              Actor *actor)
{
  lsock_socket_flush (actor->object);
}

static void
shut_socket (World *world,
             Actor *actor)
{
  if (lsock_socket_shutdown_write (actor->object, NULL) && actor->out != NULL)
    actor->out->graceful = TRUE;
}

static void
limit_reading (World *world,
               Actor *actor)
{
  static const gint64 sizes[] = { 0, 0, 1, 10, 4096, 65536 };

  lsock_socket_set_read_buffer_size (actor->object,
                                     sizes[world_pick (world, G_N_ELEMENTS (sizes))]);
}

const Row byte_rows[] = {
  { "shuts writing", 2, shut_socket },
  { "writes", 14, write_socket },
  { "writes GBytes", 6, write_bytes_socket },
  { "puts a byte", 2, put_char_socket },
  { "reads", 10, read_socket },
  { "reads GBytes", 6, read_bytes_socket },
  { "reads all", 6, read_all_socket },
  { "reads a line", 4, read_line_socket },
  { "reads a line into a buffer", 3, read_line_into_socket },
  { "peeks", 4, peek_socket },
  { "skips", 3, skip_socket },
  { "gets a byte", 3, get_char_socket },
  { "puts a byte back", 3, unget_char_socket },
  { "starts a transaction", 3, start_transaction },
  { "commits", 3, commit_transaction },
  { "rolls back", 3, rollback_transaction },
  { "flushes", 3, flush_socket },
  { "limits its read buffer", 4, limit_reading },
  { NULL, 0, NULL },
};
