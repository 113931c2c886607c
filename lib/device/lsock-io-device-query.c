/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The queries of a device: how many bytes there are, and its position. */

#include "config.h"

#include "device/lsock-io-device-state-private.h"


/**
 * lsock_io_device_bytes_available: (virtual bytes_available)
 * @self: a device
 *
 * Counts the bytes that can be read now.
 *
 * Mirrors `QIODevice::bytesAvailable()`.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_bytes_available (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_available (self);
}

/**
 * lsock_io_device_bytes_to_write: (virtual bytes_to_write)
 * @self: a device
 *
 * Counts the bytes that were written and have not been announced by
 * [signal@Lsock.IODevice::bytes-written].
 *
 * Mirrors `QIODevice::bytesToWrite()`.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_bytes_to_write (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->bytes_to_write (self);
}

/**
 * lsock_io_device_can_read_line: (virtual can_read_line)
 * @self: a device
 *
 * Returns whether a complete line can be read now.
 *
 * Mirrors `QIODevice::canReadLine()`.
 *
 * Returns: %TRUE if there is one
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_can_read_line (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->can_read_line (self);
}

/**
 * lsock_io_device_at_end: (virtual at_end)
 * @self: a device
 *
 * Returns whether there is nothing to read now.
 *
 * For a sequential device more may come later, until
 * [signal@Lsock.IODevice::read-channel-finished] is emitted.
 *
 * Mirrors `QIODevice::atEnd()`.
 *
 * Returns: %TRUE if there is nothing to read, or the device is not open
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_at_end (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), TRUE);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->at_end (self);
}

/**
 * lsock_io_device_pos: (virtual pos)
 * @self: a device
 *
 * Gets the position of the next byte that is read or written; 0 for a sequential device.
 *
 * Mirrors `QIODevice::pos()`.
 *
 * Returns: the distance from the beginning, in bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_pos (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->pos (self);
}

/**
 * lsock_io_device_size: (virtual size)
 * @self: a device
 *
 * Gets the size of a random-access device, or how many bytes of a sequential one can be read now.
 *
 * Mirrors `QIODevice::size()`.
 *
 * Returns: the size in bytes
 *
 * Since: 1.0
 */
gint64
lsock_io_device_size (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), 0);

  return LSOCK_IO_DEVICE_GET_CLASS (self)->size (self);
}
