/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-stream-device.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-byte-queue-private.h"
#include "lsock-error.h"
#include "device/lsock-io-device-state-private.h"
#include "object/lsock-object-private.h"
#include "device/lsock-stream-worker-private.h"

/* So much is taken from a stream in one turn, and so much waits before reading stops. */
#define BYTES_PER_TURN (64 * 1024)
#define MAX_WAITING (256 * 1024)

/* What is asked of a stream that says it is at its end: it may know no size. */
#define MIN_READ 4096

/**
 * LsockStreamDevice:
 *
 * A device on streams of GIO: a pipe, a file, the connection of a subprocess.
 *
 * If the streams can seek, it has random access, and reads and writes are those of the streams.
 * Otherwise it is sequential: what arrives is taken in by the main context and announced with
 * [signal@Lsock.IODevice::ready-read], and what is written leaves when the stream has room, which
 * [signal@Lsock.IODevice::bytes-written] tells.  Streams that cannot be polled are served by a
 * thread.
 *
 * [method@Lsock.IODevice.close] lets what was written leave, and then closes the streams unless
 * [property@Lsock.StreamDevice:close-base-stream] is %FALSE.
 *
 * Qt has no counterpart; for the rest this is a device like the others.
 *
 * Since: 1.0
 */

typedef struct
{
  GInputStream   *input;
  GOutputStream  *output;
  GIOStream      *base;

  /* While the device is open. */
  LsockStreams   *streams;
  LsockStreamWorker      *reader;         /* for a stream that cannot be polled */
  LsockStreamWorker      *writer;
  GSource        *read_source;    /* for one that can; NULL while nothing is wanted */
  GSource        *write_source;

  LsockByteQueue  incoming;
  LsockByteQueue  outgoing;
  gsize           in_flight;      /* in the hands of `writer` */
  gint64          offset;         /* of the device, if it has random access */

  guint           generation;     /* changes when the device is closed */
  guint           random : 1;
  guint           read_ended : 1;
  guint           write_failed : 1;
  guint           close_base_stream : 1;
} LsockStreamDevicePrivate;

G_DEFINE_TYPE_WITH_PRIVATE (LsockStreamDevice, lsock_stream_device, LSOCK_TYPE_IO_DEVICE)

#define PRIV(self) \
  ((LsockStreamDevicePrivate *) \
   lsock_stream_device_get_instance_private ((LsockStreamDevice *) (self)))

typedef enum
{
  PROP_INPUT_STREAM = 1,
  PROP_OUTPUT_STREAM,
  PROP_BASE_STREAM,
  PROP_CLOSE_BASE_STREAM,
} LsockStreamDeviceProperty;

static GParamSpec *properties[PROP_CLOSE_BASE_STREAM + 1];

static gboolean on_read_ready  (gpointer data);
static gboolean on_write_ready (gpointer data);


static gboolean
can_seek (gpointer stream)
{
  return G_IS_SEEKABLE (stream) && g_seekable_can_seek (stream);
}

/* A descriptor that can block blocks the loop: GUnixOutputStream asks poll(2) first, but a pipe with
 * some room takes only a part of what is written, and waits for the rest.  The flag belongs to the file
 * description, which other processes may share, so it is only looked at. */
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

static GSource *
new_input_source (LsockStreamDevicePrivate *priv)
{
  return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (priv->input), NULL);
}

static GSource *
new_output_source (LsockStreamDevicePrivate *priv)
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

static gboolean
wants_to_read (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  return priv->streams != NULL && !priv->random && !priv->read_ended &&
         lsock_io_device_is_readable (LSOCK_IO_DEVICE (self)) &&
         priv->incoming.length < MAX_WAITING;
}

static void
update_reading (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (!wants_to_read (self))
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
      priv->read_source = new_input_source (priv);
      attach_source (self, priv->read_source, on_input);
    }
}

static void
update_writing (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->streams == NULL || priv->outgoing.length == 0)
    {
      drop_source (&priv->write_source);
      return;
    }

  if (priv->writer != NULL)
    {
      if (_lsock_stream_worker_is_idle (priv->writer))
        {
          priv->in_flight = priv->outgoing.length;
          _lsock_stream_worker_write (priv->writer, _lsock_byte_queue_take (&priv->outgoing,
                                                                   priv->in_flight));
        }
    }
  else if (priv->write_source == NULL)
    {
      priv->write_source = new_output_source (priv);
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

/* Never from inside itself; data that came meanwhile, and that the handler has left, is announced when
 * it returns. */
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

/* Receives what is there and emits `ready-read`; TRUE if there was something. */
static gboolean
lsock_stream_device_receive (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
  g_autoptr (GError) error = NULL;
  guint generation = priv->generation;
  gssize n;

  if (!wants_to_read (self))
    return FALSE;

  n = take_in (self, &error);
  if (n < 0)
    {
      priv->read_ended = TRUE;
      if (error != NULL)
        _lsock_io_device_take_message (device, error);
      drop_source (&priv->read_source);
      _lsock_io_device_emit_read_channel_finished (device);
      return FALSE;
    }

  if (n > 0)
    emit_ready_read (self);
  if (priv->generation == generation)
    update_reading (self);

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
      LsockVector vector;
      gssize n;

      _lsock_byte_queue_get_vectors (&priv->outgoing, &vector, 1);
      n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (priv->output),
                                                      vector.data, vector.length, NULL, &local);
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

/* Hands out what there is room for and says so; TRUE if something left. */
static gboolean
lsock_stream_device_send (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
  g_autoptr (GError) error = NULL;
  guint generation = priv->generation;
  gssize n;

  if (priv->streams == NULL)
    return FALSE;

  n = hand_out (self, &error);
  if (n < 0)
    {
      priv->write_failed = TRUE;
      _lsock_byte_queue_clear (&priv->outgoing);
      _lsock_io_device_take_message (device, error);
    }

  if (n > 0)
    _lsock_io_device_emit_bytes_written (device, n);
  if (priv->generation == generation)
    update_writing (self);

  return n > 0;
}

static gboolean
on_read_ready (gpointer data)
{
  g_autoptr (LsockStreamDevice) self = g_object_ref (data);

  lsock_stream_device_receive (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_write_ready (gpointer data)
{
  g_autoptr (LsockStreamDevice) self = g_object_ref (data);

  lsock_stream_device_send (self);
  return G_SOURCE_CONTINUE;
}

static void
attach_workers (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  GMainContext *context = lsock_object_get_main_context (LSOCK_OBJECT (self));

  if (priv->reader != NULL)
    _lsock_stream_worker_attach (priv->reader, context, G_PRIORITY_DEFAULT, on_read_ready, self);
  if (priv->writer != NULL)
    _lsock_stream_worker_attach (priv->writer, context, G_PRIORITY_DEFAULT, on_write_ready, self);
}

static void
start (LsockStreamDevice *self)
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
  update_reading (self);
}

/* Lets go of the streams; what was written and has not left goes on in a thread. */
static void
stop (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (priv->streams == NULL)
    return;

  priv->generation++;
  drop_source (&priv->read_source);
  drop_source (&priv->write_source);

  if (priv->outgoing.length > 0)
    {
      if (priv->writer == NULL)
        priv->writer = _lsock_stream_worker_new (priv->streams);
      _lsock_stream_worker_write (priv->writer, _lsock_byte_queue_take (&priv->outgoing,
                                                               priv->outgoing.length));
    }

  g_clear_pointer (&priv->reader, _lsock_stream_worker_free);
  g_clear_pointer (&priv->writer, _lsock_stream_worker_free);
  g_clear_pointer (&priv->streams, _lsock_streams_unref);

  _lsock_byte_queue_clear (&priv->incoming);
  _lsock_byte_queue_clear (&priv->outgoing);
  priv->in_flight = 0;
  priv->offset = 0;
}

static void
resume (LsockObject *object)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (object);

  if (PRIV (self)->streams == NULL)
    return;

  attach_workers (self);
  update_reading (self);
  update_writing (self);
}

static gboolean
place (gpointer   stream,
       gint64     offset,
       GError   **error)
{
  GSeekable *seekable = G_SEEKABLE (stream);

  return g_seekable_tell (seekable) == offset ||
         g_seekable_seek (seekable, offset, G_SEEK_SET, NULL, error);
}


/* Waits */

static gboolean
on_wait_over (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
on_wait_pollable (GObject  *stream,
                  gpointer  data)
{
  return on_wait_over (data);
}

static void
add_wait_source (GMainContext *context,
                 GSource      *source,
                 GSourceFunc   func,
                 gboolean     *flag)
{
  g_source_set_callback (source, func, flag, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

static gboolean
is_worker_done (LsockStreamWorker *pump)
{
  return pump != NULL && _lsock_stream_worker_is_done (pump);
}

/* Blocks until a stream is ready or the time is over; runs a context of its own, so that nothing
 * else is dispatched.  FALSE: the time is over. */
static gboolean
wait_for_streams (LsockStreamDevice *self,
                  gint64             deadline)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  g_autoptr (GMainContext) context = g_main_context_new ();
  gboolean ready = FALSE;
  gboolean over = FALSE;

  if (wants_to_read (self) && priv->reader == NULL)
    add_wait_source (context, new_input_source (priv), G_SOURCE_FUNC (on_wait_pollable), &ready);
  if (priv->outgoing.length > 0 && priv->writer == NULL)
    add_wait_source (context, new_output_source (priv), G_SOURCE_FUNC (on_wait_pollable), &ready);

  if (deadline >= 0)
    {
      GSource *timer = g_timeout_source_new (0);

      g_source_set_ready_time (timer, deadline);
      add_wait_source (context, timer, on_wait_over, &over);
    }

  if (priv->reader != NULL)
    _lsock_stream_worker_set_waiter (priv->reader, context);
  if (priv->writer != NULL)
    _lsock_stream_worker_set_waiter (priv->writer, context);

  while (!ready && !over)
    {
      ready = (wants_to_read (self) && is_worker_done (priv->reader)) ||
              is_worker_done (priv->writer);
      if (!ready)
        g_main_context_iteration (context, TRUE);
    }

  if (priv->reader != NULL)
    _lsock_stream_worker_set_waiter (priv->reader, NULL);
  if (priv->writer != NULL)
    _lsock_stream_worker_set_waiter (priv->writer, NULL);

  return ready;
}

static gboolean
lsock_stream_device_real_wait_for_ready_read (LsockIODevice *device,
                                              int            msecs)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  gint64 deadline = _lsock_deadline_after (msecs);
  guint generation = priv->generation;

  while (priv->generation == generation && wants_to_read (self))
    {
      if (lsock_stream_device_receive (self))
        return TRUE;

      if (priv->generation == generation)
        lsock_stream_device_send (self);
      if (priv->generation != generation || !wants_to_read (self) ||
          _lsock_deadline_has_passed (deadline) || !wait_for_streams (self, deadline))
        break;
    }

  return FALSE;
}

static gboolean
lsock_stream_device_real_wait_for_bytes_written (LsockIODevice *device,
                                                 int            msecs)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  LsockStreamDevicePrivate *priv = PRIV (self);
  gint64 deadline = _lsock_deadline_after (msecs);
  guint generation = priv->generation;

  while (priv->generation == generation && lsock_io_device_bytes_to_write (device) > 0)
    {
      if (lsock_stream_device_send (self))
        return TRUE;

      if (priv->generation == generation)
        lsock_stream_device_receive (self);
      /* While the device is being opened or closed it has no streams, and nothing can leave. */
      if (priv->generation != generation || lsock_io_device_bytes_to_write (device) == 0 ||
          priv->streams == NULL || _lsock_deadline_has_passed (deadline) ||
          !wait_for_streams (self, deadline))
        break;
    }

  return FALSE;
}


/* LsockIODevice */

static gboolean
lsock_stream_device_real_is_sequential (LsockIODevice *device)
{
  LsockStreamDevicePrivate *priv = PRIV (device);

  return (priv->input == NULL && priv->output == NULL) ||
         (priv->input != NULL && !can_seek (priv->input)) ||
         (priv->output != NULL && !can_seek (priv->output));
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
  priv->write_failed = FALSE;

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

  priv->offset = lsock_io_device_pos (device);
  if (priv->random && priv->offset > 0 &&
      !lsock_io_device_seek (device, priv->offset, error))
    {
      LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->close (device);
      return FALSE;
    }

  start (self);
  return TRUE;
}

static void
lsock_stream_device_real_close (LsockIODevice *device)
{
  LSOCK_IO_DEVICE_CLASS (lsock_stream_device_parent_class)->close (device);

  /* Still open: this is a second call, from inside `about-to-close`. */
  if (!lsock_io_device_is_open (device))
    stop (LSOCK_STREAM_DEVICE (device));
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

  /* Each read and write goes to its place first, so the stream may stay at its end here. */
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

      if (!place (priv->input, priv->offset, error))
        return -1;

      /* All or the end, or a short read would look like the end. */
      if (!g_input_stream_read_all (priv->input, buffer, count, &n, NULL, error) && n == 0)
        return -1;

      if (n > 0)
        g_clear_error (error);
      priv->offset += (gint64) n;
      return (gssize) n;
    }

  n = _lsock_byte_queue_read (&priv->incoming, buffer, count);
  update_reading (self);

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
  update_reading (self);
  return bytes;
}

static gboolean
write_now (LsockStreamDevice  *self,
           const void         *data,
           gsize               length,
           GError            **error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (!place (priv->output, priv->offset, error) ||
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
  if (!priv->write_failed)
    return TRUE;

  g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                       "An earlier write failed, and the stream takes no more");
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
  update_writing (self);
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
  update_writing (self);
  return (gssize) length;
}


/* LsockObject */

static void
lsock_stream_device_real_end (LsockObject *object)
{
  LSOCK_OBJECT_CLASS (lsock_stream_device_parent_class)->shutdown (object);

  stop (LSOCK_STREAM_DEVICE (object));
}

static void
lsock_stream_device_real_move_context (LsockObject  *object,
                                       GMainContext *context)
{
  LsockStreamDevicePrivate *priv = PRIV (object);

  if (priv->streams != NULL)
    {
      drop_source (&priv->read_source);
      drop_source (&priv->write_source);
      if (priv->reader != NULL)
        _lsock_stream_worker_detach (priv->reader);
      if (priv->writer != NULL)
        _lsock_stream_worker_detach (priv->writer);
      _lsock_object_call_later (object, resume);
    }

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

  stop (LSOCK_STREAM_DEVICE (object));
  g_clear_object (&priv->input);
  g_clear_object (&priv->output);
  g_clear_object (&priv->base);

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
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);
  LsockIODeviceClass *device_class = LSOCK_IO_DEVICE_CLASS (klass);

  object_class->constructed = lsock_stream_device_constructed;
  object_class->finalize = lsock_stream_device_finalize;
  object_class->get_property = lsock_stream_device_get_property;
  object_class->set_property = lsock_stream_device_set_property;

  lsock_object_class->shutdown = lsock_stream_device_real_end;
  lsock_object_class->move_context = lsock_stream_device_real_move_context;

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
  device_class->wait_for_ready_read = lsock_stream_device_real_wait_for_ready_read;
  device_class->wait_for_bytes_written = lsock_stream_device_real_wait_for_bytes_written;

  install_properties (object_class);
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
 * Makes a device on streams, closed.
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
 * Makes a device on a stream for both directions, closed.
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
 * Gives what the device reads from.
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
 * Gives what the device writes to.
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
