/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Accepting a client in GIO's manner. */

#include "config.h"

#include "lsock-server.h"

#include "lsock-error.h"
#include "object/lsock-operation-private.h"
#include "server/lsock-server-accept-private.h"

typedef struct
{
  LsockOperation operation;
  LsockIODevice *device;
  gboolean       any;         /* a device of any kind */
} AcceptOperation;


static LsockOperationState
accept_check (LsockOperation  *operation,
              GError         **error)
{
  AcceptOperation *self = (AcceptOperation *) operation;
  LsockServer *server = LSOCK_SERVER (operation->object);
  LsockObject *device = _lsock_server_next_pending (server, self->any);

  if (device != NULL)
    {
      self->device = LSOCK_IO_DEVICE (lsock_object_take (device));
      return LSOCK_OPERATION_DONE;
    }

  if (_lsock_server_get_private (server)->listener.fd >= 0)
    return LSOCK_OPERATION_WAITS;

  g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                       "The server does not listen");
  return LSOCK_OPERATION_FAILED;
}

/* A client whose result was not fetched is pending again. */
static void
accept_clear (LsockOperation *operation)
{
  AcceptOperation *self = (AcceptOperation *) operation;
  g_autoptr (LsockIODevice) device = g_steal_pointer (&self->device);

  if (device != NULL && !_lsock_object_is_ended (operation->object))
    lsock_server_add_pending_device (LSOCK_SERVER (operation->object), device);
}

static void
accept_update (LsockObject *object,
               gboolean     has_operations)
{
  _lsock_server_get_private (LSOCK_SERVER (object))->accepting = !!has_operations;
}

static const LsockOperationClass accept_class = {
  .size   = sizeof (AcceptOperation),
  .check  = accept_check,
  .clear  = accept_clear,
  .update = accept_update,
};

static void
start_accept (LsockServer         *self,
              gboolean             any,
              gpointer             tag,
              GCancellable        *cancellable,
              GAsyncReadyCallback  callback,
              gpointer             user_data)
{
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = NULL;
  AcceptOperation *operation =
    _lsock_operation_new (&accept_class, self, LSOCK_OPERATION_INPUT, tag, G_PRIORITY_DEFAULT,
                          cancellable, callback, user_data);

  if (operation == NULL)
    return;

  scope = _lsock_server_enter (self);
  operation->any = any;
  _lsock_operation_start (operation);
}

/**
 * lsock_server_accept_async:
 * @self: a server that listens
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when there is a client
 * @user_data: data for @callback
 *
 * Takes the client that has been pending longest, or the next one that connects.
 *
 * [signal@Lsock.Server::new-connection] is emitted as ever, and first.  One call can be under way:
 * another one fails with %G_IO_ERROR_PENDING until [method@Lsock.Server.accept_finish] has been
 * called.  A client whose result is not fetched is pending again.
 *
 * Since: 1.0
 */
void
lsock_server_accept_async (LsockServer         *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  start_accept (self, FALSE, lsock_server_accept_async, cancellable, callback, user_data);
}

/**
 * lsock_server_accept_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.Server.accept_async].
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when the server does not listen, or has been closed
 * meanwhile, and with %G_IO_ERROR_CANCELLED or %G_IO_ERROR_PENDING.
 *
 * Returns: (transfer full): a socket without a parent
 *
 * Since: 1.0
 */
LsockSocket *
lsock_server_accept_finish (LsockServer   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  AcceptOperation *operation;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  operation = _lsock_operation_finish (self, result, lsock_server_accept_async, error);
  return operation != NULL ? (LsockSocket *) g_steal_pointer (&operation->device) : NULL;
}

/**
 * lsock_server_accept_device_async:
 * @self: a server that listens
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when there is a client
 * @user_data: data for @callback
 *
 * Takes the client that has been pending longest, or the next one that connects, whatever kind of
 * device it is.
 *
 * This is [method@Lsock.Server.accept_async] for a server as
 * [method@Lsock.Server.next_pending_device] describes it; one call of the two can be under way.
 *
 * Since: 1.0
 */
void
lsock_server_accept_device_async (LsockServer         *self,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  start_accept (self, TRUE, lsock_server_accept_device_async, cancellable, callback, user_data);
}

/**
 * lsock_server_accept_device_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Completes [method@Lsock.Server.accept_device_async].
 *
 * Fails as [method@Lsock.Server.accept_finish] does.
 *
 * Returns: (transfer full): a device without a parent
 *
 * Since: 1.0
 */
LsockIODevice *
lsock_server_accept_device_finish (LsockServer   *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  AcceptOperation *operation;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  operation = _lsock_operation_finish (self, result, lsock_server_accept_device_async, error);
  return operation != NULL ? g_steal_pointer (&operation->device) : NULL;
}
