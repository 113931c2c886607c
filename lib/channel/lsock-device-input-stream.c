/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The input stream over a device. */

#include "config.h"

#include "channel/lsock-device-stream-private.h"

#include <string.h>

/* How often a wait looks at its cancellable, in milliseconds. */
#define CANCELLATION_INTERVAL 50

#define LSOCK_TYPE_DEVICE_INPUT_STREAM (lsock_device_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (LsockDeviceInputStream, lsock_device_input_stream, LSOCK, DEVICE_INPUT_STREAM,
                      GInputStream)

struct _LsockDeviceInputStream
{
  GInputStream   parent_instance;

  LsockIODevice *device;
  guint          serial;     /* of the device's connection */
  gboolean       begun;      /* the device has been open */
};

static void pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LsockDeviceInputStream, lsock_device_input_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))


static LsockOperationState
check_end (LsockDeviceInputStream  *self,
           GError                 **error)
{
  const LsockIODeviceFlow *flow = LSOCK_IO_DEVICE_GET_CLASS (self->device)->flow;
  LsockOperationState state;

  if (!self->begun)
    self->serial = flow->get_serial (self->device);
  state = flow->check_input (self->device, self->serial, error);
  self->begun = self->begun || state != LSOCK_OPERATION_FAILED;
  return state;
}

/* In the device's thread.  Fails with WOULD_BLOCK while there is nothing. */
static gssize
read_now (LsockDeviceInputStream  *self,
          void                    *buffer,
          gsize                    count,
          GError                 **error)
{
  g_autoptr (GError) local = NULL;
  gssize n = lsock_io_device_read (self->device, buffer, count, &local);

  if (n > 0 || count == 0)
    return n;

  switch (check_end (self, error))
    {
    case LSOCK_OPERATION_DONE:
      return 0;

    case LSOCK_OPERATION_WAITS:
      if (local == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "There is nothing to read");
      else if (g_error_matches (local, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION))
        return 0;
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return -1;

    case LSOCK_OPERATION_FAILED:
    default:
      return -1;
    }
}

static void
on_read (GObject      *device,
         GAsyncResult *result,
         gpointer      data)
{
  LsockRemoteCall *call = data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = lsock_io_device_read_finish (LSOCK_IO_DEVICE (device), result, &error);
  gsize length = 0;

  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    memcpy (call->buffer, g_bytes_get_data (bytes, &length), g_bytes_get_size (bytes));
  _lsock_remote_call_done (call, bytes != NULL ? (gssize) length : -1, error);
}

static void
run_read (LsockRemoteCall *call)
{
  lsock_io_device_read_async (call->device, (gssize) call->count, G_PRIORITY_DEFAULT,
                              call->cancellable, on_read, call);
}

static gssize
lsock_device_input_stream_read (GInputStream  *stream,
                                void          *buffer,
                                gsize          count,
                                GCancellable  *cancellable,
                                GError       **error)
{
  LsockDeviceInputStream *self = LSOCK_DEVICE_INPUT_STREAM (stream);

  if (!_lsock_object_in_thread (LSOCK_OBJECT (self->device)))
    {
      LsockRemoteCall call = {
        .device = self->device, .cancellable = cancellable, .run = run_read, .buffer = buffer,
        .count = count,
      };

      return _lsock_remote_call (&call, error);
    }

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gssize n = read_now (self, buffer, count, &local);

      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return n;
        }

      if (!_lsock_device_stream_may_wait (cancellable, error))
        return -1;

      lsock_io_device_wait_for_ready_read (self->device,
                                           cancellable != NULL ? CANCELLATION_INTERVAL : -1);
    }
}

static gboolean
lsock_device_input_stream_close (GInputStream  *stream,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  return TRUE;
}

static void
lsock_device_input_stream_close_async (GInputStream        *stream,
                                       int                  io_priority,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, data);

  g_task_set_source_tag (task, lsock_device_input_stream_close_async);
  g_task_set_priority (task, io_priority);
  g_task_return_boolean (task, TRUE);
}

static gboolean
lsock_device_input_stream_close_finish (GInputStream  *stream,
                                        GAsyncResult  *result,
                                        GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_readable (gpointer stream)
{
  LsockDeviceInputStream *self = stream;
  g_autoptr (GError) error = NULL;

  return lsock_io_device_bytes_available (self->device) > 0 ||
         check_end (self, &error) != LSOCK_OPERATION_WAITS;
}

static gboolean
pollable_is_readable (GPollableInputStream *stream)
{
  return is_readable (stream);
}

static GSource *
pollable_create_source (GPollableInputStream *stream,
                        GCancellable         *cancellable)
{
  return _lsock_device_stream_source (G_OBJECT (stream), is_readable, cancellable);
}

static gssize
pollable_read_nonblocking (GPollableInputStream  *stream,
                           void                  *buffer,
                           gsize                  count,
                           GError               **error)
{
  return read_now (LSOCK_DEVICE_INPUT_STREAM (stream), buffer, count, error);
}

static void
pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = pollable_is_readable;
  iface->create_source = pollable_create_source;
  iface->read_nonblocking = pollable_read_nonblocking;
}

static void
lsock_device_input_stream_finalize (GObject *object)
{
  g_object_unref (LSOCK_DEVICE_INPUT_STREAM (object)->device);

  G_OBJECT_CLASS (lsock_device_input_stream_parent_class)->finalize (object);
}

static void
lsock_device_input_stream_class_init (LsockDeviceInputStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lsock_device_input_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = lsock_device_input_stream_read;
  G_INPUT_STREAM_CLASS (klass)->close_fn = lsock_device_input_stream_close;
  G_INPUT_STREAM_CLASS (klass)->close_async = lsock_device_input_stream_close_async;
  G_INPUT_STREAM_CLASS (klass)->close_finish = lsock_device_input_stream_close_finish;
}

static void
lsock_device_input_stream_init (LsockDeviceInputStream *self)
{
}

GInputStream *
_lsock_device_input_stream_new (LsockIODevice *device)
{
  LsockDeviceInputStream *self = g_object_new (LSOCK_TYPE_DEVICE_INPUT_STREAM, NULL);

  self->device = g_object_ref (device);
  return G_INPUT_STREAM (self);
}
