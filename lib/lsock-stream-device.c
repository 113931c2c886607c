/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device on a GIOStream, or on an input and an output stream: the class. */

#include "config.h"

#include "lsock-stream-device.h"

#include "device/lsock-stream-device-io-private.h"
#include "lsock-error.h"

/* Bytes that are requested from a stream whose size is unknown. */
#define MIN_READ 4096

/**
 * LsockStreamDevice:
 *
 * A device on streams of GIO: a pipe, a file, the connection of a subprocess.
 *
 * If the streams can seek, it has random access, and reads and writes are those of the streams.
 * Otherwise it is sequential: data that arrives is read by the main context, and
 * [signal@Lsock.IODevice::ready-read] is emitted; data that is written leaves when the stream has
 * room, and [signal@Lsock.IODevice::bytes-written] is emitted.  Streams that cannot be polled are
 * served by a thread.
 *
 * A stream that fails emits [signal@Lsock.StreamDevice::error]: a certificate that was rejected, for
 * instance, is no clean end.
 *
 * [method@Lsock.StreamDevice.shutdown_write] ends writing alone. [method@Lsock.IODevice.close] closes the streams once all written data has left, unless
 * [property@Lsock.StreamDevice:close-base-stream] is %FALSE.
 *
 * Qt has no counterpart.
 *
 * Since: 1.0
 */


G_DEFINE_TYPE_WITH_PRIVATE (LsockStreamDevice, lsock_stream_device, LSOCK_TYPE_IO_DEVICE)

#define PRIV(self) (_lsock_stream_device_get_private ((LsockStreamDevice *) (self)))

typedef enum
{
  PROP_INPUT_STREAM = 1,
  PROP_OUTPUT_STREAM,
  PROP_BASE_STREAM,
  PROP_CLOSE_BASE_STREAM,
} LsockStreamDeviceProperty;

static GParamSpec *properties[PROP_CLOSE_BASE_STREAM + 1];


/* LsockIODevice */

static gboolean
lsock_stream_device_real_is_sequential (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  return (priv->input == NULL && priv->output == NULL) ||
         (priv->input != NULL && !_lsock_stream_device_can_seek (priv->input)) ||
         (priv->output != NULL && !_lsock_stream_device_can_seek (priv->output));
}

static gboolean
lsock_stream_device_real_open (LsockIODevice  *device,
                               LsockOpenMode   mode,
                               GError        **error)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  const char *problem = NULL;

  if (priv->streams != NULL)
    problem = "The device is open already";
  else if (priv->streams_closed)
    problem = "The streams were closed with the device";
  else if ((mode & LSOCK_OPEN_MODE_READ_WRITE) == 0)
    problem = "A device is opened for reading, for writing or for both";
  else if ((mode & LSOCK_OPEN_MODE_READ_ONLY) != 0 &&
           (priv->input == NULL || g_input_stream_is_closed (priv->input)))
    problem = "There is no open stream to read from";
  else if ((mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0 &&
           (priv->output == NULL || g_output_stream_is_closed (priv->output)))
    problem = "There is no open stream to write to";

  if (problem != NULL)
    {
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION, problem);
      return FALSE;
    }

  priv->random = !lsock_stream_device_real_is_sequential (device);
  priv->read_ended = FALSE;
  g_clear_error (&priv->read_error);
  g_clear_error (&priv->write_error);
  priv->write_ended = FALSE;
  priv->shutdown_wanted = FALSE;

  if ((mode & LSOCK_OPEN_MODE_TRUNCATE) != 0 && priv->random &&
      (!G_IS_SEEKABLE (priv->output) ||
       !g_seekable_truncate (G_SEEKABLE (priv->output), 0, NULL, error)))
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                             "There is no stream that could be truncated");
      return FALSE;
    }

  if (!LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->open (device, mode, error))
    return FALSE;

  priv->offset = _lsock_io_device_get_private (device)->pos;
  _lsock_io_device_get_private (device)->device_pos = priv->offset;
  _lsock_stream_device_start (self);
  return TRUE;
}

static void
lsock_stream_device_real_close (LsockIODevice *device)
{
  g_autoptr (LsockIODevice) hold = g_object_ref (device);

  if (!_lsock_io_device_begin_close (hold))
    return;

  _lsock_stream_device_stop (LSOCK_STREAM_DEVICE (hold));
  _lsock_io_device_finish_close (hold);
}

static gint64
lsock_stream_device_real_bytes_available (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  return LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->bytes_available (device) +
         (gint64) priv->incoming.length;
}

static gint64
lsock_stream_device_real_bytes_to_write (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  return (gint64) (priv->outgoing.length + priv->in_flight);
}

static gboolean
lsock_stream_device_real_can_read_line (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  return _lsock_byte_queue_index_of (&priv->incoming, '\n', 0, priv->incoming.length) >= 0 ||
         LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->can_read_line (device);
}

static gint64
lsock_stream_device_real_size (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);
  GSeekable *seekable;

  if (lsock_stream_device_real_is_sequential (device))
    return LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->size (device);

  /* Each read and write seeks first, so the stream may be left at its end. */
  seekable = priv->input != NULL ? G_SEEKABLE (priv->input) : G_SEEKABLE (priv->output);
  if (!g_seekable_seek (seekable, 0, G_SEEK_END, NULL, NULL))
    return 0;

  return g_seekable_tell (seekable);
}

static gboolean
lsock_stream_device_real_seek (LsockIODevice  *device,
                               gint64          pos,
                               GError        **error)
{
  if (!LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->seek (device, pos, error))
    return FALSE;

  PRIV (device)->offset = pos;
  return TRUE;
}

static gssize
lsock_stream_device_real_read_buffer (LsockIODevice  *device,
                                      void           *buffer,
                                      gsize           count,
                                      GError        **error)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  gsize n = 0;

  if (priv->random)
    {
      if (count == 0)
        return 0;

      if (!_lsock_stream_device_place (priv->input, priv->offset, error))
        return -1;

      /* Read until the buffer is full or the stream ends: a short read would look like the end. */
      if (!g_input_stream_read_all (priv->input, buffer, count, &n, NULL, error) && n == 0)
        return -1;

      if (n > 0)
        g_clear_error (error);
      priv->offset += (gint64) n;
      return (gssize) n;
    }

  n = _lsock_byte_queue_read (&priv->incoming, buffer, count);
  _lsock_stream_device_update_reading (self);

  return n == 0 && priv->read_ended ? -1 : (gssize) n;
}

static GBytes *
lsock_stream_device_real_read_data (LsockIODevice  *device,
                                    gsize           max_length,
                                    GError        **error)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  GBytes *bytes;

  if (priv->random)
    {
      gint64 rest = lsock_stream_device_real_size (device) - priv->offset;
      g_autofree guint8 *data = NULL;
      gssize n;

      max_length = MIN (max_length, (gsize) CLAMP (rest, MIN_READ, G_MAXSSIZE));
      data = g_malloc (max_length);
      n = lsock_stream_device_real_read_buffer (device, data, max_length, error);
      return n < 0 ? NULL : g_bytes_new_take (g_steal_pointer (&data), (gsize) n);
    }

  if (priv->incoming.length == 0 && priv->read_ended)
    return NULL;

  bytes = _lsock_byte_queue_take (&priv->incoming, max_length);
  _lsock_stream_device_update_reading (self);
  return bytes;
}

static gboolean
write_now (LsockStreamDevice  *self,
           const void         *data,
           gsize               length,
           GError            **error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (!_lsock_stream_device_place (priv->output, priv->offset, error) ||
      !g_output_stream_write_all (priv->output, data, length, NULL, NULL, error) ||
      !g_output_stream_flush (priv->output, NULL, error))
    return FALSE;

  priv->offset += (gint64) length;
  return TRUE;
}

static gboolean
check_can_write (LsockStreamDevicePrivate  *priv,
                 GError                   **error)
{
  if (priv->write_error == NULL && !priv->write_ended)
    return TRUE;

  g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                       priv->write_error != NULL
                         ? "An earlier write failed, and the stream takes no more"
                         : "Cannot write to the stream: writing has ended");
  return FALSE;
}

static gssize
lsock_stream_device_real_write_buffer (LsockIODevice  *device,
                                       const void     *data,
                                       gsize           length,
                                       GError        **error)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->random)
    return write_now (self, data, length, error) ? (gssize) length : -1;

  if (!check_can_write (priv, error))
    return -1;

  _lsock_byte_queue_append (&priv->outgoing, data, length);
  _lsock_stream_device_update_writing (self);
  return (gssize) length;
}

static gssize
lsock_stream_device_real_write_data (LsockIODevice  *device,
                                     GBytes         *bytes,
                                     GError        **error)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  if (priv->random)
    return write_now (self, data, length, error) ? (gssize) length : -1;

  if (!check_can_write (priv, error))
    return -1;

  _lsock_byte_queue_append_bytes (&priv->outgoing, bytes);
  _lsock_stream_device_update_writing (self);
  return (gssize) length;
}


/* LsockObject */

static void
lsock_stream_device_real_end (LsockObject *object)
{
  LSOCK_OBJECT_CLASS (lsock_stream_device_parent_class)->shutdown (object);

  _lsock_stream_device_stop (LSOCK_STREAM_DEVICE (object));
}

static void
lsock_stream_device_real_move_context (LsockObject  *object,
                                       GMainContext *context)
{
  _lsock_stream_device_detach (LSOCK_STREAM_DEVICE (object));

  LSOCK_OBJECT_CLASS (lsock_stream_device_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_stream_device_constructed (GObject *object)
{
  LsockStreamDevicePrivate *priv = PRIV (object);

  G_OBJECT_CLASS (lsock_stream_device_parent_class)->constructed (object);

  if (priv->base != NULL && priv->input == NULL)
    g_set_object (&priv->input, g_io_stream_get_input_stream (priv->base));
  if (priv->base != NULL && priv->output == NULL)
    g_set_object (&priv->output, g_io_stream_get_output_stream (priv->base));
}

static void
lsock_stream_device_finalize (GObject *object)
{
  LsockStreamDevicePrivate *priv = PRIV (object);

  _lsock_stream_device_stop (LSOCK_STREAM_DEVICE (object));
  g_clear_object (&priv->input);
  g_clear_object (&priv->output);
  g_clear_object (&priv->base);
  g_clear_error (&priv->read_error);
  g_clear_error (&priv->write_error);

  G_OBJECT_CLASS (lsock_stream_device_parent_class)->finalize (object);
}

static void
lsock_stream_device_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  LsockStreamDevicePrivate *priv = PRIV (object);

  switch ((LsockStreamDeviceProperty) prop_id)
    {
    case PROP_INPUT_STREAM:
      g_value_set_object (value, priv->input);
      break;

    case PROP_OUTPUT_STREAM:
      g_value_set_object (value, priv->output);
      break;

    case PROP_BASE_STREAM:
      g_value_set_object (value, priv->base);
      break;

    case PROP_CLOSE_BASE_STREAM:
      g_value_set_boolean (value, priv->close_base_stream);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_stream_device_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  LsockStreamDevicePrivate *priv = PRIV (object);

  switch ((LsockStreamDeviceProperty) prop_id)
    {
    case PROP_INPUT_STREAM:
      priv->input = g_value_dup_object (value);
      break;

    case PROP_OUTPUT_STREAM:
      priv->output = g_value_dup_object (value);
      break;

    case PROP_BASE_STREAM:
      priv->base = g_value_dup_object (value);
      break;

    case PROP_CLOSE_BASE_STREAM:
      priv->close_base_stream = g_value_get_boolean (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags construct_only = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                     G_PARAM_STATIC_STRINGS;

  /**
   * LsockStreamDevice:input-stream: (getter get_input_stream)
   *
   * What the device reads from.
   *
   * Since: 1.0
   */
  properties[PROP_INPUT_STREAM] =
    g_param_spec_object ("input-stream", NULL, NULL, G_TYPE_INPUT_STREAM, construct_only);

  /**
   * LsockStreamDevice:output-stream: (getter get_output_stream)
   *
   * What the device writes to.
   *
   * Since: 1.0
   */
  properties[PROP_OUTPUT_STREAM] =
    g_param_spec_object ("output-stream", NULL, NULL, G_TYPE_OUTPUT_STREAM, construct_only);

  /**
   * LsockStreamDevice:base-stream:
   *
   * The stream for both directions, which is kept alive and closed with the device.
   *
   * Since: 1.0
   */
  properties[PROP_BASE_STREAM] =
    g_param_spec_object ("base-stream", NULL, NULL, G_TYPE_IO_STREAM, construct_only);

  /**
   * LsockStreamDevice:close-base-stream:
   *
   * Whether the streams are closed when the device is.
   *
   * Since: 1.0
   */
  properties[PROP_CLOSE_BASE_STREAM] =
    g_param_spec_boolean ("close-base-stream", NULL, NULL, TRUE, construct_only);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lsock_stream_device_class_init (LsockStreamDeviceClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, _lsock_stream_device_fill_slots);

  object_class->constructed = lsock_stream_device_constructed;
  object_class->finalize = lsock_stream_device_finalize;
  object_class->get_property = lsock_stream_device_get_property;
  object_class->set_property = lsock_stream_device_set_property;

  lsock_object_class->shutdown = lsock_stream_device_real_end;
  lsock_object_class->move_context = lsock_stream_device_real_move_context;

  device_class->flow = &_lsock_stream_device_flow;
  device_class->open = lsock_stream_device_real_open;
  device_class->close = lsock_stream_device_real_close;
  device_class->is_sequential = lsock_stream_device_real_is_sequential;
  device_class->bytes_available = lsock_stream_device_real_bytes_available;
  device_class->bytes_to_write = lsock_stream_device_real_bytes_to_write;
  device_class->can_read_line = lsock_stream_device_real_can_read_line;
  device_class->size = lsock_stream_device_real_size;
  device_class->seek = lsock_stream_device_real_seek;
  device_class->read_buffer = lsock_stream_device_real_read_buffer;
  device_class->read_data = lsock_stream_device_real_read_data;
  device_class->write_buffer = lsock_stream_device_real_write_buffer;
  device_class->write_data = lsock_stream_device_real_write_data;
  device_class->wait_for_ready_read = _lsock_stream_device_real_wait_for_ready_read;
  device_class->wait_for_bytes_written = _lsock_stream_device_real_wait_for_bytes_written;

  _lsock_stream_device_private_offset = g_type_class_get_instance_private_offset (klass);
  install_properties (object_class);
  _lsock_stream_device_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_stream_device_init (LsockStreamDevice *self)
{
}


/**
 * lsock_stream_device_new:
 * @input: (nullable): what to read from
 * @output: (nullable): what to write to
 *
 * Creates a device on streams, closed.
 *
 * Returns: (transfer full): a new device
 *
 * Since: 1.0
 */
LsockStreamDevice *
lsock_stream_device_new (GInputStream  *input,
                         GOutputStream *output)
{
  g_return_val_if_fail (input == NULL || G_IS_INPUT_STREAM (input), NULL);
  g_return_val_if_fail (output == NULL || G_IS_OUTPUT_STREAM (output), NULL);

  return g_object_new (LSOCK_TYPE_STREAM_DEVICE,
                       "input-stream", input,
                       "output-stream", output,
                       NULL);
}

/**
 * lsock_stream_device_new_for_io_stream:
 * @stream: what to read from and write to
 *
 * Creates a device on a stream for both directions, closed.
 *
 * Returns: (transfer full): a new device
 *
 * Since: 1.0
 */
LsockStreamDevice *
lsock_stream_device_new_for_io_stream (GIOStream *stream)
{
  g_return_val_if_fail (G_IS_IO_STREAM (stream), NULL);

  return g_object_new (LSOCK_TYPE_STREAM_DEVICE, "base-stream", stream, NULL);
}

/**
 * lsock_stream_device_get_input_stream: (get-property input-stream)
 * @self: a device
 *
 * Gets the stream that the device reads from.
 *
 * Returns: (transfer none) (nullable): the stream, or %NULL
 *
 * Since: 1.0
 */
GInputStream *
lsock_stream_device_get_input_stream (LsockStreamDevice *self)
{
  g_return_val_if_fail (LSOCK_IS_STREAM_DEVICE (self), NULL);

  return PRIV (self)->input;
}

/**
 * lsock_stream_device_get_output_stream: (get-property output-stream)
 * @self: a device
 *
 * Gets the stream that the device writes to.
 *
 * Returns: (transfer none) (nullable): the stream, or %NULL
 *
 * Since: 1.0
 */
GOutputStream *
lsock_stream_device_get_output_stream (LsockStreamDevice *self)
{
  g_return_val_if_fail (LSOCK_IS_STREAM_DEVICE (self), NULL);

  return PRIV (self)->output;
}

/**
 * lsock_stream_device_shutdown_write:
 * @self: an open device
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Ends writing once all written data has left; reading goes on.
 *
 * The peer reads to the end of the data, and can still answer.  The output stream is closed; of the
 * connection of a socket the writing side is shut down, and a TLS connection sends its closing
 * message. [signal@Lsock.StreamDevice::error] is emitted if that fails.  A second call changes
 * nothing.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION unless @self is open for writing and sequential.
 *
 * Returns: %TRUE if writing ends
 *
 * Since: 1.0
 */
gboolean
lsock_stream_device_shutdown_write (LsockStreamDevice  *self,
                                    GError            **error)
{
  g_autoptr (LsockStreamDevice) hold G_GNUC_UNUSED = NULL;
  g_autoptr (GError) local = NULL;
  LsockStreamDevicePrivate *priv;

  g_return_val_if_fail (LSOCK_IS_STREAM_DEVICE (self), FALSE);

  hold = g_object_ref (self);
  priv = PRIV (self);
  if (priv->streams == NULL || !lsock_io_device_is_writable (LSOCK_IO_DEVICE (self)))
    local = g_error_new_literal (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                                 "Cannot end writing: the device is not open for writing");
  else if (priv->random)
    local = g_error_new_literal (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                                 "Cannot end writing: the stream has random access");

  if (local != NULL)
    {
      lsock_io_device_set_error_string (LSOCK_IO_DEVICE (self), local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  if (!priv->write_ended)
    {
      priv->write_ended = TRUE;
      priv->shutdown_wanted = priv->write_error == NULL;
      _lsock_stream_device_update_writing (self);
    }
  return TRUE;
}
