/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Clients of a server: letting them in, and the queue of those that are pending. */

#include "config.h"

#include "server/lsock-server-accept-private.h"

#include <errno.h>

#include "io/lsock-unclaimed-fds-private.h"
#include "socket/lsock-socket-connect-private.h"

/* How many clients one turn lets in, so that a rush of them does not starve other sources. */
#define ACCEPTS_PER_TURN 32

/* How many clients are let in one by one after one had come alone. */
#define ALONE_UNTIL_LOOK 15

/* After the table of descriptors was full: there is no event for it to have room again. */
#define RESUME_INTERVAL_MS 100


static gboolean
on_resume (gpointer user_data)
{
  LsockServer *self = user_data;

  _lsock_server_forget_resume (self);
  _lsock_server_update_interest (self);
  return G_SOURCE_REMOVE;
}

/* Clients can wait: it is never a reason to end the server.  Without the pause, a client that
 * cannot be let in would make the loop spin. */
static void
pause_accepting (LsockServer *self,
                 int          errnum)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (GError) error = NULL;

  _lsock_server_forget_resume (self);
  priv->resume_source = g_timeout_source_new (RESUME_INTERVAL_MS);
  g_source_set_static_name (priv->resume_source, "lsock full table of descriptors");
  g_source_set_callback (priv->resume_source, on_resume, self, NULL);
  g_source_attach (priv->resume_source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
  _lsock_server_update_interest (self);

  if (priv->exhausted)
    return;

  priv->exhausted = TRUE;
  error = g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                       "Cannot let a client of “%s” in: %s",
                       priv->server_name != NULL ? priv->server_name : "", g_strerror (errnum));
  _lsock_server_set_error_from (self, error);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    _lsock_server_emit_accept_error (self, error);
}

/* A client that cannot be had. */
static void
refuse (LsockServer  *self,
        int           fd,
        const GError *error)
{
  _lsock_transport_close (fd);
  _lsock_server_set_error_from (self, error);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    _lsock_server_emit_accept_error (self, error);
}

/* A socket of ours must hear its events where we hear ours, which need not be the thread-default
 * context of the thread that runs the loop. */
static LsockSocket *
new_socket (LsockServer *self)
{
  GMainContext *context = lsock_object_get_main_context (LSOCK_OBJECT (self));
  GMainContext *current = g_main_context_get_thread_default ();
  gboolean foreign = context != (current != NULL ? current : g_main_context_default ());
  LsockSocket *socket;

  if (foreign)
    g_main_context_push_thread_default (context);
  socket = lsock_socket_new ();
  if (foreign)
    g_main_context_pop_thread_default (context);

  return socket;
}

void
_lsock_server_real_incoming_connection (LsockServer *self,
                                        int          fd)
{
  g_autoptr (LsockSocket) socket = new_socket (self);
  g_autoptr (GError) error = NULL;

  if (lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                          LSOCK_OPEN_MODE_READ_WRITE, &error))
    lsock_server_add_pending_connection (self, socket);
  else
    refuse (self, fd, error);
}

/* Hands the descriptor of one client over. */
static void
let_in (LsockServer *self,
        int          fd)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerClass *klass = LSOCK_SERVER_GET_CLASS (self);

  priv->exhausted = FALSE;
  priv->n_accepted++;
  if (klass->incoming_connection == _lsock_server_real_incoming_connection)
    {
      g_autoptr (LsockSocket) socket = new_socket (self);
      g_autoptr (GError) error = NULL;

      if (_lsock_socket_take_client (socket, fd, priv->base_name, priv->full_server_name, &error))
        lsock_server_add_pending_connection (self, socket);
      else
        refuse (self, fd, error);
      return;
    }

  _lsock_unclaimed_fds_add (self, fd);
  klass->incoming_connection (self, fd);
  _lsock_unclaimed_fds_close_excess (self, (guint) MAX (priv->max_pending, 1));
}

/* Lets clients in until there is no room, no client, or a turn's share is used up.  Where they come
 * one by one, the look for another is in vain most often: a client that comes after all is heard of in the
 * next turn. */
void
_lsock_server_accept_clients (LsockServer *self,
                              int          limit)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  guint generation = priv->generation;

  for (int i = 0; i < limit && priv->generation == generation && _lsock_server_has_room (self); i++)
    {
      int fd = _lsock_transport_accept (priv->fd);

      if (fd == LSOCK_TRANSPORT_WOULD_BLOCK)
        {
          priv->alone = i <= 1 ? ALONE_UNTIL_LOOK : 0;
          return;
        }

      if (fd < 0)
        {
          pause_accepting (self, errno);
          return;
        }

      let_in (self, fd);

      if (priv->alone > 0)
        {
          priv->alone--;
          break;
        }
    }

  if (priv->generation == generation)
    _lsock_server_update_interest (self);
}

void
_lsock_server_on_watch (gpointer   owner,
                        LsockReady ready)
{
  g_autoptr (LsockServer) self = g_object_ref (owner);
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  /* The kernel has no memory to watch the descriptor: it is looked at again by timer. */
  if (G_UNLIKELY ((ready & LSOCK_READY_FAILED) != 0))
    {
      pause_accepting (self, priv->watch.errnum);
      return;
    }

  _lsock_server_accept_clients (self, ACCEPTS_PER_TURN);
}

/* A socket that ended while it waited, or that was given another parent or none, is not pending any
 * more: what is handed out belongs to the server, which keeps it alive. */
static void
drop_ended (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  for (GList *l = priv->pending.head, *next; l != NULL; l = next)
    {
      LsockObject *socket = l->data;

      next = l->next;
      if (_lsock_object_is_ended (socket) || lsock_object_get_parent (socket) != G_OBJECT (self))
        {
          g_queue_delete_link (&priv->pending, l);
          g_object_unref (socket);
        }
    }
}

/**
 * lsock_server_has_pending_connections:
 * @self: a server
 *
 * Tells whether a client waits to be taken.
 *
 * The counterpart in Qt is `QLocalServer::hasPendingConnections()`.
 *
 * Returns: %TRUE if [method@Lsock.Server.next_pending_connection] has one
 *
 * Since: 1.0
 */
gboolean
lsock_server_has_pending_connections (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = _lsock_server_get_private (self);
  drop_ended (self);
  return priv->pending.length > 0;
}

/**
 * lsock_server_next_pending_connection:
 * @self: a server
 *
 * Takes the client that has waited longest.
 *
 * The socket is a child of @self, which keeps it until it is deleted, given another parent or
 * taken with [method@Lsock.Object.take].
 *
 * The counterpart in Qt is `QLocalServer::nextPendingConnection()`.
 *
 * Returns: (transfer none) (nullable): a socket, or %NULL when no client waits
 *
 * Since: 1.0
 */
LsockSocket *
lsock_server_next_pending_connection (LsockServer *self)
{
  g_autoptr (LsockSocket) socket = NULL;
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = _lsock_server_get_private (self);
  drop_ended (self);
  socket = g_queue_pop_head (&priv->pending);
  _lsock_server_update_interest (self);

  /* The parent's reference keeps it. */
  return socket;
}

/**
 * lsock_server_add_pending_connection:
 * @self: a server
 * @socket: a socket
 *
 * Has @socket handed out by [method@Lsock.Server.next_pending_connection]; for overrides of
 * [vfunc@Lsock.Server.incoming_connection].
 *
 * @socket becomes a child of @self, and [signal@Lsock.Server::new-connection] is emitted.
 *
 * The counterpart in Qt is `QLocalServer::addPendingConnection()`.
 *
 * Since: 1.0
 */
void
lsock_server_add_pending_connection (LsockServer *self,
                                     LsockSocket *socket)
{
  g_autoptr (LsockServer) hold = NULL;
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (LSOCK_IS_SOCKET (socket));

  hold = g_object_ref (self);
  priv = _lsock_server_get_private (self);

  if (_lsock_object_is_ended (LSOCK_OBJECT (self)) || _lsock_object_is_ended (LSOCK_OBJECT (socket)))
    return;

  if (lsock_object_get_parent (LSOCK_OBJECT (socket)) != G_OBJECT (self))
    lsock_object_set_parent (LSOCK_OBJECT (socket), G_OBJECT (self));
  g_queue_push_tail (&priv->pending, g_object_ref (socket));
  _lsock_server_update_interest (self);

  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    _lsock_server_emit_new_connection (self);
}
