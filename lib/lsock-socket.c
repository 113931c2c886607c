/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The local socket: the class and the calls that programs make. */

#include "config.h"

#include "lsock-socket.h"

#include "device/lsock-io-device-state-private.h"
#include "io/lsock-transport-private.h"
#include "socket/lsock-socket-async-private.h"
#include "socket/lsock-socket-close-private.h"
#include "socket/lsock-socket-connect-private.h"
#include "socket/lsock-socket-context-private.h"
#include "socket/lsock-socket-events-private.h"
#include "socket/lsock-socket-properties-private.h"
#include "socket/lsock-socket-wait-private.h"

/**
 * LsockSocket:
 *
 * A local socket: one end of a connection between two programs on this machine.
 *
 * A client connects to a server by name with [method@Lsock.Socket.connect_to_server]; a server
 * gets its sockets from [method@Lsock.Server.next_pending_connection]. From then on the socket is
 * a device: it is read and written with the functions of [class@Lsock.IODevice], emits
 * [signal@Lsock.IODevice::ready-read] when data has arrived and
 * [signal@Lsock.IODevice::bytes-written] when data has left.
 *
 * All signals are emitted in the main context that was the thread-default one when the socket was
 * made. Without a main loop, the functions whose names begin with `wait_for` block instead, and
 * emit the same signals before they return.
 *
 * A handler may do anything: read, write, close, connect again, delete the socket or drop its last
 * reference. When it runs, the change that it is told of is complete.
 *
 * All that a peer wrote before it closed can be read, also when writing to it fails meanwhile; the
 * error comes after the last byte.
 *
 * A socket that is CLOSING and still has data to send keeps itself alive until the data has left or
 * the peer is gone, also when the program drops its last reference. It cannot outlive the process:
 * a program that ends at once waits with [method@Lsock.Socket.wait_for_disconnected] first, or
 * loses what the kernel has not taken.
 *
 * The counterpart in Qt is `QLocalSocket`.
 *
 * Since: 1.0
 */
G_DEFINE_TYPE_WITH_PRIVATE (LsockSocket, lsock_socket, LSOCK_TYPE_IO_DEVICE)


/* Whether an empty queue means the end rather than nothing now.  The handler of the `ready-read`
 * that comes before the end has not heard of it. */
static gboolean
is_at_the_end (LsockSocketPrivate *priv)
{
  return priv->state == LSOCK_SOCKET_STATE_UNCONNECTED ||
         (priv->link.read_ended && (priv->end_reported || priv->finish_reported ||
                                    priv->state != LSOCK_SOCKET_STATE_CONNECTED));
}


/* LsockIODevice */

static gboolean
lsock_socket_real_open (LsockIODevice  *device,
                        LsockOpenMode   mode,
                        GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *storage = NULL;
  g_autofree char *name = g_strdup (_lsock_socket_display_name (priv, &storage));
  const char *message;

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "connect", error))
    return FALSE;

  lsock_socket_connect_to_server (self, name, mode);
  if (priv->state != LSOCK_SOCKET_STATE_UNCONNECTED)
    return TRUE;

  /* A handler may have ended the attempt, and closing forgets the text of an error. */
  message = lsock_io_device_get_error_string (device);
  if (priv->last_error == LSOCK_SOCKET_ERROR_UNKNOWN || message == NULL)
    g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                 "The connection to “%s” was ended while it was made", name);
  else
    g_set_error_literal (error, LSOCK_SOCKET_ERROR, (int) priv->last_error, message);
  return FALSE;
}

static void
lsock_socket_real_close (LsockIODevice *device)
{
  g_autoptr (LsockSocketScope) self = _lsock_socket_enter (LSOCK_SOCKET (device));

  _lsock_socket_close (self);
}

static gboolean
lsock_socket_real_is_sequential (LsockIODevice *device)
{
  return TRUE;
}

static gint64
lsock_socket_real_bytes_available (LsockIODevice *device)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (LSOCK_SOCKET (device));

  _lsock_link_drain_pending (&priv->link);
  return LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->bytes_available (device) +
         (gint64) priv->link.incoming.length;
}

static gint64
lsock_socket_real_bytes_to_write (LsockIODevice *device)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (LSOCK_SOCKET (device));

  return priv->link.unreported + (gint64) priv->link.outgoing.length;
}

static gboolean
lsock_socket_real_can_read_line (LsockIODevice *device)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (LSOCK_SOCKET (device));
  LsockByteQueue *incoming = &priv->link.incoming;

  _lsock_link_drain_pending (&priv->link);
  return _lsock_byte_queue_index_of (incoming, '\n', 0, incoming->length) >= 0 ||
         LSOCK_IO_DEVICE_CLASS (lsock_socket_parent_class)->can_read_line (device);
}

static gssize
lsock_socket_real_read_buffer (LsockIODevice  *device,
                               void           *buffer,
                               gsize           count,
                               GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize n = _lsock_link_read (&priv->link, buffer, count);

  _lsock_socket_made_room (self, priv);
  return n == 0 && is_at_the_end (priv) ? -1 : (gssize) n;
}

static GBytes *
lsock_socket_real_read_data (LsockIODevice  *device,
                             gsize           max_length,
                             GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  GBytes *bytes;

  _lsock_link_drain_pending (&priv->link);
  if (priv->link.incoming.length == 0 && is_at_the_end (priv))
    return NULL;

  bytes = _lsock_byte_queue_take (&priv->link.incoming, max_length);
  _lsock_socket_made_room (self, priv);
  return bytes;
}

static GBytes *
lsock_socket_real_read_line_data (LsockIODevice  *device,
                                  gsize           max_length,
                                  GError        **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (LSOCK_SOCKET (device));
  gssize end;

  _lsock_link_drain_pending (&priv->link);
  end = _lsock_byte_queue_index_of (&priv->link.incoming, '\n', 0, max_length);
  return lsock_socket_real_read_data (device, end >= 0 ? (gsize) end + 1 : max_length, error);
}

static gint64
lsock_socket_real_skip_data (LsockIODevice  *device,
                             gint64          max_length,
                             GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  gsize n;

  _lsock_link_drain_pending (&priv->link);
  n = _lsock_byte_queue_skip (&priv->link.incoming, (gsize) max_length);
  _lsock_socket_made_room (self, priv);
  return n == 0 && is_at_the_end (priv) ? -1 : (gint64) n;
}

static gboolean
check_can_write (LsockSocket  *self,
                 GError      **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };
  g_autofree char *message = NULL;

  if (G_UNLIKELY (priv->state == LSOCK_SOCKET_STATE_UNCONNECTED))
    {
      /* As in Qt, the last error is forgotten here. */
      message = g_strdup ("Cannot write: the socket is not connected");
      _lsock_io_device_hold_notify (LSOCK_IO_DEVICE (self));
      _lsock_socket_step_error (self, &step, LSOCK_SOCKET_ERROR_UNKNOWN, message, FALSE);
      _lsock_socket_emit (self, &step);
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION, message);
      return FALSE;
    }

  /* The device may still be open as it was for the former connection. */
  if (G_UNLIKELY (priv->state == LSOCK_SOCKET_STATE_CONNECTING &&
                  (priv->connect_mode & LSOCK_OPEN_MODE_WRITE_ONLY) == 0))
    {
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Cannot write to “%s”: the connection is made for reading only",
                   _lsock_socket_display_name (priv, &storage));
      return FALSE;
    }

  if (G_UNLIKELY (priv->link.write_ended))
    {
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "Cannot write to “%s”: writing has ended",
                   _lsock_socket_display_name (priv, &storage));
      return FALSE;
    }

  if (G_UNLIKELY (priv->link.write_errnum != 0))
    {
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR,
                   (int) _lsock_transport_end_code (priv->link.write_errnum),
                   "Cannot write to “%s”: %s", _lsock_socket_display_name (priv, &storage),
                   g_strerror (priv->link.write_errnum));
      return FALSE;
    }

  return TRUE;
}

/* Whatever goes wrong in the kernel is reported later: a signal from inside write() would surprise
 * its caller. */
static gssize
write_to_link (LsockSocket *self,
               const void  *data,
               gsize        length,
               GBytes      *bytes)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (length == 0)
    return 0;

  /* Before the connection stands there is nothing to hand the data to. */
  if (G_UNLIKELY (priv->state == LSOCK_SOCKET_STATE_CONNECTING))
    {
      _lsock_byte_queue_append (&priv->link.outgoing, data, length);
      return (gssize) length;
    }

  _lsock_link_write (&priv->link, data, length, bytes);
  if (priv->link.outgoing.length > 0)
    {
      _lsock_socket_update_interest (self);
      _lsock_socket_update_linger (self);
    }

  return (gssize) length;
}

static gssize
lsock_socket_real_write_buffer (LsockIODevice  *device,
                                const void     *data,
                                gsize           length,
                                GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);

  return check_can_write (self, error) ? write_to_link (self, data, length, NULL) : -1;
}

static gssize
lsock_socket_real_write_data (LsockIODevice  *device,
                              GBytes         *bytes,
                              GError        **error)
{
  LsockSocket *self = LSOCK_SOCKET (device);
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  return check_can_write (self, error) ? write_to_link (self, data, length, bytes) : -1;
}


/* LsockObject */

static void
lsock_socket_real_end (LsockObject *object)
{
  lsock_socket_abort (LSOCK_SOCKET (object));

  LSOCK_OBJECT_CLASS (lsock_socket_parent_class)->shutdown (object);
}

static void
lsock_socket_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  _lsock_socket_move_context (LSOCK_SOCKET (object));

  LSOCK_OBJECT_CLASS (lsock_socket_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_socket_finalize (GObject *object)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (LSOCK_SOCKET (object));

  g_free (priv->move);
  _lsock_byte_queue_clear (&priv->link.incoming);
  g_clear_pointer (&priv->server_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);

  G_OBJECT_CLASS (lsock_socket_parent_class)->finalize (object);
}

static void
lsock_socket_class_init (LsockSocketClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, _lsock_socket_fill_slots);

  object_class->finalize = lsock_socket_finalize;
  object_class->get_property = _lsock_socket_get_property;
  object_class->set_property = _lsock_socket_set_property;

  lsock_object_class->shutdown = lsock_socket_real_end;
  lsock_object_class->move_context = lsock_socket_real_move_context;

  device_class->flow = &_lsock_socket_flow;
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
  _lsock_socket_install_properties (object_class);
  _lsock_socket_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_socket_init (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_link_init (&priv->link);
  priv->state = LSOCK_SOCKET_STATE_UNCONNECTED;
  priv->last_error = LSOCK_SOCKET_ERROR_UNKNOWN;
  priv->priority = G_PRIORITY_DEFAULT;
  priv->connect_timeout = LSOCK_SOCKET_DEFAULT_CONNECT_TIMEOUT_MS;
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
  g_autoptr (LsockSocketScope) scope = NULL;
  g_autoptr (GError) error = NULL;
  LsockSocketPrivate *priv;

  g_return_if_fail (LSOCK_IS_SOCKET (self));
  g_return_if_fail (name != NULL);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "connect", &error))
    {
      LsockSocketStep step = { 0, };

      _lsock_socket_step_error (self, &step, LSOCK_SOCKET_ERROR_OPERATION, error->message, FALSE);
      _lsock_socket_emit (self, &step);
      _lsock_socket_refuse (self, error->message);
      return;
    }

  if (priv->state == LSOCK_SOCKET_STATE_CONNECTING ||
      priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    {
      g_autofree char *storage = NULL;
      g_autofree char *current_storage = NULL;
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s” while there is a connection to “%s”",
                         _lsock_address_display_name (name, &storage),
                         _lsock_socket_display_name (priv, &current_storage));

      _lsock_socket_refuse (self, message);
      return;
    }

  _lsock_socket_begin_connect (self, name, mode);
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
  g_autoptr (LsockSocketScope) scope = NULL;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  scope = _lsock_socket_enter (self);
  _lsock_socket_disconnect (self);
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
  g_autoptr (LsockSocketScope) scope = NULL;

  g_return_if_fail (LSOCK_IS_SOCKET (self));

  scope = _lsock_socket_enter (self);
  _lsock_socket_abort (self);
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
  g_autoptr (LsockSocketScope) scope = NULL;
  LsockSocketPrivate *priv;
  gboolean left;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);

  if (priv->state != LSOCK_SOCKET_STATE_CONNECTING && priv->link.outgoing.length > 0)
    {
      LsockSocketGuard guard = _lsock_socket_guard (priv);

      _lsock_socket_send (self);
      /* The peer's last data comes before the error. */
      if (priv->link.write_errnum != 0 && !priv->link.read_blocked)
        _lsock_socket_receive (self, LSOCK_READY_NONE);
      if (!_lsock_socket_is_same (priv, &guard))
        return FALSE;
    }

  left = priv->link.unreported > 0;
  _lsock_socket_report_written (self);
  return left;
}

/**
 * lsock_socket_is_valid:
 * @self: a socket
 *
 * Returns whether the socket has a descriptor that can be used.
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
 * Takes over a connection that was made elsewhere.
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
  g_autoptr (LsockSocketScope) scope = NULL;
  g_autoptr (GRefString) name = NULL;
  g_autoptr (GRefString) full_name = NULL;
  LsockSocketPrivate *priv;
  LsockAddress address;

  g_return_val_if_fail (LSOCK_IS_SOCKET (self), FALSE);

  scope = _lsock_socket_enter (self);
  priv = _lsock_socket_get_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "take a descriptor", error))
    return FALSE;

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

  return _lsock_socket_take_descriptor (self, fd, state, mode, name, full_name, error);
}
