/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Skipping bytes of a device. */

#include "config.h"

#include "device/lsock-io-device-read-private.h"

#include "lsock-error.h"

#define AT_THE_END LSOCK_IO_DEVICE_AT_THE_END
#define PRIV(self) (_lsock_io_device_get_private (self))


gint64
_lsock_io_device_real_skip_data (LsockIODevice *self,
                                 gint64         max_length,
                                 GError       **error)
{
  gint64 total = 0;

  while (total < max_length)
    {
      guint8 piece[4096];
      gsize want = (gsize) MIN (max_length - total, (gint64) sizeof piece);
      LsockSink sink = { .data = piece, .step = want };

      if (!_lsock_io_device_read_to_sink (self, &sink, want, FALSE, error))
        return total > 0 ? total : -1;

      total += (gint64) sink.length;
      if (sink.length < want)
        break;
    }

  return total;
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

  if (!priv->use.skip_data)
    n = _lsock_io_device_real_skip_data (self, count - done, error);
  else if (!_lsock_io_device_sync_position (self, priv, error))
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
 * Reads up to @count of the available bytes and discards them.
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
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  GError *local = NULL;
  gint64 n;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);

  call = self;

  if (!_lsock_io_device_check_readable (self, count, error))
    return -1;

  n = skip_in_parts (self, count, &local);
  if (n < 0)
    _lsock_io_device_fail (self, local, AT_THE_END, error);
  else
    g_clear_error (&local);

  return n;
}
