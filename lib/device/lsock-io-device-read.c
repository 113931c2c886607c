/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading from a device: from what it holds, ahead, or straight from the device below. */

#include "config.h"

#include "device/lsock-io-device-read-private.h"

#include <string.h>

#include "lsock-error.h"

/* How much is read ahead from a buffered device; the same number as Qt's, since a device sees
 * it. */
#define READ_AHEAD LSOCK_IO_DEVICE_READ_AHEAD

/* How much one turn of read_all() asks for when the size is not known. */
#define READ_ALL_STEP (64 * 1024)

#define NOT_READABLE "The device is not open for reading"
#define NEGATIVE "A negative count cannot be read"
#define AT_THE_END LSOCK_IO_DEVICE_AT_THE_END
#define CANNOT_READ "This device cannot be read"

#define PRIV(self) (_lsock_io_device_get_private (self))


/* The device returned more than was requested: keep the rest for the next read. */
void
_lsock_io_device_keep_surplus (LsockIODevicePrivate *priv,
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

  if (priv->use.read_buffer)
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
      _lsock_io_device_keep_surplus (priv, data + count, length - count);
      length = count;
    }
  if (length > 0)
    memcpy (buffer, data, length);

  return (gssize) length;
}

static gssize
pull_into_queue (LsockIODevice  *self,
                 LsockByteQueue *queue,
                 gsize           count,
                 gboolean       *ended,
                 GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  LsockVector vectors[2];
  gssize n;

  if (priv->use.read_data)
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
          _lsock_io_device_keep_surplus (priv, g_bytes_get_data (rest, NULL), length - count);
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

/* Reads to the end of @queue, which may be the held one, without a copy where that is possible.
 * @ended: whether the device gave less than it was asked for. */
gssize
_lsock_io_device_pull_into_queue (LsockIODevice  *self,
                                  LsockByteQueue *queue,
                                  gsize           count,
                                  gboolean       *ended,
                                  GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gssize n;

  priv->filling_held = queue == &priv->held;
  n = pull_into_queue (self, queue, count, ended, error);
  priv->filling_held = FALSE;

  return n;
}

static gboolean
has_reader (LsockIODevicePrivate *priv)
{
  return priv->use.read_buffer || priv->use.read_data;
}

void
_lsock_io_device_nudge (LsockIODevice        *self,
                        LsockIODevicePrivate *priv)
{
  g_autoptr (GError) ignored = NULL;
  char nothing;

  /* Only for devices in C: those of language bindings are not called for a read of no bytes. */
  if (priv->use.read_buffer)
    LSOCK_IO_DEVICE_GET_CLASS (self)->read_buffer (self, &nothing, 0, &ignored);
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
  gboolean held_read;    /* what it gave went through `held` */
} ReadPlan;

gboolean
_lsock_io_device_sync_position (LsockIODevice        *self,
                                LsockIODevicePrivate *priv,
                                GError              **error)
{
  if (priv->access == LSOCK_ACCESS_SEQUENTIAL || priv->pos == priv->device_pos)
    return TRUE;

  return LSOCK_IO_DEVICE_GET_CLASS (self)->seek (self, priv->pos, error);
}

/* One read of the device, straight to the sink if nothing speaks against it, else ahead. */
static gssize
read_device (LsockIODevice  *self,
             LsockSink           *sink,
             gsize           want,
             ReadPlan         *plan,
             GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  gssize n;

  if (!_lsock_io_device_sync_position (self, priv, error))
    return -1;

  plan->device_read = TRUE;
  if (!plan->keep && !plan->text &&
      (plan->sequential || !plan->buffered || want >= READ_AHEAD))
    {
      want = MIN (want, sink->step);
      if (sink->data != NULL)
        {
          n = pull (self, sink->data + sink->length, want, error);
          plan->device_ended = n < (gssize) want;
        }
      else
        {
          n = _lsock_io_device_pull_into_queue (self, &sink->queue, want, &plan->device_ended, error);
        }

      if (n > 0)
        {
          sink->length += (gsize) n;
          if (!plan->sequential)
            {
              priv->pos += n;
              priv->device_pos += n;
            }
        }
      return n;
    }

  plan->held_read = TRUE;
  if (plan->buffered || want > READ_AHEAD)
    want = READ_AHEAD;
  n = _lsock_io_device_pull_into_queue (self, &priv->held, want, &plan->device_ended, error);
  if (n > 0 && !plan->sequential)
    priv->device_pos += n;

  return n;
}

/* Reads up to @count bytes to the sink.  FALSE: nothing came, for there was an error or, without
 * one, the end. */
gboolean
_lsock_io_device_read_to_sink (LsockIODevice *self,
                               LsockSink     *sink,
                               gsize          count,
                               gboolean       peeking,
                               GError       **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  ReadPlan plan = { 0, };
  gint64 saved_pos = priv->pos;
  gsize offset;
  gboolean ok = TRUE;

  plan.sequential = _lsock_io_device_is_sequential (self, priv);
  plan.text = (priv->mode & LSOCK_OPEN_MODE_TEXT) != 0;
  plan.buffered = (priv->mode & LSOCK_OPEN_MODE_UNBUFFERED) == 0;
  /* Only `held` has what was put back into an unbuffered device. */
  plan.keep = plan.sequential ? peeking || priv->transaction
                                  : peeking && (plan.buffered || priv->held.length > 0);
  offset = plan.sequential ? priv->transaction_pos : 0;

  while (TRUE)
    {
      g_autoptr (GError) local = NULL;
      gsize n;

      n = (plan.text ? _lsock_sink_take_held_text
                     : _lsock_sink_take_held) (sink, &priv->held, offset, count - sink->length,
                                               plan.keep);
      if (plan.keep)
        offset += n;
      if (!plan.sequential)
        priv->pos += (gint64) n;

      if (sink->length == count || plan.device_ended)
        break;

      if (read_device (self, sink, count - sink->length, &plan, &local) < 0)
        {
          ok = sink->length > 0;
          if (local != NULL && ok)
            {
              _lsock_io_device_hold_notify (self);
              lsock_io_device_set_error_string (self, local->message);
            }
          else if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          break;
        }
    }

  if (plan.keep && !peeking)
    priv->transaction_pos = offset;
  else if (plan.keep)
    priv->pos = saved_pos;
  else if (peeking)
    _lsock_io_device_seek_held (priv, saved_pos);

  /* A peer's device hears of the room that there is now. */
  if (!plan.device_read || (plan.held_read && plan.sequential && !plan.keep))
    _lsock_io_device_nudge (self, priv);

  return ok;
}

gboolean
_lsock_io_device_check_readable (LsockIODevice *self,
                                 gint64         count,
                                 GError       **error)
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
  LsockSink sink = { .data = buffer, .step = G_MAXSSIZE };
  GError *local = NULL;

  if (!_lsock_io_device_check_readable (self, count > G_MAXSSIZE ? -1 : (gint64) count, error))
    return -1;

  if (!_lsock_io_device_read_to_sink (self, &sink, count, peeking, &local))
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
  LsockSink sink = { .step = G_MAXSSIZE };
  GError *local = NULL;

  if (!_lsock_io_device_check_readable (self, count, error))
    return NULL;

  if (!_lsock_io_device_read_to_sink (self, &sink, (gsize) count, peeking, &local))
    {
      _lsock_byte_queue_clear (&sink.queue);
      _lsock_io_device_fail (self, local, AT_THE_END, error);
      return NULL;
    }

  return _lsock_sink_finish (&sink);
}


/* Defaults of the virtual functions */

GBytes *
_lsock_io_device_real_read_data (LsockIODevice *self,
                                 gsize          max_length,
                                 GError       **error)
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
_lsock_io_device_real_read_buffer (LsockIODevice *self,
                                   void          *buffer,
                                   gsize          count,
                                   GError       **error)
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
      _lsock_io_device_keep_surplus (PRIV (self), data + count, length - count);
      length = count;
    }
  if (length > 0)
    memcpy (buffer, data, length);

  return (gssize) length;
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || count == 0, -1);

  call = self;
  priv = PRIV (self);
  if (G_LIKELY (is_plain (priv) && priv->use.read_buffer && count > 0 && count <= G_MAXSSIZE))
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), NULL);

  call = self;
  priv = PRIV (self);
  if (G_LIKELY (is_plain (priv) && priv->use.read_data && count > 0))
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;
  LsockSink sink = { 0, };
  GError *local = NULL;
  gsize count = G_MAXSSIZE;
  gboolean ended = FALSE;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), NULL);

  call = self;

  if (!_lsock_io_device_check_readable (self, 0, error))
    return NULL;

  priv = PRIV (self);
  if (_lsock_io_device_is_sequential (self, priv))
    {
      gint64 available = lsock_io_device_bytes_available (self);

      sink.step = (gsize) MAX (available, READ_ALL_STEP);
      if (G_LIKELY (is_plain (priv) && priv->use.read_data))
        {
          GBytes *bytes = LSOCK_IO_DEVICE_GET_CLASS (self)->read_data (self, sink.step, &local);

          if (G_LIKELY (bytes != NULL && g_bytes_get_size (bytes) < sink.step))
            return bytes;

          /* It failed, or there may be more. */
          ended = bytes == NULL;
          if (!ended)
            _lsock_sink_add_bytes (&sink, bytes);
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
    ended = !_lsock_io_device_read_to_sink (self, &sink, count, FALSE, &local);
  if (ended && local != NULL)
    {
      _lsock_byte_queue_clear (&sink.queue);
      _lsock_io_device_fail (self, local, NULL, error);
      return NULL;
    }

  return _lsock_sink_finish (&sink);
}

/**
 * lsock_io_device_peek:
 * @self: a device
 * @count: how many bytes to look at, at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Returns what the next read returns, without removing it.
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  call = self;
  return read_to_bytes (self, count, TRUE, error);
}

/**
 * lsock_io_device_peek_into: (skip)
 * @self: a device
 * @buffer: memory for @count bytes
 * @count: how many bytes to look at, at most
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Copies what the next read returns into memory of the caller, without removing it.
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || count == 0, -1);

  call = self;
  return read_to_memory (self, buffer, count, TRUE, error);
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
