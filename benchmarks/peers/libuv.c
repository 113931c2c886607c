/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libuv's pipes. */

#include "bench.h"

#include <stdlib.h>
#include <uv.h>

/* Pieces of a stream that libuv is given at once: BENCH_MAX_QUEUED bytes. */
#define PIECES (BENCH_MAX_QUEUED / BENCH_BUFFER)

typedef struct
{
  uv_pipe_t    pipe;
  uv_connect_t connecting;
  uv_write_t   writing;
  long         got;
} Connection;

static BenchOptions options;
static char buffer[BENCH_BUFFER];
static uv_loop_t *loop;
static long received;
static long left;
static uv_write_t pieces[PIECES];
static long n_connected;

static void
check (int         status,
       const char *what)
{
  if (status < 0)
    {
      fprintf (stderr, "%s: %s\n", what, uv_strerror (status));
      exit (EXIT_FAILURE);
    }
}

static Connection *
connection_new (void)
{
  Connection *self = calloc (1, sizeof *self);

  check (uv_pipe_init (loop, &self->pipe, 0), "uv_pipe_init");
  return self;
}

static void
connection_free (uv_handle_t *handle)
{
  free (handle);
}

static void
connection_close (Connection *self)
{
  uv_close ((uv_handle_t *) &self->pipe, connection_free);
}

static void
on_alloc (uv_handle_t *handle,
          size_t       size,
          uv_buf_t    *out)
{
  *out = uv_buf_init (buffer, sizeof buffer);
}

static void
on_written (uv_write_t *request,
            int         status)
{
  check (status, "uv_write");
}

static void
connection_send (Connection *self,
                 size_t      length)
{
  uv_buf_t out = uv_buf_init (buffer, length);

  check (uv_write (&self->writing, (uv_stream_t *) &self->pipe, &out, 1, on_written), "uv_write");
}

static void
on_served (uv_stream_t    *stream,
           ssize_t         n,
           const uv_buf_t *data)
{
  Connection *self = (Connection *) stream;

  if (n < 0)
    connection_close (self);
  else if (n > 0 && !bench_work_is (&options, "sink"))
    connection_send (self, n);
  else if ((received += n) >= options.total && options.total > 0)
    {
      received = 0;
      connection_send (self, 1);
    }
}

static void
add_idle (void)
{
  for (long i = 0; i < options.idle; i++)
    {
      Connection *self = connection_new ();

      check (uv_pipe_open (&self->pipe, bench_idle_descriptor ()), "uv_pipe_open");
      check (uv_read_start ((uv_stream_t *) &self->pipe, on_alloc, on_served), "uv_read_start");
    }
}

static void
on_connection (uv_stream_t *listener,
               int          status)
{
  Connection *self = connection_new ();

  check (uv_accept (listener, (uv_stream_t *) &self->pipe), "uv_accept");
  check (uv_read_start ((uv_stream_t *) &self->pipe, on_alloc, on_served), "uv_read_start");
}

static void
serve (void)
{
  static uv_pipe_t listener;

  check (uv_pipe_init (loop, &listener, 0), "uv_pipe_init");
  check (uv_pipe_bind (&listener, options.name), options.name);
  check (uv_listen ((uv_stream_t *) &listener, BENCH_BACKLOG, on_connection), options.name);
  add_idle ();
  bench_say_ready ();
  uv_run (loop, UV_RUN_DEFAULT);
}

static void open_connection (void);

static void
send_pieces (Connection *self)
{
  for (int i = 0; i < PIECES && left > 0; i++)
    if (pieces[i].data == NULL)
      {
        uv_buf_t out = uv_buf_init (buffer, left < options.chunk ? left : options.chunk);

        pieces[i].data = self;
        left -= out.len;
        check (uv_write (&pieces[i], (uv_stream_t *) &self->pipe, &out, 1,
                         (uv_write_cb) (void (*) (void)) on_written),
               "uv_write");
      }
}

static void
on_piece_written (uv_write_t *request,
                  int         status)
{
  Connection *self = request->data;

  check (status, "uv_write");
  request->data = NULL;
  send_pieces (self);
}
