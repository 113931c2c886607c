/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes of a stream device: received and sent by polling, or by a worker thread. */

#include "config.h"

#include "device/lsock-stream-device-io-private.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>

#include "io/lsock-sigpipe-private.h"

/* So much is taken from a stream in one turn, and so much waits before reading stops. */
#define BYTES_PER_TURN (64 * 1024)
#define MAX_WAITING (256 * 1024)

#define PRIV(self) (_lsock_stream_device_get_private ((LsockStreamDevice *) (self)))

static gboolean on_read_ready (gpointer data);
static gboolean on_write_ready (gpointer data);
static void resume (LsockObject *object);

int _lsock_stream_device_private_offset;

static guint error_signal;


gboolean
_lsock_stream_device_can_seek (gpointer stream)
{
  return G_IS_SEEKABLE (stream) && g_seekable_can_seek (stream);
}

/* A descriptor that can block blocks the loop: GUnixOutputStream asks poll(2) first, but a pipe
 * with some room takes only a part of what is written, and waits for the rest.  The flag belongs to
 * the file description, which other processes may share, so it is only looked at. */
static gboolean
can_block (gpointer stream)
{
  int fd = -1;
  int flags;

  if (G_IS_UNIX_OUTPUT_STREAM (stream))
    fd = g_unix_output_stream_get_fd (stream);
  else if (G_IS_UNIX_INPUT_STREAM (stream))
    fd = g_unix_input_stream_get_fd (stream);
  if (fd < 0)
    return FALSE;

  flags = fcntl (fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

static gboolean
can_poll_input (LsockStreamDevicePrivate *priv)
{
  return !can_block (priv->input) && G_IS_POLLABLE_INPUT_STREAM (priv->input) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (priv->input));
}

static gboolean
can_poll_output (LsockStreamDevicePrivate *priv)
{
  return !can_block (priv->output) && G_IS_POLLABLE_OUTPUT_STREAM (priv->output) &&
         g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (priv->output));
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_clear_pointer (source, g_source_unref);
    }
}

GSource *
_lsock_stream_device_new_input_source (LsockStreamDevicePrivate *priv)
{
  return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (priv->input), NULL);
}

GSource *
_lsock_stream_device_new_output_source (LsockStreamDevicePrivate *priv)
{
  return g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (priv->output), NULL);
}

static gboolean
on_input (GObject  *stream,
          gpointer  data)
{
  on_read_ready (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_output (GObject  *stream,
           gpointer  data)
{
  on_write_ready (data);
  return G_SOURCE_CONTINUE;
}

/* A pollable stream's source calls with the stream first. */
static void
attach_source (LsockStreamDevice      *self,
               GSource                *source,
               GPollableSourceFunc     func)
{
  g_source_set_static_name (source, "[lsock] LsockStreamDevice");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
}

gboolean
_lsock_stream_device_wants_to_read (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  return priv->streams != NULL && !priv->random && !priv->read_ended &&
         lsock_io_device_is_readable (LSOCK_IO_DEVICE (self)) &&
         priv->incoming.length < MAX_WAITING;
}

void
_lsock_stream_device_update_reading (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (g_atomic_int_get (&priv->moving))
    return;

  if (!_lsock_stream_device_wants_to_read (self))
    {
      drop_source (&priv->read_source);
      return;
    }

  if (priv->reader != NULL)
    {
      if (_lsock_stream_worker_is_idle (priv->reader))
        _lsock_stream_worker_read (priv->reader, BYTES_PER_TURN);
    }
  else if (priv->read_source == NULL)
    {
      priv->read_source = _lsock_stream_device_new_input_source (priv);
      attach_source (self, priv->read_source, on_input);
    }
}

static void
attach_worker (LsockStreamDevice *self,
               LsockStreamWorker *worker,
               GSourceFunc        func)
{
  _lsock_stream_worker_attach (worker, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                               G_PRIORITY_DEFAULT, func, self);
}

/* In a thread: a stream that ends may write, as TLS does, and wait for room. */
static void
shut_down_output (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->writer == NULL)
    {
      priv->writer = _lsock_stream_worker_new (priv->streams);
      attach_worker (self, priv->writer, on_write_ready);
    }
  else if (!_lsock_stream_worker_is_idle (priv->writer))
    return;

  priv->shutdown_wanted = FALSE;
  _lsock_stream_worker_shutdown (priv->writer);
}

void
_lsock_stream_device_update_writing (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (g_atomic_int_get (&priv->moving))
    return;

  if (priv->streams == NULL || priv->outgoing.length == 0)
    {
      drop_source (&priv->write_source);
      if (priv->streams != NULL && priv->shutdown_wanted)
        shut_down_output (self);
      return;
    }

  if (priv->writer != NULL)
    {
      if (_lsock_stream_worker_is_idle (priv->writer))
        {
          priv->in_flight = priv->outgoing.length;
          _lsock_stream_worker_write (priv->writer,
                                      _lsock_byte_queue_take (&priv->outgoing, priv->in_flight));
        }
    }
  else if (priv->write_source == NULL)
    {
      priv->write_source = _lsock_stream_device_new_output_source (priv);
      attach_source (self, priv->write_source, on_output);
    }
}

/* Takes what is there; 0: nothing, -1: the end or an error. */
static gssize
take_in (LsockStreamDevice  *self,
         GError            **error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  gssize total = 0;

  if (priv->reader != NULL)
    {
      g_autoptr (GBytes) bytes = NULL;

      if (!_lsock_stream_worker_collect (priv->reader, &bytes, error))
        return 0;
      if (bytes == NULL || g_bytes_get_size (bytes) == 0)
        return -1;

      _lsock_byte_queue_append_bytes (&priv->incoming, bytes);
      return (gssize) g_bytes_get_size (bytes);
    }

  while (total < BYTES_PER_TURN)
    {
      g_autoptr (GError) local = NULL;
      LsockVector vectors[2];
      gssize n;

      _lsock_byte_queue_reserve (&priv->incoming, BYTES_PER_TURN, vectors);
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (priv->input),
                                                    vectors[0].data, vectors[0].length, NULL,
                                                    &local);
      _lsock_byte_queue_commit (&priv->incoming, n > 0 ? (gsize) n : 0);
      if (n <= 0)
        {
          /* With data before it, the end is for the next turn. */
          if (total > 0 || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return total;

          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return -1;
        }

      total += n;
      if ((gsize) n < vectors[0].length)
        break;
    }

  return total;
}

void
_lsock_stream_device_enter (LsockStreamDevice *self)
{
  g_atomic_int_inc (&PRIV (self)->depth);
}

void
_lsock_stream_device_leave (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (g_atomic_int_dec_and_test (&priv->depth) && g_atomic_int_get (&priv->moving))
    _lsock_object_call_later (LSOCK_OBJECT (self), resume);
}

/* Never from inside itself; data that came meanwhile, and that the handler has left, is announced
 * when it returns. */
static void
emit_ready_read (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
  gboolean nested = _lsock_io_device_get_private (device)->in_ready_read;
  guint generation = priv->generation;

  do
    _lsock_io_device_emit_ready_read (device);
  while (!nested && _lsock_io_device_take_missed_ready_read (device) &&
         priv->generation == generation &&
         priv->incoming.length + _lsock_io_device_get_held (device) > 0);
}

/* The error has been stored; FALSE when a handler has closed the device or moved it. */
static gboolean
emit_error (LsockStreamDevice *self,
            const GError      *error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  guint generation = priv->generation;

  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (self), error->message);
  if (priv->generation == generation && !_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, error_signal, 0, error);

  return priv->generation == generation;
}

/* Nothing more can be read: the end, or @error. */
static void
end_reading (LsockStreamDevice *self,
             const GError      *error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  priv->read_ended = TRUE;
  g_clear_error (&priv->read_error);
  priv->read_error = error != NULL ? g_error_copy (error) : NULL;
  drop_source (&priv->read_source);
  if (error == NULL || emit_error (self, error))
    _lsock_io_device_emit_read_channel_finished (LSOCK_IO_DEVICE (self));
}

gboolean
_lsock_stream_device_receive (LsockStreamDevice *self)
{
  g_autoptr (GError) error = NULL;
  gssize n;

  if (!_lsock_stream_device_wants_to_read (self))
    return FALSE;

  n = take_in (self, &error);
  if (n < 0)
    {
      end_reading (self, error);
      return FALSE;
    }

  _lsock_stream_device_update_reading (self);
  if (n > 0)
    emit_ready_read (self);

  return n > 0;
}

/* Hands out what there is room for; 0: nothing, -1: an error. */
static gssize
hand_out (LsockStreamDevice  *self,
          GError            **error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  gssize total = 0;

  if (priv->writer != NULL)
    {
      g_autoptr (GBytes) bytes = NULL;

      if (!_lsock_stream_worker_collect (priv->writer, &bytes, error))
        return 0;

      total = *error != NULL ? -1 : (gssize) priv->in_flight;
      priv->in_flight = 0;
      return total;
    }

  while (priv->outgoing.length > 0 && total < BYTES_PER_TURN)
    {
      g_autoptr (GError) local = NULL;
      LsockSigpipe sigpipe;
      LsockVector vector;
      gssize n;

      _lsock_byte_queue_get_vectors (&priv->outgoing, &vector, 1);
      _lsock_sigpipe_block (&sigpipe);
      n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (priv->output),
                                                      vector.data, vector.length, NULL, &local);
      _lsock_sigpipe_restore (&sigpipe);
      if (n < 0)
        {
          if (total > 0 || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            break;

          g_propagate_error (error, g_steal_pointer (&local));
          return -1;
        }

      _lsock_byte_queue_skip (&priv->outgoing, (gsize) n);
      total += n;
    }

  return total;
}

gboolean
_lsock_stream_device_send (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
  g_autoptr (GError) error = NULL;
  gssize n;

  if (priv->streams == NULL)
    return FALSE;

  n = hand_out (self, &error);
  if (n < 0)
    {
      priv->write_error = g_error_copy (error);
      priv->shutdown_wanted = FALSE;
      _lsock_byte_queue_clear (&priv->outgoing);
    }

  _lsock_stream_device_update_writing (self);
  if (n < 0)
    {
      if (emit_error (self, error) && _lsock_object_has_operations (LSOCK_OBJECT (self)))
        _lsock_object_check_operations (LSOCK_OBJECT (self));
    }
  else if (n > 0)
    _lsock_io_device_emit_bytes_written (device, n);

  return n > 0;
}

static gboolean
on_read_ready (gpointer data)
{
  g_autoptr (LsockStreamDevice) self = g_object_ref (data);

  _lsock_stream_device_enter (self);
  _lsock_stream_device_receive (self);
  _lsock_stream_device_leave (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_write_ready (gpointer data)
{
  g_autoptr (LsockStreamDevice) self = g_object_ref (data);

  _lsock_stream_device_enter (self);
  _lsock_stream_device_send (self);
  _lsock_stream_device_leave (self);
  return G_SOURCE_CONTINUE;
}

static void
attach_workers (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->reader != NULL)
    attach_worker (self, priv->reader, on_read_ready);
  if (priv->writer != NULL)
    attach_worker (self, priv->writer, on_write_ready);
}

/* What asynchronous calls ask */

static guint
get_serial (LsockIODevice *device)
{
  return _lsock_io_device_flow.get_serial (device);
}

static LsockOperationState
check_input (LsockIODevice  *device,
             guint           serial,
             GError        **error)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  if (priv->read_error == NULL || serial != get_serial (device))
    return _lsock_io_device_real_check_input (device, serial, error);

  g_propagate_error (error, g_error_copy (priv->read_error));
  return LSOCK_OPERATION_FAILED;
}

static LsockOperationState
check_output (LsockIODevice  *device,
              guint           serial,
              GError        **error)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  if (priv->write_error == NULL || serial != get_serial (device))
    return _lsock_io_device_real_check_output (device, serial, error);

  g_propagate_error (error, g_error_copy (priv->write_error));
  return LSOCK_OPERATION_FAILED;
}

const LsockIODeviceFlow _lsock_stream_device_flow = {
  .get_serial   = get_serial,
  .check_input  = check_input,
  .check_output = check_output,
};


/* The streams */

void
_lsock_stream_device_start (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);

  priv->streams = _lsock_streams_new (priv->input, priv->output, priv->base,
                                      priv->close_base_stream);
  if (priv->random)
    return;

  if (lsock_io_device_is_readable (device) && !can_poll_input (priv))
    priv->reader = _lsock_stream_worker_new (priv->streams);
  if (lsock_io_device_is_writable (device) && !can_poll_output (priv))
    priv->writer = _lsock_stream_worker_new (priv->streams);

  attach_workers (self);
  _lsock_stream_device_update_reading (self);
}

/* Lets go of the streams; what was written and has not left goes on in a thread. */
void
_lsock_stream_device_stop (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->streams == NULL)
    return;

  priv->generation++;
  priv->streams_closed = priv->close_base_stream;
  drop_source (&priv->read_source);
  drop_source (&priv->write_source);

  if (priv->outgoing.length > 0)
    {
      if (priv->writer == NULL)
        priv->writer = _lsock_stream_worker_new (priv->streams);
      _lsock_stream_worker_write (priv->writer,
                                  _lsock_byte_queue_take (&priv->outgoing, priv->outgoing.length));
    }

  g_clear_pointer (&priv->reader, _lsock_stream_worker_free);
  g_clear_pointer (&priv->writer, _lsock_stream_worker_free);
  g_clear_pointer (&priv->streams, _lsock_streams_unref);

  _lsock_byte_queue_clear (&priv->incoming);
  _lsock_byte_queue_clear (&priv->outgoing);
  priv->in_flight = 0;
  priv->offset = 0;
}

/* In the thread of the new context. */
static void
resume (LsockObject *object)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (object);
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (!g_atomic_int_compare_and_exchange (&priv->moving, TRUE, FALSE) || priv->streams == NULL)
    return;

  attach_workers (self);
  _lsock_stream_device_update_reading (self);
  _lsock_stream_device_update_writing (self);

  /* What came during a `ready-read` whose handler moved the device has not been announced. */
  if (_lsock_io_device_take_missed_ready_read (LSOCK_IO_DEVICE (self)) &&
      priv->incoming.length + _lsock_io_device_get_held (LSOCK_IO_DEVICE (self)) > 0)
    {
      _lsock_stream_device_enter (self);
      emit_ready_read (self);
      _lsock_stream_device_leave (self);
    }
}

void
_lsock_stream_device_detach (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->streams == NULL)
    return;

  priv->generation++;
  drop_source (&priv->read_source);
  drop_source (&priv->write_source);
  if (priv->reader != NULL)
    _lsock_stream_worker_detach (priv->reader);
  if (priv->writer != NULL)
    _lsock_stream_worker_detach (priv->writer);

  g_atomic_int_set (&priv->moving, TRUE);
  if (g_atomic_int_get (&priv->depth) == 0)
    _lsock_object_call_later (LSOCK_OBJECT (self), resume);
}

gboolean
_lsock_stream_device_place (gpointer   stream,
                            gint64     offset,
                            GError   **error)
{
  GSeekable *seekable = G_SEEKABLE (stream);

  return g_seekable_tell (seekable) == offset ||
         g_seekable_seek (seekable, offset, G_SEEK_SET, NULL, error);
}


/* Class */

static void
real_error (LsockStreamDevice *self,
            const GError      *error)
{
}

void
_lsock_stream_device_fill_slots (gpointer klass)
{
  LsockStreamDeviceClass *device_class = LSOCK_STREAM_DEVICE_CLASS (klass);

  LSOCK_FILL_SLOT (device_class, error, real_error);
}

void
_lsock_stream_device_install_signals (GType type)
{
  /**
   * LsockStreamDevice::error:
   * @self: the device
   * @error: why the stream failed: what the stream reported, such as a #GTlsError or a #GIOErrorEnum
   *
   * Emitted when a stream could not be read or written while the main loop or a wait served it.
   *
   * A clean end of the input emits [signal@Lsock.IODevice::read-channel-finished] alone; after a
   * failure to read, it follows this signal.  A call that fails at once, as those of a device with
   * random access do, returns its error and emits nothing.
   *
   * Since: 1.0
   */
  error_signal =
    g_signal_new ("error", type, G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockStreamDeviceClass, error), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}
