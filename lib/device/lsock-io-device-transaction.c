/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Transactions of a device: data that was read can be read again. */

#include "config.h"

#include "device/lsock-io-device-read-private.h"

#define PRIV(self) (_lsock_io_device_get_private (self))


/**
 * lsock_io_device_start_transaction:
 * @self: a device
 *
 * Begins to keep what is read, so that it can be read again.
 *
 * If not all of a message is there yet, roll back and try once more after the next
 * [signal@Lsock.IODevice::ready-read].  Nothing happens while a transaction is open already.
 *
 * Mirrors `QIODevice::startTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_start_transaction (LsockIODevice *self)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if (priv->transaction)
    return;

  priv->transaction = TRUE;
  priv->transaction_pos = 0;
  priv->transaction_begin = priv->pos;
}

/**
 * lsock_io_device_commit_transaction:
 * @self: a device
 *
 * Ends the transaction: what was read is forgotten.
 *
 * Nothing happens if there is none.
 *
 * Mirrors `QIODevice::commitTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_commit_transaction (LsockIODevice *self)
{
  g_autoptr (LsockIODeviceCall) call G_GNUC_UNUSED = NULL;
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  call = self;
  priv = PRIV (self);
  if (!priv->transaction)
    return;

  _lsock_byte_queue_skip (&priv->held, priv->transaction_pos);
  priv->transaction = FALSE;
  priv->transaction_pos = 0;
  _lsock_io_device_nudge (self, priv);
}

/**
 * lsock_io_device_rollback_transaction:
 * @self: a device
 *
 * Ends the transaction, and goes back to where it began.
 *
 * Nothing happens if there is none.
 *
 * Mirrors `QIODevice::rollbackTransaction()`.
 *
 * Since: 1.0
 */
void
lsock_io_device_rollback_transaction (LsockIODevice *self)
{
  LsockIODevicePrivate *priv;

  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));

  priv = PRIV (self);
  if (!priv->transaction)
    return;

  if (!_lsock_io_device_is_sequential (self, priv))
    _lsock_io_device_seek_held (priv, priv->transaction_begin);
  priv->transaction = FALSE;
  priv->transaction_pos = 0;
}

/**
 * lsock_io_device_is_transaction_started:
 * @self: a device
 *
 * Returns whether a transaction is open.
 *
 * Mirrors `QIODevice::isTransactionStarted()`.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_is_transaction_started (LsockIODevice *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return PRIV (self)->transaction;
}
