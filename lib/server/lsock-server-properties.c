/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of a server: their definitions, getters and setters. */

#include "config.h"

#include "server/lsock-server-properties-private.h"

#include "lsock-enum-types.h"
#include "server/lsock-server-accept-private.h"


void
_lsock_server_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  switch ((LsockServerProperty) prop_id)
    {
    case LSOCK_SERVER_PROP_SERVER_NAME:
      if (priv->listener.name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->listener.name));
      break;

    case LSOCK_SERVER_PROP_FULL_SERVER_NAME:
      if (priv->listener.full_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->listener.full_name));
      break;

    case LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS:
      g_value_set_int (value, priv->max_pending);
      break;

    case LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE:
      g_value_set_int (value, priv->backlog);
      break;

    case LSOCK_SERVER_PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, priv->options);
      break;

    case LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR:
      g_value_set_int (value, priv->listener.fd);
      break;

    case LSOCK_SERVER_PROP_LAST_ERROR:
      g_value_set_enum (value, (int) priv->last_error);
      break;

    case LSOCK_SERVER_PROP_ERROR_STRING:
      g_value_set_string (value, priv->error_string);
      break;

    case LSOCK_SERVER_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_server_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  LsockServer *self = LSOCK_SERVER (object);

  switch ((LsockServerProperty) prop_id)
    {
    case LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS:
      lsock_server_set_max_pending_connections (self, g_value_get_int (value));
      break;

    case LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE:
      lsock_server_set_listen_backlog_size (self, g_value_get_int (value));
      break;

    case LSOCK_SERVER_PROP_SOCKET_OPTIONS:
      lsock_server_set_socket_options (self, g_value_get_flags (value));
      break;

    case LSOCK_SERVER_PROP_SERVER_NAME:
    case LSOCK_SERVER_PROP_FULL_SERVER_NAME:
    case LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR:
    case LSOCK_SERVER_PROP_LAST_ERROR:
    case LSOCK_SERVER_PROP_ERROR_STRING:
    case LSOCK_SERVER_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_server_install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * LsockServer:server-name: (getter get_server_name)
   *
   * The name that the server listens under, as it was given, made fit for display.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_SERVER_NAME] =
    g_param_spec_string ("server-name", NULL, NULL, NULL, readable);

  /**
   * LsockServer:full-server-name: (getter get_full_server_name)
   *
   * The path, or abstract name, that the server listens under, made fit for display.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_FULL_SERVER_NAME] =
    g_param_spec_string ("full-server-name", NULL, NULL, NULL, readable);

  /**
   * LsockServer:max-pending-connections: (getter get_max_pending_connections) (setter set_max_pending_connections)
   *
   * The largest number of pending connections; further clients wait in the kernel's backlog.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS] =
    g_param_spec_int ("max-pending-connections", NULL, NULL, 0, G_MAXINT,
                      LSOCK_SERVER_DEFAULT_MAX_PENDING, writable);

  /**
   * LsockServer:listen-backlog-size: (getter get_listen_backlog_size) (setter set_listen_backlog_size)
   *
   * The size of the kernel's backlog: how many clients it queues before they are accepted.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE] =
    g_param_spec_int ("listen-backlog-size", NULL, NULL, 0, G_MAXINT,
                      LSOCK_SERVER_DEFAULT_BACKLOG, writable);

  /**
   * LsockServer:socket-options: (getter get_socket_options) (setter set_socket_options)
   *
   * The namespace of the name, and which users may connect.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_SOCKET_OPTIONS] =
    g_param_spec_flags ("socket-options", NULL, NULL, LSOCK_TYPE_SOCKET_OPTIONS,
                        LSOCK_SOCKET_OPTIONS_NONE, writable);

  /**
   * LsockServer:socket-descriptor: (getter get_socket_descriptor)
   *
   * The descriptor that the server listens on, or -1.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR] =
    g_param_spec_int ("socket-descriptor", NULL, NULL, -1, G_MAXINT, -1, readable);

  /**
   * LsockServer:last-error: (getter get_server_error)
   *
   * The last error; %LSOCK_SOCKET_ERROR_UNKNOWN when there was none since the server began to
   * listen.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_LAST_ERROR] =
    g_param_spec_enum ("last-error", NULL, NULL, LSOCK_TYPE_SOCKET_ERROR,
                       LSOCK_SOCKET_ERROR_UNKNOWN, readable);

  /**
   * LsockServer:error-string: (getter get_error_string)
   *
   * The text of the last error, or %NULL.
   *
   * Since: 1.0
   */
  _lsock_server_pspecs[LSOCK_SERVER_PROP_ERROR_STRING] =
    g_param_spec_string ("error-string", NULL, NULL, NULL, readable);

  g_object_class_install_properties (object_class, LSOCK_SERVER_N_PROPS,
                                     _lsock_server_pspecs);
}

/**
 * lsock_server_get_server_error: (get-property last-error)
 * @self: a server
 *
 * Gets the last error.
 *
 * The counterpart in Qt is `QLocalServer::serverError()`.
 *
 * Returns: the error, %LSOCK_SOCKET_ERROR_UNKNOWN when there was none
 *
 * Since: 1.0
 */
LsockSocketError
lsock_server_get_server_error (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), LSOCK_SOCKET_ERROR_UNKNOWN);

  priv = _lsock_server_get_private (self);
  return priv->last_error;
}

/**
 * lsock_server_get_error_string: (get-property error-string)
 * @self: a server
 *
 * Gets the text of the last error.
 *
 * The counterpart in Qt is `QLocalServer::errorString()`.
 *
 * Returns: (nullable): a sentence, or %NULL when there was no error
 *
 * Since: 1.0
 */
const char *
lsock_server_get_error_string (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = _lsock_server_get_private (self);
  return priv->error_string;
}

/**
 * lsock_server_get_server_name:
 * @self: a server
 *
 * Gets the name that the server listens under, as it was given.
 *
 * The counterpart in Qt is `QLocalServer::serverName()`.
 *
 * Returns: (type filename) (nullable): the name, or %NULL when @self does not listen
 *
 * Since: 1.0
 */
const char *
lsock_server_get_server_name (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = _lsock_server_get_private (self);
  return priv->listener.name;
}

/**
 * lsock_server_get_full_server_name:
 * @self: a server
 *
 * Gets the path, or the abstract name, that the server listens under.
 *
 * The counterpart in Qt is `QLocalServer::fullServerName()`.
 *
 * Returns: (type filename) (nullable): the full name, or %NULL when @self does not listen
 *
 * Since: 1.0
 */
const char *
lsock_server_get_full_server_name (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = _lsock_server_get_private (self);
  return priv->listener.full_name;
}

/**
 * lsock_server_get_socket_descriptor: (get-property socket-descriptor)
 * @self: a server
 *
 * Gets the descriptor that the server listens on, which stays the server's.
 *
 * The counterpart in Qt is `QLocalServer::socketDescriptor()`.
 *
 * Returns: the descriptor, or -1 when @self does not listen
 *
 * Since: 1.0
 */
int
lsock_server_get_socket_descriptor (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), -1);

  priv = _lsock_server_get_private (self);
  return priv->listener.fd;
}

/**
 * lsock_server_get_max_pending_connections: (get-property max-pending-connections)
 * @self: a server
 *
 * Gets the largest number of pending connections.
 *
 * The counterpart in Qt is `QLocalServer::maxPendingConnections()`.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
lsock_server_get_max_pending_connections (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), 0);

  priv = _lsock_server_get_private (self);
  return priv->max_pending;
}

/**
 * lsock_server_set_max_pending_connections: (set-property max-pending-connections)
 * @self: a server
 * @count: the largest number; with 0 no client is accepted
 *
 * Sets the largest number of pending connections; further clients wait in the kernel's backlog.
 *
 * The counterpart in Qt is `QLocalServer::setMaxPendingConnections()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_max_pending_connections (LsockServer *self,
                                          int          count)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (count >= 0);

  priv = _lsock_server_get_private (self);
  if (priv->max_pending == count)
    return;

  priv->max_pending = count;
  _lsock_server_update_interest (self);
  _lsock_object_notify (LSOCK_OBJECT (self),
                        _lsock_server_pspecs[LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS]);
}

/**
 * lsock_server_get_listen_backlog_size: (get-property listen-backlog-size)
 * @self: a server
 *
 * Gets the size of the kernel's backlog.
 *
 * The counterpart in Qt is `QLocalServer::listenBacklogSize()`.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
lsock_server_get_listen_backlog_size (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), 0);

  priv = _lsock_server_get_private (self);
  return priv->backlog;
}

/**
 * lsock_server_set_listen_backlog_size: (set-property listen-backlog-size)
 * @self: a server
 * @size: how many clients
 *
 * Sets the size of the kernel's backlog, for the next [method@Lsock.Server.listen].
 *
 * See listen(2) for the limit that the system sets. The counterpart in Qt is
 * `QLocalServer::setListenBacklogSize()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_listen_backlog_size (LsockServer *self,
                                      int          size)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (size >= 0);

  priv = _lsock_server_get_private (self);
  if (priv->backlog == size)
    return;

  priv->backlog = size;
  _lsock_object_notify (LSOCK_OBJECT (self),
                        _lsock_server_pspecs[LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE]);
}

/**
 * lsock_server_get_socket_options: (get-property socket-options)
 * @self: a server
 *
 * Gets the namespace of the name, and which users may connect.
 *
 * The counterpart in Qt is `QLocalServer::socketOptions()`.
 *
 * Returns: the options
 *
 * Since: 1.0
 */
LsockSocketOptions
lsock_server_get_socket_options (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), LSOCK_SOCKET_OPTIONS_NONE);

  priv = _lsock_server_get_private (self);
  return priv->options;
}

/**
 * lsock_server_set_socket_options: (set-property socket-options)
 * @self: a server
 * @options: the options
 *
 * Sets the namespace of the name and which users may connect, for the next
 * [method@Lsock.Server.listen].
 *
 * Without one of the access options the umask decides, as with any file. They need a file: together
 * with an abstract name, which has no permissions, [method@Lsock.Server.listen] refuses them.
 *
 * The counterpart in Qt is `QLocalServer::setSocketOptions()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_socket_options (LsockServer        *self,
                                 LsockSocketOptions  options)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));

  priv = _lsock_server_get_private (self);
  if (priv->options == options)
    return;

  priv->options = options;
  _lsock_object_notify (LSOCK_OBJECT (self),
                        _lsock_server_pspecs[LSOCK_SERVER_PROP_SOCKET_OPTIONS]);
}
