/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The waits of a socket: what the loop does for it, done by a call that blocks. */

#include "config.h"

#include "socket/lsock-socket-wait-private.h"

#include <poll.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "device/lsock-io-device-state-private.h"
#include "io/lsock-transport-private.h"
#include "socket/lsock-socket-close-private.h"
#include "socket/lsock-socket-connect-private.h"
#include "socket/lsock-socket-events-private.h"

/* A wait polls its own descriptor and the one that interrupts, and nothing else: the events of other
 * objects stay where they are, so that no handler of theirs can run in between. */


/* Reports that nothing came in time; a wait that was interrupted ends without a word. */
static gboolean
time_out (LsockSocket *self,
          const char  *what,
          int          msecs)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *storage = NULL;
  g_autofree char *message = NULL;

  if (_lsock_interrupt_is_pending ())
    return FALSE;

  message =
    g_strdup_printf ("Timed out after %d ms waiting %s “%s”", MAX (msecs, 0), what,
                     _lsock_socket_display_name (priv, &storage));

  _lsock_socket_report_error (self, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, message);
  return FALSE;
}

/* While the read buffer is full no data can arrive, and a wait for it could only time out. */
static gboolean
is_full (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *storage = NULL;
  g_autofree char *message = NULL;

  if (priv->link.read_ended || _lsock_link_has_output (&priv->link) ||
      !_lsock_socket_wants_data (self) || _lsock_socket_get_room (self, priv) > 0)
    return FALSE;

  message = g_strdup_printf ("The read buffer of the socket for “%s” is full: nothing can arrive "
                             "before some of it is read",
                             _lsock_socket_display_name (priv, &storage));
  _lsock_socket_report_error (self, LSOCK_SOCKET_ERROR_OPERATION, message);
  return TRUE;
}

static gboolean
can_receive (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  return !priv->link.read_ended &&
         (!_lsock_socket_wants_data (self) || _lsock_socket_get_room (self, priv) > 0);
}

/* Polls for what the connection is waiting for anyway; LSOCK_READY_NONE when @deadline passed. */
static LsockReady
poll_link (LsockSocket *self,
           gint64       deadline)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady ready = LSOCK_READY_NONE;
  int events = 0;
  int revents;

  if (can_receive (self))
    events |= POLLIN;
  if (_lsock_link_has_output (&priv->link))
    events |= POLLOUT;

  revents = _lsock_transport_wait (priv->link.fd, events, deadline);
  if ((revents & POLLIN) != 0)
    ready |= LSOCK_READY_IN;
  if ((revents & POLLOUT) != 0)
    ready |= LSOCK_READY_OUT;
  if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
    ready |= LSOCK_READY_HUP;

  return ready;
}

static void
send_as_ready (LsockSocket *self,
               LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (_lsock_link_has_output (&priv->link) &&
      (ready & (LSOCK_READY_OUT | LSOCK_READY_HUP)) != 0)
    _lsock_socket_send (self);
}

static void
wait_for_connection (LsockSocket *self,
                     gint64       deadline)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  int context_serial = g_atomic_int_get (&priv->context_serial);
  gboolean first = TRUE;

  while (g_atomic_int_get (&priv->context_serial) == context_serial &&
         priv->state == LSOCK_SOCKET_STATE_CONNECTING && priv->retry != NULL)
    {
      int remaining = _lsock_deadline_remaining (deadline);
      int interval = (int) priv->retry->interval;

      /* An attempt that was left to the loop is made even by a wait that only polls. */
      if (remaining == 0 && (priv->retry->has_address || !first))
        break;

      first = FALSE;
      _lsock_transport_wait (-1, 0, _lsock_deadline_after (remaining < 0
                                                           ? interval : MIN (remaining, interval)));
      if (_lsock_interrupt_is_pending () && priv->retry->has_address)
        break;
      _lsock_socket_retry_connect (self);
    }
}

/**
 * lsock_socket_wait_for_connected:
 * @self: a socket
 * @msecs: the time limit in milliseconds; -1 to wait without a limit, 0 to poll
 *
 * Blocks until the connection that is being made is established, without a main loop.
 *
 * The signals of the connection are emitted before this function returns. Call it in the thread of
 * the socket's main context.
 *
 * A limit that runs out is no failure of the connection, so no signal is emitted for it; but
 * [property@Lsock.Socket:last-error] is %LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT then, and
 * [property@Lsock.IODevice:error-string] is set.
 *
 * The counterpart in Qt is `QLocalSocket::waitForConnected()`.
 *
 * Returns: %TRUE if @self is CONNECTED; %FALSE if it failed to connect, is not connecting, or the
 *   time ran out, which leaves it CONNECTING
 *
 * Since: 1.0
 */
gboolean
lsock_socket_wait_for_connected (LsockSocket *self,
                                 int          msecs)
{
  g_autoptr (LsockSocketScope) scope = NULL;
  LsockSocketPrivate *priv;
  int context_serial;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);
  context_serial = g_atomic_int_get (&priv->context_serial);

  wait_for_connection (self, _lsock_deadline_after (msecs));
  if (g_atomic_int_get (&priv->context_serial) != context_serial)
    return FALSE;

  /* Inside the signals of an attempt that has failed, it is the failure that is to be reported. */
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING && !priv->attempt_failed)
    {
      LsockSocketStep step = { 0, };
      g_autofree char *storage = NULL;
      g_autofree char *message = NULL;

      if (_lsock_interrupt_is_pending ())
        return FALSE;

      message =
        g_strdup_printf ("Timed out after %d ms waiting for the connection to “%s”",
                         MAX (msecs, 0), _lsock_socket_display_name (priv, &storage));

      _lsock_socket_step_error (self, &step, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, message, FALSE);
      _lsock_socket_emit (self, &step);
      return FALSE;
    }

  return priv->state == LSOCK_SOCKET_STATE_CONNECTED;
}

/* What a wait for bytes can begin with: a connection, made meanwhile if need be. */
static gboolean
wait_for_link (LsockSocket *self,
               gint64       deadline)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  int context_serial = g_atomic_int_get (&priv->context_serial);

  /* A handler that waits for more has heard of this. */
  _lsock_link_drain_pending (&priv->link);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    wait_for_connection (self, deadline);

  return g_atomic_int_get (&priv->context_serial) == context_serial &&
         (priv->state == LSOCK_SOCKET_STATE_CONNECTED ||
          priv->state == LSOCK_SOCKET_STATE_CLOSING);
}

gboolean
_lsock_socket_wait_for_ready_read (LsockIODevice *device,
                                   int            msecs)
{
  g_autoptr (LsockSocketScope) self = _lsock_socket_enter (LSOCK_SOCKET (device));
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gint64 deadline = _lsock_deadline_after (msecs);
  LsockSocketGuard guard;

  if (!wait_for_link (self, deadline))
    return FALSE;

  guard = _lsock_socket_guard (priv);
  _lsock_socket_report_written (self);

  while (_lsock_socket_is_same (priv, &guard) && priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      LsockReady ready;

      if (priv->link.read_ended)
        {
          _lsock_socket_advance_end (self);
          break;
        }

      if (is_full (self))
        break;

      /* After a failed write all that the peer wrote is received first, and no event comes for its
       * end: the peer may have shut only its reading down. */
      if (priv->link.write_errnum != 0)
        {
          if ((_lsock_socket_receive (self, LSOCK_READY_IN) & LSOCK_RECEIVED_DATA) != 0)
            return TRUE;
          continue;
        }

      ready = poll_link (self, deadline);
      if (ready == LSOCK_READY_NONE)
        return time_out (self, "for data from", msecs);

      send_as_ready (self, ready);
      _lsock_socket_report_written (self);
      if (!_lsock_socket_is_same (priv, &guard))
        break;

      /* Without LSOCK_READY_HUP: an end that follows the data is for the next wait. */
      if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && can_receive (self) &&
          (_lsock_socket_receive (self, LSOCK_READY_IN) & LSOCK_RECEIVED_DATA) != 0)
        return TRUE;
    }

  return FALSE;
}

/* Receives what is left after a failed write; FALSE when that cannot go on. */
static gboolean
receive_rest (LsockSocket *self,
              gint64       deadline)
{
  if (!can_receive (self) || _lsock_deadline_has_passed (deadline))
    return FALSE;

  _lsock_socket_receive (self, LSOCK_READY_IN);
  return TRUE;
}

gboolean
_lsock_socket_wait_for_bytes_written (LsockIODevice *device,
                                      int            msecs)
{
  g_autoptr (LsockSocketScope) self = _lsock_socket_enter (LSOCK_SOCKET (device));
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gint64 deadline = _lsock_deadline_after (msecs);
  LsockSocketGuard guard;

  if (!wait_for_link (self, deadline))
    return FALSE;

  guard = _lsock_socket_guard (priv);
  while (_lsock_socket_is_same (priv, &guard))
    {
      LsockReady ready;

      if (priv->link.unreported > 0)
        {
          _lsock_socket_report_written (self);
          return TRUE;
        }

      if (priv->link.write_errnum != 0)
        {
          if (priv->link.read_ended)
            _lsock_socket_advance_end (self);
          else if (!receive_rest (self, deadline))
            break;
          continue;
        }

      if (priv->link.outgoing.length == 0)
        break;

      ready = poll_link (self, deadline);
      if (ready == LSOCK_READY_NONE)
        return time_out (self, "for room to write to", msecs);

      send_as_ready (self, ready);
      if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && priv->link.unreported == 0 &&
          priv->link.write_errnum == 0 && can_receive (self))
        _lsock_socket_receive (self, ready);
    }

  return FALSE;
}

/* One turn of waiting for the end; FALSE when the wait is over. */
static gboolean
wait_for_end (LsockSocket            *self,
              const LsockSocketGuard *guard,
              gint64                  deadline,
              int                     msecs)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockLink *link = &priv->link;
  LsockReady ready;

  if (priv->state == LSOCK_SOCKET_STATE_CLOSING && !_lsock_link_has_output (link) &&
      link->write_errnum == 0)
    {
      /* Inside `bytes-written` the rest is not reported: what has left is no reason to wait. */
      _lsock_socket_finish (self);
      return TRUE;
    }

  if (link->read_ended && (link->write_errnum != 0 || !priv->finish_reported))
    {
      _lsock_socket_advance_end (self);
      if (!_lsock_socket_is_same (priv, guard))
        return TRUE;
    }

  if (is_full (self))
    return FALSE;

  if (link->write_errnum != 0)
    return receive_rest (self, deadline) || time_out (self, "for the end of the connection to", msecs);

  ready = poll_link (self, deadline);
  if (ready == LSOCK_READY_NONE)
    return time_out (self, "for the end of the connection to", msecs);

  send_as_ready (self, ready);
  _lsock_socket_report_written (self);
  if (!_lsock_socket_is_same (priv, guard))
    return TRUE;

  if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && can_receive (self))
    _lsock_socket_receive (self, ready);
  else
    _lsock_socket_hang_up (self, ready);

  return TRUE;
}

/**
 * lsock_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: the time limit in milliseconds; -1 to wait without a limit, 0 to poll
 *
 * Blocks until the connection has ended, without a main loop.
 *
 * Data that arrives meanwhile is received, within [property@Lsock.Socket:read-buffer-size], and
 * written data is sent; the signals of both are emitted before this function returns. Call it in
 * the thread of the socket's main context.
 *
 * The counterpart in Qt is `QLocalSocket::waitForDisconnected()`.
 *
 * Returns: %TRUE if the connection has ended; %FALSE if there is none, the time ran out, or the
 *   read buffer is full, behind which an end cannot be seen
 *
 * Since: 1.0
 */
gboolean
lsock_socket_wait_for_disconnected (LsockSocket *self,
                                    int          msecs)
{
  g_autoptr (LsockSocketScope) scope = NULL;
  LsockSocketPrivate *priv;
  LsockSocketGuard guard;
  gint64 deadline;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);
  deadline = _lsock_deadline_after (msecs);

  if (!wait_for_link (self, deadline))
    return FALSE;

  guard = _lsock_socket_guard (priv);
  _lsock_socket_report_written (self);
  while (_lsock_socket_is_same (priv, &guard) && wait_for_end (self, &guard, deadline, msecs))
    ;

  return g_atomic_int_get (&priv->context_serial) == guard.context_serial &&
         priv->state == LSOCK_SOCKET_STATE_UNCONNECTED;
}
