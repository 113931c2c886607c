/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiting for a stream device without a loop. */

#include "config.h"

#include "device/lsock-stream-device-io-private.h"

#include <glib-unix.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"

#define PRIV(self) (_lsock_stream_device_get_private ((LsockStreamDevice *) (self)))


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

  if (_lsock_stream_device_wants_to_read (self) && priv->reader == NULL)
    add_wait_source (context, _lsock_stream_device_new_input_source (priv),
                     G_SOURCE_FUNC (on_wait_pollable), &ready);
  if (priv->outgoing.length > 0 && priv->writer == NULL)
    add_wait_source (context, _lsock_stream_device_new_output_source (priv),
                     G_SOURCE_FUNC (on_wait_pollable), &ready);

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
      ready = (_lsock_stream_device_wants_to_read (self) && is_worker_done (priv->reader)) ||
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

  while (priv->generation == generation && _lsock_stream_device_wants_to_read (self))
    {
      if (_lsock_stream_device_receive (self))
        return TRUE;

      if (priv->generation == generation)
        _lsock_stream_device_send (self);
      if (priv->generation != generation || !_lsock_stream_device_wants_to_read (self) ||
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

  _lsock_stream_device_enter (self);
  ready = wait_for_ready_read (self, _lsock_deadline_after (msecs));
  _lsock_stream_device_leave (self);

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
      if (_lsock_stream_device_send (self))
        return TRUE;

      if (priv->generation == generation)
        _lsock_stream_device_receive (self);
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

  _lsock_stream_device_enter (self);
  written = wait_for_bytes_written (self, _lsock_deadline_after (msecs));
  _lsock_stream_device_leave (self);

  return written;
}
