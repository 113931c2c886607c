/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of a socket: their definitions, getters and setters. */

#include "config.h"

#include "socket/lsock-socket-properties-private.h"

#include "lsock-enum-types.h"
#include "socket/lsock-socket-context-private.h"

#define DEFAULT_CONNECT_TIMEOUT_MS LSOCK_SOCKET_DEFAULT_CONNECT_TIMEOUT_MS


void
_lsock_socket_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  LsockSocket *self = LSOCK_SOCKET (object);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  switch ((LsockSocketProperty) prop_id)
    {
    case LSOCK_SOCKET_PROP_STATE:
      g_value_set_enum (value, (int) priv->state);
      break;

    case LSOCK_SOCKET_PROP_LAST_ERROR:
      g_value_set_enum (value, priv->last_error);
      break;

    case LSOCK_SOCKET_PROP_SERVER_NAME:
      if (priv->server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->server_name));
      break;

    case LSOCK_SOCKET_PROP_FULL_SERVER_NAME:
      if (priv->full_server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->full_server_name));
      break;

    case LSOCK_SOCKET_PROP_READ_BUFFER_SIZE:
      g_value_set_int64 (value, priv->read_buffer_size);
      break;

    case LSOCK_SOCKET_PROP_READ_BLOCKED:
      g_value_set_boolean (value, priv->link.read_blocked);
      break;

    case LSOCK_SOCKET_PROP_SOCKET_DESCRIPTOR:
      g_value_set_int (value, lsock_socket_get_socket_descriptor (self));
      break;

    case LSOCK_SOCKET_PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, priv->options);
      break;

    case LSOCK_SOCKET_PROP_PRIORITY:
      g_value_set_int (value, priv->priority);
      break;

    case LSOCK_SOCKET_PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, priv->connect_timeout);
      break;

    case LSOCK_SOCKET_PROP_ALLOW_HALF_OPEN:
      g_value_set_boolean (value, priv->allow_half_open);
      break;

    case LSOCK_SOCKET_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_socket_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  LsockSocket *self = LSOCK_SOCKET (object);

  switch ((LsockSocketProperty) prop_id)
    {
    case LSOCK_SOCKET_PROP_SERVER_NAME:
      lsock_socket_set_server_name (self, g_value_get_string (value));
      break;

    case LSOCK_SOCKET_PROP_READ_BUFFER_SIZE:
      lsock_socket_set_read_buffer_size (self, g_value_get_int64 (value));
      break;

    case LSOCK_SOCKET_PROP_SOCKET_OPTIONS:
      lsock_socket_set_socket_options (self, g_value_get_flags (value));
      break;

    case LSOCK_SOCKET_PROP_PRIORITY:
      lsock_socket_set_priority (self, g_value_get_int (value));
      break;

    case LSOCK_SOCKET_PROP_CONNECT_TIMEOUT:
      lsock_socket_set_connect_timeout (self, g_value_get_int (value));
      break;

    case LSOCK_SOCKET_PROP_ALLOW_HALF_OPEN:
      lsock_socket_set_allow_half_open (self, g_value_get_boolean (value));
      break;

    case LSOCK_SOCKET_PROP_STATE:
    case LSOCK_SOCKET_PROP_LAST_ERROR:
    case LSOCK_SOCKET_PROP_FULL_SERVER_NAME:
    case LSOCK_SOCKET_PROP_READ_BLOCKED:
    case LSOCK_SOCKET_PROP_SOCKET_DESCRIPTOR:
    case LSOCK_SOCKET_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
_lsock_socket_install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * LsockSocket:state: (getter get_state)
   *
   * The state of the connection.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, LSOCK_TYPE_SOCKET_STATE,
                       LSOCK_SOCKET_STATE_UNCONNECTED, readable);

  /**
   * LsockSocket:last-error: (getter get_error)
   *
   * The error that happened last; %LSOCK_SOCKET_ERROR_UNKNOWN when none has since the last attempt
   * to connect.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_LAST_ERROR] =
    g_param_spec_enum ("last-error", NULL, NULL, LSOCK_TYPE_SOCKET_ERROR,
                       LSOCK_SOCKET_ERROR_UNKNOWN, readable);

  /**
   * LsockSocket:server-name: (getter get_server_name) (setter set_server_name)
   *
   * The name of the server as it was given, made fit for display.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, writable);

  /**
   * LsockSocket:full-server-name: (getter get_full_server_name)
   *
   * The path or abstract name that the socket is connected to, made fit for display.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_FULL_SERVER_NAME] =
    g_param_spec_string ("full-server-name", NULL, NULL, NULL, readable);

  /**
   * LsockSocket:read-buffer-size: (getter get_read_buffer_size) (setter set_read_buffer_size)
   *
   * How many bytes the socket takes from the kernel before some are read; 0 is no limit.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, 0, writable);

  /**
   * LsockSocket:read-blocked: (getter get_read_blocked)
   *
   * Whether the read buffer is full, so that nothing more is received until some of it is read.
   *
   * This is how a slow reader slows its peer down, and no error. But a reader that waits for a
   * frame larger than [property@Lsock.Socket:read-buffer-size] waits without an end: it needs a
   * larger buffer, or has to read the frame in pieces.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_READ_BLOCKED] =
    g_param_spec_boolean ("read-blocked", NULL, NULL, FALSE, readable);

  /**
   * LsockSocket:socket-descriptor: (getter get_socket_descriptor)
   *
   * The descriptor of the connection, or -1.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_SOCKET_DESCRIPTOR] =
    g_param_spec_int ("socket-descriptor", NULL, NULL, -1, G_MAXINT, -1, readable);

  /**
   * LsockSocket:socket-options: (getter get_socket_options) (setter set_socket_options)
   *
   * Where the name of the server is looked for.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_SOCKET_OPTIONS] =
    g_param_spec_flags ("socket-options", NULL, NULL, LSOCK_TYPE_SOCKET_OPTIONS,
                        LSOCK_SOCKET_OPTIONS_NONE, writable);

  /**
   * LsockSocket:priority: (getter get_priority) (setter set_priority)
   *
   * The priority of the socket's events in its main context, as in
   * [method@GLib.Source.set_priority].
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_PRIORITY] =
    g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, G_PRIORITY_DEFAULT, writable);

  /**
   * LsockSocket:connect-timeout: (getter get_connect_timeout) (setter set_connect_timeout)
   *
   * For how many milliseconds a connection waits for room in the backlog of a busy server; -1 is
   * no limit.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_CONNECT_TIMEOUT] =
    g_param_spec_int ("connect-timeout", NULL, NULL, -1, G_MAXINT, DEFAULT_CONNECT_TIMEOUT_MS,
                      writable);

  /**
   * LsockSocket:allow-half-open: (getter get_allow_half_open) (setter set_allow_half_open)
   *
   * Whether the socket stays connected for writing when the peer has ended its own writing.
   *
   * Since: 1.0
   */
  _lsock_socket_pspecs[LSOCK_SOCKET_PROP_ALLOW_HALF_OPEN] =
    g_param_spec_boolean ("allow-half-open", NULL, NULL, FALSE, writable);

  g_object_class_install_properties (object_class, LSOCK_SOCKET_N_PROPS, _lsock_socket_pspecs);
}

/**
 * lsock_socket_get_socket_descriptor: (get-property socket-descriptor)
 * @self: a socket
 *
 * Gets the descriptor of the connection, which stays the socket's.
 *
 * The counterpart in Qt is `QLocalSocket::socketDescriptor()`.
 *
 * Returns: the descriptor, or -1 when there is no connection
 *
 * Since: 1.0
 */
int
lsock_socket_get_socket_descriptor (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), -1);

  priv = _lsock_socket_get_private (self);
  return priv->state == LSOCK_SOCKET_STATE_CONNECTING ? -1 : priv->link.fd;
}

/**
 * lsock_socket_get_state: (get-property state)
 * @self: a socket
 *
 * Gets the state of the connection.
 *
 * The counterpart in Qt is `QLocalSocket::state()`.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
LsockSocketState
lsock_socket_get_state (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), LSOCK_SOCKET_STATE_UNCONNECTED);

  priv = _lsock_socket_get_private (self);
  return priv->state;
}

/**
 * lsock_socket_get_error: (get-property last-error)
 * @self: a socket
 *
 * Gets the error that happened last.
 *
 * The counterpart in Qt is `QLocalSocket::error()`.
 *
 * Returns: the error, %LSOCK_SOCKET_ERROR_UNKNOWN when there was none
 *
 * Since: 1.0
 */
LsockSocketError
lsock_socket_get_error (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), LSOCK_SOCKET_ERROR_UNKNOWN);

  priv = _lsock_socket_get_private (self);
  return priv->last_error;
}

/**
 * lsock_socket_get_server_name:
 * @self: a socket
 *
 * Gets the name of the server as it was given.
 *
 * The counterpart in Qt is `QLocalSocket::serverName()`.
 *
 * Returns: (type filename) (nullable): the name, or %NULL when the socket has none
 *
 * Since: 1.0
 */
const char *
lsock_socket_get_server_name (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), NULL);

  priv = _lsock_socket_get_private (self);
  return priv->server_name;
}

/**
 * lsock_socket_set_server_name:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server
 *
 * Sets the name that [method@Lsock.IODevice.open] will connect to.
 *
 * Does nothing unless the socket is UNCONNECTED.
 *
 * The counterpart in Qt is `QLocalSocket::setServerName()`.
 *
 * Since: 1.0
 */
void
lsock_socket_set_server_name (LsockSocket *self,
                              const char  *name)
{
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  priv = _lsock_socket_get_private (self);
  if (priv->state == LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      g_autoptr (GRefString) server_name = name != NULL ? g_ref_string_new (name) : NULL;

      g_autoptr (LsockSocketScope) scope = _lsock_socket_enter (self);
      LsockSocketStep step = { 0, };

      _lsock_socket_step_names (scope, &step, server_name, NULL);
      _lsock_socket_emit (scope, &step);
    }
}

/**
 * lsock_socket_get_full_server_name:
 * @self: a socket
 *
 * Gets the path, or the abstract name, that the socket is connected to.
 *
 * The counterpart in Qt is `QLocalSocket::fullServerName()`.
 *
 * Returns: (type filename) (nullable): the full name, or %NULL when there is no connection or the
 *   peer has no name
 *
 * Since: 1.0
 */
const char *
lsock_socket_get_full_server_name (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), NULL);

  priv = _lsock_socket_get_private (self);
  return priv->full_server_name;
}

/**
 * lsock_socket_get_read_buffer_size: (get-property read-buffer-size)
 * @self: a socket
 *
 * Gets how many bytes the socket takes from the kernel before some are read.
 *
 * The counterpart in Qt is `QLocalSocket::readBufferSize()`.
 *
 * Returns: the limit in bytes, or 0 for none
 *
 * Since: 1.0
 */
gint64
lsock_socket_get_read_buffer_size (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), 0);

  priv = _lsock_socket_get_private (self);
  return priv->read_buffer_size;
}

/**
 * lsock_socket_set_read_buffer_size: (set-property read-buffer-size)
 * @self: a socket
 * @size: a number of bytes, or 0 for no limit
 *
 * Limits what the socket takes from the kernel before some is read, so that a slow reader holds
 * its peer back instead of filling its own memory.
 *
 * What is there already stays, also when it is more.
 *
 * The counterpart in Qt is `QLocalSocket::setReadBufferSize()`.
 *
 * Since: 1.0
 */
void
lsock_socket_set_read_buffer_size (LsockSocket *self,
                                   gint64       size)
{
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (size >= 0);

  priv = _lsock_socket_get_private (self);
  if (priv->read_buffer_size == size)
    return;

  _lsock_link_drain_pending (&priv->link);
  priv->read_buffer_size = size;
  _lsock_io_device_hold_notify (LSOCK_IO_DEVICE (self));
  _lsock_socket_made_room (self, priv);
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[LSOCK_SOCKET_PROP_READ_BUFFER_SIZE]);
  _lsock_io_device_release_notify (LSOCK_IO_DEVICE (self));
}

/**
 * lsock_socket_get_read_blocked: (get-property read-blocked)
 * @self: a socket
 *
 * Gets whether the read buffer is full, so that nothing more is received until some of it is read.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
lsock_socket_get_read_blocked (LsockSocket *self)
{
  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  return _lsock_socket_get_private (self)->link.read_blocked;
}

/**
 * lsock_socket_get_socket_options: (get-property socket-options)
 * @self: a socket
 *
 * Gets where the name of the server is looked for.
 *
 * The counterpart in Qt is `QLocalSocket::socketOptions()`.
 *
 * Returns: the options
 *
 * Since: 1.0
 */
LsockSocketOptions
lsock_socket_get_socket_options (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), LSOCK_SOCKET_OPTIONS_NONE);

  priv = _lsock_socket_get_private (self);
  return priv->options;
}

/**
 * lsock_socket_set_socket_options: (set-property socket-options)
 * @self: a socket
 * @options: the options
 *
 * Sets where the name of the server will be looked for.
 *
 * Of the options only %LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE means something to a client. Does
 * nothing unless the socket is UNCONNECTED.
 *
 * The counterpart in Qt is `QLocalSocket::setSocketOptions()`.
 *
 * Since: 1.0
 */
void
lsock_socket_set_socket_options (LsockSocket        *self,
                                 LsockSocketOptions  options)
{
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  priv = _lsock_socket_get_private (self);
  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED || priv->options == options)
    return;

  priv->options = options;
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[LSOCK_SOCKET_PROP_SOCKET_OPTIONS]);
}

/**
 * lsock_socket_get_priority: (get-property priority)
 * @self: a socket
 *
 * Gets the priority of the socket's events in its main context.
 *
 * Returns: a priority as in [method@GLib.Source.set_priority]
 *
 * Since: 1.0
 */
int
lsock_socket_get_priority (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), G_PRIORITY_DEFAULT);

  priv = _lsock_socket_get_private (self);
  return priv->priority;
}

/**
 * lsock_socket_set_priority: (set-property priority)
 * @self: a socket
 * @priority: a priority as in [method@GLib.Source.set_priority]
 *
 * Sets the priority of the socket's events in its main context.
 *
 * A program that draws can receive at full speed and still paint when its sockets have a number
 * above that of its painting.
 *
 * Since: 1.0
 */
void
lsock_socket_set_priority (LsockSocket *self,
                           int          priority)
{
  g_autoptr (LsockSocketScope) scope = NULL;
  g_autoptr (GError) error = NULL;
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  priv = _lsock_socket_get_private (self);
  if (priv->priority == priority)
    return;

  scope = _lsock_socket_enter (self);
  if (_lsock_socket_change_priority (self, priority, &error))
    _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[LSOCK_SOCKET_PROP_PRIORITY]);
  else
    _lsock_socket_report_error (self, (LsockSocketError) error->code, error->message);
}

/**
 * lsock_socket_get_connect_timeout: (get-property connect-timeout)
 * @self: a socket
 *
 * Gets for how long a connection waits for room in the backlog of a busy server.
 *
 * Returns: the limit in milliseconds, or -1 for none
 *
 * Since: 1.0
 */
int
lsock_socket_get_connect_timeout (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), -1);

  priv = _lsock_socket_get_private (self);
  return priv->connect_timeout;
}

/**
 * lsock_socket_set_connect_timeout: (set-property connect-timeout)
 * @self: a socket
 * @msecs: a number of milliseconds, or -1 for no limit
 *
 * Sets for how long a connection waits for room in the backlog of a busy server; the next
 * connection will obey.
 *
 * Since: 1.0
 */
void
lsock_socket_set_connect_timeout (LsockSocket *self,
                                  int          msecs)
{
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (msecs >= -1);

  priv = _lsock_socket_get_private (self);
  if (priv->connect_timeout == msecs)
    return;

  priv->connect_timeout = msecs;
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[LSOCK_SOCKET_PROP_CONNECT_TIMEOUT]);
}

/**
 * lsock_socket_get_allow_half_open: (get-property allow-half-open)
 * @self: a socket
 *
 * Returns whether the socket stays connected for writing when the peer has ended its own writing.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
lsock_socket_get_allow_half_open (LsockSocket *self)
{
  LsockSocketPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  priv = _lsock_socket_get_private (self);
  return priv->allow_half_open;
}

/**
 * lsock_socket_set_allow_half_open: (set-property allow-half-open)
 * @self: a socket
 * @allow: whether to stay connected
 *
 * Sets whether the socket stays connected for writing when the peer has ended its own writing.
 *
 * Such a socket emits [signal@Lsock.IODevice::read-channel-finished] when the peer has said its
 * last, and ends when it is told to.
 *
 * Since: 1.0
 */
void
lsock_socket_set_allow_half_open (LsockSocket *self,
                                  gboolean     allow)
{
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  priv = _lsock_socket_get_private (self);
  if (priv->allow_half_open == !!allow)
    return;

  priv->allow_half_open = !!allow;
  _lsock_object_notify (LSOCK_OBJECT (self), _lsock_socket_pspecs[LSOCK_SOCKET_PROP_ALLOW_HALF_OPEN]);
}
