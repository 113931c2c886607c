/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state machine of a socket: its one setter, its table of edges, and its emissions. */

#include "config.h"

#include "socket/lsock-socket-state-private.h"

#include "lsock-enum-types.h"
#include "device/lsock-io-device-state-private.h"

enum
{
  CONNECTED,
  DISCONNECTED,
  ERROR,
  STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

GParamSpec *_lsock_socket_pspecs[LSOCK_SOCKET_N_PROPS];
int _lsock_socket_private_offset;


/* Questions */

gsize
_lsock_socket_get_limited_room (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize held = priv->link.incoming.length + _lsock_io_device_get_held (LSOCK_IO_DEVICE (self));

  return held < (gsize) priv->read_buffer_size ? (gsize) priv->read_buffer_size - held : 0;
}

LsockReady
_lsock_socket_get_interest (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady interest = _lsock_link_get_interest (&priv->link);

  /* Half open: what is left to be heard is that the peer is gone altogether. */
  if (priv->finish_reported && priv->link.read_ended &&
      priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    interest |= LSOCK_READY_HUP;

  return interest;
}

void
_lsock_socket_update_interest (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_watch_set_interest (&priv->link.watch, _lsock_socket_get_interest (self));
}

void
_lsock_socket_unblock (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  if (_lsock_socket_wants_data (self) && _lsock_socket_get_room (self, priv) == 0)
    return;

  _lsock_io_device_hold_notify (LSOCK_IO_DEVICE (self));
  _lsock_socket_step_blocked (self, &step, FALSE);
  _lsock_socket_emit (self, &step);
}

/* A reference of its own rather than one of the main context's: it goes when the last byte has
 * left, when writing fails, and whenever the connection ends. */
void
_lsock_socket_update_linger (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gboolean lingers = priv->state == LSOCK_SOCKET_STATE_CLOSING &&
                     _lsock_link_has_output (&priv->link);

  if (G_LIKELY (lingers == priv->lingers))
    return;

  priv->lingers = lingers;
  if (lingers)
    g_object_ref (self);
  else
    g_object_unref (self);
}


/* Steps */

/* CLOSING to CONNECTING is a new connection, for which the old one is given up. */
static gboolean
is_allowed (LsockSocketState from,
            LsockSocketState to)
{
  switch (from)
    {
    case LSOCK_SOCKET_STATE_UNCONNECTED:
      return to != LSOCK_SOCKET_STATE_UNCONNECTED;

    case LSOCK_SOCKET_STATE_CONNECTING:
      return to == LSOCK_SOCKET_STATE_CONNECTED || to == LSOCK_SOCKET_STATE_UNCONNECTED;

    case LSOCK_SOCKET_STATE_CONNECTED:
      return to == LSOCK_SOCKET_STATE_CLOSING || to == LSOCK_SOCKET_STATE_UNCONNECTED;

    case LSOCK_SOCKET_STATE_CLOSING:
      return to == LSOCK_SOCKET_STATE_CONNECTING || to == LSOCK_SOCKET_STATE_UNCONNECTED;

    default:
      return FALSE;
    }
}

void
_lsock_socket_step_state (LsockSocket      *self,
                          LsockSocketStep  *step,
                          LsockSocketState  state)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  g_assert (is_allowed (priv->state, state));

  priv->state = state;
  step->emissions |= LSOCK_EMIT_STATE | LSOCK_EMIT_STATE_CHANGED;

  /* Outside CONNECTED nothing is kept for a reader, so no reader can hold the peer back. */
  if (priv->link.read_blocked && state != LSOCK_SOCKET_STATE_CONNECTED)
    _lsock_socket_step_blocked (self, step, FALSE);
}

static gboolean
replace_string (GRefString **string,
                GRefString  *value)
{
  GRefString *old = *string;
  gboolean same = g_strcmp0 (old, value) == 0;

  if (old == value)
    return FALSE;

  *string = value != NULL ? g_ref_string_acquire (value) : NULL;
  g_clear_pointer (&old, g_ref_string_release);
  return !same;
}

void
_lsock_socket_step_names (LsockSocket     *self,
                          LsockSocketStep *step,
                          GRefString      *name,
                          GRefString      *full_name)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (replace_string (&priv->server_name, name))
    step->emissions |= LSOCK_EMIT_SERVER_NAME;
  if (replace_string (&priv->full_server_name, full_name))
    step->emissions |= LSOCK_EMIT_FULL_SERVER_NAME;
}

void
_lsock_socket_step_error (LsockSocket      *self,
                          LsockSocketStep  *step,
                          LsockSocketError  code,
                          const char       *message,
                          gboolean          report)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (_lsock_io_device_store_error_string (LSOCK_IO_DEVICE (self), message))
    step->emissions |= LSOCK_EMIT_ERROR_STRING;
  if (priv->last_error != code)
    step->emissions |= LSOCK_EMIT_LAST_ERROR;
  priv->last_error = code;

  if (report)
    {
      step->emissions |= LSOCK_EMIT_ERROR;
      step->error = code;
    }
}

void
_lsock_socket_step_mode (LsockSocket     *self,
                         LsockSocketStep *step,
                         LsockOpenMode    mode)
{
  LsockOpenMode before = _lsock_io_device_switch_mode (LSOCK_IO_DEVICE (self), mode);

  if ((step->emissions & LSOCK_EMIT_MODE) == 0)
    step->mode_before = before;
  step->emissions |= LSOCK_EMIT_MODE;
}

void
_lsock_socket_step_blocked (LsockSocket     *self,
                            LsockSocketStep *step,
                            gboolean         blocked)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->link.read_blocked == !!blocked)
    return;

  priv->link.read_blocked = !!blocked;
  step->emissions |= LSOCK_EMIT_READ_BLOCKED;
  _lsock_socket_update_interest (self);

  if (blocked)
    {
      g_autofree char *storage = NULL;

      g_debug ("The read buffer of the socket for “%s” is full (%" G_GINT64_FORMAT " bytes): nothing "
               "more is received until some of it is read",
               _lsock_socket_display_name (priv, &storage), priv->read_buffer_size);
    }
  else if (priv->link.write_errnum != 0)
    {
      _lsock_watch_wake (&priv->link.watch);
    }
}


/* Emissions */

static void
notify (LsockSocket         *self,
        LsockSocketProperty  property)
{
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[property]);
}

static void
emit_one (LsockSocket         *self,
          LsockSocketEmission  emission,
          LsockSocketStep     *step)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (self);

  switch (emission)
    {
    case LSOCK_EMIT_SERVER_NAME:
      notify (self, LSOCK_SOCKET_PROP_SERVER_NAME);
      break;

    case LSOCK_EMIT_FULL_SERVER_NAME:
      notify (self, LSOCK_SOCKET_PROP_FULL_SERVER_NAME);
      break;

    case LSOCK_EMIT_DESCRIPTOR:
      notify (self, LSOCK_SOCKET_PROP_SOCKET_DESCRIPTOR);
      break;

    case LSOCK_EMIT_LAST_ERROR:
      notify (self, LSOCK_SOCKET_PROP_LAST_ERROR);
      break;

    case LSOCK_EMIT_ERROR_STRING:
      _lsock_io_device_notify_error_string (device);
      break;

    case LSOCK_EMIT_MODE:
      _lsock_io_device_notify_mode (device, step->mode_before);
      break;

    case LSOCK_EMIT_READ_BLOCKED:
      notify (self, LSOCK_SOCKET_PROP_READ_BLOCKED);
      break;

    case LSOCK_EMIT_STATE:
      notify (self, LSOCK_SOCKET_PROP_STATE);
      break;

    case LSOCK_EMIT_ERROR:
      _lsock_socket_get_private (self)->error_pending = step->outer_error_pending;
      g_signal_emit (self, signals[ERROR], 0, step->error);
      break;

    case LSOCK_EMIT_STATE_CHANGED:
      g_signal_emit (self, signals[STATE_CHANGED], 0,
                     _lsock_socket_get_private (self)->state);
      break;

    case LSOCK_EMIT_CONNECTED:
      g_signal_emit (self, signals[CONNECTED], 0);
      break;

    case LSOCK_EMIT_READ_FINISHED:
      _lsock_io_device_emit_read_channel_finished (device);
      break;

    case LSOCK_EMIT_DISCONNECTED:
      g_signal_emit (self, signals[DISCONNECTED], 0);
      break;

    default:
      g_assert_not_reached ();
    }
}

/* Emissions may be nested, and each of them is interrupted by the same move. */
static void
keep_unfinished (LsockSocketMove       *move,
                 const LsockSocketStep *step)
{
  if ((move->emissions.emissions & LSOCK_EMIT_MODE) == 0)
    move->emissions.mode_before = step->mode_before;
  if ((move->emissions.emissions & LSOCK_EMIT_ERROR) == 0)
    move->emissions.error = step->error;
  move->emissions.emissions |= step->emissions;
}

gboolean
_lsock_socket_check_move (LsockSocket     *self,
                          LsockSocketMove *move)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (move->connection == priv->connection && move->state == priv->state)
    return TRUE;

  move->emissions.emissions &= ~LSOCK_EMIT_SIGNALS;
  move->close = LSOCK_CLOSE_NONE;
  return FALSE;
}

void
_lsock_socket_complete_move (LsockSocket *self)
{
  LsockSocketMove *move = _lsock_socket_get_private (self)->move;

  if (g_atomic_int_compare_and_exchange (&move->queued, FALSE, TRUE))
    _lsock_object_call_later (LSOCK_OBJECT (self), move->reattach);
}

void
_lsock_socket_leave_slowly (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (_lsock_object_has_operations (LSOCK_OBJECT (self)))
    _lsock_object_check_operations (LSOCK_OBJECT (self));

  if (--priv->dispatch_depth > 0)
    return;

  priv->leave_slowly = _lsock_object_has_operations (LSOCK_OBJECT (self));
  if (priv->move != NULL)
    _lsock_socket_complete_move (self);
}

/* A signal concerns the connection that it was collected for, and a notification only asks to look
 * at the property again: so after a handler that changed the connection the signals are dropped,
 * and after one that moved the socket all that is left follows in the new context. */
gboolean
_lsock_socket_emit (LsockSocket     *self,
                    LsockSocketStep *step)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketGuard guard = _lsock_socket_guard (priv);
  LsockSocketState state = priv->state;
  gboolean reports_error = (step->emissions & LSOCK_EMIT_ERROR) != 0;

  if (G_UNLIKELY (reports_error))
    {
      step->outer_error_pending = priv->error_pending;
      priv->error_pending = TRUE;
    }

  while (step->emissions != 0)
    {
      guint emission = step->emissions & ~(step->emissions - 1);

      step->emissions &= ~emission;
      if ((emission & LSOCK_EMIT_SIGNALS) != 0 && _lsock_object_is_muted (LSOCK_OBJECT (self)))
        continue;

      emit_one (self, (LsockSocketEmission) emission, step);

      if (G_UNLIKELY (g_atomic_int_get (&priv->context_serial) != guard.context_serial))
        {
          if (priv->move->connection != guard.connection || priv->move->state != state)
            step->emissions &= ~LSOCK_EMIT_SIGNALS;
          keep_unfinished (priv->move, step);
          return FALSE;
        }
      if (priv->connection != guard.connection || priv->state != state)
        step->emissions &= ~LSOCK_EMIT_SIGNALS;
    }

  if (G_UNLIKELY (reports_error))
    priv->error_pending = step->outer_error_pending;
  return priv->connection == guard.connection && priv->state == state;
}

void
_lsock_socket_report_error (LsockSocket      *self,
                            LsockSocketError  code,
                            const char       *message)
{
  LsockSocketStep step = { 0, };

  _lsock_socket_step_error (self, &step, code, message, TRUE);
  _lsock_socket_emit (self, &step);
}

/* As in Qt, the error of the connection that there is stays.  A handler that repeats the call gets
 * the answer without another signal, or it would call itself until the stack ends. */
void
_lsock_socket_refuse (LsockSocket *self,
                      const char  *message)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { .error = LSOCK_SOCKET_ERROR_OPERATION };

  if (_lsock_io_device_store_error_string (LSOCK_IO_DEVICE (self), message))
    step.emissions |= LSOCK_EMIT_ERROR_STRING;
  if (priv->in_refusal)
    {
      _lsock_socket_emit (self, &step);
      return;
    }

  step.emissions |= LSOCK_EMIT_ERROR;
  priv->in_refusal = TRUE;
  _lsock_socket_emit (self, &step);
  priv->in_refusal = FALSE;
}

static void
real_emitted (LsockSocket *self)
{
}

static void
real_error (LsockSocket      *self,
            LsockSocketError  error)
{
}

static void
real_state_changed (LsockSocket      *self,
                    LsockSocketState  state)
{
}

void
_lsock_socket_fill_slots (gpointer klass)
{
  LsockSocketClass *socket_class = LSOCK_SOCKET_CLASS (klass);

  LSOCK_FILL_SLOT (socket_class, connected, real_emitted);
  LSOCK_FILL_SLOT (socket_class, disconnected, real_emitted);
  LSOCK_FILL_SLOT (socket_class, error, real_error);
  LSOCK_FILL_SLOT (socket_class, state_changed, real_state_changed);
}

void
_lsock_socket_install_signals (GType type)
{
  /**
   * LsockSocket::connected:
   * @self: the socket
   *
   * Emitted when the connection stands.
   *
   * With a server that listens on this machine this is most often before
   * [method@Lsock.Socket.connect_to_server] returns.
   *
   * Since: 1.0
   */
  signals[CONNECTED] =
    g_signal_new ("connected", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockSocketClass, connected), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockSocket::disconnected:
   * @self: the socket
   *
   * Emitted last when a connection has ended; never for one that was not made.
   *
   * Since: 1.0
   */
  signals[DISCONNECTED] =
    g_signal_new ("disconnected", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockSocketClass, disconnected), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockSocket::error:
   * @self: the socket
   * @error: what went wrong
   *
   * Emitted when something went wrong; [property@Lsock.IODevice:error-string] says it in words.
   *
   * It comes before the change of state that it causes. A time limit that ran out, or a call that
   * does not fit the state, causes none.
   *
   * Since: 1.0
   */
  signals[ERROR] =
    g_signal_new ("error", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockSocketClass, error), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, LSOCK_TYPE_SOCKET_ERROR);

  /**
   * LsockSocket::state-changed:
   * @self: the socket
   * @state: the state that it has now
   *
   * Emitted when the state has changed.
   *
   * Since: 1.0
   */
  signals[STATE_CHANGED] =
    g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockSocketClass, state_changed), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, LSOCK_TYPE_SOCKET_STATE);
}
