/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing to a device. */

#include "config.h"

#include "device/lsock-io-device-write-private.h"

#include "lsock-error.h"

#define NOT_WRITABLE "The device is not open for writing"
#define PRIV(self) (_lsock_io_device_get_private (self))


gssize
_lsock_io_device_real_write_buffer (LsockIODevice  *self,
                                    const void     *data,
                                    gsize           length,
                                    GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  g_autoptr (GBytes) bytes = NULL;

  if (klass->write_data == _lsock_io_device_real_write_data)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return -1;
    }

  bytes = g_bytes_new (data, length);
  return klass->write_data (self, bytes, error);
}

gssize
_lsock_io_device_real_write_data (LsockIODevice  *self,
                                 GBytes         *bytes,
                                 GError        **error)
{
  LsockIODeviceClass *klass = LSOCK_IO_DEVICE_GET_CLASS (self);
  const void *data;
  gsize length;

  if (klass->write_buffer == _lsock_io_device_real_write_buffer)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return -1;
    }

  data = g_bytes_get_data (bytes, &length);
  return klass->write_buffer (self, data, length, error);
}

/* Checks the mode, and moves the device to the position of the caller. */
static inline gboolean
prepare_write (LsockIODevice  *self,
               GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);
  GError *local = NULL;

  if ((priv->mode & LSOCK_OPEN_MODE_WRITE_ONLY) == 0)
    {
      _lsock_io_device_refuse (error, NOT_WRITABLE);
      return FALSE;
    }

  if (!priv->use.write_buffer && !priv->use.write_data)
    {
      _lsock_io_device_refuse (error, "This device cannot be written");
      return FALSE;
    }

  if (priv->pos != priv->device_pos && !_lsock_io_device_is_sequential (self, priv) &&
      !LSOCK_IO_DEVICE_GET_CLASS (self)->seek (self, priv->pos, &local))
    {
      _lsock_io_device_fail (self, local, "The device could not be positioned", error);
      return FALSE;
    }

  return TRUE;
}

static inline gssize
finish_write (LsockIODevice  *self,
              gssize          written,
              GError         *local,
              GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if (G_UNLIKELY (written < 0))
    {
      if (local == NULL)
        _lsock_io_device_refuse (&local, "The device could not be written, and gave no reason");
      _lsock_io_device_fail (self, local, NULL, error);
      return -1;
    }

  if (G_UNLIKELY (local != NULL))
    g_error_free (local);
  if (G_UNLIKELY (priv->has_operations))
    _lsock_object_count_written (LSOCK_OBJECT (self), (gsize) written);
  if (priv->access != LSOCK_ACCESS_SEQUENTIAL && !_lsock_io_device_is_sequential (self, priv))
    {
      priv->pos += written;
      priv->device_pos += written;
      _lsock_byte_queue_skip (&priv->held, (gsize) written);
    }

  return written;
}

/**
 * lsock_io_device_put_char:
 * @self: a device
 * @c: a byte
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes one byte.
 *
 * Fails as [method@Lsock.IODevice.write] does.
 *
 * Mirrors `QIODevice::putChar()`.
 *
 * Returns: %TRUE if it was written
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_put_char (LsockIODevice  *self,
                          guint8          c,
                          GError        **error)
{
  gssize n;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  n = lsock_io_device_write (self, &c, 1, error);
  if (n == 0)
    _lsock_io_device_refuse (error, "The device has no room for the byte");

  return n == 1;
}

/**
 * lsock_io_device_write:
 * @self: a device
 * @data: (array length=length) (element-type guint8): what to write
 * @length: how many bytes
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes bytes.
 *
 * A socket takes all bytes or fails; other devices may take fewer.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION if @self is not open for writing, and if @length is
 * negative.
 *
 * Mirrors `QIODevice::write()`.
 *
 * Returns: how many bytes were taken, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_write (LsockIODevice  *self,
                       const guint8   *data,
                       gssize          length,
                       GError        **error)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;
  GError *local = NULL;
  gssize written;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (data != NULL || length <= 0, -1);

  call = self;
  priv = PRIV (self);
  if (G_UNLIKELY (!prepare_write (self, error)))
    return -1;

  if (G_UNLIKELY (length < 0))
    {
      _lsock_io_device_refuse (error, "A negative number of bytes cannot be written");
      return -1;
    }

  if (priv->use.write_buffer)
    {
      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_buffer (self, data, (gsize) length, &local);
    }
  else
    {
      g_autoptr (GBytes) bytes = g_bytes_new (data, (gsize) length);

      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_data (self, bytes, &local);
    }

  return finish_write (self, written, local, error);
}

/**
 * lsock_io_device_write_bytes:
 * @self: a device
 * @bytes: what to write
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Writes bytes as [method@Lsock.IODevice.write] does, without a copy where the device can keep
 * @bytes.
 *
 * Mirrors `QIODevice::write()`.
 *
 * Returns: how many bytes were taken, or -1
 *
 * Since: 1.0
 */
gssize
lsock_io_device_write_bytes (LsockIODevice  *self,
                             GBytes         *bytes,
                             GError        **error)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;
  GError *local = NULL;
  gssize written;

  g_return_val_if_fail (_lsock_io_device_is_known (self) || LSOCK_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (bytes != NULL, -1);

  call = self;
  priv = PRIV (self);
  if (G_UNLIKELY (!prepare_write (self, error)))
    return -1;

  if (priv->use.write_data)
    {
      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_data (self, bytes, &local);
    }
  else
    {
      gsize length;
      const void *data = g_bytes_get_data (bytes, &length);

      written = LSOCK_IO_DEVICE_GET_CLASS (self)->write_buffer (self, data, length, &local);
    }

  return finish_write (self, written, local, error);
}
