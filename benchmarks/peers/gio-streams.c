/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GIO's streams, with the asynchronous calls that a GLib program would use. */

#include "bench.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>

typedef struct
{
  GSocketConnection *connection;
  GInputStream      *input;
  GOutputStream     *output;
  char              *data;
} Connection;

static BenchOptions options;
static char piece[BENCH_BUFFER];
static GMainLoop *loop;
static GSocketClient *client;
static Connection **clients;
static long n_connected;
static long received;
static long left;

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static Connection *
connection_new (GSocketConnection *connection)
{
  Connection *self = g_new0 (Connection, 1);

  self->connection = connection;
  self->input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  self->output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  /* A read that waits needs a place of its own; the memory of a connection is measured without it. */
  self->data = options.size > 1 ? g_malloc (BENCH_BUFFER) : g_malloc (16);
  return self;
}

static gsize
connection_room (void)
{
  return options.size > 1 ? BENCH_BUFFER : 16;
}

static void
connection_close (Connection *self)
{
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_object_unref (self->connection);
  g_free (self->data);
  g_free (self);
}

static void on_served (GObject      *source,
                       GAsyncResult *result,
                       gpointer      data);

static void
connection_serve (Connection *self)
{
  g_input_stream_read_async (self->input, self->data, connection_room (), G_PRIORITY_DEFAULT,
                             NULL, on_served, self);
}

static void
on_serve_written (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error);
  check (error);
  connection_serve (data);
}

static void
on_served (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Connection *self = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    {
      connection_close (self);
      return;
    }
  if (bench_work_is (&options, "sink"))
    {
      received += n;
      if (received < options.total)
        {
          connection_serve (self);
          return;
        }
      received = 0;
      n = 1;
    }
  g_output_stream_write_all_async (self->output, self->data, n, G_PRIORITY_DEFAULT, NULL,
                                   on_serve_written, self);
}

static void
add_idle (void)
{
  for (long i = 0; i < options.idle; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = g_socket_new_from_fd (bench_idle_descriptor (), &error);

      check (error);
      connection_serve (connection_new (
        g_socket_connection_factory_create_connection (socket)));
    }
}

static void
on_accepted (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;
  GSocketListener *listener = G_SOCKET_LISTENER (source);
  GSocketConnection *connection = g_socket_listener_accept_finish (listener, result, NULL, &error);

  check (error);
  connection_serve (connection_new (connection));
  g_socket_listener_accept_async (listener, NULL, on_accepted, NULL);
}

static void
serve (void)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options.name);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;

  g_socket_listener_set_backlog (listener, BENCH_BACKLOG);
  g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  check (error);
  g_socket_listener_accept_async (listener, NULL, on_accepted, NULL);
  add_idle ();
  bench_say_ready ();
  g_main_loop_run (loop);
}

static void open_connection (void);
static void connection_begin (Connection *self);

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Connection *self = data;
  g_autoptr (GError) error = NULL;

  g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, NULL, &error);
  check (error);

  if (bench_work_is (&options, "stream"))
    {
      bench_report_stream ();
      g_main_loop_quit (loop);
    }
  else if (bench_work_is (&options, "hold"))
    {
      /* So that a read waits, as it would in a program. */
      connection_serve (self);
      open_connection ();
    }
  else if (bench_trip_is_over ())
    {
      bench_report_trips ();
      g_main_loop_quit (loop);
    }
  else if (bench_work_is (&options, "connect"))
    {
      connection_close (self);
      open_connection ();
    }
  else
    {
      connection_begin (self);
    }
}

static void
on_written (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Connection *self = data;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error);
  check (error);
  if (bench_work_is (&options, "stream") && left > 0)
    connection_begin (self);
  else
    g_input_stream_read_all_async (self->input, self->data, options.size, G_PRIORITY_DEFAULT, NULL,
                                   on_answer, self);
}

static void
connection_begin (Connection *self)
{
  gsize length = options.size;

  if (bench_work_is (&options, "stream"))
    {
      length = MIN (left, options.chunk);
      left -= length;
    }
  g_output_stream_write_all_async (self->output, piece, length, G_PRIORITY_DEFAULT, NULL,
                                   on_written, self);
}

static void
on_connected (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = g_socket_client_connect_finish (client, result, &error);
  Connection *self;

  check (error);
  self = connection_new (connection);

  if (bench_work_is (&options, "connect"))
    {
      connection_begin (self);
      return;
    }
  clients[n_connected++] = self;
  if (bench_work_is (&options, "hold"))
    {
      if (options.exchange != 0)
        {
          connection_begin (self);
          return;
        }
      connection_serve (self);
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
  g_autoptr (GSocketAddress) address = NULL;

  if (bench_work_is (&options, "hold") && n_connected == options.clients)
    {
      bench_say_ready ();
      return;
    }
  address = g_unix_socket_address_new (options.name);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), NULL, on_connected, NULL);
}

int
main (int   argc,
      char *argv[])
{
  bench_options_parse (&options, argc, argv);
  loop = g_main_loop_new (NULL, FALSE);

  if (options.serves)
    {
      serve ();
      return EXIT_SUCCESS;
    }

  left = options.total;
  if (!bench_work_is (&options, "trip") && !bench_work_is (&options, "busy"))
    options.size = 1;
  clients = g_new0 (Connection *, options.clients);
  client = g_socket_client_new ();
  add_idle ();
  if (bench_work_is (&options, "connect"))
    bench_begin (&options);
  open_connection ();
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
