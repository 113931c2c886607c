/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-socket-private.h"

#include <poll.h>

#include "lsock-io-device-private.h"
#include "lsock-transport-private.h"

/* The waits poll their own descriptor and nothing else: the events of other objects stay where
 * they are, so no handler of theirs can run in between. */


static gint64
deadline_of (int msecs)
{
  return msecs < 0 ? -1 : g_get_monotonic_time () + (gint64) msecs * 1000;
}

static int
rest_of (gint64 deadline)
{
  gint64 rest;

  if (deadline < 0)
    return -1;

  rest = deadline - g_get_monotonic_time ();
  return rest <= 0 ? 0 : (int) ((rest + 999) / 1000);
}

static gboolean
time_out (LsockSocket *self,
          const char  *what,
          int          msecs)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *message = NULL;

  message = g_strdup_printf ("Waited %d ms in vain for %s “%s”", msecs, what,
                             priv->server_name != NULL ? priv->server_name : "");
  _lsock_socket_set_error (self, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, message);
  _lsock_socket_emit_error (self, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT);
  return FALSE;
}

/* A wait for what cannot come before something is read would wait in vain. */
static gboolean
is_full (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->read_ended || priv->outgoing.length > 0 || _lsock_socket_get_room (self) > 0)
    return FALSE;

  _lsock_socket_set_error (self, LSOCK_SOCKET_ERROR_OPERATION,
                           "The read buffer is full: nothing can arrive before something is read");
  _lsock_socket_emit_error (self, LSOCK_SOCKET_ERROR_OPERATION);
  return TRUE;
}

/* Polls for what the connection is waiting for anyway; 0 when @deadline passed first. */
static LsockReady
poll_link (LsockSocket *self,
           gint64       deadline)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady ready = LSOCK_READY_NONE;
  int events = 0;
  int revents;

  if (!priv->read_ended && _lsock_socket_get_room (self) > 0)
    events |= POLLIN;
  if (priv->outgoing.length > 0)
    events |= POLLOUT;

  revents = _lsock_transport_wait (priv->fd, events, deadline);
  if ((revents & POLLIN) != 0)
    ready |= LSOCK_READY_IN;
  if ((revents & POLLOUT) != 0)
    ready |= LSOCK_READY_OUT;
  if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
    ready |= LSOCK_READY_HUP;

  return ready;
}

/* Sends what waits as far as @ready lets it; FALSE when the connection is not the same after. */
static gboolean
send_as_ready (LsockSocket *self,
               LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;

  if (priv->outgoing.length > 0 && (ready & (LSOCK_READY_OUT | LSOCK_READY_HUP)) != 0)
    _lsock_socket_send_pending (self);

  return priv->generation == generation;
}

/* Whether what was waited for still concerns the same connection, and this thread. */
static gboolean
is_same (LsockSocketPrivate *priv,
         guint               generation,
         int                 moves)
{
  return g_atomic_int_get (&priv->moves) == moves && priv->generation == generation;
}

/**
 * lsock_socket_wait_for_connected:
 * @self: a socket
 * @msecs: for how many milliseconds to wait; -1 waits for ever, 0 looks only
 *
 * Waits, without a loop, until the connection that is being made stands.
 *
 * The signals of the connection are emitted before this function returns. Called in the thread of
 * the socket's main context.
 *
 * The counterpart in Qt is `QLocalSocket::waitForConnected()`.
 *
 * Returns: %TRUE if @self is CONNECTED; %FALSE when it failed to connect, is not connecting, or
 *   the time ran out, which leaves it CONNECTING
 *
 * Since: 1.0
 */
gboolean
lsock_socket_wait_for_connected (LsockSocket *self,
                                 int          msecs)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;
  gint64 deadline;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  hold = g_object_ref (self);
  priv = _lsock_socket_get_private (self);
  deadline = deadline_of (msecs);

  while (priv->state == LSOCK_SOCKET_STATE_CONNECTING && priv->retry_address != NULL)
    {
      int rest = rest_of (deadline);

      if (rest == 0)
        break;

      g_usleep ((rest < 0 ? 10 : MIN (rest, 10)) * 1000);
      _lsock_socket_retry_connect (self);
    }

  return priv->state == LSOCK_SOCKET_STATE_CONNECTED;
}

/* What a wait for bytes can begin with: a connection, made meanwhile if need be. */
static gboolean
wait_for_link (LsockSocket *self,
               gint64       deadline)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  /* A handler that waits for more has heard of this. */
  _lsock_socket_take_due (self);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    lsock_socket_wait_for_connected (self, rest_of (deadline));

  return priv->state == LSOCK_SOCKET_STATE_CONNECTED ||
         priv->state == LSOCK_SOCKET_STATE_CLOSING;
}

gboolean
_lsock_socket_wait_for_ready_read (LsockIODevice *device,
                                   int            msecs)
{
  g_autoptr (LsockSocket) self = g_object_ref (LSOCK_SOCKET (device));
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gint64 deadline = deadline_of (msecs);
  guint generation;
  int moves;

  if (!wait_for_link (self, deadline))
    return FALSE;

  generation = priv->generation;
  moves = g_atomic_int_get (&priv->moves);
  _lsock_socket_announce (self);

  while (is_same (priv, generation, moves) && priv->state == LSOCK_SOCKET_STATE_CONNECTED &&
         !priv->read_ended)
    {
      LsockReady ready;

      if (is_full (self))
        return FALSE;

      ready = poll_link (self, deadline);
      if (ready == LSOCK_READY_NONE)
        return time_out (self, "data from", msecs);

      if (!send_as_ready (self, ready))
        break;

      _lsock_socket_announce (self);
      if (!is_same (priv, generation, moves))
        break;

      /* Without LSOCK_READY_HUP: an end that follows the data is for the next wait. */
      if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && _lsock_socket_get_room (self) > 0 &&
          _lsock_socket_receive (self, LSOCK_READY_IN) == LSOCK_RECEIVE_DATA)
        return TRUE;
    }

  return FALSE;
}

gboolean
_lsock_socket_wait_for_bytes_written (LsockIODevice *device,
                                      int            msecs)
{
  g_autoptr (LsockSocket) self = g_object_ref (LSOCK_SOCKET (device));
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gint64 deadline = deadline_of (msecs);
  guint generation;
  int moves;

  if (!wait_for_link (self, deadline))
    return FALSE;

  generation = priv->generation;
  moves = g_atomic_int_get (&priv->moves);
  while (is_same (priv, generation, moves) && _lsock_socket_has_pending (self))
    {
      LsockReady ready;

      if (priv->left > 0)
        {
          _lsock_socket_announce (self);
          return TRUE;
        }

      ready = poll_link (self, deadline);
      if (ready == LSOCK_READY_NONE)
        return time_out (self, "room to write to", msecs);

      if (!send_as_ready (self, ready))
        break;

      if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && !priv->read_ended &&
          _lsock_socket_get_room (self) > 0 && priv->left == 0)
        _lsock_socket_receive (self, ready);
    }

  return FALSE;
}

/**
 * lsock_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: for how many milliseconds to wait; -1 waits for ever, 0 looks only
 *
 * Waits, without a loop, until the connection has ended.
 *
 * What arrives meanwhile is taken in, within [property@Lsock.Socket:read-buffer-size], and what
 * waits leaves; the signals of all that are emitted before this function returns. Called in the
 * thread of the socket's main context.
 *
 * The counterpart in Qt is `QLocalSocket::waitForDisconnected()`.
 *
 * Returns: %TRUE if the connection has ended; %FALSE when there is none, the time ran out, or the
 *   read buffer is full, behind which an end cannot be seen
 *
 * Since: 1.0
 */
gboolean
lsock_socket_wait_for_disconnected (LsockSocket *self,
                                    int          msecs)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;
  guint generation;
  int moves;
  gint64 deadline;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  hold = g_object_ref (self);
  priv = _lsock_socket_get_private (self);
  deadline = deadline_of (msecs);

  if (!wait_for_link (self, deadline))
    return FALSE;

  generation = priv->generation;
  moves = g_atomic_int_get (&priv->moves);
  _lsock_socket_announce (self);

  while (is_same (priv, generation, moves))
    {
      LsockReady ready;

      if (is_full (self))
        return FALSE;

      ready = poll_link (self, deadline);
      if (ready == LSOCK_READY_NONE)
        return time_out (self, "the end of the connection to", msecs);

      if (!send_as_ready (self, ready))
        break;

      _lsock_socket_announce (self);
      if (!is_same (priv, generation, moves))
        break;

      if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && !priv->read_ended &&
          _lsock_socket_get_room (self) > 0)
        _lsock_socket_receive (self, ready);
      else
        _lsock_socket_hang_up (self, ready);
    }

  return priv->state == LSOCK_SOCKET_STATE_UNCONNECTED;
}
