/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-socket-private.h"

#include <errno.h>

#include "lsock-io-device-private.h"
#include "lsock-object-private.h"
#include "lsock-transport-private.h"

/* What one socket may take from the kernel, or give to it, in one turn, so that a flood starves
 * neither the other sockets nor the other sources.  More would leave the processor's cache before
 * it is read: twice as much takes half as long again. */
#define BYTES_PER_TURN (256 * 1024)

#define MAX_VECTORS 16

/* Who reads a flood in smaller pieces is not worth a system call for each. */
#define MIN_DIRECT (16 * 1024)


/* Whether what was going on before an emission still concerns the same connection. */
static gboolean
still (LsockSocketPrivate *priv,
       guint               generation,
       LsockSocketState    state)
{
  return priv->generation == generation && priv->state == state;
}

gboolean
_lsock_socket_has_pending (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  return priv->outgoing.length > 0 || priv->left > 0;
}

gsize
_lsock_socket_get_room (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize held;

  if (priv->read_buffer_size <= 0)
    return G_MAXSSIZE;

  held = priv->incoming.length + _lsock_io_device_get_held (LSOCK_IO_DEVICE (self));
  return held < (gsize) priv->read_buffer_size ? (gsize) priv->read_buffer_size - held : 0;
}

void
_lsock_socket_update_interest (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady interest = LSOCK_READY_NONE;

  if (!priv->read_ended && !priv->read_blocked)
    interest |= LSOCK_READY_IN;
  if (priv->outgoing.length > 0)
    interest |= LSOCK_READY_OUT;
  /* Half open: what is left to be heard is that the peer is gone altogether. */
  if (priv->finish_said && priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    interest |= LSOCK_READY_HUP;

  _lsock_watch_set_interest (&priv->watch, interest);
}

/* Gives up the descriptor and what was to be written.  What came stays readable. */
void
_lsock_socket_release (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_socket_forget_retry (self);
  _lsock_watch_stop (&priv->watch);
  _lsock_byte_queue_clear (&priv->outgoing);
  priv->left = 0;
  priv->due = FALSE;
  priv->receive_errnum = 0;

  if (priv->fd >= 0)
    _lsock_transport_close (g_steal_fd (&priv->fd));
}

/* The one way to UNCONNECTED for what was a connection. */
void
_lsock_socket_finish (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean was_connected = priv->state != LSOCK_SOCKET_STATE_CONNECTING;
  guint generation = ++priv->generation;

  _lsock_socket_release (self);
  _lsock_socket_set_names (self, NULL, NULL);
  _lsock_socket_notify_descriptor (self);

  _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_UNCONNECTED);
  if (priv->generation != generation)
    return;

  if (!priv->finish_said)
    {
      priv->finish_said = TRUE;
      _lsock_io_device_emit_read_channel_finished (LSOCK_IO_DEVICE (self));
      if (priv->generation != generation)
        return;
    }

  if (was_connected)
    _lsock_socket_emit_disconnected (self);
}

void
_lsock_socket_finish_if_done (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->state == LSOCK_SOCKET_STATE_CLOSING && !_lsock_socket_has_pending (self))
    _lsock_socket_finish (self);
}

void
_lsock_socket_begin_disconnect (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;

  _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_CLOSING);
  if (still (priv, generation, LSOCK_SOCKET_STATE_CLOSING))
    _lsock_socket_finish_if_done (self);
}

/* The peer is gone, or broke: nothing more will come, and with @errnum nothing can leave either. */
static void
end_by_peer (LsockSocket *self,
             int          errnum)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketError code = LSOCK_SOCKET_ERROR_PEER_CLOSED;
  g_autofree char *message = NULL;
  guint generation = priv->generation;
  LsockSocketState state = priv->state;

  priv->read_ended = TRUE;

  if (errnum != 0)
    {
      code = _lsock_transport_error_code (errnum);
      if (code == LSOCK_SOCKET_ERROR_UNKNOWN)
        code = LSOCK_SOCKET_ERROR_CONNECTION;
      _lsock_byte_queue_clear (&priv->outgoing);
    }

  _lsock_socket_update_interest (self);

  /* The peer may end its writing while we send the last that we have to say. */
  if (errnum == 0 && state == LSOCK_SOCKET_STATE_CLOSING && !priv->write_failed)
    return;

  if (errnum == 0 && priv->allow_half_open && !priv->write_ended && !priv->write_failed)
    {
      priv->finish_said = TRUE;
      _lsock_socket_update_interest (self);
      _lsock_io_device_emit_read_channel_finished (LSOCK_IO_DEVICE (self));
      return;
    }

  if (errnum == 0)
    message = g_strconcat ("The peer of “", priv->server_name != NULL ? priv->server_name : "",
                           "” closed the connection", NULL);
  else
    message = g_strdup_printf ("The connection to “%s” ended: %s",
                               priv->server_name != NULL ? priv->server_name : "",
                               g_strerror (errnum));
  _lsock_socket_set_error (self, code, message);
  _lsock_socket_emit_error (self, code);
  if (!still (priv, generation, state))
    return;

  if (state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_CLOSING);
      if (!still (priv, generation, LSOCK_SOCKET_STATE_CLOSING))
        return;
    }

  if (errnum != 0)
    _lsock_socket_finish (self);
  else
    _lsock_socket_finish_if_done (self);
}

/* One system call, straight into the queue.  @full: the kernel may have more. */
static gssize
receive_piece (LsockSocket *self,
               gsize        room,
               gboolean     wanted,
               gboolean    *full)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockVector vectors[2];
  guint n_vectors = _lsock_byte_queue_reserve (&priv->incoming, room, vectors);
  gsize offered = vectors[0].length + (n_vectors > 1 ? vectors[1].length : 0);
  gssize n = _lsock_transport_read (priv->fd, vectors, n_vectors);
  int saved = errno;

  /* Nobody can read this, and a peer that waits for it to be taken would never read ours. */
  _lsock_byte_queue_commit (&priv->incoming, wanted && n > 0 ? (gsize) n : 0);
  *full = n == (gssize) offered;
  errno = saved;
  return n;
}

/* A handler of `ready-read` does not read what is due, but asks about it, or goes. */
void
_lsock_socket_take_due (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean full = TRUE;
  gsize total = 0;

  if (G_LIKELY (!priv->due))
    return;

  priv->due = FALSE;
  _lsock_watch_forget (&priv->watch, LSOCK_READY_DATA);
  while (full && total < priv->share)
    {
      gssize n = receive_piece (self, priv->share - total, TRUE, &full);

      if (n == LSOCK_TRANSPORT_FAILED)
        priv->receive_errnum = errno;
      total += MAX (n, 0);
    }
}

/* What is due goes to the reader without a copy in between. */
static gsize
read_due (LsockSocket *self,
          void        *buffer,
          gsize        count)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockVector vector = { buffer, MIN (count, priv->share) };
  gssize n = _lsock_transport_read (priv->fd, &vector, 1);

  _lsock_watch_forget (&priv->watch, LSOCK_READY_DATA);
  /* An end is found again in the next turn; a failure is said once. */
  if (n == LSOCK_TRANSPORT_FAILED)
    priv->receive_errnum = errno;
  /* As a byte out of band does: a peer that sends these is not to have us announce nothing. */
  else if (n == LSOCK_TRANSPORT_WOULD_BLOCK && priv->share == BYTES_PER_TURN)
    priv->misled = TRUE;

  if (n < (gssize) vector.length)
    {
      priv->due = FALSE;
      return MAX (n, 0);
    }

  priv->share -= n;
  if (priv->share == 0)
    priv->due = FALSE;
  else if (count < MIN_DIRECT)
    _lsock_socket_take_due (self);
  return n;
}

gsize
_lsock_socket_read (LsockSocket *self,
                    void        *buffer,
                    gsize        count)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize n = priv->incoming.length > 0 ? _lsock_byte_queue_read (&priv->incoming, buffer, count) : 0;

  if (n == count)
    {
      priv->was_read |= count > 0;
      return n;
    }

  if (priv->due)
    n += read_due (self, (guint8 *) buffer + n, count - n);

  priv->direct = n < count ? !priv->was_read || count >= MIN_DIRECT : priv->direct;
  priv->was_read = TRUE;
  return n;
}

/* Emits `ready-read`, and learns how it is answered.  FALSE when the connection is not the same
 * after, or not this thread's, or nobody has the socket any more. */
static gboolean
say_ready (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;
  LsockSocketState state = priv->state;
  int moves = g_atomic_int_get (&priv->moves);

  priv->direct = FALSE;
  priv->was_read = FALSE;
  _lsock_socket_enter (priv);
  _lsock_io_device_emit_ready_read (LSOCK_IO_DEVICE (self));
  _lsock_socket_leave (self, priv);
  if (g_atomic_int_get (&priv->moves) != moves || !still (priv, generation, state) || _lsock_object_is_last_held (LSOCK_OBJECT (self)))
    return FALSE;

  priv->eager = priv->incoming.length == 0;
  return TRUE;
}

/* The handler has always read all that there was with one call: it may have it from the kernel. */
static LsockReceive
receive_directly (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  priv->due = TRUE;
  priv->share = BYTES_PER_TURN;
  if (!say_ready (self))
    return LSOCK_RECEIVE_ENDED;

  /* What the handler left is where everybody will look for it. */
  if (G_UNLIKELY (priv->due))
    _lsock_socket_take_due (self);
  return LSOCK_RECEIVE_DATA;
}

/* Takes what the kernel has, within the room and the share of one turn.  With LSOCK_READY_HUP it
 * goes on to the end.
 *
 * Most often it goes straight into the queue before `ready-read` is emitted, once; a flood chunk by
 * chunk where the handler takes all that comes, so that each is still in the processor's cache. */
LsockReceive
_lsock_socket_receive (LsockSocket *self,
                       LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean wanted = priv->state == LSOCK_SOCKET_STATE_CONNECTED &&
                    (_lsock_io_device_peek_mode (LSOCK_IO_DEVICE (self)) &
                     LSOCK_OPEN_MODE_READ_ONLY) != 0;
  gboolean to_the_end = (ready & LSOCK_READY_HUP) != 0;
  int errnum = priv->receive_errnum;
  gboolean ended = errnum != 0;
  gboolean full = TRUE;
  gsize total = 0;
  gsize fresh = 0;

  if (priv->direct && (ready & LSOCK_READY_DATA) != 0 && wanted && !ended &&
      priv->read_buffer_size <= 0 && !priv->misled)
    return receive_directly (self);

  _lsock_watch_forget (&priv->watch, LSOCK_READY_DATA);
  priv->due = FALSE;
  priv->receive_errnum = 0;
  while (!ended && (full || to_the_end) && total < BYTES_PER_TURN)
    {
      gsize room = wanted ? _lsock_socket_get_room (self) : G_MAXSSIZE;
      gssize n;

      if (room == 0)
        {
          priv->read_blocked = TRUE;
          _lsock_socket_update_interest (self);
          break;
        }

      n = receive_piece (self, MIN (room, BYTES_PER_TURN - total), wanted, &full);
      if (n <= 0)
        {
          ended = n != LSOCK_TRANSPORT_WOULD_BLOCK;
          errnum = n == LSOCK_TRANSPORT_FAILED ? errno : 0;
          break;
        }

      total += n;
      fresh += n;
      if (full && priv->eager && wanted && !to_the_end && fresh >= LSOCK_BYTE_QUEUE_LARGE_CHUNK)
        {
          if (!say_ready (self) || priv->read_ended)
            return LSOCK_RECEIVE_ENDED;
          fresh = 0;
        }
    }

  if (fresh > 0 && wanted && !say_ready (self))
    return LSOCK_RECEIVE_ENDED;

  if (ended)
    {
      end_by_peer (self, errnum);
      return LSOCK_RECEIVE_ENDED;
    }

  return total > 0 && wanted ? LSOCK_RECEIVE_DATA : LSOCK_RECEIVE_NOTHING;
}

/* Says how much has left, never from inside itself. */
void
_lsock_socket_announce (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;
  int moves = g_atomic_int_get (&priv->moves);
  gint64 left = priv->left;

  if (left == 0 || priv->announcing)
    return;

  _lsock_watch_forget (&priv->watch, LSOCK_READY_WAKE);
  priv->left = 0;
  priv->announcing = TRUE;
  _lsock_socket_enter (priv);
  _lsock_io_device_emit_bytes_written (LSOCK_IO_DEVICE (self), left);
  priv->announcing = FALSE;
  _lsock_socket_leave (self, priv);

  if (g_atomic_int_get (&priv->moves) != moves || priv->generation != generation)
    return;

  if (priv->left > 0)
    _lsock_watch_wake (&priv->watch);
  _lsock_socket_finish_if_done (self);
}

/* Nothing can leave any more; what the peer said before it went is taken first. */
static void
fail_sending (LsockSocket *self,
              int          errnum)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;

  _lsock_byte_queue_clear (&priv->outgoing);
  priv->write_failed = TRUE;
  _lsock_socket_update_interest (self);

  if (!priv->read_ended)
    {
      if (priv->read_blocked ||
          _lsock_socket_receive (self, LSOCK_READY_IN | LSOCK_READY_HUP) == LSOCK_RECEIVE_ENDED)
        return;
    }

  if (priv->generation == generation)
    end_by_peer (self, errnum);
}

/* Gives the kernel what waits, as far as it has room. */
void
_lsock_socket_send_pending (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize total = 0;

  while (priv->outgoing.length > 0 && total < BYTES_PER_TURN)
    {
      LsockVector vectors[MAX_VECTORS];
      guint n_vectors = _lsock_byte_queue_get_vectors (&priv->outgoing, vectors, MAX_VECTORS);
      gssize n = _lsock_transport_write (priv->fd, vectors, n_vectors);

      if (n == LSOCK_TRANSPORT_FAILED)
        {
          fail_sending (self, errno);
          return;
        }

      if (n == LSOCK_TRANSPORT_WOULD_BLOCK)
        break;

      _lsock_byte_queue_skip (&priv->outgoing, n);
      priv->left += n;
      total += n;
    }

  _lsock_socket_update_interest (self);
  if (priv->write_ended && priv->outgoing.length == 0)
    _lsock_transport_shutdown_write (priv->fd);
}

/* Writes @length bytes at @data, which belong to @bytes if that is not NULL.  Whatever goes wrong
 * here is said later: a signal from inside write() would surprise its caller. */
void
_lsock_socket_send (LsockSocket *self,
                    const void  *data,
                    gsize        length,
                    GBytes      *bytes)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize done = 0;

  if (length == 0)
    return;

  if (priv->outgoing.length == 0)
    {
      LsockVector vector = { (void *) data, length };
      gssize n = _lsock_transport_write (priv->fd, &vector, 1);

      if (n > 0)
        {
          done = n;
          priv->left += n;
          _lsock_watch_wake (&priv->watch);
        }
    }

  if (done == length)
    return;

  if (bytes != NULL)
    {
      g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, done, length - done);

      _lsock_byte_queue_append_bytes (&priv->outgoing, rest);
    }
  else
    {
      _lsock_byte_queue_append (&priv->outgoing, (const guint8 *) data + done, length - done);
    }

  _lsock_socket_update_interest (self);
}

/* The peer of a socket that is half open is gone altogether: nobody is there to write to. */
void
_lsock_socket_hang_up (LsockSocket *self,
                       LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if ((ready & LSOCK_READY_HUP) != 0 && priv->finish_said && priv->outgoing.length == 0 &&
      priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    end_by_peer (self, EPIPE);
}

static void
serve (LsockSocket        *self,
       LsockSocketPrivate *priv,
       LsockReady          ready)
{
  guint generation = priv->generation;
  int moves = g_atomic_int_get (&priv->moves);

  if (priv->outgoing.length > 0 && (ready & (LSOCK_READY_OUT | LSOCK_READY_HUP)) != 0)
    {
      _lsock_socket_send_pending (self);
      if (priv->generation != generation)
        return;
    }

  _lsock_socket_announce (self);
  if (priv->generation != generation || g_atomic_int_get (&priv->moves) != moves)
    return;

  if ((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 && !priv->read_ended &&
      !priv->read_blocked)
    _lsock_socket_receive (self, ready);
  else
    _lsock_socket_hang_up (self, ready);

  /* What a handler has written meanwhile is announced now, rather than in a round of its own. */
  if (priv->left > 0 && priv->generation == generation &&
      g_atomic_int_get (&priv->moves) == moves && !_lsock_object_is_last_held (LSOCK_OBJECT (self)))
    _lsock_socket_announce (self);
}

void
_lsock_socket_on_watch (gpointer   owner,
                        LsockReady ready)
{
  g_autoptr (LsockSocket) self = g_object_ref (owner);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_socket_enter (priv);
  serve (self, priv, ready);
  _lsock_socket_leave (self, priv);
}

/**
 * lsock_socket_shutdown_write:
 * @self: a connected socket
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Ends the writing of this side once all that was written has left; reading goes on.
 *
 * The peer finds the end of what it reads, and can still answer. See shutdown(2).
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION unless @self is CONNECTED.
 *
 * Returns: %TRUE if the writing ends
 *
 * Since: 1.0
 */
gboolean
lsock_socket_shutdown_write (LsockSocket  *self,
                             GError      **error)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  priv = _lsock_socket_get_private (self);
  if (priv->state != LSOCK_SOCKET_STATE_CONNECTED)
    {
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                           "The writing of a socket that is not connected cannot end");
      return FALSE;
    }

  if (!priv->write_ended)
    {
      priv->write_ended = TRUE;
      if (priv->outgoing.length == 0)
        _lsock_transport_shutdown_write (priv->fd);
    }

  return TRUE;
}
