/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events of a connection: the link is ready, and the socket receives, sends and emits. */

#include "config.h"

#include "socket/lsock-socket-events-private.h"

#include <errno.h>

#include "device/lsock-io-device-state-private.h"
#include "socket/lsock-socket-close-private.h"


/* Whether data came during `ready-read` that its handler, which ran a loop or waited, has left. */
static gboolean
has_missed (LsockSocket        *self,
            LsockSocketPrivate *priv)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (self);

  return _lsock_io_device_take_missed_ready_read (device) &&
         priv->link.incoming.length + _lsock_io_device_get_held (device) > 0;
}

/* Emits `ready-read`, and learns how the handler reads.  FALSE when the connection has changed. */
static inline gboolean
emit_ready_read (LsockSocket        *self,
                 LsockSocketPrivate *priv)
{
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  LsockSocketState state = priv->state;
  LsockLink *link = &priv->link;
  gboolean nested = _lsock_io_device_get_private (LSOCK_IO_DEVICE (self))->in_ready_read;

  do
    {
      link->read_directly = FALSE;
      link->was_read = FALSE;
      _lsock_io_device_emit_ready_read (LSOCK_IO_DEVICE (self));

      if (!_lsock_socket_is_same_and_held (self, priv, &guard) || priv->state != state)
        return FALSE;
    }
  while (!nested && has_missed (self, priv));

  link->reader_drains = link->incoming.length == 0;
  return TRUE;
}

/* The handler has always read all that there was with one call: it may have it from the kernel. */
static LsockReceived
receive_directly (LsockSocket        *self,
                  LsockSocketPrivate *priv)
{
  LsockLink *link = &priv->link;

  link->read_pending = TRUE;
  link->turn_budget = LSOCK_LINK_BYTES_PER_TURN;
  if (!emit_ready_read (self, priv))
    return LSOCK_RECEIVED_DATA | LSOCK_RECEIVED_CHANGED;

  /* What the handler left has to be where all questions look for it. */
  if (G_UNLIKELY (link->read_pending))
    _lsock_link_drain_pending (link);

  if (G_UNLIKELY (link->read_ended))
    {
      _lsock_socket_advance_end (self);
      return LSOCK_RECEIVED_DATA | LSOCK_RECEIVED_CHANGED;
    }
  return LSOCK_RECEIVED_DATA;
}

/* After the turn's data was announced, when reading has ended or writing has failed. */
static LsockReceived
finish_receiving (LsockSocket         *self,
                  LsockSocketPrivate  *priv,
                  const LsockReadPlan *plan,
                  LsockReceived        received)
{
  LsockLink *link = &priv->link;
  gboolean drained = !plan->more && !plan->to_end;

  /* Nothing can leave any more, and all that the peer had written is here. */
  if (link->read_ended || (link->write_errnum != 0 && drained))
    {
      _lsock_socket_advance_end (self);
      return received | LSOCK_RECEIVED_CHANGED;
    }

  /* No event asks for the rest of it: the peer need not have ended its own writing. */
  if (link->write_errnum != 0 && !link->read_blocked)
    _lsock_watch_wake (&link->watch);

  return received;
}

/* Most often the data goes straight into the queue before `ready-read` is emitted, once; a flood
 * chunk by chunk where the handler takes all that comes. */
LsockReceived
_lsock_socket_receive (LsockSocket *self,
                       LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockLink *link = &priv->link;
  gboolean wanted = _lsock_socket_wants_data (self);
  LsockReceived received = LSOCK_RECEIVED_NOTHING;
  LsockSocketStep step = { 0, };
  LsockReadPlan plan;

  link->received = TRUE;
  if (link->read_directly && (ready & LSOCK_READY_DATA) != 0 && wanted &&
      priv->read_buffer_size <= 0 && !link->readiness_unreliable && link->write_errnum == 0 &&
      !link->read_ended)
    return receive_directly (self, priv);

  plan = (LsockReadPlan) {
    .budget = LSOCK_LINK_BYTES_PER_TURN,
    .wanted = wanted,
    .to_end = (ready & LSOCK_READY_HUP) != 0 || link->write_errnum != 0,
    .more   = TRUE,
  };

  for (;;)
    {
      LsockLinkVerdict verdict =
        _lsock_link_receive (link, &plan, wanted ? _lsock_socket_get_room (self, priv) : G_MAXSSIZE);

      if (G_UNLIKELY (verdict == LSOCK_LINK_FULL))
        _lsock_socket_step_blocked (self, &step, TRUE);

      if (plan.fresh > 0)
        {
          plan.fresh = 0;
          received |= LSOCK_RECEIVED_DATA;
          if (!emit_ready_read (self, priv))
            return received | LSOCK_RECEIVED_CHANGED;

          /* The handler has written, and the peer is gone: more may have come meanwhile. */
          if (G_UNLIKELY (link->write_errnum != 0))
            plan.to_end = TRUE;
        }

      if (G_LIKELY (verdict == LSOCK_LINK_DATA && !plan.more && !plan.to_end && !link->read_ended))
        break;

      if (G_UNLIKELY (step.emissions != 0) && !_lsock_socket_emit (self, &step))
        return received | LSOCK_RECEIVED_CHANGED;

      if (verdict != LSOCK_LINK_DATA || plan.budget == 0 || link->read_ended)
        break;
    }

  return G_LIKELY (!link->read_ended && link->write_errnum == 0)
    ? received : finish_receiving (self, priv, &plan, received);
}

void
_lsock_socket_report_written (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  gint64 count = priv->link.unreported;

  if (count == 0 || priv->reporting_written)
    return;

  _lsock_watch_forget (&priv->link.watch, LSOCK_READY_WAKE);
  priv->link.unreported = 0;
  priv->reporting_written = TRUE;
  _lsock_io_device_emit_bytes_written (LSOCK_IO_DEVICE (self), count);
  priv->reporting_written = FALSE;

  if (!_lsock_socket_is_same (priv, &guard))
    return;

  if (priv->link.unreported > 0)
    _lsock_watch_wake (&priv->link.watch);
  _lsock_socket_finish_if_done (self);
}

void
_lsock_socket_send (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_link_send (&priv->link);
  _lsock_socket_update_interest (self);
}

void
_lsock_socket_hang_up (LsockSocket *self,
                       LsockReady   ready)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if ((ready & LSOCK_READY_HUP) != 0 && priv->finish_reported && priv->link.outgoing.length == 0 &&
      priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      priv->link.write_errnum = EPIPE;
      _lsock_socket_advance_end (self);
    }
}

/* The kernel has no memory to watch the descriptor any more: without events the connection would
 * be deaf without a word. */
static void
fail_watch (LsockSocket        *self,
            LsockSocketPrivate *priv)
{
  priv->link.read_errnum = priv->link.watch.errnum;
  _lsock_socket_advance_end (self);
}

/* A handler that waits, or runs a loop, may take what the event was for: the kernel has to be asked
 * before more is announced.  FALSE when the connection has changed. */
static gboolean
report_written_before_receiving (LsockSocket            *self,
                                 LsockSocketPrivate     *priv,
                                 const LsockSocketGuard *guard)
{
  LsockLink *link = &priv->link;
  gboolean before = link->received;

  link->received = FALSE;
  _lsock_socket_report_written (self);
  if (!_lsock_socket_is_same (priv, guard))
    return FALSE;

  if (link->received)
    link->read_directly = FALSE;
  link->received = link->received || before;
  return TRUE;
}

static void
dispatch (LsockSocket        *self,
          LsockSocketPrivate *priv,
          LsockReady          ready)
{
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  LsockLink *link = &priv->link;

  if (G_UNLIKELY ((ready & LSOCK_READY_FAILED) != 0))
    {
      fail_watch (self, priv);
      return;
    }

  if (_lsock_link_has_output (link) && (ready & (LSOCK_READY_OUT | LSOCK_READY_HUP)) != 0)
    _lsock_socket_send (self);

  if (link->unreported > 0 && !report_written_before_receiving (self, priv, &guard))
    return;

  if (((ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) != 0 || link->write_errnum != 0) &&
      !link->read_ended && !link->read_blocked)
    _lsock_socket_receive (self, ready);
  else if (G_UNLIKELY (link->read_ended && (link->write_errnum != 0 || !priv->finish_reported)))
    {
      if (!priv->ending)
        _lsock_socket_advance_end (self);
    }
  else if (G_UNLIKELY (priv->state == LSOCK_SOCKET_STATE_CLOSING))
    _lsock_socket_finish_if_done (self);
  else
    _lsock_socket_hang_up (self, ready);

  /* What a handler has written meanwhile is reported now, rather than in a turn of its own. */
  if (link->unreported > 0 && _lsock_socket_is_same_and_held (self, priv, &guard))
    _lsock_socket_report_written (self);
}

void
_lsock_socket_on_watch (gpointer   owner,
                        LsockReady ready)
{
  g_autoptr (LsockSocketScope) scope = _lsock_socket_enter (owner);

  dispatch (scope, _lsock_socket_get_private (scope), ready);
}
