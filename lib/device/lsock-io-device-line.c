/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading lines from a device. */

#include "config.h"

#include "device/lsock-io-device-read-private.h"

#include <string.h>

#include "lsock-error.h"

#define READ_AHEAD LSOCK_IO_DEVICE_READ_AHEAD
#define AT_THE_END LSOCK_IO_DEVICE_AT_THE_END

/* The most that read_line_data() is asked for: above it, a number of JavaScript is not exact, and GJS
 * warns. */
#define MAX_REQUEST MIN ((guint64) G_MAXSSIZE, (G_GUINT64_CONSTANT (1) << 53) - 1)

#define PRIV(self) (_lsock_io_device_get_private (self))


/* Takes held bytes up to a line end or @limit; TRUE if a line end was found. */
static gboolean
take_held_line (LsockIODevice *self,
                LsockSink          *sink,
                gsize          limit)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gboolean sequential = _lsock_io_device_is_sequential (self, priv);
  gboolean keep = sequential && priv->transaction;
  gsize offset = keep ? priv->transaction_pos : 0;
  gsize end = offset + MIN (limit - sink->length, G_MAXSIZE - offset);
  gssize found = _lsock_byte_queue_index_of (&priv->held, '\n', offset, end);
  gsize n = (found >= 0 ? (gsize) found + 1 : end) - offset;

  n = _lsock_sink_take_held (sink, &priv->held, offset, n, keep);
  if (keep)
    priv->transaction_pos += n;
  else if (!sequential)
    priv->pos += (gint64) n;

  return found >= 0;
}

/* A line byte by byte, for text and for devices that must not be read ahead.  -1 as for pull(). */
static gssize
read_line_slowly (LsockIODevice  *self,
                  LsockSink           *sink,
                  gsize           limit,
                  GError        **error)
{
  while (sink->length < limit)
    {
      guint8 c;
      LsockSink one = { .data = &c, .step = 1 };

      if (!_lsock_io_device_read_to_sink (self, &one, 1, FALSE, error))
        return -1;
      if (one.length == 0)
        return 0;

      _lsock_sink_add (sink, &c, 1);
      if (c == '\n')
        break;
    }

  return 1;
}

/* A line by reading ahead. */
static gssize
read_line_ahead (LsockIODevice  *self,
                 LsockSink           *sink,
                 gsize           limit,
                 GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  while (!take_held_line (self, sink, limit) && sink->length < limit)
    {
      gboolean ended;
      gssize n;

      if (!_lsock_io_device_sync_position (self, priv, error))
        return -1;

      n = _lsock_io_device_pull_into_queue (self, &priv->held, READ_AHEAD, &ended, error);
      if (n <= 0)
        return n;
      if (priv->access == LSOCK_ACCESS_RANDOM)
        priv->device_pos += n;
    }

  return 1;
}

/* The part of a line that is not held. */
static gssize
read_line_device (LsockIODevice  *self,
                  LsockSink           *sink,
                  gsize           limit,
                  GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gboolean sequential = _lsock_io_device_is_sequential (self, priv);
  gsize want = MIN (limit - sink->length, (gsize) MAX_REQUEST);
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize length;
  gsize n;

  if (!priv->use.read_line_data || (sequential && priv->transaction))
    {
      if ((priv->mode & (LSOCK_OPEN_MODE_TEXT | LSOCK_OPEN_MODE_UNBUFFERED)) != 0)
        return read_line_slowly (self, sink, limit, error);
      return read_line_ahead (self, sink, limit, error);
    }

  if (!_lsock_io_device_sync_position (self, priv, error))
    return -1;

  bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_line_data (self, want, error);
  if (bytes == NULL)
    return -1;

  data = g_bytes_get_data (bytes, &length);
  n = MIN (length, want);
  if (n == length)
    {
      _lsock_byte_queue_append_bytes (&sink->queue, bytes);
      sink->length += n;
    }
  else
    {
      _lsock_sink_add (sink, data, n);
      _lsock_io_device_keep_surplus (priv, data + n, length - n);
    }

  if (!sequential)
    {
      /* The position of the device is unknown after its own read_line_data(): the next read seeks. */
      priv->pos += (gint64) n;
      priv->device_pos = -1;
    }

  return (gssize) n;
}

static GBytes *
finish_line (LsockSink     *sink,
             gboolean  text)
{
  guint8 end[2];

  if (!text || sink->length < 2 ||
      _lsock_byte_queue_peek (&sink->queue, sink->length - 2, end, 2) != 2 ||
      end[0] != '\r' || end[1] != '\n')
    return _lsock_sink_finish (sink);

  {
    gsize length = sink->length - 1;
    guint8 *data = g_malloc (length);

    _lsock_byte_queue_read (&sink->queue, data, length);
    data[length - 1] = '\n';
    _lsock_byte_queue_clear (&sink->queue);
    return g_bytes_new_take (data, length);
  }
}

static GBytes *
read_line (LsockIODevice  *self,
           gsize           limit,
           GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockSink sink = { .step = G_MAXSSIZE };
  GError *local = NULL;

  if (_lsock_io_device_get_unread (priv) > 0)
    {
      gboolean whole = take_held_line (self, &sink, limit);

      _lsock_io_device_nudge (self, priv);
      if (whole || sink.length == limit)
        return finish_line (&sink, (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0);
    }

  if (read_line_device (self, &sink, limit, &local) < 0 && sink.length == 0)
    {
      _lsock_byte_queue_clear (&sink.queue);
      _lsock_io_device_fail (self, local, AT_THE_END, error);
      return NULL;
    }

  if (local != NULL)
    {
      _lsock_io_device_hold_notify (self);
      lsock_io_device_set_error_string (self, local->message);
      g_error_free (local);
    }

  return finish_line (&sink, (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0);
}

GBytes *
_lsock_io_device_real_read_line_data (LsockIODevice  *self,
                                      gsize           max_length,
                                      GError        **error)
{
  LsockSink sink = { .step = G_MAXSSIZE };

  if (read_line_slowly (self, &sink, max_length, error) < 0 && sink.length == 0)
    {
      _lsock_byte_queue_clear (&sink.queue);
      return NULL;
    }

  return _lsock_sink_finish (&sink);
}

/**
 * lsock_io_device_read_line:
 * @self: a device
 * @limit: how many bytes to read at most; 0 is no limit
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads up to and including the next line end, or what is there of an incomplete line.
 *
 * A line may hold any byte, zeros too.  In text mode the line end `\r\n` is read as `\n`.
 * [method@Lsock.IODevice.can_read_line] tells whether a whole line is there.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for reading, if @limit is
 * negative, and when the device has ended and nothing is left.
 *
 * Mirrors `QIODevice::readLine()`.
 *
 * Returns: (transfer full): the line, with its end; empty when nothing is there now
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_line (LsockIODevice  *self,
                           gssize          limit,
                           GError        **error)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  call = self;
  if (!_lsock_io_device_check_readable (self, limit, error))
    return NULL;

  return read_line (self, limit == 0 ? G_MAXSSIZE : (gsize) limit, error);
}

/* As in Qt: a loop that reads lines until -1 has to end with the device.  0 means that nothing is
 * there now. */
static gssize
finish_empty_line (LsockIODevice  *self,
                   GError        **error)
{
  char next;

  if (!_lsock_io_device_is_sequential (self, PRIV (self)))
    {
      _lsock_io_device_refuse (error, AT_THE_END);
      return -1;
    }

  return lsock_io_device_peek_into (self, &next, 1, error) < 0 ? -1 : 0;
}

/**
 * lsock_io_device_read_line_into: (skip)
 * @self: a device
 * @buffer: memory for @size bytes
 * @size: the size of @buffer, at least 2
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads a line as [method@Lsock.IODevice.read_line] does, into memory of the caller.
 *
 * A zero byte is put after what was read, so the longest line is @size - 1 bytes.
 *
 * Mirrors `QIODevice::readLine()`.
 *
 * Returns: how many bytes were read, without the zero byte at the end, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_read_line_into (LsockIODevice  *self,
                                char           *buffer,
                                gsize           size,
                                GError        **error)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  g_autoptr (GBytes) line = NULL;
  gsize length;
  const void *data;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL, -1);
  g_return_val_if_fail (size >= 2 && size <= G_MAXSSIZE, -1);

  call = self;
  buffer[0] = '\0';
  if (!_lsock_io_device_check_readable (self, 0, error))
    return -1;

  line = read_line (self, size - 1, error);
  if (line == NULL)
    return -1;

  data = g_bytes_get_data (line, &length);
  if (length == 0)
    return finish_empty_line (self, error);

  memcpy (buffer, data, length);
  buffer[length] = '\0';

  return (gssize) length;
}
