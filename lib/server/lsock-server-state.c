/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a server: its one setter, its error, and its emissions. */

#include "config.h"

#include "server/lsock-server-state-private.h"

enum
{
  NEW_CONNECTION,
  ACCEPT_ERROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

GParamSpec *_lsock_server_pspecs[LSOCK_SERVER_N_PROPS];
int _lsock_server_private_offset;


/* Steps */

/* Returns whether the text changed. */
static gboolean
replace_string (GRefString **string,
                GRefString **value)
{
  GRefString *old = *string;
  gboolean same = g_strcmp0 (old, *value) == 0;

  *string = g_steal_pointer (value);
  g_clear_pointer (&old, g_ref_string_release);
  return !same;
}

void
_lsock_server_step_listener (LsockServer     *self,
                             LsockServerStep *step,
                             LsockListener   *listener)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockListener none = { .fd = -1 };

  if (listener == NULL)
    listener = &none;

  priv->generation++;
  priv->fd_limit_reported = FALSE;
  priv->listener.address = listener->address;
  priv->listener.identity = listener->identity;

  if (priv->listener.fd != listener->fd)
    step->emissions |= LSOCK_SERVER_EMIT_DESCRIPTOR;
  priv->listener.fd = g_steal_fd (&listener->fd);

  if (g_strcmp0 (priv->listener.name, listener->name) != 0)
    step->emissions |= LSOCK_SERVER_EMIT_NAME;
  g_free (priv->listener.name);
  priv->listener.name = g_steal_pointer (&listener->name);

  replace_string (&priv->listener.base_name, &listener->base_name);
  if (replace_string (&priv->listener.full_name, &listener->full_name))
    step->emissions |= LSOCK_SERVER_EMIT_FULL_NAME;
}

void
_lsock_server_step_error (LsockServer     *self,
                          LsockServerStep *step,
                          const GError    *error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockSocketError code = error != NULL ? (LsockSocketError) error->code
                                        : LSOCK_SOCKET_ERROR_UNKNOWN;
  const char *message = error != NULL ? error->message : NULL;

  if (g_strcmp0 (priv->error_string, message) != 0)
    step->emissions |= LSOCK_SERVER_EMIT_ERROR_STRING;
  g_free (priv->error_string);
  priv->error_string = g_strdup (message);

  if (priv->last_error != code)
    step->emissions |= LSOCK_SERVER_EMIT_LAST_ERROR;
  priv->last_error = code;
}


/* Emissions */

static void
notify (LsockServer         *self,
        LsockServerProperty  property)
{
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[property]);
}

static void
emit_one (LsockServer         *self,
          LsockServerEmission  emission,
          LsockServerStep     *step)
{
  switch (emission)
    {
    case LSOCK_SERVER_EMIT_LAST_ERROR:
      notify (self, LSOCK_SERVER_PROP_LAST_ERROR);
      break;

    case LSOCK_SERVER_EMIT_ERROR_STRING:
      notify (self, LSOCK_SERVER_PROP_ERROR_STRING);
      break;

    case LSOCK_SERVER_EMIT_NAME:
      notify (self, LSOCK_SERVER_PROP_SERVER_NAME);
      break;

    case LSOCK_SERVER_EMIT_FULL_NAME:
      notify (self, LSOCK_SERVER_PROP_FULL_SERVER_NAME);
      break;

    case LSOCK_SERVER_EMIT_DESCRIPTOR:
      notify (self, LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR);
      break;

    case LSOCK_SERVER_EMIT_ACCEPT_ERROR:
      g_signal_emit (self, signals[ACCEPT_ERROR], 0, step->error);
      break;

    case LSOCK_SERVER_EMIT_NEW_CONNECTION:
      g_signal_emit (self, signals[NEW_CONNECTION], 0);
      break;

    default:
      g_assert_not_reached ();
    }
}

/* Emissions may be nested, and each of them is interrupted by the same move. */
static void
keep_unfinished (LsockServerPrivate *priv,
                 LsockServerStep    *step)
{
  priv->unfinished.emissions |= step->emissions;
  if (priv->unfinished.error == NULL)
    priv->unfinished.error = g_steal_pointer (&step->error);
  g_clear_error (&step->error);
}

/* A signal concerns the listening that it was collected for, and a notification only asks to look
 * at the property again: so after a handler that ended listening the signals are dropped, and after
 * one that moved the server all that is left follows in the new context. */
gboolean
_lsock_server_emit (LsockServer     *self,
                    LsockServerStep *step)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  LsockServerGuard guard = _lsock_server_guard (priv);

  while (step->emissions != 0)
    {
      guint emission = step->emissions & ~(step->emissions - 1);

      step->emissions &= ~emission;
      if ((emission & LSOCK_SERVER_EMIT_SIGNALS) != 0 &&
          _lsock_object_is_muted (LSOCK_OBJECT (self)))
        continue;

      emit_one (self, (LsockServerEmission) emission, step);

      if (G_UNLIKELY (!_lsock_server_is_here (priv, &guard)))
        {
          keep_unfinished (priv, step);
          return FALSE;
        }
      if (priv->generation != guard.generation)
        step->emissions &= ~LSOCK_SERVER_EMIT_SIGNALS;
    }

  g_clear_error (&step->error);
  return priv->generation == guard.generation;
}

/* In the old thread, which touches nothing of the server after this. */
void
_lsock_server_release_departed (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);
  GQueue departed = priv->departed;

  g_queue_init (&priv->departed);
  g_queue_clear_full (&departed, g_object_unref);
}

void
_lsock_server_complete_move (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  _lsock_object_call_later (LSOCK_OBJECT (self), g_steal_pointer (&priv->reattach));
}

gboolean
_lsock_server_fail (LsockServer  *self,
                    GError      **destination,
                    GError       *error)
{
  LsockServerStep step = { 0, };

  _lsock_server_step_error (self, &step, error);
  _lsock_server_emit (self, &step);
  g_propagate_error (destination, error);
  return FALSE;
}

static void
real_new_connection (LsockServer *self)
{
}

static void
real_accept_error (LsockServer  *self,
                   const GError *error)
{
}

void
_lsock_server_fill_slots (gpointer klass)
{
  LsockServerClass *server_class = LSOCK_SERVER_CLASS (klass);

  LSOCK_FILL_SLOT (server_class, new_connection, real_new_connection);
  LSOCK_FILL_SLOT (server_class, accept_error, real_accept_error);
}

void
_lsock_server_install_signals (GType type)
{
  /**
   * LsockServer::new-connection:
   * @self: the server
   *
   * Emitted once for each client that has been accepted.
   *
   * Since: 1.0
   */
  signals[NEW_CONNECTION] =
    g_signal_new ("new-connection", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockServerClass, new_connection), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockServer::accept-error:
   * @self: the server
   * @error: what went wrong
   *
   * Emitted when a client could not be accepted, most often because the process has reached its
   * limit of open descriptors.
   *
   * The server keeps listening. At the limit it pauses, and tries again by itself; the signal is
   * not repeated before a client has been accepted.
   *
   * Since: 1.0
   */
  signals[ACCEPT_ERROR] =
    g_signal_new ("accept-error", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockServerClass, accept_error), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}
