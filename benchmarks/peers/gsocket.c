/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A GSocket for each connection, watched by the source that GIO makes for it, which stays attached;
 * with recurse=1 that source may recurse, which spares GMainContext a good deal of work. */

#include "bench.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>

typedef struct
{
  GSocket *socket;
  GSource *source;
  long     got;
} Connection;

static BenchOptions options;
static char buffer[BENCH_BUFFER];
static GMainLoop *loop;
static long received;
static long left;

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
connection_watch (Connection       *self,
                  GIOCondition      condition,
                  GSocketSourceFunc func)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  self->source = g_socket_create_source (self->socket, condition, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (func), self, NULL);
  g_source_set_can_recurse (self->source, options.recurse != 0);
  g_source_attach (self->source, NULL);
}

static Connection *
connection_new (GSocket *socket)
{
  Connection *self = g_new0 (Connection, 1);

  self->socket = socket;
  g_socket_set_blocking (socket, FALSE);
  return self;
}

static void
connection_close (Connection *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_free (self);
}

static void
connection_send (Connection *self,
                 gsize       length)
{
  const char *position = buffer;
  gsize rest = length;

  while (rest > 0)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_send (self->socket, position, rest, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_socket_condition_wait (self->socket, G_IO_OUT, NULL, NULL);
          continue;
        }
      check (error);
      position += n;
      rest -= n;
    }
}

static gboolean
on_served (GSocket     *socket,
           GIOCondition condition,
           gpointer     data)
{
  Connection *self = data;
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

  if (n <= 0)
    {
      connection_close (self);
      return G_SOURCE_REMOVE;
    }
  if (!bench_work_is (&options, "sink"))
    connection_send (self, n);
  else if ((received += n) >= options.total)
    {
      received = 0;
      connection_send (self, 1);
    }
  return G_SOURCE_CONTINUE;
}

static void
add_idle (void)
{
  for (long i = 0; i < options.idle; i++)
    {
      g_autoptr (GError) error = NULL;
      GSocket *socket = g_socket_new_from_fd (bench_idle_descriptor (), &error);

      check (error);
      connection_watch (connection_new (socket), G_IO_IN, on_served);
    }
}

static gboolean
on_connection (GSocket     *listener,
               GIOCondition condition,
               gpointer     data)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_accept (listener, NULL, &error);

  check (error);
  connection_watch (connection_new (socket), G_IO_IN, on_served);
  return G_SOURCE_CONTINUE;
}

static GSocket *
make_socket (void)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, &error);

  check (error);
  return socket;
}

static void
serve (void)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options.name);
  GSocket *socket = make_socket ();
  g_autoptr (GError) error = NULL;

  g_socket_set_listen_backlog (socket, BENCH_BACKLOG);
  if (!g_socket_bind (socket, address, FALSE, &error) || !g_socket_listen (socket, &error))
    check (error);
  connection_watch (connection_new (socket), G_IO_IN, on_connection);
  add_idle ();
  bench_say_ready ();
  g_main_loop_run (loop);
}

static gboolean on_answer (GSocket     *socket,
                           GIOCondition condition,
                           gpointer     data);

static Connection *
open_connection (void)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options.name);
  g_autoptr (GError) error = NULL;
  Connection *self = connection_new (make_socket ());

  if (!g_socket_connect (self->socket, address, NULL, &error))
    check (error);
  connection_watch (self, G_IO_IN, on_answer);
  return self;
}

static gboolean
on_answer (GSocket     *socket,
           GIOCondition condition,
           gpointer     data)
{
  Connection *self = data;
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

  check (error);
  if ((self->got += n) < options.size)
    return G_SOURCE_CONTINUE;
  self->got = 0;

  if (bench_work_is (&options, "stream"))
    {
      bench_report_stream ();
      g_main_loop_quit (loop);
    }
  else if (bench_work_is (&options, "hold"))
    {
      g_main_loop_quit (loop);
    }
  else if (bench_trip_is_over ())
    {
      bench_report_trips ();
      g_main_loop_quit (loop);
    }
  else if (bench_work_is (&options, "connect"))
    {
      connection_close (self);
      connection_send (open_connection (), 1);
      return G_SOURCE_REMOVE;
    }
  else
    {
      connection_send (self, options.size);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_writable (GSocket     *socket,
             GIOCondition condition,
             gpointer     data)
{
  while (left > 0)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_send (socket, buffer, MIN (left, options.chunk), NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      check (error);
      left -= n;
    }
  connection_watch (data, G_IO_IN, on_answer);
  return G_SOURCE_REMOVE;
}

static void
run_trips (void)
{
  Connection **clients = g_new0 (Connection *, options.clients);

  add_idle ();
  for (long i = 0; i < options.clients; i++)
    clients[i] = open_connection ();
  bench_begin (&options);
  for (long i = 0; i < options.clients; i++)
    connection_send (clients[i], options.size);
  g_main_loop_run (loop);
}

static void
run_hold (void)
{
  for (long i = 0; i < options.clients; i++)
    {
      Connection *connection = open_connection ();

      if (options.exchange == 0)
        continue;
      connection_send (connection, 1);
      g_main_loop_run (loop);
    }
  bench_say_ready ();
  g_main_loop_run (loop);
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
  if (bench_work_is (&options, "hold"))
    {
      run_hold ();
    }
  else if (bench_work_is (&options, "connect"))
    {
      bench_begin (&options);
      connection_send (open_connection (), 1);
      g_main_loop_run (loop);
    }
  else if (bench_work_is (&options, "stream"))
    {
      Connection *connection = open_connection ();

      bench_begin (&options);
      connection_watch (connection, G_IO_OUT, on_writable);
      g_main_loop_run (loop);
    }
  else
    {
      run_trips ();
    }

  return EXIT_SUCCESS;
}
