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
  LsockSocket   *socket;
} AcceptOperation;


static LsockOperationState
accept_check (LsockOperation  *operation,
              GError         **error)
{
  AcceptOperation *self = (AcceptOperation *) operation;
  LsockServer *server = LSOCK_SERVER (operation->object);
  LsockSocket *socket = lsock_server_next_pending_connection (server);

  if (socket != NULL)
    {
      self->socket = LSOCK_SOCKET (lsock_object_take (LSOCK_OBJECT (socket)));
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
  g_autoptr (LsockSocket) socket = g_steal_pointer (&self->socket);

  if (socket != NULL && !_lsock_object_is_ended (operation->object))
    lsock_server_add_pending_connection (LSOCK_SERVER (operation->object), socket);
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
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = NULL;
  AcceptOperation *operation;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  operation = _lsock_operation_new (&accept_class, self, LSOCK_OPERATION_INPUT,
                                    lsock_server_accept_async, G_PRIORITY_DEFAULT, cancellable,
                                    callback, user_data);
  if (operation == NULL)
    return;

  scope = _lsock_server_enter (self);
  _lsock_operation_start (operation);
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
  return operation != NULL ? g_steal_pointer (&operation->socket) : NULL;
}
