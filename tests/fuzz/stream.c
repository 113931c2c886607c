/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes that say where they belong. */

#include "stream.h"

struct _StreamTable
{
  GPtrArray *streams;
};


StreamTable *
stream_table_new (void)
{
  StreamTable *table = g_new0 (StreamTable, 1);

  table->streams = g_ptr_array_new_with_free_func (g_free);
  return table;
}

void
stream_table_free (StreamTable *table)
{
  g_ptr_array_unref (table->streams);
  g_free (table);
}

Stream *
stream_table_add (StreamTable *table)
{
  Stream *stream = g_new0 (Stream, 1);

  g_ptr_array_add (table->streams, stream);
  stream->id = table->streams->len;
  return stream;
}

/* Line ends are frequent, so that lines are short. */
static guint8
byte_at (guint32 id,
         guint64 offset)
{
  guint32 mixed;

  if (offset < 4)
    return (guint8) (id >> (8 * offset));

  mixed = (guint32) (id * 2654435761u + offset * 2246822519u);
  mixed ^= mixed >> 15;
  mixed *= 2654435769u;
  mixed ^= mixed >> 13;
  return mixed % 29 == 0 ? '\n' : (guint8) (mixed >> 8);
}

guint8 *
stream_next (Stream *stream,
             gsize   count)
{
  guint8 *data = g_malloc (MAX (count, 1));

  for (gsize i = 0; i < count; i++)
    data[i] = byte_at (stream->id, stream->accepted + i);
  return data;
}

guint8
cursor_previous (const Cursor *cursor)
{
  g_assert_cmpuint (cursor->offset, >, 0);
  return cursor->offset <= 4 ? cursor->prefix[cursor->offset - 1]
                             : byte_at (cursor->stream->id, cursor->offset - 1);
}

static void
bind_stream (Cursor      *cursor,
             StreamTable *table)
{
  guint32 id = 0;
  Stream *stream;

  for (int i = 3; i >= 0; i--)
    id = id << 8 | cursor->prefix[i];
  if (id == 0 || id > table->streams->len)
    g_error ("The stream begins with bytes that were never written: %08x", id);

  stream = table->streams->pdata[id - 1];
  if (stream->has_reader)
    g_error ("The bytes of stream %u arrive twice", id);
  stream->has_reader = TRUE;
  cursor->stream = stream;
}

void
cursor_check (Cursor       *cursor,
              StreamTable  *table,
              const guint8 *data,
              gsize         count,
              gboolean      consume)
{
  guint64 offset = cursor->offset;

  for (gsize i = 0; i < count; i++, offset++)
    {
      if (offset < 4 && cursor->stream == NULL)
        {
          cursor->prefix[offset] = data[i];
          if (offset == 3)
            bind_stream (cursor, table);
        }
      else if (data[i] != byte_at (cursor->stream->id, offset))
        {
          g_error ("Stream %u: byte %" G_GUINT64_FORMAT " is 0x%02x and should be 0x%02x",
                   cursor->stream->id, offset, data[i], byte_at (cursor->stream->id, offset));
        }
    }

  if (cursor->stream != NULL && offset > cursor->stream->accepted)
    g_error ("Stream %u: %" G_GUINT64_FORMAT " bytes arrived, %" G_GUINT64_FORMAT " were written",
             cursor->stream->id, offset, cursor->stream->accepted);
  if (!consume)
    return;

  cursor->offset = offset;
  if (cursor->stream != NULL)
    cursor->stream->delivered = MAX (cursor->stream->delivered, offset);
}
