/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a connection ends: by us, by the peer, or by an error. */

#include "config.h"

#include "socket/lsock-socket-close-private.h"

#include "device/lsock-io-device-state-private.h"
#include "io/lsock-transport-private.h"


void
_lsock_socket_detach_retry (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->retry != NULL && priv->retry->source != NULL)
    {
      g_source_destroy (priv->retry->source);
      g_clear_pointer (&priv->retry->source, g_source_unref);
    }
}

void
_lsock_socket_release (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_socket_detach_retry (self);
  g_clear_pointer (&priv->retry, g_free);
  priv->output_lost |= priv->link.outgoing.length > 0;
  _lsock_link_close (&priv->link);
  _lsock_socket_update_linger (self);
}

/* The one way to UNCONNECTED for whatever was a connection, as part of @step. */
static void
finish (LsockSocket     *self,
        LsockSocketStep *step)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean was_connecting = priv->state == LSOCK_SOCKET_STATE_CONNECTING;

  priv->connection++;
  if (priv->link.fd >= 0 && !was_connecting)
    step->emissions |= LSOCK_EMIT_DESCRIPTOR;
  _lsock_socket_step_names (self, step, NULL, NULL);
  _lsock_socket_step_state (self, step, LSOCK_SOCKET_STATE_UNCONNECTED);
  _lsock_socket_release (self);

  if (!priv->finish_reported)
    step->emissions |= LSOCK_EMIT_READ_FINISHED;
  priv->finish_reported = TRUE;
  if (!was_connecting)
    step->emissions |= LSOCK_EMIT_DISCONNECTED;

  _lsock_socket_emit (self, step);
}

void
_lsock_socket_finish (LsockSocket *self)
{
  LsockSocketStep step = { 0, };

  if (_lsock_socket_get_private (self)->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    finish (self, &step);
}

void
_lsock_socket_finish_if_done (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->state == LSOCK_SOCKET_STATE_CLOSING && !_lsock_socket_has_pending (priv))
    _lsock_socket_finish (self);
}

/* Adds the change to CLOSING to @step, emits all of it, and ends if nothing is left to send. */
static void
begin_closing (LsockSocket     *self,
               LsockSocketStep *step)
{
  _lsock_socket_step_state (self, step, LSOCK_SOCKET_STATE_CLOSING);
  _lsock_socket_update_linger (self);
  _lsock_socket_update_interest (self);
  if (_lsock_socket_emit (self, step))
    _lsock_socket_finish_if_done (self);
}

void
_lsock_socket_disconnect (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  _lsock_link_drain_pending (&priv->link);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    _lsock_socket_finish (self);
  else if (priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    begin_closing (self, &step);
  else
    _lsock_socket_finish_if_done (self);
}


/* The device */

gboolean
_lsock_socket_announce_close (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);

  if (_lsock_io_device_peek_mode (device) == LSOCK_OPEN_MODE_NOT_OPEN || priv->closing)
    return TRUE;

  priv->closing = TRUE;
  _lsock_io_device_emit_about_to_close (device);
  priv->closing = FALSE;

  if (g_atomic_int_get (&priv->context_serial) != guard.context_serial)
    {
      if (priv->move->connection == guard.connection)
        priv->move->close = LSOCK_CLOSE_COMPLETE;
      return FALSE;
    }

  /* A connection that has ended meanwhile leaves the device to be closed; a new one keeps it. */
  return priv->connection == guard.connection || priv->state == LSOCK_SOCKET_STATE_UNCONNECTED;
}

/* Closes the device and drops what was not read, as part of @step.  As in Qt the text of the last
 * error goes, unless its signal is still to come. */
static void
step_close_device (LsockSocket     *self,
                   LsockSocketStep *step)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_byte_queue_clear (&priv->link.incoming);
  if (_lsock_io_device_peek_mode (LSOCK_IO_DEVICE (self)) == LSOCK_OPEN_MODE_NOT_OPEN)
    {
      _lsock_io_device_drop_held (LSOCK_IO_DEVICE (self));
      return;
    }

  _lsock_socket_step_mode (self, step, LSOCK_OPEN_MODE_NOT_OPEN);
  if (!priv->error_pending && _lsock_io_device_store_error_string (LSOCK_IO_DEVICE (self), NULL))
    step->emissions |= LSOCK_EMIT_ERROR_STRING;
}

static void
complete_close (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  step_close_device (self, &step);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    begin_closing (self, &step);
  else if (priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    finish (self, &step);
  else if (_lsock_socket_emit (self, &step))
    _lsock_socket_finish_if_done (self);
}

void
_lsock_socket_close (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_link_drain_pending (&priv->link);
  if (_lsock_socket_announce_close (self))
    complete_close (self);
}

void
_lsock_socket_abort (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketGuard guard;
  LsockSocketStep step = { 0, };

  priv->link.read_pending = FALSE;
  _lsock_byte_queue_clear (&priv->link.incoming);
  _lsock_io_device_drop_held (LSOCK_IO_DEVICE (self));

  guard = _lsock_socket_guard (priv);
  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      guard.connection++;
      _lsock_socket_finish (self);
    }

  if (g_atomic_int_get (&priv->context_serial) != guard.context_serial)
    {
      if (priv->move->connection == guard.connection)
        priv->move->close = LSOCK_CLOSE_FROM_START;
      return;
    }

  if (priv->connection != guard.connection || !_lsock_socket_announce_close (self))
    return;

  step_close_device (self, &step);
  _lsock_socket_emit (self, &step);
}

/* In the new context of a socket that a handler moved while it was being closed. */
void
_lsock_socket_resume_close (LsockSocket       *self,
                            LsockClosePending  pending)
{
  if (pending == LSOCK_CLOSE_FROM_START)
    _lsock_socket_close (self);
  else if (pending == LSOCK_CLOSE_COMPLETE)
    complete_close (self);
}


/* The peer */

static void
step_end_error (LsockSocket     *self,
                LsockSocketStep *step,
                int              errnum)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketError code = LSOCK_SOCKET_ERROR_PEER_CLOSED;
  g_autofree char *storage = NULL;
  g_autofree char *message = NULL;

  if (errnum == 0)
    {
      /* Not g_strdup_printf(): every connection that a peer ends pays for it. */
      message = g_strconcat ("The peer of “", _lsock_socket_display_name (priv, &storage),
                             "” closed the connection", NULL);
    }
  else
    {
      code = _lsock_transport_end_code (errnum);
      message = g_strdup_printf ("The connection to “%s” ended: %s",
                                 _lsock_socket_display_name (priv, &storage),
                                 g_strerror (errnum));
    }

  _lsock_socket_step_error (self, step, code, message, TRUE);
}

/* The peer ended its writing and may still read what we have to send. */
static gboolean
stays_open_for_writing (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  if (priv->end_reported)
    return FALSE;

  /* We are sending our last data: its end is the end of the connection. */
  if (priv->state == LSOCK_SOCKET_STATE_CLOSING)
    {
      _lsock_socket_finish_if_done (self);
      return TRUE;
    }

  if (!priv->allow_half_open || priv->link.write_ended)
    return FALSE;

  if (!priv->finish_reported)
    {
      priv->finish_reported = TRUE;
      _lsock_socket_update_interest (self);
      step.emissions = LSOCK_EMIT_READ_FINISHED;
      _lsock_socket_emit (self, &step);
    }
  return TRUE;
}

/* A loop that a handler runs meanwhile leaves the end to the code that reports it, as in Qt; a wait
 * goes on with it. */
static gboolean
emit_ending (LsockSocket     *self,
             LsockSocketStep *step)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean before = priv->ending;
  gboolean same;

  priv->ending = TRUE;
  same = _lsock_socket_emit (self, step);
  priv->ending = before;
  return same;
}

void
_lsock_socket_advance_end (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockLink *link = &priv->link;
  int errnum = link->read_errnum != 0 ? link->read_errnum : link->write_errnum;
  LsockSocketStep step = { 0, };

  if (link->fd < 0 || priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    return;

  link->read_ended = TRUE;
  if (errnum != 0)
    {
      priv->output_lost |= link->outgoing.length > 0;
      _lsock_byte_queue_clear (&link->outgoing);
    }
  _lsock_socket_update_linger (self);
  _lsock_socket_update_interest (self);

  if (errnum == 0 && stays_open_for_writing (self))
    return;

  if (!priv->end_reported)
    {
      priv->end_reported = TRUE;
      step_end_error (self, &step, errnum);
      if (!emit_ending (self, &step))
        return;
    }

  if (priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      _lsock_socket_step_state (self, &step, LSOCK_SOCKET_STATE_CLOSING);
      _lsock_socket_update_linger (self);
      _lsock_socket_update_interest (self);
      if (!emit_ending (self, &step))
        return;
    }

  /* Read again: a handler may have written, and have failed. */
  if (link->read_errnum != 0 || link->write_errnum != 0)
    _lsock_socket_finish (self);
  else
    _lsock_socket_finish_if_done (self);
}

/**
 * lsock_socket_shutdown_write:
 * @self: a connected socket
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Ends writing on this side once all written data has left; reading goes on.
 *
 * The peer reads to the end of the data, and can still answer. See shutdown(2).
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION unless @self is CONNECTED.
 *
 * Returns: %TRUE if writing ends
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
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Cannot end writing to “%s”: the socket is not connected",
                   _lsock_socket_display_name (priv, &storage));
      return FALSE;
    }

  _lsock_link_shutdown_write (&priv->link);
  return TRUE;
}

/**
 * lsock_socket_steal_socket_descriptor:
 * @self: a connected socket
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Gives the descriptor to the caller, for code that works on descriptors or on a #GSocket.
 *
 * The connection goes on, and @self ends its part of it as after
 * [method@Lsock.Socket.disconnect_from_server]: it becomes UNCONNECTED, and what it has received
 * stays readable in @self.  A program that must not miss that reads it, or steals the descriptor
 * before the main loop runs.  The descriptor is non-blocking and close-on-exec.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION unless @self is CONNECTED, and while
 * [method@Lsock.IODevice.bytes_to_write] is not 0.
 *
 * Qt has no counterpart.
 *
 * Returns: the descriptor, which the caller closes; -1 on failure
 *
 * Since: 1.0
 */
int
lsock_socket_steal_socket_descriptor (LsockSocket  *self,
                                      GError      **error)
{
  g_autoptr (LsockSocketScope) scope = NULL;
  g_autofree char *storage = NULL;
  LsockSocketStep step = { .emissions = LSOCK_EMIT_DESCRIPTOR };
  LsockSocketPrivate *priv;
  gint64 unsent;
  int fd;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), -1);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);
  if (priv->state != LSOCK_SOCKET_STATE_CONNECTED)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Cannot give up the descriptor of “%s”: the socket is not connected",
                   _lsock_socket_display_name (priv, &storage));
      return -1;
    }

  unsent = lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (self));
  if (unsent > 0)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Cannot give up the descriptor of “%s”: %" G_GINT64_FORMAT
                   " bytes have not left", _lsock_socket_display_name (priv, &storage), unsent);
      return -1;
    }

  fd = _lsock_link_steal (&priv->link);
  finish (self, &step);
  return fd;
}
