/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-socket.h"
#include "lsock-socket-private.h"

#include <string.h>

#include "lsock-custody-private.h"
#include "lsock-enum-types.h"
#include "lsock-io-device-private.h"
#include "lsock-object-private.h"
#include "lsock-transport-private.h"

/**
 * LsockSocket:
 *
 * A local socket: one end of a connection between two programs on this machine.
 *
 * A client names the server that it wants to talk to with
 * [method@Lsock.Socket.connect_to_server]; a server gets its sockets from
 * [method@Lsock.Server.next_pending_connection]. From then on the socket is a device: it is read
 * and written with the functions of [class@Lsock.IODevice], says with
 * [signal@Lsock.IODevice::ready-read] that something came and with
 * [signal@Lsock.IODevice::bytes-written] that something left.
 *
 * All signals come from the main context that was the thread-default one when the socket was made.
 * Without a loop, the functions whose names begin with `wait_for` block instead, and emit the same
 * signals before they return.
 *
 * A handler may do anything: read, write, close, connect again, delete the socket or drop its last
 * reference.
 *
 * The counterpart in Qt is `QLocalSocket`.
 *
 * Since: 1.0
 */
G_DEFINE_TYPE_WITH_PRIVATE (LsockSocket, lsock_socket, LSOCK_TYPE_IO_DEVICE)

#define DEFAULT_CONNECT_TIMEOUT_MS 30000

typedef enum
{
  PROP_STATE = 1,
  PROP_LAST_ERROR,
  PROP_SERVER_NAME,
  PROP_FULL_SERVER_NAME,
  PROP_READ_BUFFER_SIZE,
  PROP_SOCKET_DESCRIPTOR,
  PROP_SOCKET_OPTIONS,
  PROP_PRIORITY,
  PROP_CONNECT_TIMEOUT,
  PROP_ALLOW_HALF_OPEN,
} LsockSocketProperty;

static GParamSpec *properties[PROP_ALLOW_HALF_OPEN + 1];

enum
{
  CONNECTED,
  DISCONNECTED,
  ERROR,
  STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

int _lsock_socket_private_offset;


void
_lsock_socket_emit_connected (LsockSocket *self)
{
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[CONNECTED], 0);
}

void
_lsock_socket_emit_disconnected (LsockSocket *self)
{
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[DISCONNECTED], 0);
}

void
_lsock_socket_emit_error (LsockSocket      *self,
                          LsockSocketError  code)
{
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[ERROR], 0, code);
}

/* Which state may follow which.  CLOSING to CONNECTING is a new connection that gives the old
 * one up. */
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
_lsock_socket_set_state (LsockSocket      *self,
                         LsockSocketState  state)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  guint generation = priv->generation;

  g_assert (is_allowed (priv->state, state));

  priv->state = state;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_STATE]);
  if (priv->generation != generation || priv->state != state)
    return;

  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[STATE_CHANGED], 0, state);
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
_lsock_socket_set_names (LsockSocket *self,
                         GRefString  *name,
                         GRefString  *full_name)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  if (replace_string (&priv->server_name, name))
    _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SERVER_NAME]);
  if (replace_string (&priv->full_server_name, full_name))
    _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_FULL_SERVER_NAME]);
}

void
_lsock_socket_set_error (LsockSocket      *self,
                         LsockSocketError  code,
                         const char       *message)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (self), message);

  if (priv->last_error != code)
    {
      priv->last_error = code;
      _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_LAST_ERROR]);
    }
}

void
_lsock_socket_notify_descriptor (LsockSocket *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SOCKET_DESCRIPTOR]);
}

/* What QIODevice::open() is to QLocalSocket: the device's own part, without the connection's. */
gboolean
_lsock_socket_open_device (LsockSocket    *self,
                           LsockOpenMode   mode,
                           GError        **error)
{
  return LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->open (LSOCK_IO_DEVICE (self), mode,
                                                                  error);
}

static gboolean
take_descriptor (LsockSocket       *self,
                 int                fd,
                 LsockSocketState   state,
                 LsockOpenMode      mode,
                 GRefString        *name,
                 GRefString        *full_name,
                 GError           **error)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  if (!_lsock_socket_establish (self, fd, state, mode, error))
    return FALSE;

  priv->generation++;
  priv->state = state;
  _lsock_socket_set_error (self, LSOCK_SOCKET_ERROR_UNKNOWN, NULL);
  _lsock_socket_set_names (self, name, full_name);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_STATE]);
  return TRUE;
}

/* For a socket that is new, and a descriptor that a server has just accepted: there is nothing to
 * be asked about it. */
gboolean
_lsock_socket_take_client (LsockSocket  *self,
                           int           fd,
                           GRefString   *name,
                           GRefString   *full_name,
                           GError      **error)
{
  return take_descriptor (self, fd, LSOCK_SOCKET_STATE_CONNECTED, LSOCK_OPEN_MODE_READ_WRITE, name,
                          full_name, error);
}

/* Something was read, or the limit was lifted: receiving goes on if that is what it waited for. */
static void
made_room (LsockSocket *self)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  if (priv->read_blocked && _lsock_socket_get_room (self) > 0)
    {
      priv->read_blocked = FALSE;
      _lsock_socket_update_interest (self);
    }
}

/* Whether an empty queue means the end rather than nothing now. */
static gboolean
is_at_the_end (LsockSocket *self)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  return priv->state == LSOCK_SOCKET_STATE_UNCONNECTED || priv->read_ended;
}

/* Takes the sources out of the context, in the thread that runs it. */
static void
detach (LsockSocket *self)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  _lsock_socket_take_due (self);
  _lsock_socket_detach_retry (self);
  _lsock_watch_stop (&priv->watch);
}

/* Puts them back, into the context and at the priority that the socket has now. */
static void
attach (LsockObject *object)
{
  LsockSocket *self = LSOCK_SOCKET (object);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  g_autoptr (GError) error = NULL;

  if (priv->retry_address != NULL)
    _lsock_socket_attach_retry (self);

  if (priv->fd < 0 || priv->state == LSOCK_SOCKET_STATE_CONNECTING ||
      _lsock_watch_is_active (&priv->watch))
    return;

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (object), priv->priority,
                           priv->fd, LSOCK_READY_NONE, _lsock_socket_on_watch, self, &error))
    {
      _lsock_socket_set_error (self, error->code, error->message);
      _lsock_socket_emit_error (self, error->code);
      lsock_socket_abort (self);
      return;
    }

  _lsock_socket_update_interest (self);
  if (priv->left > 0)
    _lsock_watch_wake (&priv->watch);
}

void
_lsock_socket_attach_later (LsockSocket *self)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  priv->attach_due = FALSE;
  _lsock_object_call_later (LSOCK_OBJECT (self), attach);
}


/* LsockIODevice */

static gboolean
lsock_socket_real_open (LsockIODevice  *device,
                        LsockOpenMode   mode,
                        GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  g_autofree char *name = g_strdup (priv->server_name);

  lsock_socket_connect_to_server (self, name != NULL ? name : "", mode);
  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    return TRUE;

  if (priv->last_error == LSOCK_SOCKET_ERROR_UNKNOWN)
    g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                 "The connection to “%s” was ended while it was made", name != NULL ? name : "");
  else
    g_set_error_literal (error, LSOCK_SOCKET_ERROR, priv->last_error,
                         lsock_io_device_get_error_string (device));
  return FALSE;
}

static void
lsock_socket_real_close (LsockIODevice *device)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  guint generation = priv->generation;

  _lsock_socket_take_due (self);
  LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->close (device);
  if (priv->generation != generation)
    return;

  _lsock_byte_queue_clear (&priv->incoming);
  lsock_socket_disconnect_from_server (self);
}

static gboolean
lsock_socket_real_is_sequential (LsockIODevice *device)
{
  return TRUE;
}

static gint64
lsock_socket_real_bytes_available (LsockIODevice *device)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (device));

  _lsock_socket_take_due (LSOCK_SOCKET (device));
  return LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->bytes_available (device) +
         (gint64) priv->incoming.length;
}

static gint64
lsock_socket_real_bytes_to_write (LsockIODevice *device)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (device));

  return priv->left + (gint64) priv->outgoing.length;
}

static gboolean
lsock_socket_real_can_read_line (LsockIODevice *device)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (device));

  _lsock_socket_take_due (LSOCK_SOCKET (device));
  return _lsock_byte_queue_index_of (&priv->incoming, '\n', 0, priv->incoming.length) >= 0 ||
         LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->can_read_line (device);
}

static gssize
lsock_socket_real_read_buffer (LsockIODevice  *device,
                               void           *buffer,
                               gsize           count,
                               GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  gsize n = _lsock_socket_read (self, buffer, count);

  made_room (self);
  return n == 0 && is_at_the_end (self) ? -1 : (gssize) n;
}

static GBytes *
lsock_socket_real_read_data (LsockIODevice  *device,
                             gsize           max_length,
                             GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  GBytes *bytes;

  _lsock_socket_take_due (self);
  if (priv->incoming.length == 0 && is_at_the_end (self))
    return NULL;

  bytes = _lsock_byte_queue_take (&priv->incoming, max_length);
  made_room (self);
  return bytes;
}

static GBytes *
lsock_socket_real_read_line_data (LsockIODevice  *device,
                                  gsize           max_length,
                                  GError        **error)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (device));
  gssize end;

  _lsock_socket_take_due (LSOCK_SOCKET (device));
  end = _lsock_byte_queue_index_of (&priv->incoming, '\n', 0, max_length);
  return lsock_socket_real_read_data (device, end >= 0 ? (gsize) end + 1 : max_length, error);
}

static gint64
lsock_socket_real_skip_data (LsockIODevice  *device,
                             gint64          max_length,
                             GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);
  gsize n;

  _lsock_socket_take_due (self);
  n = _lsock_byte_queue_skip (&priv->incoming, (gsize) max_length);
  made_room (self);
  return n == 0 && is_at_the_end (self) ? -1 : (gint64) n;
}

static gboolean
check_can_write (LsockSocket  *self,
                 GError      **error)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  if (priv->state == LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      /* Qt forgets the last error here, and so do we. */
      _lsock_socket_set_error (self, LSOCK_SOCKET_ERROR_UNKNOWN, "The socket is not connected");
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                           "The socket is not connected");
      return FALSE;
    }

  if (priv->write_ended)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Writing to “%s” has ended",
                   priv->server_name != NULL ? priv->server_name : "");
      return FALSE;
    }

  return TRUE;
}

static gssize
lsock_socket_real_write_buffer (LsockIODevice  *device,
                                const void     *data,
                                gsize           length,
                                GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);

  if (!check_can_write (self, error))
    return -1;

  _lsock_socket_send (self, data, length, NULL);
  return (gssize) length;
}

static gssize
lsock_socket_real_write_data (LsockIODevice  *device,
                              GBytes         *bytes,
                              GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  if (!check_can_write (self, error))
    return -1;

  _lsock_socket_send (self, data, length, bytes);
  return (gssize) length;
}


/* LsockObject */

static void
lsock_socket_real_end (LsockObject *object)
{
  lsock_socket_abort (LSOCK_SOCKET (object));

  LSOCK_OBJECT_CLASS (lsock_socket_parent_class)->end (object);
}

static void
lsock_socket_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (object));

  detach (LSOCK_SOCKET (object));
  g_atomic_int_inc (&priv->moves);
  if (priv->stays > 0)
    priv->attach_due = TRUE;
  else
    _lsock_socket_attach_later (LSOCK_SOCKET (object));

  LSOCK_OBJECT_CLASS (lsock_socket_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_socket_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  LsockSocket *self = LSOCK_SOCKET (object);
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  switch ((LsockSocketProperty) prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) priv->state);
      break;

    case PROP_LAST_ERROR:
      g_value_set_enum (value, priv->last_error);
      break;

    case PROP_SERVER_NAME:
      if (priv->server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->server_name));
      break;

    case PROP_FULL_SERVER_NAME:
      if (priv->full_server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->full_server_name));
      break;

    case PROP_READ_BUFFER_SIZE:
      g_value_set_int64 (value, priv->read_buffer_size);
      break;

    case PROP_SOCKET_DESCRIPTOR:
      g_value_set_int (value, lsock_socket_get_socket_descriptor (self));
      break;

    case PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, priv->options);
      break;

    case PROP_PRIORITY:
      g_value_set_int (value, priv->priority);
      break;

    case PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, priv->connect_timeout);
      break;

    case PROP_ALLOW_HALF_OPEN:
      g_value_set_boolean (value, priv->allow_half_open);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_socket_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  LsockSocket *self = LSOCK_SOCKET (object);

  switch ((LsockSocketProperty) prop_id)
    {
    case PROP_SERVER_NAME:
      lsock_socket_set_server_name (self, g_value_get_string (value));
      break;

    case PROP_READ_BUFFER_SIZE:
      lsock_socket_set_read_buffer_size (self, g_value_get_int64 (value));
      break;

    case PROP_SOCKET_OPTIONS:
      lsock_socket_set_socket_options (self, g_value_get_flags (value));
      break;

    case PROP_PRIORITY:
      lsock_socket_set_priority (self, g_value_get_int (value));
      break;

    case PROP_CONNECT_TIMEOUT:
      lsock_socket_set_connect_timeout (self, g_value_get_int (value));
      break;

    case PROP_ALLOW_HALF_OPEN:
      lsock_socket_set_allow_half_open (self, g_value_get_boolean (value));
      break;

    case PROP_STATE:
    case PROP_LAST_ERROR:
    case PROP_FULL_SERVER_NAME:
    case PROP_SOCKET_DESCRIPTOR:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_socket_finalize (GObject *object)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (LSOCK_SOCKET (object));

  _lsock_byte_queue_clear (&priv->incoming);
  g_clear_pointer (&priv->server_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);

  G_OBJECT_CLASS (lsock_socket_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
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
  properties[PROP_STATE] =
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
  properties[PROP_LAST_ERROR] =
    g_param_spec_enum ("last-error", NULL, NULL, LSOCK_TYPE_SOCKET_ERROR,
                       LSOCK_SOCKET_ERROR_UNKNOWN, readable);

  /**
   * LsockSocket:server-name: (getter get_server_name) (setter set_server_name)
   *
   * The name of the server as it was given, made fit for display.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, writable);

  /**
   * LsockSocket:full-server-name: (getter get_full_server_name)
   *
   * The path or abstract name that the socket is connected to, made fit for display.
   *
   * Since: 1.0
   */
  properties[PROP_FULL_SERVER_NAME] =
    g_param_spec_string ("full-server-name", NULL, NULL, NULL, readable);

  /**
   * LsockSocket:read-buffer-size: (getter get_read_buffer_size) (setter set_read_buffer_size)
   *
   * How many bytes the socket takes from the kernel before some are read; 0 is no limit.
   *
   * Since: 1.0
   */
  properties[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, 0, writable);

  /**
   * LsockSocket:socket-descriptor: (getter get_socket_descriptor)
   *
   * The descriptor of the connection, or -1.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_DESCRIPTOR] =
    g_param_spec_int ("socket-descriptor", NULL, NULL, -1, G_MAXINT, -1, readable);

  /**
   * LsockSocket:socket-options: (getter get_socket_options) (setter set_socket_options)
   *
   * Where the name of the server is looked for.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_OPTIONS] =
    g_param_spec_flags ("socket-options", NULL, NULL, LSOCK_TYPE_SOCKET_OPTIONS,
                        LSOCK_SOCKET_OPTIONS_NONE, writable);

  /**
   * LsockSocket:priority: (getter get_priority) (setter set_priority)
   *
   * The priority of the socket's events in its main context, as in [method@GLib.Source.set_priority].
   *
   * Since: 1.0
   */
  properties[PROP_PRIORITY] =
    g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, G_PRIORITY_DEFAULT, writable);

  /**
   * LsockSocket:connect-timeout: (getter get_connect_timeout) (setter set_connect_timeout)
   *
   * For how many milliseconds a connection waits for room in the backlog of a busy server; -1 is
   * no limit.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECT_TIMEOUT] =
    g_param_spec_int ("connect-timeout", NULL, NULL, -1, G_MAXINT, DEFAULT_CONNECT_TIMEOUT_MS,
                      writable);

  /**
   * LsockSocket:allow-half-open: (getter get_allow_half_open) (setter set_allow_half_open)
   *
   * Whether the socket stays connected for writing when the peer has ended its own writing.
   *
   * Since: 1.0
   */
  properties[PROP_ALLOW_HALF_OPEN] =
    g_param_spec_boolean ("allow-half-open", NULL, NULL, FALSE, writable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
install_signals (GType type)
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

static void
lsock_socket_class_init (LsockSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  object_class->finalize = lsock_socket_finalize;
  object_class->get_property = lsock_socket_get_property;
  object_class->set_property = lsock_socket_set_property;

  lsock_object_class->end = lsock_socket_real_end;
  lsock_object_class->move_context = lsock_socket_real_move_context;

  device_class->open = lsock_socket_real_open;
  device_class->close = lsock_socket_real_close;
  device_class->is_sequential = lsock_socket_real_is_sequential;
  device_class->bytes_available = lsock_socket_real_bytes_available;
  device_class->bytes_to_write = lsock_socket_real_bytes_to_write;
  device_class->can_read_line = lsock_socket_real_can_read_line;
  device_class->read_buffer = lsock_socket_real_read_buffer;
  device_class->read_data = lsock_socket_real_read_data;
  device_class->read_line_data = lsock_socket_real_read_line_data;
  device_class->skip_data = lsock_socket_real_skip_data;
  device_class->write_buffer = lsock_socket_real_write_buffer;
  device_class->write_data = lsock_socket_real_write_data;
  device_class->wait_for_ready_read = _lsock_socket_wait_for_ready_read;
  device_class->wait_for_bytes_written = _lsock_socket_wait_for_bytes_written;

  _lsock_socket_private_offset = g_type_class_get_instance_private_offset (klass);
  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_socket_init (LsockSocket *self)
{
  LsockSocketPrivate *priv = lsock_socket_get_instance_private (self);

  priv->fd = -1;
  priv->state = LSOCK_SOCKET_STATE_UNCONNECTED;
  priv->last_error = LSOCK_SOCKET_ERROR_UNKNOWN;
  priv->priority = G_PRIORITY_DEFAULT;
  priv->connect_timeout = DEFAULT_CONNECT_TIMEOUT_MS;
}


/**
 * lsock_socket_new:
 *
 * Makes a socket that is not connected.
 *
 * Its events will arrive in the thread-default main context of the calling thread.
 *
 * The counterpart in Qt is the constructor of `QLocalSocket`.
 *
 * Returns: (transfer full): a new socket
 *
 * Since: 1.0
 */
LsockSocket *
lsock_socket_new (void)
{
  return g_object_new (LSOCK_TYPE_SOCKET, NULL);
}

/**
 * lsock_socket_connect_to_server:
 * @self: a socket that is not connected
 * @name: (type filename): the name of the server: a path, or a plain name that lives in the
 *   temporary directory
 * @mode: how to open the device
 *
 * Begins to connect to the server that listens under @name.
 *
 * There is no answer: the signals tell, and [property@Lsock.Socket:state], and
 * [method@Lsock.Socket.wait_for_connected]. Where the kernel answers at once, all signals are
 * emitted before this function returns: the state CONNECTING, the state CONNECTED,
 * [signal@Lsock.Socket::connected]; or the state CONNECTING, [signal@Lsock.Socket::error], the
 * state UNCONNECTED. A server whose backlog is full is tried again until
 * [property@Lsock.Socket:connect-timeout] passes.
 *
 * A socket that is connecting or connected already emits `error` with
 * %LSOCK_SOCKET_ERROR_OPERATION, and stays as it is. One that is still sending its last words
 * gives them up.
 *
 * The counterpart in Qt is `QLocalSocket::connectToServer()`.
 *
 * Since: 1.0
 */
void
lsock_socket_connect_to_server (LsockSocket   *self,
                                const char    *name,
                                LsockOpenMode  mode)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (name != NULL);

  hold = g_object_ref (self);
  priv = lsock_socket_get_instance_private (self);

  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING ||
      priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s” while there is a connection to “%s”", name,
                         priv->server_name != NULL ? priv->server_name : "");

      lsock_io_device_set_error_string (LSOCK_IO_DEVICE (self), message);
      _lsock_socket_emit_error (self, LSOCK_SOCKET_ERROR_OPERATION);
      return;
    }

  {
    g_autoptr (GRefString) server_name = g_ref_string_new (name);

    _lsock_socket_set_names (self, server_name, NULL);
  }
  _lsock_socket_begin_connect (self, mode);
}

/**
 * lsock_socket_disconnect_from_server:
 * @self: a socket
 *
 * Ends the connection once all that was written has left.
 *
 * With nothing left to send the socket is UNCONNECTED when this function returns; else it is
 * CLOSING until the rest has gone. What came and was not read stays readable. A socket that is
 * still connecting is UNCONNECTED at once.
 *
 * The counterpart in Qt is `QLocalSocket::disconnectFromServer()`.
 *
 * Since: 1.0
 */
void
lsock_socket_disconnect_from_server (LsockSocket *self)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  hold = g_object_ref (self);
  priv = lsock_socket_get_instance_private (self);

  _lsock_socket_take_due (self);
  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING)
    _lsock_socket_finish (self);
  else if (priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    _lsock_socket_begin_disconnect (self);
  else if (priv->state == LSOCK_SOCKET_STATE_CLOSING)
    _lsock_socket_finish_if_done (self);
}

/**
 * lsock_socket_abort:
 * @self: a socket
 *
 * Ends the connection at once and closes the device.
 *
 * What was written and has not been handed to the kernel is dropped, and so is what was not read.
 *
 * The counterpart in Qt is `QLocalSocket::abort()`.
 *
 * Since: 1.0
 */
void
lsock_socket_abort (LsockSocket *self)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;
  guint generation;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  hold = g_object_ref (self);
  priv = lsock_socket_get_instance_private (self);
  generation = priv->generation;

  _lsock_socket_take_due (self);
  _lsock_byte_queue_clear (&priv->incoming);
  _lsock_io_device_drop_held (LSOCK_IO_DEVICE (self));

  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      _lsock_socket_finish (self);
      if (priv->generation != generation + 1)
        return;
    }

  LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->close (LSOCK_IO_DEVICE (self));
}

/**
 * lsock_socket_flush:
 * @self: a socket
 *
 * Hands the kernel as much of what was written as it has room for, without blocking.
 *
 * lsock does so by itself as soon as there is room; what this function adds is that
 * [signal@Lsock.IODevice::bytes-written] for what has left is emitted now.
 *
 * The counterpart in Qt is `QLocalSocket::flush()`.
 *
 * Returns: whether anything left that had not been announced
 *
 * Since: 1.0
 */
gboolean
lsock_socket_flush (LsockSocket *self)
{
  g_autoptr (LsockSocket) hold = NULL;
  LsockSocketPrivate *priv;
  guint generation;
  gboolean left;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  hold = g_object_ref (self);
  priv = lsock_socket_get_instance_private (self);
  generation = priv->generation;

  if (priv->outgoing.length > 0)
    _lsock_socket_send_pending (self);
  if (priv->generation != generation)
    return FALSE;

  left = priv->left > 0;
  _lsock_socket_announce (self);
  return left;
}

/**
 * lsock_socket_is_valid:
 * @self: a socket
 *
 * Tells whether there is a connection to use.
 *
 * The counterpart in Qt is `QLocalSocket::isValid()`.
 *
 * Returns: %TRUE while the socket has a descriptor
 *
 * Since: 1.0
 */
gboolean
lsock_socket_is_valid (LsockSocket *self)
{
  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  return lsock_socket_get_socket_descriptor (self) >= 0;
}

/**
 * lsock_socket_set_socket_descriptor:
 * @self: a socket that is not connected
 * @fd: the descriptor of a connected local stream socket
 * @state: the state to begin in: CONNECTED, or CLOSING for one that only says its last words
 * @mode: how to open the device
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Takes over a connection that somebody else made.
 *
 * On success the descriptor belongs to @self, which makes it close-on-exec and non-blocking; on
 * failure it stays the caller's. No signal is emitted.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when @self has a connection, @fd has no peer or @state
 * is another one, and with %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when @fd is not a
 * local stream socket.
 *
 * The counterpart in Qt is `QLocalSocket::setSocketDescriptor()`.
 *
 * Returns: %TRUE if @self has taken @fd
 *
 * Since: 1.0
 */
gboolean
lsock_socket_set_socket_descriptor (LsockSocket       *self,
                                    int                fd,
                                    LsockSocketState   state,
                                    LsockOpenMode      mode,
                                    GError           **error)
{
  g_autoptr (GRefString) name = NULL;
  g_autoptr (GRefString) full_name = NULL;
  LsockSocketPrivate *priv;
  LsockAddress address;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  priv = lsock_socket_get_instance_private (self);

  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The socket cannot take the descriptor %d: it has a connection", fd);
      return FALSE;
    }

  if (state != LSOCK_SOCKET_STATE_CONNECTED && state != LSOCK_SOCKET_STATE_CLOSING)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The socket cannot take the descriptor %d in the state %d", fd, (int) state);
      return FALSE;
    }

  if (!_lsock_transport_check (fd, FALSE, error) || !_lsock_transport_adopt (fd, error))
    return FALSE;

  /* The end that has a name is the server's, whichever it is. */
  if ((_lsock_transport_get_local (fd, &address) && _lsock_address_is_named (&address)) ||
      _lsock_transport_get_peer (fd, &address))
    _lsock_address_get_names (&address, &name, &full_name);

  if (!take_descriptor (self, fd, state, mode, name, full_name, error))
    return FALSE;

  _lsock_custody_take (fd);
  return TRUE;
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

  priv = lsock_socket_get_instance_private (self);
  return priv->state == LSOCK_SOCKET_STATE_CONNECTING ? -1 : priv->fd;
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
  if (priv->state == LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      g_autoptr (GRefString) server_name = name != NULL ? g_ref_string_new (name) : NULL;

      _lsock_socket_set_names (self, server_name, NULL);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
  if (priv->read_buffer_size == size)
    return;

  _lsock_socket_take_due (self);
  priv->read_buffer_size = size;
  made_room (self);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_READ_BUFFER_SIZE]);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED || priv->options == options)
    return;

  priv->options = options;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SOCKET_OPTIONS]);
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

  priv = lsock_socket_get_instance_private (self);
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
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  priv = lsock_socket_get_instance_private (self);
  if (priv->priority == priority)
    return;

  priv->priority = priority;
  detach (self);
  attach (LSOCK_OBJECT (self));
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_PRIORITY]);
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
  if (priv->connect_timeout == msecs)
    return;

  priv->connect_timeout = msecs;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_CONNECT_TIMEOUT]);
}

/**
 * lsock_socket_get_allow_half_open: (get-property allow-half-open)
 * @self: a socket
 *
 * Tells whether the socket stays connected for writing when the peer has ended its own writing.
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

  priv = lsock_socket_get_instance_private (self);
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

  priv = lsock_socket_get_instance_private (self);
  if (priv->allow_half_open == !!allow)
    return;

  priv->allow_half_open = !!allow;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_ALLOW_HALF_OPEN]);
}
