/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The local server: the class and the calls that programs make. */

#include "config.h"

#include "lsock-server.h"

#include <errno.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "server/lsock-server-accept-private.h"
#include "server/lsock-server-properties-private.h"

/**
 * LsockServer:
 *
 * Listens under a name, and makes a [class@Lsock.Socket] for each client that connects.
 *
 * After [method@Lsock.Server.listen], each [signal@Lsock.Server::new-connection] announces one
 * socket, which [method@Lsock.Server.next_pending_connection] returns. Clients beyond
 * [property@Lsock.Server:max-pending-connections] wait in the kernel's backlog.
 *
 * A subclass that overrides [vfunc@Lsock.Server.incoming_connection] gets the descriptor of each
 * client instead, to make its own kind of socket or to pass it to another thread. The descriptor
 * belongs to the override: one that it neither passes on nor closes stays open, also when the
 * override ends with an exception in a language that has these.
 *
 * When a handler runs, the change that it is told of is complete. It may do anything: close, listen
 * again, delete the server or drop its last reference.
 *
 * Only the process that made the file of a server removes it: a child of fork(2) that closes the
 * server, or exits, leaves the file to its parent.
 *
 * The counterpart in Qt is `QLocalServer`.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (LsockServer, lsock_server, LSOCK_TYPE_OBJECT)


/* Listening */

static GError *
listen_error (const char         *name,
              const LsockAddress *address,
              int                 errnum)
{
  const char *path = _lsock_address_get_path (address);
  g_autofree char *storage = NULL;
  g_autofree char *path_storage = NULL;

  if (path == NULL || g_str_equal (path, name))
    return g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                        "Cannot listen under “%s”: %s",
                        _lsock_address_display_name (name, &storage), g_strerror (errnum));

  return g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                      "Cannot listen under “%s” (%s): %s",
                      _lsock_address_display_name (name, &storage),
                      _lsock_address_display_name (path, &path_storage), g_strerror (errnum));
}

static gboolean
check_can_listen (LsockServer  *self,
                  GError      **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autofree char *storage = NULL;

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "listen", error))
    return FALSE;

  if (priv->listener.fd < 0)
    return TRUE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "The server listens already, under “%s”",
               _lsock_server_display_name (priv, &storage));
  return FALSE;
}

/* Makes @self listen with what is in @listener, whose descriptor becomes its own on success. */
static gboolean
begin_listening (LsockServer    *self,
                 LsockListener  *listener,
                 const char     *name,
                 GError        **error)
{
  LsockServerStep step = { 0, };

  if (!_lsock_server_start_watch (self, listener->fd, error))
    return FALSE;

  _lsock_address_get_names (&listener->address, &listener->base_name, &listener->full_name);
  listener->name = g_strdup (name != NULL ? name : listener->base_name);
  _lsock_server_step_listener (self, &step, listener);
  _lsock_server_step_error (self, &step, NULL);
  _lsock_server_update_interest (self);
  _lsock_server_emit (self, &step);
  return TRUE;
}

static GError *
unbind_error (LsockServerPrivate *priv,
              int                 errnum)
{
  g_autofree char *storage = NULL;
  g_autofree char *full_storage = NULL;
  GError *error =
    g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                 "The server “%s” has closed, and its file “%s” could not be removed: %s",
                 _lsock_server_display_name (priv, &storage),
                 _lsock_address_display_name (priv->listener.full_name, &full_storage),
                 g_strerror (errnum));

  g_debug ("%s", error->message);
  return error;
}

/* The one way out of listening.  @reason becomes the last error. */
static void
end_listening (LsockServer  *self,
               const GError *reason)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (GError) error = NULL;
  LsockServerStep step = { 0, };
  GQueue pending;

  _lsock_server_steal_pending (self, &pending);
  _lsock_server_detach (self);
  /* The name first: no client may find a socket behind it that does not listen. */
  if (!_lsock_transport_unbind (&priv->listener.address, &priv->listener.identity))
    error = unbind_error (priv, errno);
  _lsock_transport_close (priv->listener.fd);
  _lsock_server_step_listener (self, &step, NULL);
  _lsock_server_step_error (self, &step, reason != NULL ? reason : error);

  _lsock_server_end_pending (self, &pending, &step);
}

static int
mode_of (LsockSocketOptions options)
{
  int mode = 0;

  if ((options & LSOCK_SOCKET_OPTIONS_WORLD_ACCESS) == 0)
    return -1;

  if ((options & LSOCK_SOCKET_OPTIONS_USER_ACCESS) != 0)
    mode |= 0700;
  if ((options & LSOCK_SOCKET_OPTIONS_GROUP_ACCESS) != 0)
    mode |= 0070;
  if ((options & LSOCK_SOCKET_OPTIONS_OTHER_ACCESS) != 0)
    mode |= 0007;

  return mode;
}


/* LsockObject */

static void
lsock_server_real_shutdown (LsockObject *object)
{
  g_autoptr (LsockServerScope) self = _lsock_server_enter (LSOCK_SERVER (object));

  if (_lsock_server_get_private (self)->listener.fd >= 0)
    {
      end_listening (self, NULL);
    }
  else
    {
      LsockServerStep step = { 0, };
      GQueue pending;

      _lsock_server_steal_pending (self, &pending);
      _lsock_server_end_pending (self, &pending, &step);
    }

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->shutdown (object);
}

/* In the thread of the new context, when the old one has left all calls and dispatches. */
static void
reattach (LsockObject *object)
{
  g_autoptr (LsockServerScope) self = _lsock_server_enter (LSOCK_SERVER (object));
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerStep step = priv->unfinished;
  g_autoptr (GError) error = NULL;

  priv->unfinished = (LsockServerStep) { 0, };
  if (priv->listener.fd < 0)
    {
      step.emissions &= ~LSOCK_SERVER_EMIT_SIGNALS;
    }
  else if (!_lsock_watch_is_active (&priv->watch) &&
           !_lsock_server_start_watch (self, priv->listener.fd, &error))
    {
      /* Emits all that could be left over, and the reason. */
      g_clear_error (&step.error);
      end_listening (self, error);
      return;
    }

  _lsock_server_update_interest (self);
  _lsock_server_emit (self, &step);
}

static void
lsock_server_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  _lsock_server_detach (self);
  priv->reattach = reattach;
  g_atomic_int_inc (&priv->context_serial);
  if (priv->dispatch_depth == 0)
    _lsock_server_complete_move (self);

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_server_finalize (GObject *object)
{
  LsockServerPrivate *priv = _lsock_server_get_private (LSOCK_SERVER (object));

  g_queue_clear_full (&priv->departed, g_object_unref);
  g_clear_error (&priv->unfinished.error);
  g_free (priv->error_string);

  G_OBJECT_CLASS (lsock_server_parent_class)->finalize (object);
}

static void
lsock_server_constructed (GObject *object)
{
  _lsock_object_class_fill_parents (LSOCK_OBJECT_GET_CLASS (object));

  G_OBJECT_CLASS (lsock_server_parent_class)->constructed (object);
}

static void
lsock_server_class_init (LsockServerClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, _lsock_server_fill_slots);

  object_class->constructed = lsock_server_constructed;
  object_class->finalize = lsock_server_finalize;
  object_class->get_property = _lsock_server_get_property;
  object_class->set_property = _lsock_server_set_property;

  lsock_object_class->shutdown = lsock_server_real_shutdown;
  lsock_object_class->move_context = lsock_server_real_move_context;

  klass->incoming_connection = _lsock_server_real_incoming_connection;

  _lsock_server_private_offset = g_type_class_get_instance_private_offset (klass);
  _lsock_server_install_properties (object_class);
  _lsock_server_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_server_init (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  priv->listener.fd = -1;
  priv->max_pending = LSOCK_SERVER_DEFAULT_MAX_PENDING;
  priv->backlog = LSOCK_SERVER_DEFAULT_BACKLOG;
  priv->last_error = LSOCK_SOCKET_ERROR_UNKNOWN;
  g_queue_init (&priv->pending);
}


/**
 * lsock_server_new:
 *
 * Makes a server that does not listen yet.
 *
 * Its events will arrive in the thread-default main context of the calling thread.
 *
 * The counterpart in Qt is the constructor of `QLocalServer`.
 *
 * Returns: (transfer full): a new server
 *
 * Since: 1.0
 */
LsockServer *
lsock_server_new (void)
{
  return g_object_new (LSOCK_TYPE_SERVER, NULL);
}

/* What listen() does before @self changes. */
static gboolean
open_listener (LsockServer    *self,
               const char     *name,
               LsockListener  *listener,
               GError        **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  int mode = mode_of (priv->options);

  if (!_lsock_address_init (&listener->address, name, priv->options, error))
    return FALSE;

  if (mode >= 0 && _lsock_address_is_abstract (&listener->address))
    {
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "Cannot listen under “%s”: an abstract name has no file whose permissions could "
                   "limit the access to it", _lsock_address_display_name (name, &storage));
      return FALSE;
    }

  listener->fd = _lsock_transport_open ();
  if (listener->fd >= 0 &&
      _lsock_transport_bind (listener->fd, &listener->address, mode, &listener->identity) &&
      _lsock_transport_listen (listener->fd, priv->backlog))
    return TRUE;

  g_propagate_error (error, listen_error (name, &listener->address, errno));
  return FALSE;
}

/**
 * lsock_server_listen:
 * @self: a server
 * @name: (type filename): what clients connect to: a path, or a plain name that lives in the
 *   temporary directory
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients under @name.
 *
 * The access that [property@Lsock.Server:socket-options] grants holds from the first instant at
 * which the file exists. A file that exists already is never touched, whether a server listens
 * behind it or not; [func@Lsock.Server.remove_server] removes one that a server left when it died.
 * The file that this function makes is removed when @self is closed or ends, and when the process
 * that called it exits.
 *
 * Fails with %LSOCK_SOCKET_ERROR_ADDRESS_IN_USE when @name is taken, with
 * %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it cannot be a name or its folder does not exist, with
 * %LSOCK_SOCKET_ERROR_SOCKET_ACCESS when permission is missing, with
 * %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when an abstract name is combined with access
 * options, and with %LSOCK_SOCKET_ERROR_OPERATION when @self listens already or has ended.
 *
 * The counterpart in Qt is `QLocalServer::listen()`.
 *
 * Returns: %TRUE if @self began to listen; a handler may have closed it since
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen (LsockServer  *self,
                     const char   *name,
                     GError      **error)
{
  g_autoptr (LsockServerScope) scope = NULL;
  LsockListener listener = { .fd = -1 };
  GError *local_error = NULL;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  scope = _lsock_server_enter (self);

  if (!check_can_listen (self, error))
    return FALSE;

  if (open_listener (self, name, &listener, &local_error) &&
      begin_listening (self, &listener, name, &local_error))
    return TRUE;

  if (listener.fd >= 0)
    {
      _lsock_transport_unbind (&listener.address, &listener.identity);
      _lsock_transport_close (listener.fd);
    }
  return _lsock_server_fail (self, error, local_error);
}

static gboolean
check_descriptor (LsockServer    *self,
                  LsockListener  *listener,
                  GError        **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (GRefString) name = NULL;
  g_autoptr (GRefString) full_name = NULL;
  int saved;

  if (!_lsock_transport_check (listener->fd, TRUE, error))
    return FALSE;

  if (!_lsock_transport_get_local (listener->fd, &listener->address) ||
      !_lsock_address_is_named (&listener->address))
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,
                   "Cannot listen on the descriptor %d: it has no name", listener->fd);
      return FALSE;
    }

  if (_lsock_transport_is_listening (listener->fd) ||
      _lsock_transport_listen (listener->fd, priv->backlog))
    return _lsock_transport_adopt (listener->fd, error);

  saved = errno;
  _lsock_address_get_names (&listener->address, &name, &full_name);
  g_propagate_error (error, listen_error (full_name, &listener->address, saved));
  return FALSE;
}

/**
 * lsock_server_listen_fd:
 * @self: a server
 * @fd: the descriptor of a local stream socket that has a name
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients on a descriptor that the caller has bound.
 *
 * listen(2) is called on it unless it listens. On success the descriptor belongs to @self; on
 * failure it stays the caller's. The file behind it is not removed by
 * [method@Lsock.Server.close], since @self did not make it.
 *
 * Fails with %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when @fd is not a local stream
 * socket, with %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it has no name, and with
 * %LSOCK_SOCKET_ERROR_OPERATION when @self listens already or has ended.
 *
 * The counterpart in Qt is `QLocalServer::listen()` with a descriptor.
 *
 * Returns: %TRUE if @self began to listen; a handler may have closed it since
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen_fd (LsockServer  *self,
                        int           fd,
                        GError      **error)
{
  g_autoptr (LsockServerScope) scope = NULL;
  LsockListener listener = { .fd = fd };
  GError *local_error = NULL;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  scope = _lsock_server_enter (self);

  if (!check_can_listen (self, error))
    return FALSE;

  if (check_descriptor (self, &listener, &local_error) &&
      begin_listening (self, &listener, NULL, &local_error))
    return TRUE;

  return _lsock_server_fail (self, error, local_error);
}

/**
 * lsock_server_close:
 * @self: a server
 *
 * Stops listening, and removes the file that the server made.
 *
 * Pending connections are closed; sockets already returned stay open. Does nothing when @self does
 * not listen.
 *
 * When the file cannot be removed, [property@Lsock.Server:last-error] and
 * [property@Lsock.Server:error-string] tell why; otherwise they are reset.
 *
 * The counterpart in Qt is `QLocalServer::close()`.
 *
 * Since: 1.0
 */
void
lsock_server_close (LsockServer *self)
{
  g_autoptr (LsockServerScope) scope = NULL;

  g_return_if_fail (LSOCK_IS_SERVER (self));

  scope = _lsock_server_enter (self);
  if (_lsock_server_get_private (self)->listener.fd >= 0)
    end_listening (self, NULL);
}

/**
 * lsock_server_is_listening:
 * @self: a server
 *
 * Returns whether the server listens.
 *
 * The counterpart in Qt is `QLocalServer::isListening()`.
 *
 * Returns: %TRUE while @self listens
 *
 * Since: 1.0
 */
gboolean
lsock_server_is_listening (LsockServer *self)
{
  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  return _lsock_server_get_private (self)->listener.fd >= 0;
}

/**
 * lsock_server_wait_for_new_connection:
 * @self: a server
 * @msecs: the time limit in milliseconds; -1 to wait without a limit, 0 to poll
 * @timed_out: (out) (optional): whether the time ran out
 *
 * Waits, without a loop, until one more client has been accepted.
 *
 * A client that is pending already does not end the wait, but counts for the answer. While
 * [property@Lsock.Server:max-pending-connections] clients are pending no other is accepted: the
 * wait then lasts until its time limit, or without a limit ends at once if a client is pending.
 * While the system has no descriptors or memory for a client, the wait tries again at intervals.
 *
 * The counterpart in Qt is `QLocalServer::waitForNewConnection()`.
 *
 * Returns: %TRUE if a client is pending
 *
 * Since: 1.0
 */
gboolean
lsock_server_wait_for_new_connection (LsockServer *self,
                                      int          msecs,
                                      gboolean    *timed_out)
{
  g_autoptr (LsockServerScope) scope = NULL;
  LsockServerPrivate *priv;
  LsockServerGuard guard;
  gboolean expired;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  if (timed_out != NULL)
    *timed_out = FALSE;

  scope = _lsock_server_enter (self);
  priv = _lsock_server_get_private (self);
  if (priv->listener.fd < 0)
    return FALSE;

  guard = _lsock_server_guard (priv);
  expired = _lsock_server_wait_for_client (self, _lsock_deadline_after (msecs)) &&
            !_lsock_interrupt_is_pending ();
  if (timed_out != NULL)
    *timed_out = expired;

  return _lsock_server_is_here (priv, &guard) && lsock_server_has_pending_devices (self);
}

/**
 * lsock_server_wait_for_client:
 * @self: a server
 * @msecs: the time limit in milliseconds; -1 to wait without a limit, 0 to poll
 *
 * Waits, without a loop, until one more client has been accepted.
 *
 * Does what [method@Lsock.Server.wait_for_new_connection] does, without its second result, which some
 * languages drop and some wrap.  After %FALSE the time ran out if [method@Lsock.Server.is_listening]
 * returns %TRUE.
 *
 * Returns: %TRUE if a client is pending
 *
 * Since: 1.0
 */
gboolean
lsock_server_wait_for_client (LsockServer *self,
                              int          msecs)
{
  return lsock_server_wait_for_new_connection (self, msecs, NULL);
}

/**
 * lsock_server_remove_server:
 * @name: (type filename): the name of a server
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Removes the file that a server left when it died.
 *
 * A server that still listens behind it goes on, but clients cannot find it any more. A file that
 * is not a socket is not removed; one that does not exist is no error.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when @name is not a socket, with
 * %LSOCK_SOCKET_ERROR_SOCKET_ACCESS when permission is missing, and with
 * %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it cannot be a name.
 *
 * The counterpart in Qt is `QLocalServer::removeServer()`.
 *
 * Returns: %TRUE if there is no such file now
 *
 * Since: 1.0
 */
gboolean
lsock_server_remove_server (const char  *name,
                            GError     **error)
{
  LsockAddress address;

  g_return_val_if_fail (name != NULL, FALSE);

  return _lsock_address_init (&address, name, LSOCK_SOCKET_OPTIONS_NONE, error) &&
         _lsock_transport_remove (&address, error);
}
