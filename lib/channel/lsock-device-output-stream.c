/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The output stream over a device. */

#include "config.h"

#include "channel/lsock-device-stream-private.h"

/* How often a wait looks at its cancellable, in milliseconds. */
#define CANCELLATION_INTERVAL 50

/* With so many bytes to be sent the stream has no room. */
#define MAX_QUEUED (256 * 1024)

#define LSOCK_TYPE_DEVICE_OUTPUT_STREAM (lsock_device_output_stream_get_type ())
G_DECLARE_FINAL_TYPE (LsockDeviceOutputStream, lsock_device_output_stream, LSOCK,
                      DEVICE_OUTPUT_STREAM, GOutputStream)

struct _LsockDeviceOutputStream
{
  GOutputStream  parent_instance;

  LsockIODevice *device;
};

static void pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LsockDeviceOutputStream, lsock_device_output_stream,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, pollable_init))


static gboolean
has_failed (LsockDeviceOutputStream  *self,
            GError                  **error)
{
  const LsockIODeviceFlow *flow = LSOCK_IO_DEVICE_GET_CLASS (self->device)->flow;

  return flow->check_output (self->device, flow->get_serial (self->device), error) ==
         LSOCK_OPERATION_FAILED;
}

static gboolean
is_writable (gpointer stream)
{
  LsockDeviceOutputStream *self = stream;
  g_autoptr (GError) error = NULL;

  return lsock_io_device_bytes_to_write (self->device) < MAX_QUEUED || has_failed (self, &error);
}

static gssize
write_now (LsockDeviceOutputStream  *self,
           const void               *buffer,
           gsize                     count,
           GError                  **error)
{
  if (has_failed (self, error))
    return -1;

  if (is_writable (self))
    return lsock_io_device_write (self->device, buffer, (gssize) count, error);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "There is no room");
  return -1;
}

static gboolean
wait_for_room (LsockDeviceOutputStream  *self,
               GCancellable             *cancellable,
               GError                  **error)
{
  if (!_lsock_device_stream_may_wait (cancellable, error))
    return FALSE;

  lsock_io_device_wait_for_bytes_written (self->device,
                                          cancellable != NULL ? CANCELLATION_INTERVAL : -1);
  return !has_failed (self, error);
}

static void
on_written (GObject      *device,
            GAsyncResult *result,
            gpointer      data)
{
  GError *error = NULL;
  gssize n = lsock_io_device_write_finish (LSOCK_IO_DEVICE (device), result, &error);

  _lsock_remote_call_done (data, n, error);
}

static void
run_write (LsockRemoteCall *call)
{
  g_autoptr (GBytes) bytes = g_bytes_new (call->data, call->count);

  lsock_io_device_write_async (call->device, bytes, G_PRIORITY_DEFAULT, call->cancellable,
                               on_written, call);
}

static void
on_flushed (GObject      *device,
            GAsyncResult *result,
            gpointer      data)
{
  GError *error = NULL;
  gboolean flushed = lsock_io_device_flush_finish (LSOCK_IO_DEVICE (device), result, &error);

  _lsock_remote_call_done (data, flushed ? 0 : -1, error);
}

static void
run_flush (LsockRemoteCall *call)
{
  lsock_io_device_flush_async (call->device, G_PRIORITY_DEFAULT, call->cancellable, on_flushed, call);
}

static gboolean
is_here (LsockDeviceOutputStream *self)
{
  return _lsock_object_in_thread (LSOCK_OBJECT (self->device));
}

static gssize
lsock_device_output_stream_write (GOutputStream  *stream,
                                  const void     *buffer,
                                  gsize           count,
                                  GCancellable   *cancellable,
                                  GError        **error)
{
  LsockDeviceOutputStream *self = LSOCK_DEVICE_OUTPUT_STREAM (stream);

  if (!is_here (self))
    {
      LsockRemoteCall call = {
        .device = self->device, .cancellable = cancellable, .run = run_write, .data = buffer,
        .count = count,
      };

      return _lsock_remote_call (&call, error);
    }

  while (!is_writable (self))
    if (!wait_for_room (self, cancellable, error))
      return -1;

  return write_now (self, buffer, count, error);
}

static gboolean
lsock_device_output_stream_flush (GOutputStream  *stream,
                                  GCancellable   *cancellable,
                                  GError        **error)
{
  LsockDeviceOutputStream *self = LSOCK_DEVICE_OUTPUT_STREAM (stream);

  if (!is_here (self))
    {
      LsockRemoteCall call = {
        .device = self->device, .cancellable = cancellable, .run = run_flush,
      };

      return _lsock_remote_call (&call, error) == 0;
    }

  while (lsock_io_device_bytes_to_write (self->device) > 0)
    if (!wait_for_room (self, cancellable, error))
      return FALSE;

  return TRUE;
}

static gboolean
lsock_device_output_stream_close (GOutputStream  *stream,
                                  GCancellable   *cancellable,
                                  GError        **error)
{
  return TRUE;
}

/* GIO would flush and close in a thread of its own. */

static void
on_flushed_here (GObject      *device,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (lsock_io_device_flush_finish (LSOCK_IO_DEVICE (device), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
lsock_device_output_stream_flush_async (GOutputStream       *stream,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             data)
{
  LsockDeviceOutputStream *self = LSOCK_DEVICE_OUTPUT_STREAM (stream);
  GTask *task = g_task_new (stream, cancellable, callback, data);

  g_task_set_source_tag (task, lsock_device_output_stream_flush_async);
  g_task_set_priority (task, io_priority);
  lsock_io_device_flush_async (self->device, io_priority, cancellable, on_flushed_here, task);
}

static void
lsock_device_output_stream_close_async (GOutputStream       *stream,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, data);

  g_task_set_source_tag (task, lsock_device_output_stream_close_async);
  g_task_set_priority (task, io_priority);
  g_task_return_boolean (task, TRUE);
}

static gboolean
lsock_device_output_stream_finish (GOutputStream  *stream,
                                   GAsyncResult   *result,
                                   GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
pollable_is_writable (GPollableOutputStream *stream)
{
  return is_writable (stream);
}

static GSource *
pollable_create_source (GPollableOutputStream *stream,
                        GCancellable          *cancellable)
{
  return _lsock_device_stream_source (G_OBJECT (stream), is_writable, cancellable);
}

static gssize
pollable_write_nonblocking (GPollableOutputStream  *stream,
                            const void             *buffer,
                            gsize                   count,
                            GError                **error)
{
  return write_now (LSOCK_DEVICE_OUTPUT_STREAM (stream), buffer, count, error);
}

static void
pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = pollable_is_writable;
  iface->create_source = pollable_create_source;
  iface->write_nonblocking = pollable_write_nonblocking;
}

static void
lsock_device_output_stream_finalize (GObject *object)
{
  g_object_unref (LSOCK_DEVICE_OUTPUT_STREAM (object)->device);

  G_OBJECT_CLASS (lsock_device_output_stream_parent_class)->finalize (object);
}

static void
lsock_device_output_stream_class_init (LsockDeviceOutputStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lsock_device_output_stream_finalize;

  stream_class->write_fn = lsock_device_output_stream_write;
  stream_class->flush = lsock_device_output_stream_flush;
  stream_class->flush_async = lsock_device_output_stream_flush_async;
  stream_class->flush_finish = lsock_device_output_stream_finish;
  stream_class->close_fn = lsock_device_output_stream_close;
  stream_class->close_async = lsock_device_output_stream_close_async;
  stream_class->close_finish = lsock_device_output_stream_finish;
}

static void
lsock_device_output_stream_init (LsockDeviceOutputStream *self)
{
}

GOutputStream *
_lsock_device_output_stream_new (LsockIODevice *device)
{
  LsockDeviceOutputStream *self = g_object_new (LSOCK_TYPE_DEVICE_OUTPUT_STREAM, NULL);

  self->device = g_object_ref (device);
  return G_OUTPUT_STREAM (self);
}
