/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the events of a socket arrive: it moves to another main context or priority. */

#include "config.h"

#include "socket/lsock-socket-context-private.h"

#include "socket/lsock-socket-close-private.h"
#include "socket/lsock-socket-connect-private.h"
#include "socket/lsock-socket-events-private.h"


/* Takes the sources out of the context, in the thread that runs it. */
static void
detach (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_link_drain_pending (&priv->link);
  _lsock_socket_detach_retry (self);
  _lsock_watch_stop (&priv->link.watch);
}

static gboolean
start_watch (LsockSocket  *self,
             GError      **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->link.fd < 0 || priv->state == LSOCK_SOCKET_STATE_CONNECTING ||
      _lsock_watch_is_active (&priv->link.watch))
    return TRUE;

  if (!_lsock_watch_start (&priv->link.watch, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                           priv->priority, priv->link.fd, _lsock_socket_get_interest (self),
                           _lsock_socket_on_watch, self, error))
    return FALSE;

  /* No event will tell of what has been found out already. */
  if (priv->link.unreported > 0 || priv->link.read_ended || priv->link.write_errnum != 0 ||
      priv->state == LSOCK_SOCKET_STATE_CLOSING)
    _lsock_watch_wake (&priv->link.watch);
  return TRUE;
}

/* The connection cannot be watched where the socket is now. */
static void
end_unwatched (LsockSocket  *self,
               const GError *error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  priv->end_reported = TRUE;
  _lsock_socket_step_error (self, &step, (LsockSocketError) error->code, error->message, TRUE);
  if (_lsock_socket_emit (self, &step))
    _lsock_socket_abort (self);
}

/* In the thread of the new context, when the old one has left all calls and dispatches. */
static void
reattach_here (LsockSocket *object)
{
  g_autoptr (LsockSocketScope) self = _lsock_socket_enter (object);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  g_autofree LsockSocketMove *move = g_steal_pointer (&priv->move);
  g_autoptr (GError) error = NULL;
  gboolean same;

  priv->error_pending = FALSE;
  if (_lsock_object_is_ended (LSOCK_OBJECT (self)))
    return;

  same = _lsock_socket_check_move (self, move);
  if (!start_watch (self, &error))
    {
      end_unwatched (self, error);
      return;
    }

  if (!_lsock_socket_emit (self, &move->emissions))
    return;

  /* What was begun since goes on by itself. */
  if (!same)
    return;

  _lsock_socket_resume_connect (self);
  if (_lsock_socket_is_same (priv, &guard))
    _lsock_socket_resume_close (self, move->close);
}

/* Nothing may be touched while the old thread has not left the socket: it may have been moved once
 * more since this was queued. */
static void
reattach (LsockObject *object)
{
  LsockSocketMove *move = _lsock_socket_get_private (LSOCK_SOCKET (object))->move;

  if (move != NULL && g_atomic_int_get (&move->queued))
    reattach_here (LSOCK_SOCKET (object));
}

void
_lsock_socket_move_context (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  detach (self);
  if (priv->move == NULL)
    priv->move = g_new0 (LsockSocketMove, 1);
  else
    _lsock_socket_check_move (self, priv->move);
  priv->move->reattach = reattach;
  priv->move->connection = priv->connection;
  priv->move->state = priv->state;
  g_atomic_int_inc (&priv->context_serial);
  g_atomic_int_set (&priv->move->queued, FALSE);
  priv->leave_slowly = TRUE;
  if (priv->dispatch_depth == 0)
    _lsock_socket_complete_move (self);
}

gboolean
_lsock_socket_change_priority (LsockSocket  *self,
                               int           priority,
                               GError      **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autoptr (GError) local = NULL;
  int before = priv->priority;

  /* A socket that moves has no sources: they will be started with the new priority. */
  priv->priority = priority;
  if (priv->move != NULL)
    return TRUE;

  if (_lsock_watch_is_active (&priv->link.watch))
    {
      detach (self);
      if (!start_watch (self, error))
        {
          priv->priority = before;
          /* The set of this priority had room for it a moment ago. */
          if (!start_watch (self, &local))
            end_unwatched (self, local);
          return FALSE;
        }
    }
  else if (priv->retry != NULL && priv->retry->source != NULL)
    {
      g_source_set_priority (priv->retry->source, priority);
    }

  return TRUE;
}
