/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libuv's pipes. */

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

/* Pieces of a stream that libuv is given at once: BENCH_MAX_QUEUED bytes. */
#define PIECES (BENCH_MAX_QUEUED / BENCH_BUFFER)

typedef struct
{
  uv_pipe_t    pipe;
  uv_connect_t connecting;
  long         got;
} Connection;

/* libuv may read again before it says that what was written has left. */
typedef struct _Request Request;

struct _Request
{
  uv_write_t write;
  Request   *next;
};

static BenchOptions options;
static char buffer[BENCH_BUFFER];
static uv_loop_t *loop;
static Request *free_requests;
static long received;
static long left;
static uv_write_t pieces[PIECES];
static Connection **clients;
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
  Request *self = (Request *) request;

  check (status, "uv_write");
  self->next = free_requests;
  free_requests = self;
}

static void
connection_send (Connection *self,
                 size_t      length)
{
  uv_buf_t out = uv_buf_init (buffer, length);
  Request *request = free_requests;

  if (request != NULL)
    free_requests = request->next;
  else
    request = malloc (sizeof *request);
  check (uv_write (&request->write, (uv_stream_t *) &self->pipe, &out, 1, on_written), "uv_write");
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

/* In “stream”: each piece that has left makes room for another one. */
static void
on_piece_written (uv_write_t *request,
                  int         status)
{
  Connection *self = request->data;
  uv_buf_t out = uv_buf_init (buffer, left < options.chunk ? left : options.chunk);

  check (status, "uv_write");
  if (out.len == 0)
    return;
  left -= out.len;
  check (uv_write (request, (uv_stream_t *) &self->pipe, &out, 1, on_piece_written), "uv_write");
}

static void open_connection (void);

static void
on_answer (uv_stream_t    *stream,
           ssize_t         n,
           const uv_buf_t *data)
{
  Connection *self = (Connection *) stream;

  check (n, "read");
  if ((self->got += n) < options.size)
    return;
  self->got = 0;

  if (bench_work_is (&options, "stream"))
    {
      bench_report_stream ();
      uv_stop (loop);
    }
  else if (bench_work_is (&options, "hold"))
    {
      open_connection ();
    }
  else if (bench_trip_is_over ())
    {
      bench_report_trips ();
      uv_stop (loop);
    }
  else if (bench_work_is (&options, "connect"))
    {
      connection_close (self);
      open_connection ();
    }
  else
    {
      connection_send (self, options.size);
    }
}

static void
connection_begin (Connection *self)
{
  if (!bench_work_is (&options, "stream"))
    connection_send (self, options.size);
  else
    for (int i = 0; i < PIECES; i++)
      {
        pieces[i].data = self;
        on_piece_written (&pieces[i], 0);
      }
}

static void
on_connected (uv_connect_t *request,
              int           status)
{
  Connection *self = request->data;

  check (status, options.name);
  check (uv_read_start ((uv_stream_t *) &self->pipe, on_alloc, on_answer), "uv_read_start");

  if (bench_work_is (&options, "connect"))
    {
      connection_begin (self);
      return;
    }
  clients[n_connected++] = self;
  if (bench_work_is (&options, "hold"))
    {
      if (options.exchange != 0)
        connection_begin (self);
      else
        open_connection ();
    }
  else if (n_connected < options.clients)
    {
      open_connection ();
    }
  else
    {
      bench_begin (&options);
      for (long i = 0; i < n_connected; i++)
        connection_begin (clients[i]);
    }
}

static void
open_connection (void)
{
  Connection *self;

  if (bench_work_is (&options, "hold") && n_connected == options.clients)
    {
      bench_say_ready ();
      return;
    }
  self = connection_new ();
  self->connecting.data = self;
  uv_pipe_connect (&self->connecting, &self->pipe, options.name, on_connected);
}

int
main (int   argc,
      char *argv[])
{
  bench_options_parse (&options, argc, argv);
  loop = uv_default_loop ();

  if (options.serves)
    {
      serve ();
      return EXIT_SUCCESS;
    }

  left = options.total;
  if (!bench_work_is (&options, "trip") && !bench_work_is (&options, "busy"))
    options.size = 1;
  clients = calloc (options.clients, sizeof *clients);
  add_idle ();
  if (bench_work_is (&options, "connect"))
    bench_begin (&options);
  open_connection ();
  uv_run (loop, UV_RUN_DEFAULT);

  return EXIT_SUCCESS;
}
