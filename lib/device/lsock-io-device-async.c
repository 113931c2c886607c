/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading and writing in GIO's manner: calls that return at once and complete later. */

#include "config.h"

#include "device/lsock-io-device-async-private.h"

#define PRIV(self) (_lsock_io_device_get_private (self))


/* What a device of a class that has no answers of its own can tell */

static guint
get_session (LsockIODevice *self)
{
  return PRIV (self)->session;
}

LsockOperationState
_lsock_io_device_real_check_input (LsockIODevice  *self,
                                   guint           serial,
                                   GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if ((priv->mode & LSOCK_OPEN_MODE_READ_ONLY) == 0 || priv->session != serial)
    {
      _lsock_io_device_refuse (error, "The device is not open for reading");
      return LSOCK_OPERATION_FAILED;
    }

  return priv->read_finished || !_lsock_io_device_is_sequential (self, priv)
         ? LSOCK_OPERATION_DONE : LSOCK_OPERATION_WAITS;
}

LsockOperationState
_lsock_io_device_real_check_output (LsockIODevice  *self,
                                    guint           serial,
                                    GError        **error)
{
  LsockIODevicePrivate *priv = PRIV (self);

  if ((priv->mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0 && priv->session == serial)
    return LSOCK_OPERATION_WAITS;

  _lsock_io_device_refuse (error, "The device is not open for writing");
  return LSOCK_OPERATION_FAILED;
}

const LsockIODeviceFlow _lsock_io_device_flow = {
  .get_serial   = get_session,
  .check_input  = _lsock_io_device_real_check_input,
  .check_output = _lsock_io_device_real_check_output,
};

static const LsockIODeviceFlow *
get_flow (LsockIODevice *self)
{
  return LSOCK_IO_DEVICE_GET_CLASS (self)->flow;
}

void
_lsock_io_device_update_operations (LsockObject *object,
                                    gboolean     has_operations)
{
  LsockIODevice *self = LSOCK_IO_DEVICE (object);

  PRIV (self)->has_operations = !!has_operations;
  if (get_flow (self)->update != NULL)
    get_flow (self)->update (self, has_operations);
}

/* Devices of other libraries and languages emit the signals themselves. */
static void
follow_signal (LsockIODevice *self,
               const char    *signal,
               gulong        *handler)
{
  if (get_flow (self) == &_lsock_io_device_flow)
    *handler = g_signal_connect_swapped (self, signal,
                                         G_CALLBACK (_lsock_object_check_operations), self);
}

static void
unfollow_signal (LsockOperation *operation,
                 gulong         *handler)
{
  /* Dispose has disconnected the handlers of an object that has ended. */
  if (*handler != 0 && g_signal_handler_is_connected (operation->object, *handler))
    g_signal_handler_disconnect (operation->object, *handler);
  *handler = 0;
}


/* Reading */

typedef enum
{
  INPUT_SOME,
  INPUT_LINE,
  INPUT_ALL,
} InputKind;

typedef struct
{
  LsockOperation operation;
  InputKind      kind;
  gsize          limit;      /* bytes; G_MAXSIZE for none */
  LsockByteQueue taken;
  guint          serial;     /* of the connection or session that it began in */
  guint          session;
  gboolean       has_line;
  gulong         handlers[2];
} InputOperation;

static GBytes *
read_next (InputOperation  *self,
           GError         **error)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (self->operation.object);
  gsize rest = self->limit - self->taken.length;

  if (self->kind == INPUT_LINE)
    return lsock_io_device_read_line (device, rest > G_MAXSSIZE ? 0 : (gssize) rest, error);
  if (rest > G_MAXSSIZE)
    {
      g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, error);

      /* Empty at the end too, where a read of some length fails. */
      if (bytes == NULL || g_bytes_get_size (bytes) > 0)
        return g_steal_pointer (&bytes);
      rest = 1;
    }

  return lsock_io_device_read_bytes (device, (gssize) rest, error);
}

static gboolean
ends_line (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return data[length - 1] == '\n';
}

static gboolean
has_enough (InputOperation *self)
{
  switch (self->kind)
    {
    case INPUT_SOME:
      return self->taken.length > 0;

    case INPUT_LINE:
      return self->has_line || self->taken.length >= self->limit;

    case INPUT_ALL:
    default:
      return FALSE;
    }
}

/* Parts are taken as they come: a line may be longer than the read buffer. */
static LsockOperationState
input_check (LsockOperation  *operation,
             GError         **error)
{
  InputOperation *self = (InputOperation *) operation;
  LsockIODevice *device = LSOCK_IO_DEVICE (operation->object);

  while (!has_enough (self))
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bytes = read_next (self, &local);
      LsockOperationState state;

      if (bytes != NULL && g_bytes_get_size (bytes) > 0)
        {
          self->has_line = ends_line (bytes);
          _lsock_byte_queue_append_bytes (&self->taken, bytes);
          continue;
        }

      state = get_flow (device)->check_input (device, self->serial, error);
      if (state != LSOCK_OPERATION_WAITS || local == NULL)
        return state;

      /* A virtual function failed, or told of the end by returning nothing. */
      if (g_error_matches (local, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION))
        return LSOCK_OPERATION_DONE;

      g_propagate_error (error, g_steal_pointer (&local));
      return LSOCK_OPERATION_FAILED;
    }

  return LSOCK_OPERATION_DONE;
}

void
_lsock_io_device_put_back (LsockIODevice  *device,
                           guint           session,
                           LsockByteQueue *queue)
{
  LsockIODevicePrivate *priv = PRIV (device);
  gsize length = queue->length;
  g_autoptr (GBytes) bytes = _lsock_byte_queue_take (queue, length);

  if (length == 0 || priv->session != session ||
      (priv->mode & LSOCK_OPEN_MODE_READ_ONLY) == 0)
    return;

  if (!_lsock_io_device_is_sequential (device, priv))
    {
      LSOCK_IO_DEVICE_GET_CLASS (device)->seek (device, priv->pos - (gint64) length, NULL);
      return;
    }

  if (priv->transaction)
    priv->transaction_pos -= MIN (length, priv->transaction_pos);
  else
    _lsock_byte_queue_prepend (&priv->held, g_bytes_get_data (bytes, NULL), length);
}

static void
input_fail (LsockOperation *operation)
{
  InputOperation *self = (InputOperation *) operation;

  unfollow_signal (operation, &self->handlers[0]);
  unfollow_signal (operation, &self->handlers[1]);
  _lsock_io_device_put_back (LSOCK_IO_DEVICE (operation->object), self->session, &self->taken);
}

static const LsockOperationClass input_class = {
  .size   = sizeof (InputOperation),
  .check  = input_check,
  .fail   = input_fail,
  .clear  = input_fail,
  .update = _lsock_io_device_update_operations,
};

static void
read_async (LsockIODevice       *self,
            InputKind            kind,
            gssize               limit,
            int                  io_priority,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data,
            gpointer             tag)
{
  InputOperation *operation;

  operation = _lsock_operation_new (&input_class, self, LSOCK_OPERATION_INPUT, tag, io_priority,
                                    cancellable, callback, user_data);
  if (operation == NULL)
    return;

  operation->kind = kind;
  operation->limit = limit < 0 ? G_MAXSIZE : (gsize) limit;
  operation->serial = get_flow (self)->get_serial (self);
  operation->session = PRIV (self)->session;
  follow_signal (self, "ready-read", &operation->handlers[0]);
  follow_signal (self, "read-channel-finished", &operation->handlers[1]);
  _lsock_operation_start (operation);
}

static GBytes *
read_finish (LsockIODevice  *self,
             GAsyncResult   *result,
             gpointer        tag,
             GError        **error)
{
  InputOperation *operation = _lsock_operation_finish (self, result, tag, error);

  return operation != NULL ? _lsock_byte_queue_take (&operation->taken, operation->taken.length)
                           : NULL;
}

static guint8 *
read_finish_array (LsockIODevice  *self,
                   GAsyncResult   *result,
                   gpointer        tag,
                   gsize          *length,
                   GError        **error)
{
  InputOperation *operation = _lsock_operation_finish (self, result, tag, error);
  guint8 *data;

  *length = 0;
  if (operation == NULL)
    return NULL;

  *length = operation->taken.length;
  data = g_malloc (MAX (*length, 1));
  _lsock_byte_queue_read (&operation->taken, data, *length);
  /* The result may live until a collector finds it. */
  _lsock_byte_queue_clear (&operation->taken);
  return data;
}

/**
 * lsock_io_device_read_async:
 * @self: a device
 * @count: the largest number of bytes to read, or -1 for all that there is
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when there is something, or the end
 * @user_data: data for @callback
 *
 * Reads as soon as there is something to read.
 *
 * One asynchronous read of a device can be under way: another one fails with %G_IO_ERROR_PENDING
 * until [method@Lsock.IODevice.read_finish] has been called.  A read that is cancelled, or whose
 * result is not fetched, leaves the bytes in the device.
 *
 * The callback runs in the thread-default main context of the caller, which has to be the thread of
 * the device.
 *
 * Since: 1.0
 */
void
lsock_io_device_read_async (LsockIODevice       *self,
                            gssize               count,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));
  g_return_if_fail (count >= -1 && count != 0);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  read_async (self, INPUT_SOME, count, io_priority, cancellable, callback, user_data,
              lsock_io_device_read_async);
}

/**
 * lsock_io_device_read_finish:
 * @self: a device
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_async].
 *
 * Fails with a [error@Lsock.SocketError] when the device is not open for reading, or the connection
 * has ended with an error other than the end of the peer, and with %G_IO_ERROR_CANCELLED or
 * %G_IO_ERROR_PENDING.
 *
 * Returns: (transfer full): what was read, empty at the end
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_finish (LsockIODevice  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  return read_finish (self, result, lsock_io_device_read_async, error);
}

/**
 * lsock_io_device_read_finish_array:
 * @self: a device
 * @result: what the callback was given
 * @length: (out): return location for how many bytes were read
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_async], with the bytes in new memory.
 *
 * This is [method@Lsock.IODevice.read_finish] for bindings; see
 * [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.read_finish] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): what was read; of length 0 at the end
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_finish_array (LsockIODevice  *self,
                                   GAsyncResult   *result,
                                   gsize          *length,
                                   GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return read_finish_array (self, result, lsock_io_device_read_async, length, error);
}

/**
 * lsock_io_device_read_line_async:
 * @self: a device
 * @limit: the largest number of bytes to read, or 0 for no limit
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when there is a line, or the end
 * @user_data: data for @callback
 *
 * Reads a line as soon as it is complete, or @limit bytes of it.
 *
 * A line that is longer than the read buffer of a socket is received in parts, which the operation
 * keeps.  What [method@Lsock.IODevice.read_async] says holds here too.
 *
 * Since: 1.0
 */
void
lsock_io_device_read_line_async (LsockIODevice       *self,
                                 gssize               limit,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));
  g_return_if_fail (limit >= 0);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  read_async (self, INPUT_LINE, limit == 0 ? -1 : limit, io_priority, cancellable, callback,
              user_data, lsock_io_device_read_line_async);
}

/**
 * lsock_io_device_read_line_finish:
 * @self: a device
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_line_async].
 *
 * Fails as [method@Lsock.IODevice.read_finish] does.
 *
 * Returns: (transfer full): the line with its `\n`, which only the last one may lack; empty at the
 *   end
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_line_finish (LsockIODevice  *self,
                                  GAsyncResult   *result,
                                  GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  return read_finish (self, result, lsock_io_device_read_line_async, error);
}

/**
 * lsock_io_device_read_line_finish_array:
 * @self: a device
 * @result: what the callback was given
 * @length: (out): return location for how many bytes were read
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_line_async], with the bytes in new memory.
 *
 * This is [method@Lsock.IODevice.read_line_finish] for bindings; see
 * [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.read_line_finish] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the line, with its end; of length 0 at the end
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_line_finish_array (LsockIODevice  *self,
                                        GAsyncResult   *result,
                                        gsize          *length,
                                        GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return read_finish_array (self, result, lsock_io_device_read_line_async, length, error);
}

/**
 * lsock_io_device_read_all_async:
 * @self: a device
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called at the end
 * @user_data: data for @callback
 *
 * Reads until the end: until the peer closes, or has ended its writing.
 *
 * What [method@Lsock.IODevice.read_async] says holds here too.
 *
 * Since: 1.0
 */
void
lsock_io_device_read_all_async (LsockIODevice       *self,
                                int                  io_priority,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  read_async (self, INPUT_ALL, -1, io_priority, cancellable, callback, user_data,
              lsock_io_device_read_all_async);
}

/**
 * lsock_io_device_read_all_finish:
 * @self: a device
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_all_async].
 *
 * Fails as [method@Lsock.IODevice.read_finish] does; what had come by then is in the device.
 *
 * Returns: (transfer full): all that came
 *
 * Since: 1.0
 */
GBytes *
lsock_io_device_read_all_finish (LsockIODevice  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);

  return read_finish (self, result, lsock_io_device_read_all_async, error);
}

/**
 * lsock_io_device_read_all_finish_array:
 * @self: a device
 * @result: what the callback was given
 * @length: (out): return location for how many bytes were read
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.read_all_async], with the bytes in new memory.
 *
 * This is [method@Lsock.IODevice.read_all_finish] for bindings; see
 * [method@Lsock.IODevice.read_array].
 *
 * Fails as [method@Lsock.IODevice.read_all_finish] does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): what was read
 *
 * Since: 1.0
 */
guint8 *
lsock_io_device_read_all_finish_array (LsockIODevice  *self,
                                       GAsyncResult   *result,
                                       gsize          *length,
                                       GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return read_finish_array (self, result, lsock_io_device_read_all_async, length, error);
}


/* Writing */

typedef struct
{
  LsockOperation operation;
  GBytes        *rest;       /* what the device has not taken yet; NULL: all is taken */
  gssize         length;     /* of all that was to be written */
  guint          serial;
  gulong         handler;
} OutputOperation;

/* Hands as much of the rest to the device as it takes.  FALSE on failure. */
static gboolean
write_rest (OutputOperation  *self,
            LsockIODevice    *device,
            GError          **error)
{
  while (self->rest != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_ref (self->rest);
      gsize length = g_bytes_get_size (bytes);
      gssize n;

      n = lsock_io_device_write_bytes (device, bytes, error);
      if (n < 0)
        return FALSE;

      if (n == 0 && length > 0)
        return TRUE;

      self->operation.written_after = 0;
      g_clear_pointer (&self->rest, g_bytes_unref);
      if ((gsize) n < length)
        self->rest = g_bytes_new_from_bytes (bytes, (gsize) n, length - (gsize) n);
    }

  return TRUE;
}

static LsockOperationState
output_check (LsockOperation  *operation,
              GError         **error)
{
  OutputOperation *self = (OutputOperation *) operation;
  LsockIODevice *device = LSOCK_IO_DEVICE (operation->object);
  LsockOperationState state = get_flow (device)->check_output (device, self->serial, error);

  if (state == LSOCK_OPERATION_FAILED)
    return state;

  if (self->rest != NULL && !write_rest (self, device, error))
    return LSOCK_OPERATION_FAILED;
  if (self->rest != NULL)
    return LSOCK_OPERATION_WAITS;

  return state == LSOCK_OPERATION_DONE ||
         lsock_io_device_bytes_to_write (device) <= (gint64) operation->written_after
         ? LSOCK_OPERATION_DONE : LSOCK_OPERATION_WAITS;
}

static void
output_clear (LsockOperation *operation)
{
  OutputOperation *self = (OutputOperation *) operation;

  unfollow_signal (operation, &self->handler);
  g_clear_pointer (&self->rest, g_bytes_unref);
}

static const LsockOperationClass output_class = {
  .size   = sizeof (OutputOperation),
  .check  = output_check,
  .clear  = output_clear,
  .update = _lsock_io_device_update_operations,
};

static void
write_async (LsockIODevice       *self,
             GBytes              *bytes,
             int                  io_priority,
             GCancellable        *cancellable,
             GAsyncReadyCallback  callback,
             gpointer             user_data,
             gpointer             tag)
{
  OutputOperation *operation;

  operation = _lsock_operation_new (&output_class, self, LSOCK_OPERATION_OUTPUT, tag, io_priority,
                                    cancellable, callback, user_data);
  if (operation == NULL)
    return;

  operation->serial = get_flow (self)->get_serial (self);
  if (bytes != NULL)
    {
      operation->rest = g_bytes_ref (bytes);
      operation->length = (gssize) g_bytes_get_size (bytes);
    }
  follow_signal (self, "bytes-written", &operation->handler);
  _lsock_operation_start (operation);
}

/**
 * lsock_io_device_write_async:
 * @self: a device
 * @bytes: what to write
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when @bytes have left the device
 * @user_data: data for @callback
 *
 * Writes, and completes when all of @bytes have left: a program that waits for it before it writes
 * more never queues more than one message.
 *
 * A socket takes all of @bytes at once, in the order of all other writes.  A device that takes less
 * is given the rest as it has room.  To cancel the operation ends the waiting; what the device has
 * taken leaves all the same.
 *
 * One asynchronous write or flush of a device can be under way: another one fails with
 * %G_IO_ERROR_PENDING until the `_finish` function of the first one has been called, and has not
 * written anything.
 *
 * Since: 1.0
 */
void
lsock_io_device_write_async (LsockIODevice       *self,
                             GBytes              *bytes,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  write_async (self, bytes, io_priority, cancellable, callback, user_data,
               lsock_io_device_write_async);
}

/**
 * lsock_io_device_write_finish:
 * @self: a device
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.write_async].
 *
 * Fails with a [error@Lsock.SocketError] when the device is not open for writing or has ended
 * before all had left, and with %G_IO_ERROR_CANCELLED or %G_IO_ERROR_PENDING.
 *
 * Returns: how many bytes were written, which is all of them; -1 on failure
 *
 * Since: 1.0
 */
gssize
lsock_io_device_write_finish (LsockIODevice  *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  OutputOperation *operation;

  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), -1);

  operation = _lsock_operation_finish (self, result, lsock_io_device_write_async, error);
  return operation != NULL ? operation->length : -1;
}

/**
 * lsock_io_device_flush_async:
 * @self: a device
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when all has left
 * @user_data: data for @callback
 *
 * Completes when all that was written before has left the device.
 *
 * What [method@Lsock.IODevice.write_async] says holds here too.
 *
 * Since: 1.0
 */
void
lsock_io_device_flush_async (LsockIODevice       *self,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_IO_DEVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  write_async (self, NULL, io_priority, cancellable, callback, user_data,
               lsock_io_device_flush_async);
}

/**
 * lsock_io_device_flush_finish:
 * @self: a device
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.IODevice.flush_async].
 *
 * Fails as [method@Lsock.IODevice.write_finish] does.
 *
 * Returns: %TRUE if all has left
 *
 * Since: 1.0
 */
gboolean
lsock_io_device_flush_finish (LsockIODevice  *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (self), FALSE);

  return _lsock_operation_finish (self, result, lsock_io_device_flush_async, error) != NULL;
}
