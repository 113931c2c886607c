/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams that cannot be polled: a thread reads and writes them, so that the loop never waits. */

#include "config.h"

#include "device/lsock-stream-worker-private.h"

#include "io/lsock-sigpipe-private.h"

struct _LsockStreams
{
  int            ref_count;   /* atomic */
  GInputStream  *input;
  GOutputStream *output;
  GIOStream     *base;
  gboolean       close;
};

struct _LsockStreamWorker
{
  int           ref_count;    /* atomic: the device's, and one while the thread works */
  LsockStreams *streams;
  GCancellable *cancellable;

  /* The lock guards what follows. */
  GMutex        lock;
  GSource      *wake;         /* in the device's context */
  GMainContext *waiter;
  gboolean      busy;
  gboolean      done;
  gboolean      writing;
  gsize         count;        /* to be read at most */
  GBytes       *bytes;        /* to be written, or read; NULL while writing: the output is to end */
  GQueue        more;         /* GBytes to be written next */
  GError       *error;
};


/* LsockStreams */

LsockStreams *
_lsock_streams_new (GInputStream  *input,
                    GOutputStream *output,
                    GIOStream     *base,
                    gboolean       close)
{
  LsockStreams *self = g_new0 (LsockStreams, 1);

  self->ref_count = 1;
  g_set_object (&self->input, input);
  g_set_object (&self->output, output);
  g_set_object (&self->base, base);
  self->close = close;

  return self;
}

static LsockStreams *
streams_ref (LsockStreams *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
_lsock_streams_unref (LsockStreams *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  /* What was written has left by now, and an error has no receiver. */
  if (self->close)
    {
      LsockSigpipe sigpipe;

      /* A buffered stream writes the rest now. */
      _lsock_sigpipe_block (&sigpipe);
      if (self->output != NULL)
        g_output_stream_close (self->output, NULL, NULL);
      if (self->input != NULL)
        g_input_stream_close (self->input, NULL, NULL);
      if (self->base != NULL)
        g_io_stream_close (self->base, NULL, NULL);
      _lsock_sigpipe_restore (&sigpipe);
    }

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->base);
  g_free (self);
}


/* LsockStreamWorker */

static void
worker_unref (LsockStreamWorker *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_queue_clear_full (&self->more, (GDestroyNotify) g_bytes_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->cancellable);
  g_mutex_clear (&self->lock);
  _lsock_streams_unref (self->streams);
  g_free (self);
}

static gboolean
write_all (LsockStreamWorker  *self,
           GBytes             *bytes,
           GError            **error)
{
  GOutputStream *output = self->streams->output;
  LsockSigpipe sigpipe;
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  gboolean done;

  _lsock_sigpipe_block (&sigpipe);
  done = g_output_stream_write_all (output, data, length, NULL, NULL, error) &&
         g_output_stream_flush (output, NULL, error);
  _lsock_sigpipe_restore (&sigpipe);
  return done;
}

/* Closing the output of a socket's connection would do nothing; that of TLS sends a message. */
static gboolean
end_connection (GIOStream  *stream,
                GError    **error)
{
  if (G_IS_TCP_WRAPPER_CONNECTION (stream))
    {
      GTcpWrapperConnection *wrapper = G_TCP_WRAPPER_CONNECTION (stream);

      return end_connection (g_tcp_wrapper_connection_get_base_io_stream (wrapper), error);
    }

  if (G_IS_SOCKET_CONNECTION (stream))
    return g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)),
                              FALSE, TRUE, error);

  return g_output_stream_close (g_io_stream_get_output_stream (stream), NULL, error);
}

static void
end_output (LsockStreams  *streams,
            GError       **error)
{
  LsockSigpipe sigpipe;

  _lsock_sigpipe_block (&sigpipe);
  if (g_output_stream_flush (streams->output, NULL, error))
    {
      if (streams->base != NULL)
        end_connection (streams->base, error);
      else
        g_output_stream_close (streams->output, NULL, error);
    }
  _lsock_sigpipe_restore (&sigpipe);
}

/* In a thread of its own. */
static void
worker_work (gpointer data,
             gpointer unused)
{
  LsockStreamWorker *self = data;
  GError *error = NULL;
  GBytes *bytes = NULL;

  if (self->writing && self->bytes == NULL)
    end_output (self->streams, &error);
  else if (self->writing)
    write_all (self, self->bytes, &error);
  else
    bytes = g_input_stream_read_bytes (self->streams->input, self->count, self->cancellable,
                                       &error);

  g_mutex_lock (&self->lock);
  while (error == NULL && !g_queue_is_empty (&self->more))
    {
      g_autoptr (GBytes) next = g_queue_pop_head (&self->more);

      g_mutex_unlock (&self->lock);
      write_all (self, next, &error);
      g_mutex_lock (&self->lock);
    }

  if (!self->writing)
    self->bytes = bytes;
  self->error = error;
  self->busy = FALSE;
  self->done = TRUE;
  if (self->wake != NULL)
    g_source_set_ready_time (self->wake, 0);
  if (self->waiter != NULL)
    g_main_context_wakeup (self->waiter);
  g_mutex_unlock (&self->lock);

  worker_unref (self);
}

/* Not GTask's threads: their number is limited, and a read may block without an end. */
static GThreadPool *
get_pool (void)
{
  static gsize pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, (gsize) g_thread_pool_new (worker_work, NULL, -1, FALSE, NULL));

  return (GThreadPool *) pool;
}

static void
worker_start (LsockStreamWorker *self,
              gboolean           writing)
{
  self->writing = writing;
  self->busy = TRUE;
  g_atomic_int_inc (&self->ref_count);
  g_thread_pool_push (get_pool (), self, NULL);
}

static gboolean
wake_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     data)
{
  g_source_set_ready_time (source, -1);
  return callback (data);
}

static GSourceFuncs wake_funcs = { .dispatch = wake_dispatch };

LsockStreamWorker *
_lsock_stream_worker_new (LsockStreams *streams)
{
  LsockStreamWorker *self = g_new0 (LsockStreamWorker, 1);

  self->ref_count = 1;
  self->streams = streams_ref (streams);
  self->cancellable = g_cancellable_new ();
  g_mutex_init (&self->lock);
  g_queue_init (&self->more);

  return self;
}

void
_lsock_stream_worker_attach (LsockStreamWorker *self,
                             GMainContext      *context,
                             int                priority,
                             GSourceFunc        func,
                             gpointer           data)
{
  GSource *source = g_source_new (&wake_funcs, sizeof (GSource));

  g_source_set_static_name (source, "[lsock] LsockStreamDevice");
  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, data, NULL);
  /* Waits and reads of the handler's own may be nested in a handler that runs a loop. */
  g_source_set_can_recurse (source, TRUE);

  g_mutex_lock (&self->lock);
  g_source_set_ready_time (source, self->done ? 0 : -1);
  self->wake = source;
  g_mutex_unlock (&self->lock);

  g_source_attach (source, context);
}

void
_lsock_stream_worker_detach (LsockStreamWorker *self)
{
  GSource *source;

  g_mutex_lock (&self->lock);
  source = g_steal_pointer (&self->wake);
  g_mutex_unlock (&self->lock);

  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }
}

void
_lsock_stream_worker_free (LsockStreamWorker *self)
{
  _lsock_stream_worker_detach (self);
  g_cancellable_cancel (self->cancellable);
  worker_unref (self);
}

gboolean
_lsock_stream_worker_is_idle (LsockStreamWorker *self)
{
  gboolean idle;

  g_mutex_lock (&self->lock);
  idle = !self->busy && !self->done;
  g_mutex_unlock (&self->lock);

  return idle;
}

gboolean
_lsock_stream_worker_is_done (LsockStreamWorker *self)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->done;
  g_mutex_unlock (&self->lock);

  return done;
}

void
_lsock_stream_worker_read (LsockStreamWorker *self,
                           gsize              count)
{
  self->count = count;
  worker_start (self, FALSE);
}

void
_lsock_stream_worker_write (LsockStreamWorker *self,
                            GBytes            *bytes)
{
  g_mutex_lock (&self->lock);
  if (self->busy)
    {
      g_queue_push_tail (&self->more, bytes);
      g_mutex_unlock (&self->lock);
      return;
    }

  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->bytes = bytes;
  self->done = FALSE;
  g_mutex_unlock (&self->lock);

  worker_start (self, TRUE);
}

void
_lsock_stream_worker_shutdown (LsockStreamWorker *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  worker_start (self, TRUE);
}

gboolean
_lsock_stream_worker_collect (LsockStreamWorker  *self,
                              GBytes            **bytes,
                              GError            **error)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->done;
  if (done)
    {
      self->done = FALSE;
      *bytes = g_steal_pointer (&self->bytes);
      *error = g_steal_pointer (&self->error);
    }
  g_mutex_unlock (&self->lock);

  return done;
}

void
_lsock_stream_worker_set_waiter (LsockStreamWorker *self,
                                 GMainContext      *context)
{
  g_mutex_lock (&self->lock);
  self->waiter = context;
  g_mutex_unlock (&self->lock);
}
