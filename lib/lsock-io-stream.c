/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device as a stream of GIO. */

#include "config.h"

#include "lsock-io-stream.h"

#include "channel/lsock-device-stream-private.h"

/**
 * LsockIOStream:
 *
 * A [class@Gio.IOStream] over a device, for whatever works on streams: line readers, converters, TLS.
 *
 * Both streams can be polled.  Their calls are made in the thread of the device, or in another one
 * while the main loop of the device's context runs; sources for polling belong to the device's
 * context.  The device may be used itself meanwhile, but what is read there is not in the stream.
 *
 * [method@Gio.IOStream.close] writes what was written to the device, and closes it.  A socket with an
 * unlimited [property@Lsock.Socket:read-buffer-size] is given one of 256 KiB, so that a stream that
 * is not read pushes back on the peer.
 *
 * [class@Lsock.StreamDevice] is the other direction.
 *
 * Since: 1.0
 */

struct _LsockIOStream
{
  GIOStream      parent_instance;

  LsockIODevice *device;
  GInputStream  *input;
  GOutputStream *output;
};

G_DEFINE_FINAL_TYPE (LsockIOStream, lsock_io_stream, G_TYPE_IO_STREAM)

enum
{
  PROP_DEVICE = 1,
};

static GParamSpec *device_pspec;


static GInputStream *
lsock_io_stream_get_input_stream (GIOStream *stream)
{
  return LSOCK_IO_STREAM (stream)->input;
}

static GOutputStream *
lsock_io_stream_get_output_stream (GIOStream *stream)
{
  return LSOCK_IO_STREAM (stream)->output;
}

static void
run_close (LsockRemoteCall *call)
{
  lsock_io_device_close (call->device);
  _lsock_remote_call_done (call, 0, NULL);
}

static gboolean
lsock_io_stream_close (GIOStream     *stream,
                       GCancellable  *cancellable,
                       GError       **error)
{
  LsockIOStream *self = LSOCK_IO_STREAM (stream);
  gboolean closed = G_IO_STREAM_CLASS (lsock_io_stream_parent_class)->close_fn (stream, cancellable,
                                                                               error);
  LsockRemoteCall call = { .device = self->device, .run = run_close };

  if (_lsock_object_in_thread (LSOCK_OBJECT (self->device)))
    lsock_io_device_close (self->device);
  else
    _lsock_remote_call (&call, NULL);

  return closed;
}

static void
on_output_closed (GObject      *output,
                  GAsyncResult *result,
                  gpointer      data)
{
  g_autoptr (GTask) task = data;
  LsockIOStream *self = g_task_get_source_object (task);
  GError *error = NULL;
  gboolean closed = g_output_stream_close_finish (G_OUTPUT_STREAM (output), result, &error);

  g_input_stream_close (self->input, NULL, NULL);
  lsock_io_device_close (self->device);
  if (closed)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* GIO would close in a thread of its own. */
static void
lsock_io_stream_close_async (GIOStream           *stream,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  GTask *task = g_task_new (stream, cancellable, callback, data);

  g_task_set_source_tag (task, lsock_io_stream_close_async);
  g_task_set_priority (task, io_priority);
  g_output_stream_close_async (LSOCK_IO_STREAM (stream)->output, io_priority, cancellable,
                               on_output_closed, task);
}

static gboolean
lsock_io_stream_close_finish (GIOStream     *stream,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}


/* GObject */

static void
lsock_io_stream_constructed (GObject *object)
{
  LsockIOStream *self = LSOCK_IO_STREAM (object);

  G_OBJECT_CLASS (lsock_io_stream_parent_class)->constructed (object);

  g_return_if_fail (self->device != NULL);

  _lsock_device_limit_reading (self->device);
  self->input = _lsock_device_input_stream_new (self->device);
  self->output = _lsock_device_output_stream_new (self->device);
}

static void
lsock_io_stream_finalize (GObject *object)
{
  LsockIOStream *self = LSOCK_IO_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->device);

  G_OBJECT_CLASS (lsock_io_stream_parent_class)->finalize (object);
}

static void
lsock_io_stream_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  if (prop_id == PROP_DEVICE)
    g_value_set_object (value, LSOCK_IO_STREAM (object)->device);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
lsock_io_stream_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  if (prop_id == PROP_DEVICE)
    LSOCK_IO_STREAM (object)->device = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
lsock_io_stream_class_init (LsockIOStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->constructed = lsock_io_stream_constructed;
  object_class->finalize = lsock_io_stream_finalize;
  object_class->get_property = lsock_io_stream_get_property;
  object_class->set_property = lsock_io_stream_set_property;

  stream_class->get_input_stream = lsock_io_stream_get_input_stream;
  stream_class->get_output_stream = lsock_io_stream_get_output_stream;
  stream_class->close_fn = lsock_io_stream_close;
  stream_class->close_async = lsock_io_stream_close_async;
  stream_class->close_finish = lsock_io_stream_close_finish;

  /**
   * LsockIOStream:device: (getter get_device)
   *
   * The device below.
   *
   * Since: 1.0
   */
  device_pspec = g_param_spec_object ("device", NULL, NULL, LSOCK_TYPE_IO_DEVICE,
                                      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                      G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, PROP_DEVICE, device_pspec);
}

static void
lsock_io_stream_init (LsockIOStream *self)
{
}


/**
 * lsock_io_stream_new:
 * @device: a device
 *
 * Creates a stream over a device, which it keeps.
 *
 * Returns: (transfer full): a new stream
 *
 * Since: 1.0
 */
LsockIOStream *
lsock_io_stream_new (LsockIODevice *device)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (device), NULL);

  return g_object_new (LSOCK_TYPE_IO_STREAM, "device", device, NULL);
}

/**
 * lsock_io_stream_get_device: (get-property device)
 * @self: a stream
 *
 * Gets the device below.
 *
 * Returns: (transfer none): the device
 *
 * Since: 1.0
 */
LsockIODevice *
lsock_io_stream_get_device (LsockIOStream *self)
{
  g_return_val_if_fail (LSOCK_IS_IO_STREAM (self), NULL);

  return self->device;
}
