/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sending messages: bytes, texts and values, in their frames. */

#include "config.h"

#include "channel/lsock-message-channel-private.h"

#include <string.h>

#include "lsock-error.h"

/* Messages up to this size are copied into one piece with their frame: it leaves with one call. */
#define MAX_COPIED 4096

typedef struct
{
  LsockOperation operation;
  GError        *error;
  gboolean       done;
} SendOperation;


static void
on_bytes_written (LsockIODevice       *device,
                  gint64               count,
                  LsockMessageChannel *self)
{
  while (self->outgoing.length > 0)
    {
      g_autoptr (GBytes) bytes = _lsock_byte_queue_slice (&self->outgoing, 0, self->outgoing.length);
      gssize n = lsock_io_device_write_bytes (device, bytes, NULL);

      if (n <= 0)
        return;

      _lsock_byte_queue_skip (&self->outgoing, (gsize) n);
    }

  g_clear_signal_handler (&self->written_handler, device);
}

/* What a device does not take waits here. */
static gboolean
write_part (LsockMessageChannel  *self,
            GBytes               *bytes,
            GError              **error)
{
  gsize length = g_bytes_get_size (bytes);
  gssize n = 0;

  if (length == 0)
    return TRUE;

  if (self->outgoing.length == 0)
    {
      n = lsock_io_device_write_bytes (self->device, bytes, error);
      if (n < 0)
        return FALSE;
      if ((gsize) n == length)
        return TRUE;
    }

  if (self->written_handler == 0)
    self->written_handler = g_signal_connect (self->device, "bytes-written",
                                              G_CALLBACK (on_bytes_written), self);
  {
    g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, (gsize) n, length - (gsize) n);

    _lsock_byte_queue_append_bytes (&self->outgoing, rest);
  }
  return TRUE;
}

static gboolean
write_frame (LsockMessageChannel  *self,
             GByteArray           *before,
             GBytes               *message,
             GByteArray           *after,
             GError              **error)
{
  gsize length = 0;
  const guint8 *data = message != NULL ? g_bytes_get_data (message, &length) : NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GBytes) tail = NULL;

  if (length <= MAX_COPIED)
    {
      if (length > 0)
        g_byte_array_append (before, data, (guint) length);
      g_byte_array_append (before, after->data, after->len);
      head = g_byte_array_free_to_bytes (g_byte_array_ref (before));
      return write_part (self, head, error);
    }

  head = g_byte_array_free_to_bytes (g_byte_array_ref (before));
  tail = g_byte_array_free_to_bytes (g_byte_array_ref (after));
  return write_part (self, head, error) && write_part (self, message, error) &&
         write_part (self, tail, error);
}

/**
 * lsock_message_channel_send:
 * @self: a channel
 * @message: (nullable): a message; %NULL is the null message, which
 *   %LSOCK_MESSAGE_FRAMING_LENGTH32_BE alone has
 * @error: return location for an error
 *
 * Sends a message; it waits in the device until it has left.
 *
 * Fails, and sends nothing, with %LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE when @message is larger
 * than [property@Lsock.MessageChannel:max-message-size] or than the framing can say, with
 * %LSOCK_SOCKET_ERROR_OPERATION when it contains what ends a message, and as
 * [method@Lsock.IODevice.write_bytes] does.
 *
 * Returns: %TRUE if @message was taken
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_send (LsockMessageChannel  *self,
                            GBytes               *message,
                            GError              **error)
{
  g_autoptr (LsockMessageChannel) hold = NULL;
  g_autoptr (GByteArray) before = NULL;
  g_autoptr (GByteArray) after = NULL;

  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), FALSE);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "send a message", error))
    return FALSE;

  hold = g_object_ref (self);
  before = g_byte_array_new ();
  after = g_byte_array_new ();
  return _lsock_framing_encode (self->reader.framing, self->reader.max_size, message, before, after,
                                error) &&
         write_frame (self, before, message, after, error);
}

/**
 * lsock_message_channel_send_text:
 * @self: a channel
 * @text: a message in UTF-8
 * @error: return location for an error
 *
 * Sends a text as [method@Lsock.MessageChannel.send] sends bytes.
 *
 * Returns: %TRUE if @text was taken
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_send_text (LsockMessageChannel  *self,
                                 const char           *text,
                                 GError              **error)
{
  g_autoptr (GBytes) message = NULL;

  g_return_val_if_fail (text != NULL, FALSE);

  message = g_bytes_new (text, strlen (text));
  return lsock_message_channel_send (self, message, error);
}

/**
 * lsock_message_channel_send_variant:
 * @self: a channel
 * @value: a value; a floating reference is consumed
 * @error: return location for an error
 *
 * Sends a #GVariant as [method@Lsock.MessageChannel.send] sends bytes: in normal form and in the
 * byte order of the machine.
 *
 * Its type is not sent.  [func@Lsock.MessageChannel.get_variant] is the other direction.
 *
 * Returns: %TRUE if @value was taken
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_send_variant (LsockMessageChannel  *self,
                                    GVariant             *value,
                                    GError              **error)
{
  g_autoptr (GVariant) sunk = NULL;
  g_autoptr (GVariant) normal = NULL;
  g_autoptr (GBytes) message = NULL;

  g_return_val_if_fail (value != NULL, FALSE);

  sunk = g_variant_ref_sink (value);
  normal = g_variant_get_normal_form (sunk);
  message = g_variant_get_data_as_bytes (normal);
  return lsock_message_channel_send (self, message, error);
}

static void
on_flushed (GObject      *device,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (LsockMessageChannel) self = data;
  SendOperation *operation = _lsock_object_get_operation (LSOCK_OBJECT (self),
                                                          LSOCK_OPERATION_OUTPUT);
  g_autoptr (GError) error = NULL;

  lsock_io_device_flush_finish (LSOCK_IO_DEVICE (device), result, &error);
  if (operation == NULL)
    return;

  operation->done = TRUE;
  operation->error = g_steal_pointer (&error);
  _lsock_object_check_operations (LSOCK_OBJECT (self));
}

static LsockOperationState
send_check (LsockOperation  *operation,
            GError         **error)
{
  SendOperation *self = (SendOperation *) operation;

  if (!self->done)
    return LSOCK_OPERATION_WAITS;
  if (self->error == NULL)
    return LSOCK_OPERATION_DONE;

  g_propagate_error (error, g_steal_pointer (&self->error));
  return LSOCK_OPERATION_FAILED;
}

static void
send_clear (LsockOperation *operation)
{
  g_clear_error (&((SendOperation *) operation)->error);
}

static const LsockOperationClass send_class = {
  .size  = sizeof (SendOperation),
  .check = send_check,
  .clear = send_clear,
};

/**
 * lsock_message_channel_send_async:
 * @self: a channel
 * @message: (nullable): a message; %NULL is the null message
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when @message has left the device
 * @user_data: data for @callback
 *
 * Sends a message, and completes when it has left.
 *
 * One call can be under way, and no other asynchronous write of the device: another one fails with
 * %G_IO_ERROR_PENDING until [method@Lsock.MessageChannel.send_finish] has been called.  To cancel
 * the operation ends the waiting; the message leaves all the same.
 *
 * Since: 1.0
 */
void
lsock_message_channel_send_async (LsockMessageChannel *self,
                                  GBytes              *message,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  SendOperation *operation;
  GError *error = NULL;

  g_return_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  operation = _lsock_operation_new (&send_class, self, LSOCK_OPERATION_OUTPUT,
                                    lsock_message_channel_send_async, io_priority, cancellable,
                                    callback, user_data);
  if (operation == NULL)
    return;

  if (!lsock_message_channel_send (self, message, &error))
    {
      _lsock_operation_refuse (operation, error);
      return;
    }

  lsock_io_device_flush_async (self->device, io_priority, NULL, on_flushed, g_object_ref (self));
  _lsock_operation_start (operation);
}

/**
 * lsock_message_channel_send_finish:
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.MessageChannel.send_async].
 *
 * Fails as [method@Lsock.MessageChannel.send] and [method@Lsock.IODevice.flush_finish] do, and with
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the message has left
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_send_finish (LsockMessageChannel  *self,
                                   GAsyncResult         *result,
                                   GError              **error)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), FALSE);

  return _lsock_operation_finish (self, result, lsock_message_channel_send_async, error) != NULL;
}

void
_lsock_message_channel_stop_sending (LsockMessageChannel *self)
{
  if (self->written_handler != 0)
    g_clear_signal_handler (&self->written_handler, self->device);
}
