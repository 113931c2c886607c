/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes of a stream device: received and sent by polling, or by a worker thread. */

#include "config.h"

#include "device/lsock-stream-device-io-private.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "io/lsock-sigpipe-private.h"

/* So much is taken from a stream in one turn, and so much waits before reading stops. */
#define BYTES_PER_TURN (64 * 1024)
#define MAX_WAITING (256 * 1024)

#define PRIV(self) (_lsock_stream_device_get_private ((LsockStreamDevice *) (self)))

static gboolean on_read_ready (gpointer data);
static gboolean on_write_ready (gpointer data);
static void resume (LsockObject *object);

int _lsock_stream_device_private_offset;


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

void
_lsock_stream_device_update_reading (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (g_atomic_int_get (&priv->moving))
    return;

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

void
_lsock_stream_device_update_writing (LsockStreamDevice *self)
{
  LsockStreamDevicePrivate *priv = PRIV (self);

  if (g_atomic_int_get (&priv->moving))
    return;

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
          _lsock_stream_worker_write (priv->writer,
                                      _lsock_byte_queue_take (&priv->outgoing, priv->in_flight));
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

/* Around each step that emits signals: a handler may move the device, and the thread of the new
 * context begins when the old one has left all steps. */
static void
enter (LsockStreamDevice *self)
{
  g_atomic_int_inc (&PRIV (self)->depth);
}

static void
leave (LsockStreamDevice *self)
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

/* Nothing more can be read: the end, or @error. */
static void
end_reading (LsockStreamDevice *self,
             const GError      *error)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
  guint generation = priv->generation;

  priv->read_ended = TRUE;
  g_clear_error (&priv->read_error);
  priv->read_error = error != NULL ? g_error_copy (error) : NULL;
  drop_source (&priv->read_source);
  if (error != NULL)
    lsock_io_device_set_error_string (device, error->message);
  if (priv->generation == generation)
    _lsock_io_device_emit_read_channel_finished (device);
}

/* Receives what is there and emits `ready-read`; TRUE if there was something. */
static gboolean
lsock_stream_device_receive (LsockStreamDevice *self)
{
  g_autoptr (GError) error = NULL;
  gssize n;

  if (!wants_to_read (self))
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

/* Hands out what there is room for and emits `bytes-written`; TRUE if something left. */
static gboolean
lsock_stream_device_send (LsockStreamDevice *self)
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
      _lsock_byte_queue_clear (&priv->outgoing);
    }

  _lsock_stream_device_update_writing (self);
  if (n < 0)
    {
      lsock_io_device_set_error_string (device, error->message);
      if (_lsock_object_has_operations (LSOCK_OBJECT (self)))
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

  enter (self);
  lsock_stream_device_receive (self);
  leave (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_write_ready (gpointer data)
{
  g_autoptr (LsockStreamDevice) self = g_object_ref (data);

  enter (self);
  lsock_stream_device_send (self);
  leave (self);
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
      enter (self);
      emit_ready_read (self);
      leave (self);
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

static gboolean
on_wait_interrupted (int           fd,
                     GIOCondition  condition,
                     gpointer      data)
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
is_worker_done (LsockStreamWorker *worker)
{
  return worker != NULL && _lsock_stream_worker_is_done (worker);
}

/* Blocks until a stream is ready or the time is over; runs a context of its own, so that nothing
 * else is dispatched.  FALSE: the time is over, or the wait was interrupted. */
static gboolean
wait_for_streams (LsockStreamDevice *self,
                  gint64             deadline)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  g_autoptr (GMainContext) context = g_main_context_new ();
  int interrupt = _lsock_interrupt_get_descriptor ();
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
  if (interrupt >= 0)
    add_wait_source (context, g_unix_fd_source_new (interrupt, G_IO_IN),
                     G_SOURCE_FUNC (on_wait_interrupted), &over);

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
wait_for_ready_read (LsockStreamDevice *self,
                     gint64             deadline)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
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

gboolean
_lsock_stream_device_real_wait_for_ready_read (LsockIODevice *device,
                                               int            msecs)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  gboolean ready;

  enter (self);
  ready = wait_for_ready_read (self, _lsock_deadline_after (msecs));
  leave (self);

  return ready;
}

static gboolean
wait_for_bytes_written (LsockStreamDevice *self,
                        gint64             deadline)
{
  LsockStreamDevicePrivate *priv = PRIV (self);
  LsockIODevice *device = LSOCK_IO_DEVICE (self);
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

gboolean
_lsock_stream_device_real_wait_for_bytes_written (LsockIODevice *device,
                                                  int            msecs)
{
  LsockStreamDevice *self = LSOCK_STREAM_DEVICE (device);
  gboolean written;

  enter (self);
  written = wait_for_bytes_written (self, _lsock_deadline_after (msecs));
  leave (self);

  return written;
}
