/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The local server: the class and the calls that programs make. */

#include "config.h"

#include "lsock-server.h"

#include <errno.h>
#include <poll.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-unclaimed-fds-private.h"
#include "server/lsock-server-accept-private.h"
#include "server/lsock-server-properties-private.h"

/* A wait that nothing can end asks again, first after this time and at most after the other. */
#define MIN_ACCEPT_INTERVAL_MS 10
#define MAX_ACCEPT_INTERVAL_MS 100

/**
 * LsockServer:
 *
 * Listens under a name, and makes a [class@Lsock.Socket] of each client that comes.
 *
 * After [method@Lsock.Server.listen], each [signal@Lsock.Server::new-connection] announces one
 * socket that [method@Lsock.Server.next_pending_connection] hands out. Clients beyond
 * [property@Lsock.Server:max-pending-connections] wait in the kernel until some were.
 *
 * A subclass that overrides [vfunc@Lsock.Server.incoming_connection] gets the descriptor instead,
 * to make its own kind of socket or to hand it to another thread.
 *
 * The counterpart in Qt is `QLocalServer`.
 *
 * Since: 1.0
 */


G_DEFINE_TYPE_WITH_PRIVATE (LsockServer, lsock_server, LSOCK_TYPE_OBJECT)


/* Keeps what @error says for the getters, and hands it to the caller. */
static gboolean
fail (LsockServer  *self,
      GError      **destination,
      GError       *error)
{
  _lsock_server_set_error_from (self, error);
  g_propagate_error (destination, error);
  return FALSE;
}

static GError *
listen_error (const char *name,
              int         errnum)
{
  return g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                      "Cannot listen under “%s”: %s", name, g_strerror (errnum));
}


/* Makes @self listen on @fd, which becomes its own on success. */
static gboolean
begin_listening (LsockServer  *self,
                 int           fd,
                 GError      **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                           G_PRIORITY_DEFAULT, fd, LSOCK_READY_IN, _lsock_server_on_watch, self, error))
    return FALSE;

  priv->fd = fd;
  priv->generation++;
  priv->exhausted = FALSE;
  _lsock_server_update_interest (self);
  return TRUE;
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
lsock_server_real_end (LsockObject *object)
{
  LsockServer *self = LSOCK_SERVER (object);

  lsock_server_close (self);
  _lsock_unclaimed_fds_close_excess (self, 0);

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->shutdown (object);
}

/* In the context that the server has now. */
static void
attach (LsockObject *object)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (GError) error = NULL;

  if (priv->fd < 0 || _lsock_watch_is_active (&priv->watch))
    return;

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (object),
                           G_PRIORITY_DEFAULT, priv->fd, LSOCK_READY_NONE, _lsock_server_on_watch, self, &error))
    {
      lsock_server_close (self);
      _lsock_server_set_error_from (self, error);
      return;
    }

  _lsock_server_update_interest (self);
}

static void
lsock_server_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  _lsock_server_forget_resume (self);
  _lsock_watch_stop (&priv->watch);
  _lsock_object_call_later (object, attach);

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->move_context (object, context);
}


/* GObject */


static void
lsock_server_finalize (GObject *object)
{
  LsockServerPrivate *priv = _lsock_server_get_private (LSOCK_SERVER (object));

  g_free (priv->server_name);
  g_clear_pointer (&priv->base_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);
  g_free (priv->error_string);

  G_OBJECT_CLASS (lsock_server_parent_class)->finalize (object);
}


static void
lsock_server_class_init (LsockServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);

  object_class->finalize = lsock_server_finalize;
  object_class->get_property = _lsock_server_get_property;
  object_class->set_property = _lsock_server_set_property;

  lsock_object_class->shutdown = lsock_server_real_end;
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

  priv->fd = -1;
  priv->max_pending = LSOCK_SERVER_DEFAULT_MAX_PENDING;
  priv->backlog = LSOCK_SERVER_DEFAULT_BACKLOG;
  priv->error = LSOCK_SOCKET_ERROR_UNKNOWN;
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

static gboolean
refuse_twice (LsockServer  *self,
              GError      **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (priv->fd < 0)
    return FALSE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "The server listens already, under “%s”",
               priv->server_name != NULL ? priv->server_name : "");
  return TRUE;
}

/**
 * lsock_server_listen:
 * @self: a server
 * @name: (type filename): where clients will find it: a path, or a plain name that lives in the
 *   temporary directory
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients under @name.
 *
 * The access that [property@Lsock.Server:socket-options] grants holds from the first instant at
 * which the file exists. A file that is there already is never touched, whether a server lives
 * behind it or not; [func@Lsock.Server.remove_server] removes one that a dead server left.
 *
 * Fails with %LSOCK_SOCKET_ERROR_ADDRESS_IN_USE when @name is taken, with
 * %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it cannot be a name or its folder does not exist, with
 * %LSOCK_SOCKET_ERROR_SOCKET_ACCESS when permission is missing, and with
 * %LSOCK_SOCKET_ERROR_OPERATION when @self listens already.
 *
 * The counterpart in Qt is `QLocalServer::listen()`.
 *
 * Returns: %TRUE if @self is listening
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen (LsockServer  *self,
                     const char   *name,
                     GError      **error)
{
  LsockServerPrivate *priv;
  GError *local_error = NULL;
  LsockAddress address;
  int fd;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  priv = _lsock_server_get_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "listen", error) ||
      refuse_twice (self, error))
    return FALSE;

  if ((priv->options & LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE) != 0 &&
      (priv->options & LSOCK_SOCKET_OPTIONS_WORLD_ACCESS) != 0)
    return fail (self, error,
                 g_error_new (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                              "Cannot listen under “%s”: an abstract name has no file whose "
                              "permissions could limit the access to it", name));

  if (!_lsock_address_init (&address, name, priv->options, &local_error))
    return fail (self, error, local_error);

  fd = _lsock_transport_open ();
  if (fd < 0)
    return fail (self, error, listen_error (name, errno));

  if (!_lsock_transport_bind (fd, &address, mode_of (priv->options), &priv->identity))
    {
      local_error = listen_error (name, errno);
      _lsock_transport_close (fd);
      return fail (self, error, local_error);
    }

  if (!_lsock_transport_listen (fd, priv->backlog))
    local_error = listen_error (name, errno);
  else
    begin_listening (self, fd, &local_error);

  if (local_error != NULL)
    {
      _lsock_transport_unbind (&address, &priv->identity);
      _lsock_transport_close (fd);
      return fail (self, error, local_error);
    }

  priv->address = address;
  _lsock_server_store_error (self, NULL);
  _lsock_server_store_names (self, name, &address);
  _lsock_server_notify_error (self);
  _lsock_server_notify_names (self);
  return TRUE;
}

/**
 * lsock_server_listen_fd:
 * @self: a server
 * @fd: the descriptor of a local stream socket that has a name
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients on a descriptor that was bound elsewhere.
 *
 * listen(2) is called on it if that was not done. On success the descriptor belongs to @self; on failure
 * it stays the caller's. The file behind it is not removed by
 * [method@Lsock.Server.close], since @self did not make it.
 *
 * Fails with %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when @fd is not a local stream
 * socket, with %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it has no name, and with
 * %LSOCK_SOCKET_ERROR_OPERATION when @self listens already.
 *
 * The counterpart in Qt is `QLocalServer::listen()` with a descriptor.
 *
 * Returns: %TRUE if @self is listening
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen_fd (LsockServer  *self,
                        int           fd,
                        GError      **error)
{
  LsockServerPrivate *priv;
  GError *local_error = NULL;
  LsockAddress address;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = _lsock_server_get_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "listen", error) ||
      refuse_twice (self, error))
    return FALSE;

  if (!_lsock_transport_check (fd, TRUE, &local_error))
    return fail (self, error, local_error);

  if (!_lsock_transport_get_local (fd, &address) || !_lsock_address_is_named (&address))
    return fail (self, error,
                 g_error_new (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,
                              "Cannot listen on the descriptor %d: it has no name", fd));

  if (!_lsock_transport_is_listening (fd) && !_lsock_transport_listen (fd, priv->backlog))
    {
      int saved = errno;
      g_autoptr (GRefString) name = NULL;
      g_autoptr (GRefString) full_name = NULL;

      _lsock_address_get_names (&address, &name, &full_name);
      return fail (self, error, listen_error (full_name, saved));
    }

  if (!_lsock_transport_adopt (fd, &local_error) || !begin_listening (self, fd, &local_error))
    return fail (self, error, local_error);

  priv->address = address;
  priv->identity = (LsockFileIdentity) { 0, 0, 0 };
  _lsock_server_store_error (self, NULL);
  _lsock_server_store_names (self, NULL, &address);
  _lsock_server_notify_error (self);
  _lsock_server_notify_names (self);
  return TRUE;
}

static GError *
unbind_error (LsockServer *self,
              int          errnum)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  GError *error =
    g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                 "The server “%s” has closed, and its file “%s” could not be removed: %s",
                 priv->server_name, priv->full_server_name, g_strerror (errnum));

  g_debug ("%s", error->message);
  return error;
}

/**
 * lsock_server_close:
 * @self: a server
 *
 * Stops to listen, and removes the file that it made.
 *
 * Pending connections are closed; sockets already returned stay open. Does nothing when @self
 * does not listen.
 *
 * The counterpart in Qt is `QLocalServer::close()`.
 *
 * Since: 1.0
 */
void
lsock_server_close (LsockServer *self)
{
  g_autoptr (LsockServer) hold = NULL;
  g_autoptr (GError) error = NULL;
  LsockServerPrivate *priv;
  LsockSocket *socket;
  GQueue pending;

  g_return_if_fail (LSOCK_IS_SERVER (self));

  hold = g_object_ref (self);
  priv = _lsock_server_get_private (self);

  if (priv->fd < 0)
    return;

  priv->generation++;
  pending = priv->pending;
  g_queue_init (&priv->pending);
  _lsock_server_forget_resume (self);
  _lsock_watch_stop (&priv->watch);
  /* The name first: no client may find a socket behind it that does not listen. */
  if (!_lsock_transport_unbind (&priv->address, &priv->identity))
    error = unbind_error (self, errno);
  _lsock_transport_close (g_steal_fd (&priv->fd));
  _lsock_server_store_error (self, error);
  _lsock_server_store_names (self, NULL, NULL);

  while ((socket = g_queue_pop_head (&pending)) != NULL)
    {
      g_object_run_dispose (G_OBJECT (socket));
      g_object_unref (socket);
    }

  _lsock_server_notify_error (self);
  _lsock_server_notify_names (self);
}

/**
 * lsock_server_is_listening:
 * @self: a server
 *
 * Tells whether clients are accepted.
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
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = _lsock_server_get_private (self);
  return priv->fd >= 0;
}


/**
 * lsock_server_wait_for_new_connection:
 * @self: a server
 * @msecs: for how many milliseconds to wait; -1 waits for ever, 0 looks only
 * @timed_out: (out) (optional): whether the time ran out
 *
 * Waits, without a loop, until one more client has been let in.
 *
 * A client that is pending already does not end the wait, but counts for the answer.
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
  g_autoptr (LsockServer) hold = NULL;
  LsockServerPrivate *priv;
  gint64 deadline;
  guint generation;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  if (timed_out != NULL)
    *timed_out = FALSE;

  hold = g_object_ref (self);
  priv = _lsock_server_get_private (self);
  if (priv->fd < 0)
    return FALSE;

  deadline = _lsock_deadline_after (msecs);
  generation = priv->generation;
  for (int interval = MIN_ACCEPT_INTERVAL_MS; priv->generation == generation;
       interval = MIN (interval * 2, MAX_ACCEPT_INTERVAL_MS))
    {
      guint before = priv->n_accepted;
      int remaining;

      if (_lsock_server_can_accept (self))
        {
          if (_lsock_transport_wait (priv->fd, POLLIN, deadline) != 0)
            _lsock_server_accept_clients (self, 1);
          if (priv->n_accepted != before || priv->generation != generation)
            break;
        }

      /* Full, or the system refused: there is no event for that to change. */
      remaining = _lsock_deadline_remaining (deadline);
      if (remaining == 0)
        {
          if (timed_out != NULL)
            *timed_out = TRUE;
          break;
        }
      g_usleep ((gulong) (remaining < 0 ? interval : MIN (remaining, interval)) * 1000);
      _lsock_server_forget_resume (self);
    }

  return lsock_server_has_pending_connections (self);
}

/**
 * lsock_server_remove_server:
 * @name: (type filename): the name of a server
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Removes the file that a server left behind when it died.
 *
 * A server that lives behind it goes on, but no client will find it any more. A file that is not
 * a socket is left alone; one that does not exist is no error.
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


