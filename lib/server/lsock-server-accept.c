/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How clients are accepted, and the queue of those that are pending. */

#include "config.h"

#include "server/lsock-server-accept-private.h"

#include <errno.h>
#include <poll.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "socket/lsock-socket-connect-private.h"

/* How many clients one turn accepts: a rush of them must not starve other sources. */
#define ACCEPTS_PER_TURN 32

/* How many clients are accepted one by one after one had come alone. */
#define SKIPPED_PROBES 15

/* The kernel sends no event when descriptors or memory are available again. */
#define RESUME_INTERVAL_MS 100

/* The same without a loop: the first interval, which doubles up to the last. */
#define FIRST_RETRY_MS 10
#define LAST_RETRY_MS  100

typedef enum
{
  ACCEPT_NONE,        /* no client waits */
  ACCEPT_CLIENT,      /* one was accepted */
  ACCEPT_PAUSED,      /* the system has no resources for one */
} AcceptResult;


/* The queue of pending clients */

static gboolean
is_pending (LsockServer *self,
            LsockObject *socket)
{
  return !_lsock_object_is_ended (socket) && lsock_object_get_parent (socket) == G_OBJECT (self);
}

/* A client that has ended, or was given another parent or none, is not pending any more: what is
 * returned belongs to the server, which keeps it alive. */
static void
drop_departed (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  for (GList *l = priv->pending.head, *next; l != NULL; l = next)
    {
      next = l->next;
      if (!is_pending (self, l->data))
        {
          g_queue_unlink (&priv->pending, l);
          g_queue_push_tail_link (&priv->departed, l);
        }
    }
}

/* The same, and releases them.  Their handlers may do anything, with others too: the result keeps
 * the server meanwhile, and is NULL where there were none.  Inline, as what each connection calls. */
static inline LsockServerScope *
update_pending (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerScope *scope = NULL;

  drop_departed (self);
  while (G_UNLIKELY (priv->departed.length > 0))
    {
      if (scope == NULL)
        scope = _lsock_server_enter (self);
      _lsock_server_release_departed (self);
      drop_departed (self);
    }

  return scope;
}

static gboolean
has_space (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (G_UNLIKELY ((int) priv->pending.length >= priv->max_pending))
    drop_departed (self);

  return (int) priv->pending.length < priv->max_pending;
}

static void
on_children_changed (LsockServer *self,
                     guint        position,
                     guint        removed,
                     guint        added)
{
  if (removed > 0)
    _lsock_server_update_interest (self);
}

/* A pending client that leaves makes room for another one, which matters only while the queue is
 * full; connected all the time, the handler would cost each connection two emissions. */
static void
watch_children (LsockServer *self,
                gboolean     wanted)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (G_LIKELY (wanted == (priv->children_handler != 0)))
    return;

  if (wanted)
    priv->children_handler =
      g_signal_connect_swapped (lsock_object_children_of (G_OBJECT (self)), "items-changed",
                                G_CALLBACK (on_children_changed), self);
  else
    g_clear_signal_handler (&priv->children_handler,
                            lsock_object_children_of (G_OBJECT (self)));
}

void
_lsock_server_update_interest (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  gboolean space = has_space (self);
  gboolean wanted = space && priv->resume_source == NULL;

  watch_children (self, !space && priv->pending.length > 0);
  _lsock_watch_set_interest (&priv->watch, wanted ? LSOCK_READY_IN : LSOCK_READY_NONE);
}

void
_lsock_server_steal_pending (LsockServer *self,
                             GQueue      *pending)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  *pending = priv->pending;
  g_queue_init (&priv->pending);
  watch_children (self, FALSE);
}

void
_lsock_server_end_pending (LsockServer     *self,
                           GQueue          *pending,
                           LsockServerStep *step)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerGuard guard = _lsock_server_guard (priv);
  LsockObject *socket;

  _lsock_server_emit (self, step);
  while ((socket = g_queue_pop_head (pending)) != NULL)
    {
      /* A handler may have moved the server, and its children with it. */
      if (!_lsock_server_is_here (priv, &guard))
        lsock_object_delete_later (socket);
      /* One that has left belongs to its new owner. */
      else if (is_pending (self, socket))
        g_object_run_dispose (G_OBJECT (socket));
      g_object_unref (socket);
    }
}

/* The socket that has been pending longest. */
static GList *
find_socket (LsockServerPrivate *priv)
{
  GList *l = priv->pending.head;

  while (l != NULL && !LSOCK_IS_SOCKET (l->data))
    l = l->next;

  return l;
}

static LsockObject *
steal_socket (LsockServerPrivate *priv)
{
  GList *found = find_socket (priv);
  LsockObject *socket = found != NULL ? found->data : NULL;

  if (found != NULL)
    g_queue_delete_link (&priv->pending, found);
  return socket;
}

static inline gpointer
next_pending (LsockServer *self,
              gboolean     any)
{
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = update_pending (self);
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (LsockObject) device = NULL;

  device = any || G_LIKELY (!priv->has_other_devices) ? g_queue_pop_head (&priv->pending)
                                                      : steal_socket (priv);
  _lsock_server_update_interest (self);

  /* The parent's reference keeps it. */
  return device;
}

gpointer
_lsock_server_next_pending (LsockServer *self,
                            gboolean     any)
{
  return next_pending (self, any);
}

/**
 * lsock_server_has_pending_connections:
 * @self: a server
 *
 * Returns whether a client is pending that is a [class@Lsock.Socket].
 *
 * A client is pending from [signal@Lsock.Server::new-connection] until
 * [method@Lsock.Server.next_pending_connection] returns it. One that ends before, or is given
 * another parent or none, is not pending any more.
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
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  scope = update_pending (self);
  return find_socket (_lsock_server_get_private (self)) != NULL;
}

/**
 * lsock_server_next_pending_connection:
 * @self: a server
 *
 * Removes the client that has been pending longest from the queue and returns it.
 *
 * The socket is a child of @self, which keeps it until it is deleted, given another parent or
 * taken with [method@Lsock.Object.take].
 *
 * A client that is another device stays: see [method@Lsock.Server.next_pending_device].
 *
 * The counterpart in Qt is `QLocalServer::nextPendingConnection()`.
 *
 * Returns: (transfer none) (nullable): a socket, or %NULL when none is pending
 *
 * Since: 1.0
 */
LsockSocket *
lsock_server_next_pending_connection (LsockServer *self)
{
  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  return next_pending (self, FALSE);
}

/**
 * lsock_server_has_pending_devices:
 * @self: a server
 *
 * Returns whether a client is pending, whatever kind of device it is.
 *
 * Returns: %TRUE if [method@Lsock.Server.next_pending_device] has one
 *
 * Since: 1.0
 */
gboolean
lsock_server_has_pending_devices (LsockServer *self)
{
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  scope = update_pending (self);
  return _lsock_server_get_private (self)->pending.length > 0;
}

/**
 * lsock_server_next_pending_device:
 * @self: a server
 *
 * Removes the client that has been pending longest from the queue and returns it, whatever kind of
 * device it is.
 *
 * This is [method@Lsock.Server.next_pending_connection] for a server whose
 * [vfunc@Lsock.Server.incoming_connection] makes other devices than sockets of its clients, such as
 * a [class@Lsock.StreamDevice] on a TLS connection.
 *
 * Returns: (transfer none) (nullable): a device, or %NULL when no client is pending
 *
 * Since: 1.0
 */
LsockIODevice *
lsock_server_next_pending_device (LsockServer *self)
{
  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  return next_pending (self, TRUE);
}

/* For a child of @self; a handler that watches the children may have added it already.  Takes the
 * caller's reference on @device. */
static void
push_pending (LsockServer *self,
              LsockObject *device)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerStep step = { LSOCK_SERVER_EMIT_NEW_CONNECTION, NULL };

  if (g_queue_find (&priv->pending, device) != NULL)
    {
      g_object_unref (device);
      return;
    }

  g_queue_push_tail (&priv->pending, device);
  _lsock_server_update_interest (self);
  _lsock_server_emit (self, &step);
}

/* FALSE when @device has not become a child of @self, or is none any more. */
static gboolean
adopt (LsockServer *self,
       LsockObject *device)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerGuard guard = _lsock_server_guard (priv);

  lsock_object_set_parent (device, G_OBJECT (self));
  /* Refused, or a handler of the change has taken it away again or ended one of them. */
  return _lsock_server_is_here (priv, &guard) && is_pending (self, device) &&
         !_lsock_object_is_ended (LSOCK_OBJECT (self));
}

static void
add_pending (LsockServer *self,
             LsockObject *device)
{
  g_autoptr (LsockServerScope) scope G_GNUC_UNUSED = _lsock_server_enter (self);
  g_autoptr (GError) error = NULL;

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "add a pending connection", &error) ||
      !_lsock_object_check_alive (device, "become a pending connection", &error))
    {
      LsockServerStep step = { 0, };

      _lsock_server_step_error (self, &step, error);
      _lsock_server_emit (self, &step);
      return;
    }

  if (lsock_object_get_parent (device) == G_OBJECT (self) || adopt (self, device))
    push_pending (self, g_object_ref (device));
}

/**
 * lsock_server_add_pending_connection:
 * @self: a server
 * @socket: a socket
 *
 * Adds @socket to the queue of [method@Lsock.Server.next_pending_connection]; for overrides of
 * [vfunc@Lsock.Server.incoming_connection].
 *
 * @socket becomes a child of @self, and [signal@Lsock.Server::new-connection] is emitted. Does
 * nothing when @socket is pending already.
 *
 * When @self or @socket has ended, [property@Lsock.Server:last-error] becomes
 * %LSOCK_SOCKET_ERROR_OPERATION, and nothing else changes.
 *
 * The counterpart in Qt is `QLocalServer::addPendingConnection()`.
 *
 * Since: 1.0
 */
void
lsock_server_add_pending_connection (LsockServer *self,
                                     LsockSocket *socket)
{
  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (LSOCK_IS_SOCKET (socket));

  add_pending (self, LSOCK_OBJECT (socket));
}

/**
 * lsock_server_add_pending_device:
 * @self: a server
 * @device: a device
 *
 * Adds @device to the queue of [method@Lsock.Server.next_pending_device]; for overrides of
 * [vfunc@Lsock.Server.incoming_connection] that make something else than a socket of a client.
 *
 * Does for a device what [method@Lsock.Server.add_pending_connection] does for a socket.
 *
 * Since: 1.0
 */
void
lsock_server_add_pending_device (LsockServer   *self,
                                 LsockIODevice *device)
{
  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (LSOCK_IS_IO_DEVICE (device));

  if (!LSOCK_IS_SOCKET (device))
    _lsock_server_get_private (self)->has_other_devices = TRUE;
  add_pending (self, LSOCK_OBJECT (device));
}


/* Failures */

static gboolean on_resume (gpointer user_data);

static void
forget_resume (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (priv->resume_source != NULL)
    {
      g_source_destroy (priv->resume_source);
      g_clear_pointer (&priv->resume_source, g_source_unref);
    }
}

static void
report (LsockServer  *self,
        const GError *error)
{
  LsockServerStep step = { LSOCK_SERVER_EMIT_ACCEPT_ERROR, g_error_copy (error) };

  _lsock_server_step_error (self, &step, error);
  _lsock_server_emit (self, &step);
}

/* Clients can wait, so this is never a reason to end the server.  Without the pause a client that
 * cannot be accepted keeps the descriptor readable and makes the loop spin. */
static void
pause_accepting (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  forget_resume (self);
  priv->resume_source = g_timeout_source_new (RESUME_INTERVAL_MS);
  g_source_set_static_name (priv->resume_source, "lsock accept pause");
  g_source_set_callback (priv->resume_source, on_resume, self, NULL);
  g_source_attach (priv->resume_source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
  _lsock_server_update_interest (self);
}

/* Each retry would report the same again. */
static void
report_limit (LsockServer *self,
              int          errnum)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autofree char *storage = NULL;
  g_autofree char *full_storage = NULL;
  g_autoptr (GError) error = NULL;

  if (priv->fd_limit_reported)
    return;

  priv->fd_limit_reported = TRUE;
  error = g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                       "Cannot accept a client of “%s” (%s): %s",
                       _lsock_server_display_name (priv, &storage),
                       _lsock_address_display_name (priv->listener.full_name, &full_storage),
                       g_strerror (errnum));
  report (self, error);
}


/* Accepting */

/* The events of a socket must arrive where those of the server do, which need not be the
 * thread-default context of the code that runs the loop. */
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
    {
      lsock_server_add_pending_connection (self, socket);
      return;
    }

  _lsock_transport_close (fd);
  report (self, error);
}

/* Without an override nothing has to be asked about the descriptor, nor about a socket that no
 * other code has seen. */
static void
take_client (LsockServer *self,
             int          fd)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  g_autoptr (LsockSocket) socket = new_socket (self);
  g_autoptr (GError) error = NULL;

  if (_lsock_socket_take_client (socket, fd, priv->listener.base_name, priv->listener.full_name,
                                 &error))
    {
      if (adopt (self, LSOCK_OBJECT (socket)))
        push_pending (self, LSOCK_OBJECT (g_steal_pointer (&socket)));
      return;
    }

  _lsock_transport_close (fd);
  report (self, error);
}

static AcceptResult
accept_one (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerClass *klass = LSOCK_SERVER_GET_CLASS (self);
  int fd = _lsock_transport_accept (priv->listener.fd);

  if (fd == LSOCK_TRANSPORT_WOULD_BLOCK)
    return ACCEPT_NONE;

  if (fd < 0)
    {
      int errnum = errno;

      pause_accepting (self);
      report_limit (self, errnum);
      return ACCEPT_PAUSED;
    }

  priv->fd_limit_reported = FALSE;
  if (G_UNLIKELY (priv->resume_source != NULL))
    {
      forget_resume (self);
      _lsock_server_update_interest (self);
    }

  if (klass->incoming_connection == _lsock_server_real_incoming_connection)
    take_client (self, fd);
  else
    klass->incoming_connection (self, fd);
  return ACCEPT_CLIENT;
}

/* Accepts clients until there is no room, no client, or a turn's share is used up.  Where they come
 * one by one, another accept4() would most often find none: one that comes after all is found in
 * the next turn. */
static void
accept_turn (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerGuard guard = _lsock_server_guard (priv);

  for (int i = 0; i < ACCEPTS_PER_TURN && has_space (self); i++)
    {
      AcceptResult result = accept_one (self);

      /* The queue is of no use to a server that only this dispatch holds. */
      if (!_lsock_server_is_same (priv, &guard) ||
          _lsock_object_is_last_held (LSOCK_OBJECT (self)))
        return;

      if (result == ACCEPT_NONE)
        priv->skip_probe = i <= 1 ? SKIPPED_PROBES : 0;
      if (result != ACCEPT_CLIENT)
        break;

      if (priv->skip_probe > 0)
        {
          priv->skip_probe--;
          break;
        }
    }
}

static void
on_watch (gpointer   owner,
          LsockReady ready)
{
  g_autoptr (LsockServerScope) self = _lsock_server_enter (owner);
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  /* The kernel had no memory to watch the descriptor: the resume source asks it again. */
  if (G_UNLIKELY ((ready & LSOCK_READY_FAILED) != 0))
    {
      int errnum = priv->watch.errnum;

      pause_accepting (self);
      report_limit (self, errnum);
      return;
    }

  accept_turn (self);
}

static gboolean
on_resume (gpointer user_data)
{
  g_autoptr (LsockServerScope) self = _lsock_server_enter (user_data);

  forget_resume (self);
  _lsock_server_update_interest (self);
  return G_SOURCE_REMOVE;
}

gboolean
_lsock_server_start_watch (LsockServer  *self,
                           int           fd,
                           GError      **error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  return _lsock_watch_start (&priv->watch, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                             G_PRIORITY_DEFAULT, fd, LSOCK_READY_NONE, on_watch, self, error);
}

void
_lsock_server_detach (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  forget_resume (self);
  _lsock_watch_stop (&priv->watch);
}


/* Without a loop */

static void
sleep_until (gint64 deadline)
{
  _lsock_transport_wait (-1, 0, deadline);
}

/* Returns FALSE when @deadline has passed, or the wait was interrupted. */
static gboolean
sleep_for (int    msecs,
           gint64 deadline)
{
  gint64 end = _lsock_deadline_after (msecs);

  sleep_until (deadline < 0 ? end : MIN (end, deadline));
  return !_lsock_deadline_has_passed (deadline) && !_lsock_interrupt_is_pending ();
}

gboolean
_lsock_server_wait_for_client (LsockServer *self,
                               gint64       deadline)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerGuard guard = _lsock_server_guard (priv);
  int interval = FIRST_RETRY_MS;

  for (;;)
    {
      AcceptResult result;

      if (!has_space (self))
        {
          /* No event could end this wait, and there is an answer. */
          if (deadline < 0 && priv->pending.length > 0)
            return FALSE;

          sleep_until (deadline);
          return TRUE;
        }

      if (_lsock_transport_wait (priv->listener.fd, POLLIN, deadline) == 0)
        return TRUE;

      result = accept_one (self);
      if (result == ACCEPT_CLIENT || !_lsock_server_is_same (priv, &guard))
        return FALSE;

      if (result == ACCEPT_NONE)
        {
          /* Another process that shares the descriptor was faster. */
          if (_lsock_deadline_has_passed (deadline) || _lsock_interrupt_is_pending ())
            return TRUE;
          continue;
        }

      if (!sleep_for (interval, deadline))
        return TRUE;
      interval = MIN (2 * interval, LAST_RETRY_MS);
    }
}
