/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a read goes: to memory of the caller, or to a queue that becomes a GBytes. */

#include "config.h"

#include "device/lsock-io-device-sink-private.h"

#include <string.h>


void
_lsock_sink_add (LsockSink    *sink,
                 const guint8 *data,
                 gsize         length)
{
  if (sink->data != NULL)
    memcpy (sink->data + sink->length, data, length);
  else
    _lsock_byte_queue_append (&sink->queue, data, length);

  sink->length += length;
}

void
_lsock_sink_add_bytes (LsockSink *sink,
                       GBytes    *bytes)
{
  _lsock_byte_queue_append_bytes (&sink->queue, bytes);
  sink->length += g_bytes_get_size (bytes);
}

GBytes *
_lsock_sink_finish (LsockSink *sink)
{
  GBytes *bytes = _lsock_byte_queue_take (&sink->queue, sink->length);

  _lsock_byte_queue_clear (&sink->queue);
  return bytes;
}

/* Moves up to @count bytes of what is held, without changing any of them; answers how many. */
gsize
_lsock_sink_take_held (LsockSink      *sink,
                       LsockByteQueue *held,
                       gsize           offset,
                       gsize           count,
                       gboolean        keep)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize n;

  if (offset >= held->length || count == 0)
    return 0;

  if (sink->data != NULL)
    {
      n = keep ? _lsock_byte_queue_peek (held, offset, sink->data + sink->length, count)
               : _lsock_byte_queue_read (held, sink->data + sink->length, count);
    }
  else
    {
      bytes = keep ? _lsock_byte_queue_slice (held, offset, count)
                   : _lsock_byte_queue_take (held, count);
      _lsock_sink_add_bytes (sink, bytes);
      return g_bytes_get_size (bytes);
    }

  sink->length += n;
  return n;
}

/* The same without the carriage returns, which do not count; answers how many were looked at. */
gsize
_lsock_sink_take_held_text (LsockSink      *sink,
                            LsockByteQueue *held,
                            gsize           offset,
                            gsize           count,
                            gboolean        keep)
{
  gsize total = 0;

  while (count > 0)
    {
      guint8 piece[1024];
      gsize n = _lsock_byte_queue_peek (held, offset, piece, MIN (count, sizeof piece));
      gsize kept = 0;

      if (n == 0)
        break;

      for (gsize i = 0; i < n; i++)
        if (piece[i] != '\r')
          piece[kept++] = piece[i];

      _lsock_sink_add (sink, piece, kept);
      count -= kept;
      total += n;
      if (keep)
        offset += n;
      else
        _lsock_byte_queue_skip (held, n);
    }

  return total;
}
