/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connecting and disconnecting in GIO's manner, and what asynchronous reads and writes of a socket
 * wait for. */

#include "config.h"

#include "socket/lsock-socket-async-private.h"

#include "lsock-error.h"
#include "socket/lsock-socket-close-private.h"
#include "socket/lsock-socket-connect-private.h"

typedef struct
{
  LsockOperation operation;
  guint          connection;
} ConnectOperation;


/* Why the last connection, or the attempt to make one, has ended. */
static LsockOperationState
fail_ended (LsockSocket  *self,
            const char   *otherwise,
            GError      **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  const char *message = lsock_io_device_get_error_string (LSOCK_IO_DEVICE (self));

  if (priv->last_error != LSOCK_SOCKET_ERROR_UNKNOWN && message != NULL)
    g_set_error_literal (error, LSOCK_SOCKET_ERROR, priv->last_error, message);
  else
    g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION, otherwise);
  return LSOCK_OPERATION_FAILED;
}

static gboolean
is_open (LsockSocket   *self,
         LsockOpenMode  mode)
{
  return (_lsock_io_device_peek_mode (LSOCK_IO_DEVICE (self)) & mode) != 0;
}

static guint
get_serial (LsockIODevice *device)
{
  return _lsock_socket_get_private (LSOCK_SOCKET (device))->connection;
}

/* A time limit of a wait, or a call that did not fit, does not end a connection that was made. */
static gboolean
ended_with_error (LsockSocketPrivate *priv)
{
  return priv->last_error != LSOCK_SOCKET_ERROR_UNKNOWN &&
         priv->last_error != LSOCK_SOCKET_ERROR_PEER_CLOSED &&
         priv->last_error != LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT &&
         priv->last_error != LSOCK_SOCKET_ERROR_OPERATION;
}

/* Whether all that was written to that connection has left.  Not known any more when a handler of
 * its end has begun another one. */
static gboolean
has_sent_all (LsockSocketPrivate *priv,
              guint               serial)
{
  return priv->connection == serial + 1 && priv->state == LSOCK_SOCKET_STATE_UNCONNECTED &&
         !priv->output_lost;
}

static LsockOperationState
check_input (LsockIODevice  *device,
             guint           serial,
             GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING && priv->connection == serial)
    return LSOCK_OPERATION_WAITS;

  if (!is_open (self, LSOCK_OPEN_MODE_READ_ONLY))
    return fail_ended (self, "The socket is not open for reading", error);

  if (priv->connection == serial && priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    return priv->link.read_ended || priv->finish_reported ? LSOCK_OPERATION_DONE
                                                          : LSOCK_OPERATION_WAITS;

  if (priv->state == LSOCK_SOCKET_STATE_UNCONNECTED && ended_with_error (priv))
    return fail_ended (self, NULL, error);

  return LSOCK_OPERATION_DONE;
}

static LsockOperationState
check_output (LsockIODevice  *device,
              guint           serial,
              GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->connection == serial && priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    return LSOCK_OPERATION_WAITS;

  if (has_sent_all (priv, serial))
    return LSOCK_OPERATION_DONE;

  /* The connection had ended before the call: a flush has nothing to wait for, a write fails. */
  if (priv->connection == serial && !priv->output_lost && is_open (self, LSOCK_OPEN_MODE_WRITE_ONLY))
    return LSOCK_OPERATION_DONE;

  return fail_ended (self, "The socket is not connected", error);
}

static void
update (LsockIODevice *device,
        gboolean       has_operations)
{
  _lsock_socket_get_private (LSOCK_SOCKET (device))->leave_slowly |= has_operations;
}

const LsockIODeviceFlow _lsock_socket_flow = {
  .get_serial   = get_serial,
  .update       = update,
  .check_input  = check_input,
  .check_output = check_output,
};


/* Connecting */

static LsockOperationState
connect_check (LsockOperation  *operation,
               GError         **error)
{
  ConnectOperation *self = (ConnectOperation *) operation;
  LsockSocket *socket = LSOCK_SOCKET (operation->object);
  LsockSocketPrivate *priv = _lsock_socket_get_private (socket);

  if (priv->connection != self->connection)
    return fail_ended (socket, "The attempt to connect was given up", error);

  return priv->state == LSOCK_SOCKET_STATE_CONNECTING ? LSOCK_OPERATION_WAITS
                                                      : LSOCK_OPERATION_DONE;
}

static void
connect_fail (LsockOperation *operation)
{
  ConnectOperation *self = (ConnectOperation *) operation;
  g_autoptr (LsockSocketScope) socket = _lsock_socket_enter (LSOCK_SOCKET (operation->object));
  LsockSocketPrivate *priv = _lsock_socket_get_private (socket);

  if (priv->connection == self->connection && priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    _lsock_socket_abort (socket);
}

static void
nothing_to_clear (LsockOperation *operation)
{
}

static const LsockOperationClass connect_class = {
  .size   = sizeof (ConnectOperation),
  .check  = connect_check,
  .fail   = connect_fail,
  .clear  = nothing_to_clear,
  .update = _lsock_io_device_update_operations,
};

/**
 * lsock_socket_connect_to_server_async:
 * @self: a socket that is not connected
 * @name: (type filename): the name of the server: a path, or a plain name that lives in the
 *   temporary directory
 * @mode: how to open the device
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when the connection stands, or cannot be
 *   made
 * @user_data: data for @callback
 *
 * Connects to the server that listens under @name.
 *
 * The signals are emitted as [method@Lsock.Socket.connect_to_server] says.  To cancel the operation
 * gives the attempt up.
 *
 * Since: 1.0
 */
void
lsock_socket_connect_to_server_async (LsockSocket         *self,
                                      const char          *name,
                                      LsockOpenMode        mode,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_autoptr (LsockSocketScope) scope G_GNUC_UNUSED = NULL;
  ConnectOperation *operation;
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  operation = _lsock_operation_new (&connect_class, self, LSOCK_OPERATION_CONNECT,
                                    lsock_socket_connect_to_server_async, G_PRIORITY_DEFAULT,
                                    cancellable, callback, user_data);
  if (operation == NULL)
    return;

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING || priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      g_autofree char *storage = NULL;
      g_autofree char *current_storage = NULL;

      _lsock_operation_refuse (operation,
                               g_error_new (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                                            "Cannot connect to “%s” while there is a connection to "
                                            "“%s”", _lsock_address_display_name (name, &storage),
                                            _lsock_socket_display_name (priv, &current_storage)));
      return;
    }

  operation->connection = priv->connection + 1;
  _lsock_socket_begin_connect (self, name, mode);
  _lsock_operation_start (operation);
}

/**
 * lsock_socket_connect_to_server_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.Socket.connect_to_server_async].
 *
 * Fails with the [error@Lsock.SocketError] that [signal@Lsock.Socket::error] was emitted with, with
 * %LSOCK_SOCKET_ERROR_OPERATION when there was a connection or the attempt was given up, and with
 * %G_IO_ERROR_CANCELLED or %G_IO_ERROR_PENDING.
 *
 * Returns: %TRUE if the socket was connected
 *
 * Since: 1.0
 */
gboolean
lsock_socket_connect_to_server_finish (LsockSocket   *self,
                                       GAsyncResult  *result,
                                       GError       **error)
{
  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  return _lsock_operation_finish (self, result, lsock_socket_connect_to_server_async, error) != NULL;
}


/* Disconnecting */

static LsockOperationState
disconnect_check (LsockOperation  *operation,
                  GError         **error)
{
  ConnectOperation *self = (ConnectOperation *) operation;
  LsockSocket *socket = LSOCK_SOCKET (operation->object);
  LsockSocketPrivate *priv = _lsock_socket_get_private (socket);

  if (priv->connection == self->connection && priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    return LSOCK_OPERATION_WAITS;

  /* There was none when the call was made, or it has ended well. */
  if (priv->connection == self->connection || has_sent_all (priv, self->connection))
    return LSOCK_OPERATION_DONE;

  return fail_ended (socket, "The connection ended before all was sent", error);
}

static const LsockOperationClass disconnect_class = {
  .size   = sizeof (ConnectOperation),
  .check  = disconnect_check,
  .clear  = nothing_to_clear,
  .update = _lsock_io_device_update_operations,
};

/**
 * lsock_socket_disconnect_from_server_async:
 * @self: a socket
 * @io_priority: the priority of the callback, such as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when the connection has ended
 * @user_data: data for @callback
 *
 * Ends the connection once all that was written has left.
 *
 * The signals are emitted as [method@Lsock.Socket.disconnect_from_server] says.  To cancel the
 * operation ends the waiting; the socket goes on closing.
 *
 * Since: 1.0
 */
void
lsock_socket_disconnect_from_server_async (LsockSocket         *self,
                                           int                  io_priority,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  g_autoptr (LsockSocketScope) scope G_GNUC_UNUSED = NULL;
  ConnectOperation *operation;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  operation = _lsock_operation_new (&disconnect_class, self, LSOCK_OPERATION_DISCONNECT,
                                    lsock_socket_disconnect_from_server_async, io_priority,
                                    cancellable, callback, user_data);
  if (operation == NULL)
    return;

  scope = _lsock_socket_enter (self);
  operation->connection = _lsock_socket_get_private (self)->connection;
  _lsock_socket_disconnect (self);
  _lsock_operation_start (operation);
}

/**
 * lsock_socket_disconnect_from_server_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.Socket.disconnect_from_server_async].
 *
 * Fails with a [error@Lsock.SocketError] when the connection ended before all was sent, and with
 * %G_IO_ERROR_CANCELLED or %G_IO_ERROR_PENDING.
 *
 * Returns: %TRUE if the connection has ended and all that was written has left
 *
 * Since: 1.0
 */
gboolean
lsock_socket_disconnect_from_server_finish (LsockSocket   *self,
                                            GAsyncResult  *result,
                                            GError       **error)
{
  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  return _lsock_operation_finish (self, result, lsock_socket_disconnect_from_server_async,
                                  error) != NULL;
}
