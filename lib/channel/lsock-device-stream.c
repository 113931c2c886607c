/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the streams over a device share: their source, and calls from other threads. */

#include "config.h"

#include "channel/lsock-device-stream-private.h"

#include "io/lsock-interrupt-private.h"

/* What a socket without a limit of its own holds while nothing is read. */
#define READ_BUFFER_SIZE (256 * 1024)

typedef struct
{
  GSource   source;
  GObject  *stream;      /* the pollable source has a reference */
  gboolean (*is_ready) (gpointer stream);
} StreamSource;

static GMutex remote_lock;
static GCond remote_done;


gboolean
_lsock_device_stream_may_wait (GCancellable  *cancellable,
                               GError       **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!_lsock_interrupt_is_pending ())
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The wait was interrupted");
  return FALSE;
}

void
_lsock_device_limit_reading (LsockIODevice *device)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (device),
                                                    "read-buffer-size");
  gint64 size = -1;

  if (pspec == NULL || pspec->value_type != G_TYPE_INT64)
    return;

  g_object_get (device, "read-buffer-size", &size, NULL);
  if (size == 0)
    g_object_set (device, "read-buffer-size", (gint64) READ_BUFFER_SIZE, NULL);
}


/* Calls from other threads */

static gboolean
run_remote_call (gpointer data)
{
  LsockRemoteCall *self = data;

  self->run (self);
  return G_SOURCE_REMOVE;
}

gssize
_lsock_remote_call (LsockRemoteCall  *self,
                    GError          **error)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  /* Not g_main_context_invoke(), which would run it here while the context has no owner for a
   * moment: between two turns of the loop, for instance. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_remote_call, self, NULL);
  g_source_set_static_name (source, "[lsock] LsockIOStream");
  g_source_attach (source, lsock_object_get_main_context (LSOCK_OBJECT (self->device)));

  g_mutex_lock (&remote_lock);
  while (!self->done)
    g_cond_wait (&remote_done, &remote_lock);
  g_mutex_unlock (&remote_lock);

  if (self->error != NULL)
    g_propagate_error (error, self->error);
  return self->result;
}

void
_lsock_remote_call_done (LsockRemoteCall *self,
                         gssize           result,
                         GError          *error)
{
  g_mutex_lock (&remote_lock);
  self->result = result;
  self->error = error;
  self->done = TRUE;
  g_cond_broadcast (&remote_done);
  g_mutex_unlock (&remote_lock);
}


/* The source */

static gboolean
stream_source_prepare (GSource *source,
                       int     *timeout)
{
  StreamSource *self = (StreamSource *) source;

  *timeout = -1;
  return self->is_ready (self->stream);
}

static gboolean
stream_source_check (GSource *source)
{
  StreamSource *self = (StreamSource *) source;

  return self->is_ready (self->stream);
}

static gboolean
stream_source_dispatch (GSource     *source,
                        GSourceFunc  callback,
                        gpointer     data)
{
  return callback != NULL ? callback (data) : G_SOURCE_CONTINUE;
}

static GSourceFuncs stream_source_funcs = {
  .prepare  = stream_source_prepare,
  .check    = stream_source_check,
  .dispatch = stream_source_dispatch,
};

/* A child that is ready makes its parent ready, which has the callback. */
static gboolean
go_on (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
go_on_cancelled (GCancellable *cancellable,
                 gpointer      data)
{
  return G_SOURCE_CONTINUE;
}

GSource *
_lsock_device_stream_source (GObject       *stream,
                             gboolean     (*is_ready) (gpointer stream),
                             GCancellable  *cancellable)
{
  GSource *source = g_pollable_source_new (stream);
  g_autoptr (GSource) child = g_source_new (&stream_source_funcs, sizeof (StreamSource));

  ((StreamSource *) child)->stream = stream;
  ((StreamSource *) child)->is_ready = is_ready;
  g_source_set_static_name (child, "[lsock] LsockIOStream");
  g_source_set_callback (child, go_on, NULL, NULL);
  g_source_add_child_source (source, child);

  if (cancellable != NULL)
    {
      g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_callback (cancelled, G_SOURCE_FUNC (go_on_cancelled), NULL, NULL);
      g_source_add_child_source (source, cancelled);
    }

  return source;
}
