/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-io-device-core-private.h"

#include <string.h>

#include "lsock-error.h"

/* How much is read ahead from a buffered device; the same number as Qt's, since a device sees it. */
#define READ_AHEAD (16 * 1024)

/* How much one turn of read_all() asks for when the size is not known. */
#define READ_ALL_STEP (64 * 1024)

#define NOT_READABLE "The device is not open for reading"
#define NEGATIVE "A negative count cannot be read"
#define AT_THE_END "The device has ended, and nothing is left to read"
#define CANNOT_READ "This device cannot be read"

#define PRIV(self) (_lsock_io_device_get_private (self))

/* Where what was read goes: to the caller's memory, or else to a queue that becomes a GBytes. */
typedef struct
{
  guint8         *data;
  LsockByteQueue  queue;
  gsize           length;
  gsize           step;     /* the most to ask the device for at once */
} Sink;


/* The device below: these call the virtual functions.  Each answers -1 with an error for a
 * failure, -1 without one for the end, and 0 for nothing now. */

/* More than was asked for: kept for later rather than lost. */
static void
keep_surplus (LsockIODevicePrivate *priv,
              const guint8         *data,
              gsize                 length)
{
  _lsock_byte_queue_append (&priv->held, data, length);
  if (priv->access == LSOCK_ACCESS_RANDOM)
    priv->device_pos += (gint64) length;
}

static gssize
pull (LsockIODevice  *self,
      void           *buffer,
      gsize           count,
      GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize length;

  if (priv->use_read_buffer)
    {
      gssize n = klass->read_buffer (self, buffer, count, error);

      return n < 0 ? -1 : (gssize) MIN ((gsize) n, count);
    }

  bytes = klass->read_data (self, count, error);
  if (bytes == NULL)
    return -1;

  data = g_bytes_get_data (bytes, &length);
  if (length > count)
    {
      keep_surplus (priv, data + count, length - count);
      length = count;
    }
  if (length > 0)
    memcpy (buffer, data, length);

  return (gssize) length;
}

/* Reads to the end of @queue, which may be the held one, without a copy where that is possible.
 * @ended: whether the device gave less than it was asked for. */
static gssize
pull_into_queue (LsockIODevice   *self,
                 LsockByteQueue  *queue,
                 gsize            count,
                 gboolean        *ended,
                 GError         **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockVector vectors[2];
  gssize n;

  if (priv->use_read_data)
    {
      g_autoptr (GBytes) bytes = NULL;
      gsize length;

      *ended = TRUE;
      bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_data (self, count, error);
      if (bytes == NULL)
        return -1;

      length = g_bytes_get_size (bytes);
      *ended = length < count;
      if (length > count && queue != &priv->held)
        {
          g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, count, length - count);
          g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, count);

          _lsock_byte_queue_append_bytes (queue, first);
          keep_surplus (priv, g_bytes_get_data (rest, NULL), length - count);
          return (gssize) count;
        }

      _lsock_byte_queue_append_bytes (queue, bytes);
      return (gssize) length;
    }

  queue->bulk = count > LSOCK_BYTE_QUEUE_SMALL_CHUNK;
  _lsock_byte_queue_reserve (queue, count, vectors);
  n = pull (self, vectors[0].data, vectors[0].length, error);
  *ended = n < (gssize) vectors[0].length;
  _lsock_byte_queue_commit (queue, n > 0 ? (gsize) n : 0);

  return n;
}

static gboolean
has_reader (LsockIODevicePrivate *priv)
{
  return priv->use_read_buffer || priv->use_read_data;
}

void
_lsock_io_device_nudge (LsockIODevice        *self,
                        LsockIODevicePrivate *priv)
{
  g_autoptr (GError) ignored = NULL;
  char nothing;

  /* Devices written in other languages hear of reads of some length only. */
  if (priv->use_read_buffer && _lsock_io_device_get_unread (priv) == 0)
    LSOCK_IO_DEVICE_GET_CLASS (self)->read_buffer (self, &nothing, 0, &ignored);
}


/* Sink */

static void
sink_add (Sink         *sink,
          const guint8 *data,
          gsize         length)
{
  if (sink->data != NULL)
    memcpy (sink->data + sink->length, data, length);
  else
    _lsock_byte_queue_append (&sink->queue, data, length);

  sink->length += length;
}

static void
sink_add_bytes (Sink   *sink,
                GBytes *bytes)
{
  _lsock_byte_queue_append_bytes (&sink->queue, bytes);
  sink->length += g_bytes_get_size (bytes);
}

static GBytes *
sink_finish (Sink *sink)
{
  GBytes *bytes = _lsock_byte_queue_take (&sink->queue, sink->length);

  _lsock_byte_queue_clear (&sink->queue);
  return bytes;
}

/* Moves up to @count bytes of what is held, without changing any of them; answers how many. */
static gsize
sink_take_held (Sink           *sink,
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
      sink_add_bytes (sink, bytes);
      return g_bytes_get_size (bytes);
    }

  sink->length += n;
  return n;
}

/* The same without the carriage returns, which do not count; answers how many were looked at. */
static gsize
sink_take_held_text (Sink           *sink,
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

      sink_add (sink, piece, kept);
      count -= kept;
      total += n;
      if (keep)
        offset += n;
      else
        _lsock_byte_queue_skip (held, n);
    }

  return total;
}


/* Reading in general */

typedef struct
{
  gboolean sequential;
  gboolean text;
  gboolean buffered;
  gboolean keep;         /* what is read stays in `held` */
  gboolean device_read;  /* the device was asked, and not just what is held */
  gboolean device_ended; /* it gave less than it was asked for */
} Course;

static gboolean
sync_position (LsockIODevice         *self,
               LsockIODevicePrivate  *priv,
               GError               **error)
{
  if (priv->access == LSOCK_ACCESS_SEQUENTIAL || priv->pos == priv->device_pos)
    return TRUE;

  return LSOCK_IO_DEVICE_GET_CLASS (self)->seek (self, priv->pos, error);
}

/* One read of the device, straight to the sink if nothing speaks against it, else ahead. */
static gssize
read_device (LsockIODevice  *self,
             Sink           *sink,
             gsize           want,
             Course         *course,
             GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gssize n;

  if (!sync_position (self, priv, error))
    return -1;

  course->device_read = TRUE;
  if (!course->keep && !course->text &&
      (course->sequential || !course->buffered || want >= READ_AHEAD))
    {
      want = MIN (want, sink->step);
      if (sink->data != NULL)
        {
          n = pull (self, sink->data + sink->length, want, error);
          course->device_ended = n < (gssize) want;
        }
      else
        {
          n = pull_into_queue (self, &sink->queue, want, &course->device_ended, error);
        }

      if (n > 0)
        {
          sink->length += (gsize) n;
          if (!course->sequential)
            {
              priv->pos += n;
              priv->device_pos += n;
            }
        }
      return n;
    }

  if (course->buffered || want > READ_AHEAD)
    want = READ_AHEAD;
  n = pull_into_queue (self, &priv->held, want, &course->device_ended, error);
  if (n > 0 && !course->sequential)
    priv->device_pos += n;

  return n;
}

/* Reads up to @count bytes to the sink.  FALSE: nothing came, for there was an error or, without
 * one, the end. */
static gboolean
read_to_sink (LsockIODevice  *self,
              Sink           *sink,
              gsize           count,
              gboolean        peeking,
              GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  Course course = { 0, };
  gint64 saved_pos = priv->pos;
  gsize offset;
  gboolean ok = TRUE;

  course.sequential = _lsock_io_device_is_sequential (self, priv);
  course.text = (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0;
  course.buffered = (priv->mode & LSOCK_OPEN_MODE_UNBUFFERED) == 0;
  /* What was put back into an unbuffered device is nowhere but here. */
  course.keep = course.sequential ? peeking || priv->transaction
                                  : peeking && (course.buffered || priv->held.length > 0);
  offset = course.sequential ? priv->transaction_pos : 0;

  while (TRUE)
    {
      g_autoptr (GError) local = NULL;
      gsize n;

      n = (course.text ? sink_take_held_text : sink_take_held) (sink, &priv->held, offset,
                                                                count - sink->length, course.keep);
      if (course.keep)
        offset += n;
      if (!course.sequential)
        priv->pos += (gint64) n;

      if (sink->length == count || course.device_ended)
        break;

      if (read_device (self, sink, count - sink->length, &course, &local) < 0)
        {
          ok = sink->length > 0;
          if (local != NULL && ok)
            lsock_io_device_set_error_string (self, local->message);
          else if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          break;
        }
    }

  if (course.keep && !peeking)
    priv->transaction_pos = offset;
  else if (course.keep)
    priv->pos = saved_pos;
  else if (peeking)
    _lsock_io_device_seek_held (priv, saved_pos);

  if (!course.device_read)
    _lsock_io_device_nudge (self, priv);

  return ok;
}

static gboolean
check_readable (LsockIODevice  *self,
                gint64          count,
                GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if ((priv->mode & LSOCK_OPEN_MODE_READ_ONLY) == 0)
    {
      _lsock_io_device_refuse (error, NOT_READABLE);
      return FALSE;
    }

  if (count < 0)
    {
      _lsock_io_device_refuse (error, NEGATIVE);
      return FALSE;
    }

  if (!has_reader (priv))
    {
      _lsock_io_device_refuse (error, CANNOT_READ);
      return FALSE;
    }

  return TRUE;
}

/* Whether a read can go straight to the device. */
static inline gboolean
is_plain (LsockIODevicePrivate *priv)
{
  return priv->held.length == 0 && !priv->transaction &&
         priv->access == LSOCK_ACCESS_SEQUENTIAL &&
         (priv->mode & (LSOCK_OPEN_MODE_READ_ONLY | LSOCK_OPEN_MODE_TEXT)) ==
         LSOCK_OPEN_MODE_READ_ONLY;
}

static gssize
read_to_memory (LsockIODevice  *self,
                void           *buffer,
                gsize           count,
                gboolean        peeking,
                GError        **error)
{
  Sink sink = { .data = buffer, .step = G_MAXSSIZE };
  GError *local = NULL;

  if (!check_readable (self, count > G_MAXSSIZE ? -1 : (gint64) count, error))
    return -1;

  if (!read_to_sink (self, &sink, count, peeking, &local))
    {
      _lsock_io_device_fail (self, local, AT_THE_END, error);
      return -1;
    }

  return (gssize) sink.length;
}

static GBytes *
read_to_bytes (LsockIODevice  *self,
               gssize          count,
               gboolean        peeking,
               GError        **error)
{
  Sink sink = { .step = G_MAXSSIZE };
  GError *local = NULL;

  if (!check_readable (self, count, error))
    return NULL;

  if (!read_to_sink (self, &sink, (gsize) count, peeking, &local))
    {
      _lsock_byte_queue_clear (&sink.queue);
      _lsock_io_device_fail (self, local, AT_THE_END, error);
      return NULL;
    }

  return sink_finish (&sink);
}


/* Lines */

/* Takes what is held up to a line end or @limit; TRUE if it was a line end. */
static gboolean
take_held_line (LsockIODevice *self,
                Sink          *sink,
                gsize          limit)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gboolean sequential = _lsock_io_device_is_sequential (self, priv);
  gboolean keep = sequential && priv->transaction;
  gsize offset = keep ? priv->transaction_pos : 0;
  gsize end = offset + MIN (limit - sink->length, G_MAXSIZE - offset);
  gssize found = _lsock_byte_queue_index_of (&priv->held, '\n', offset, end);
  gsize n = (found >= 0 ? (gsize) found + 1 : end) - offset;

  n = sink_take_held (sink, &priv->held, offset, n, keep);
  if (keep)
    priv->transaction_pos += n;
  else if (!sequential)
    priv->pos += (gint64) n;

  return found >= 0;
}

/* A line byte by byte, for text and for devices that must not be read ahead.  -1 as for pull(). */
static gssize
read_line_slowly (LsockIODevice  *self,
                  Sink           *sink,
                  gsize           limit,
                  GError        **error)
{
  while (sink->length < limit)
    {
      guint8 c;
      Sink one = { .data = &c, .step = 1 };

      if (!read_to_sink (self, &one, 1, FALSE, error))
        return -1;
      if (one.length == 0)
        return 0;

      sink_add (sink, &c, 1);
      if (c == '\n')
        break;
    }

  return 1;
}

/* A line by reading ahead. */
static gssize
read_line_ahead (LsockIODevice  *self,
                 Sink           *sink,
                 gsize           limit,
                 GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  while (!take_held_line (self, sink, limit) && sink->length < limit)
    {
      gboolean ended;
      gssize n;

      if (!sync_position (self, priv, error))
        return -1;

      n = pull_into_queue (self, &priv->held, READ_AHEAD, &ended, error);
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
                  Sink           *sink,
                  gsize           limit,
                  GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gboolean sequential = _lsock_io_device_is_sequential (self, priv);
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize length;
  gsize n;

  if (!priv->use_read_line_data || (sequential && priv->transaction))
    {
      if ((priv->mode & (LSOCK_OPEN_MODE_TEXT | LSOCK_OPEN_MODE_UNBUFFERED)) != 0)
        return read_line_slowly (self, sink, limit, error);
      return read_line_ahead (self, sink, limit, error);
    }

  if (!sync_position (self, priv, error))
    return -1;

  bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_line_data (self, limit - sink->length, error);
  if (bytes == NULL)
    return -1;

  data = g_bytes_get_data (bytes, &length);
  n = MIN (length, limit - sink->length);
  if (n == length)
    {
      _lsock_byte_queue_append_bytes (&sink->queue, bytes);
      sink->length += n;
    }
  else
    {
      sink_add (sink, data, n);
      keep_surplus (priv, data + n, length - n);
    }

  if (!sequential)
    {
      /* Where the device is now, only itself knows: the next read seeks. */
      priv->pos += (gint64) n;
      priv->device_pos = -1;
    }

  return (gssize) n;
}

static GBytes *
finish_line (Sink     *sink,
             gboolean  text)
{
  guint8 end[2];

  if (!text || sink->length < 2 ||
      _lsock_byte_queue_peek (&sink->queue, sink->length - 2, end, 2) != 2 ||
      end[0] != '\r' || end[1] != '\n')
    return sink_finish (sink);

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
  Sink sink = { .step = G_MAXSSIZE };
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
      lsock_io_device_set_error_string (self, local->message);
      g_error_free (local);
    }

  return finish_line (&sink, (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0);
}


/* Defaults of the virtual functions */

GBytes *
_lsock_io_device_real_read_data (LsockIODevice  *self,
                                 gsize           max_length,
                                 GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  LsockByteQueue queue = { .bulk = max_length > LSOCK_BYTE_QUEUE_SMALL_CHUNK };
  LsockVector vectors[2];
  GBytes *bytes = NULL;
  gssize n;

  if (klass->read_buffer == _lsock_io_device_real_read_buffer)
    {
      _lsock_io_device_refuse (error, CANNOT_READ);
      return NULL;
    }

  if (max_length == 0)
    return g_bytes_new_static (NULL, 0);

  _lsock_byte_queue_reserve (&queue, max_length, vectors);
  n = klass->read_buffer (self, vectors[0].data, vectors[0].length, error);
  _lsock_byte_queue_commit (&queue, n > 0 ? (gsize) n : 0);
  if (n >= 0)
    bytes = _lsock_byte_queue_take (&queue, (gsize) n);
  _lsock_byte_queue_clear (&queue);

  return bytes;
}

gssize
_lsock_io_device_real_read_buffer (LsockIODevice  *self,
                                   void           *buffer,
                                   gsize           count,
                                   GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize length;

  if (klass->read_data == _lsock_io_device_real_read_data)
    {
      _lsock_io_device_refuse (error, CANNOT_READ);
      return -1;
    }

  bytes = klass->read_data (self, count, error);
  if (bytes == NULL)
    return -1;

  data = g_bytes_get_data (bytes, &length);
  if (length > count)
    {
      keep_surplus (PRIV (self), data + count, length - count);
      length = count;
    }
  if (length > 0)
    memcpy (buffer, data, length);

  return (gssize) length;
}

GBytes *
_lsock_io_device_real_read_line_data (LsockIODevice  *self,
                                      gsize           max_length,
                                      GError        **error)
{
  Sink sink = { .step = G_MAXSSIZE };

  if (read_line_slowly (self, &sink, max_length, error) < 0 && sink.length == 0)
    {
      _lsock_byte_queue_clear (&sink.queue);
      return NULL;
    }

  return sink_finish (&sink);
}

gint64
_lsock_io_device_real_skip_data (LsockIODevice  *self,
                                 gint64          max_length,
                                 GError        **error)
{
  gint64 total = 0;

  while (total < max_length)
    {
      guint8 piece[4096];
      gsize want = (gsize) MIN (max_length - total, (gint64) sizeof piece);
      Sink sink = { .data = piece, .step = want };

      if (!read_to_sink (self, &sink, want, FALSE, error))
        return total > 0 ? total : -1;

      total += (gint64) sink.length;
      if (sink.length < want)
        break;
    }

  return total;
}


/**
 * lsock_io_device_read: (skip)
 * @self: a device
 * @buffer: memory for @count bytes
 * @count: how many bytes to read at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads what is there into memory of the caller.
 *
 * This is the form for C; [method@Lsock.IODevice.read_bytes] is that for other languages.  It
 * never blocks on a device that waits for a peer: 0 means that nothing is there now.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for reading, and when it has
 * ended and nothing is left.
 *
 * Mirrors `QIODevice::read()`.
 *
 * Returns: how many bytes were read, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_read (LsockIODevice  *self,
                      void           *buffer,
                      gsize           count,
                      GError        **error)
{
  LsockIODevicePrivate *priv;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || count == 0, -1);

  priv = PRIV (self);
  if (G_LIKELY (is_plain (priv) && priv->use_read_buffer && count > 0 && count <= G_MAXSSIZE))
    {
      GError *local = NULL;
      gssize n = LSOCK_IO_DEVICE_GET_CLASS (self)->read_buffer (self, buffer, count, &local);

      if (G_LIKELY (n >= 0))
        return n;

      _lsock_io_device_fail (self, local, AT_THE_END, error);
      return -1;
    }

  return read_to_memory (self, buffer, count, FALSE, error);
}

/**
 * lsock_io_device_read_bytes: (rename-to lsock_io_device_read)
 * @self: a device
 * @count: how many bytes to read at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads what is there, up to @count bytes.
 *
 * Empty bytes mean that nothing is there now; the end is told by
 * [signal@Lsock.IODevice::read-channel-finished] and [method@Lsock.IODevice.at_end].  The bytes
 * share the memory of the device where that is possible.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for reading, if @count is
 * negative, and when the device has ended and nothing is left.
 *
 * Mirrors `QIODevice::read()`.
 *
 * Returns: (transfer full): what was read
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_bytes (LsockIODevice  *self,
                            gssize          count,
                            GError        **error)
{
  LsockIODevicePrivate *priv;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), NULL);

  priv = PRIV (self);
  if (G_LIKELY (is_plain (priv) && priv->use_read_data && count > 0))
    {
      GError *local = NULL;
      GBytes *bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_data (self, (gsize) count, &local);

      if (G_UNLIKELY (bytes == NULL))
        {
          _lsock_io_device_fail (self, local, AT_THE_END, error);
          return NULL;
        }

      if (G_UNLIKELY (g_bytes_get_size (bytes) > (gsize) count))
        {
          _lsock_byte_queue_append_bytes (&priv->held, bytes);
          g_bytes_unref (bytes);
          bytes = _lsock_byte_queue_take (&priv->held, (gsize) count);
        }

      return bytes;
    }

  return read_to_bytes (self, count, FALSE, error);
}

/**
 * lsock_io_device_read_all:
 * @self: a device
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads all that is there.
 *
 * At the end of the device the bytes are empty; that is no error here.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for reading.
 *
 * Mirrors `QIODevice::readAll()`.
 *
 * Returns: (transfer full): what was read
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_all (LsockIODevice  *self,
                          GError        **error)
{
  LsockIODevicePrivate *priv;
  Sink sink = { 0, };
  GError *local = NULL;
  gsize count = G_MAXSSIZE;
  gboolean ended = FALSE;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), NULL);

  if (!check_readable (self, 0, error))
    return NULL;

  priv = PRIV (self);
  if (_lsock_io_device_is_sequential (self, priv))
    {
      gint64 available = lsock_io_device_bytes_available (self);

      sink.step = (gsize) MAX (available, READ_ALL_STEP);
      if (G_LIKELY (is_plain (priv) && priv->use_read_data))
        {
          GBytes *bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_data (self, sink.step, &local);

          if (G_LIKELY (bytes != NULL && g_bytes_get_size (bytes) < sink.step))
            return bytes;

          /* It failed, or there may be more. */
          ended = bytes == NULL;
          if (!ended)
            sink_add_bytes (&sink, bytes);
          g_clear_pointer (&bytes, g_bytes_unref);
        }
    }
  else
    {
      gint64 size = lsock_io_device_size (self);

      sink.step = READ_ALL_STEP;
      if (size > 0)
        sink.step = count = (gsize) MAX (size - priv->pos, 0);
    }

  if (!ended)
    ended = !read_to_sink (self, &sink, count, FALSE, &local);
  if (ended && local != NULL)
    {
      _lsock_byte_queue_clear (&sink.queue);
      _lsock_io_device_fail (self, local, NULL, error);
      return NULL;
    }

  return sink_finish (&sink);
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
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  if (!check_readable (self, limit, error))
    return NULL;

  return read_line (self, limit == 0 ? G_MAXSSIZE : (gsize) limit, error);
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
  g_autoptr (GBytes) line = NULL;
  gsize length;
  const void *data;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL, -1);
  g_return_val_if_fail (size >= 2 && size <= G_MAXSSIZE, -1);

  buffer[0] = '\0';
  line = lsock_io_device_read_line (self, (gssize) size - 1, error);
  if (line == NULL)
    return -1;

  data = g_bytes_get_data (line, &length);
  if (length > 0)
    memcpy (buffer, data, length);
  buffer[length] = '\0';

  return (gssize) length;
}

/**
 * lsock_io_device_peek:
 * @self: a device
 * @count: how many bytes to look at, at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Looks at what the next read will give, and leaves it there.
 *
 * Fails as [method@Lsock.IODevice.read_bytes] does.
 *
 * Mirrors `QIODevice::peek()`.
 *
 * Returns: (transfer full): what is there; empty when nothing is there now
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_peek (LsockIODevice  *self,
                      gssize          count,
                      GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  return read_to_bytes (self, count, TRUE, error);
}

/**
 * lsock_io_device_peek_into: (skip)
 * @self: a device
 * @buffer: memory for @count bytes
 * @count: how many bytes to look at, at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Copies what the next read will give into memory of the caller, and leaves it there.
 *
 * Mirrors `QIODevice::peek()`.
 *
 * Returns: how many bytes were copied, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_peek_into (LsockIODevice  *self,
                           void           *buffer,
                           gsize           count,
                           GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || count == 0, -1);

  return read_to_memory (self, buffer, count, TRUE, error);
}

/* What is held, then by seeking, then by reading. */
static gint64
skip_in_parts (LsockIODevice  *self,
               gint64          count,
               GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  gboolean sequential = _lsock_io_device_is_sequential (self, priv);
  gint64 done = 0;
  gint64 n;

  if ((sequential && priv->transaction) || (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0)
    return _lsock_io_device_real_skip_data (self, count, error);

  if (priv->held.length > 0)
    {
      done = (gint64) _lsock_byte_queue_skip (&priv->held, (gsize) count);
      if (!sequential)
        priv->pos += done;
      _lsock_io_device_nudge (self, priv);
    }

  if (!sequential && done < count)
    {
      n = MIN (lsock_io_device_size (self) - priv->pos, count - done);
      if (n > 0)
        {
          if (!klass->seek (self, priv->pos + n, error))
            return done > 0 ? done : -1;
          done += n;
        }
    }

  if (done == count)
    return done;

  if (!priv->use_skip_data)
    n = _lsock_io_device_real_skip_data (self, count - done, error);
  else if (!sync_position (self, priv, error))
    n = -1;
  else
    {
      n = klass->skip_data (self, count - done, error);
      if (n > 0 && !sequential)
        {
          priv->pos += n;
          priv->device_pos = -1;
        }
    }

  if (n < 0)
    return done > 0 ? done : -1;

  return done + n;
}

/**
 * lsock_io_device_skip:
 * @self: a device
 * @count: how many bytes to skip at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Reads what is there, up to @count bytes, and forgets it.
 *
 * Fails as [method@Lsock.IODevice.read_bytes] does.
 *
 * Mirrors `QIODevice::skip()`.
 *
 * Returns: how many bytes were skipped, or -1
 *
 * Since: 1.0
 */
gint64
lsock_io_device_skip (LsockIODevice  *self,
                      gint64          count,
                      GError        **error)
{
  GError *local = NULL;
  gint64 n;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);

  if (!check_readable (self, count, error))
    return -1;

  n = skip_in_parts (self, count, &local);
  if (n < 0)
    _lsock_io_device_fail (self, local, AT_THE_END, error);
  else
    g_clear_error (&local);

  return n;
}

/**
 * lsock_io_device_get_char:
 * @self: a device
 * @c: (out) (optional): return location for the byte
 *
 * Reads one byte.
 *
 * Mirrors `QIODevice::getChar()`.
 *
 * Returns: whether there was one
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_get_char (LsockIODevice *self,
                          guint8        *c)
{
  guint8 byte = 0;
  gboolean found;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  found = lsock_io_device_read (self, &byte, 1, NULL) == 1;
  if (c != NULL)
    *c = byte;

  return found;
}

/**
 * lsock_io_device_unget_char:
 * @self: a device
 * @c: a byte
 *
 * Puts a byte back, to be read next.
 *
 * Nothing happens while @self is not open for reading, or while a transaction is open.
 *
 * Mirrors `QIODevice::ungetChar()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_unget_char (LsockIODevice *self,
                            guint8         c)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if ((priv->mode & LSOCK_OPEN_MODE_READ_ONLY) == 0 || priv->transaction)
    return;

  _lsock_byte_queue_prepend (&priv->held, &c, 1);
  if (!_lsock_io_device_is_sequential (self, priv))
    priv->pos--;
}
