/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a server: names, error, whether it may accept, and its emissions. */

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


/* Keeps what @error says for the getters; notify_error() follows when the step is complete. */
void
_lsock_server_store_error (LsockServer  *self,
                           const GError *error)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  g_free (priv->error_string);
  priv->error_string = error != NULL ? g_strdup (error->message) : NULL;
  priv->error = error != NULL ? (LsockSocketError) error->code : LSOCK_SOCKET_ERROR_UNKNOWN;
}

void
_lsock_server_notify_error (LsockServer *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[LSOCK_SERVER_PROP_LAST_ERROR]);
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[LSOCK_SERVER_PROP_ERROR_STRING]);
}

void
_lsock_server_set_error_from (LsockServer  *self,
                              const GError *error)
{
  _lsock_server_store_error (self, error);
  _lsock_server_notify_error (self);
}

/* @name is NULL for a descriptor that was bound elsewhere.  notify_names() follows when the step is
 * complete. */
void
_lsock_server_store_names (LsockServer        *self,
                           const char         *name,
                           const LsockAddress *address)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->base_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);
  if (address != NULL)
    {
      _lsock_address_get_names (address, &priv->base_name, &priv->full_server_name);
      priv->server_name = g_strdup (name != NULL ? name : priv->base_name);
    }
}

void
_lsock_server_notify_names (LsockServer *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[LSOCK_SERVER_PROP_SERVER_NAME]);
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[LSOCK_SERVER_PROP_FULL_SERVER_NAME]);
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_server_pspecs[LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR]);
}

/* Whether a client may be let in, the pause after a full table aside. */
gboolean
_lsock_server_can_accept (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  return (int) priv->pending.length < priv->max_pending;
}

gboolean
_lsock_server_has_room (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  return _lsock_server_can_accept (self) && priv->resume_source == NULL;
}

void
_lsock_server_update_interest (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  _lsock_watch_set_interest (&priv->watch, _lsock_server_has_room (self) ? LSOCK_READY_IN : LSOCK_READY_NONE);
}

void
_lsock_server_forget_resume (LsockServer *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (priv->resume_source != NULL)
    {
      g_source_destroy (priv->resume_source);
      g_clear_pointer (&priv->resume_source, g_source_unref);
    }
}

void
_lsock_server_emit_new_connection (LsockServer *self)
{
  g_signal_emit (self, signals[NEW_CONNECTION], 0);
}

void
_lsock_server_emit_accept_error (LsockServer  *self,
                                 const GError *error)
{
  g_signal_emit (self, signals[ACCEPT_ERROR], 0, error);
}

void
_lsock_server_install_signals (GType type)
{
  /**
   * LsockServer::new-connection:
   * @self: the server
   *
   * Emitted when a client has been let in, once for each.
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
   * Emitted when a client could not be let in, most often because the table of descriptors is full.
   *
   * The server waits a little and goes on; the signal is not repeated before a client got in.
   *
   * Since: 1.0
   */
  signals[ACCEPT_ERROR] =
    g_signal_new ("accept-error", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockServerClass, accept_error), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}
