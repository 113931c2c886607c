/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lsock, reading into a buffer of its own, or (with BENCH_GBYTES) with GBytes. */

#include "bench.h"

#include <lsock.h>
#include <stdlib.h>

static BenchOptions options;
static guint8 buffer[BENCH_BUFFER];
static GMainLoop *loop;
static GQuark got_quark;
static long received;
static long left;

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

#ifdef BENCH_GBYTES

/* Returns how many bytes came. */
static gsize
echo (LsockIODevice *device)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  lsock_io_device_write_bytes (device, bytes, NULL);
  return g_bytes_get_size (bytes);
}

static gsize
take (LsockIODevice *device)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  return g_bytes_get_size (bytes);
}

static void
send_message (LsockIODevice *device,
              gsize          length)
{
  static GBytes *bytes = NULL;

  if (bytes == NULL || g_bytes_get_size (bytes) != length)
    {
      g_clear_pointer (&bytes, g_bytes_unref);
      bytes = g_bytes_new_static (buffer, length);
    }
  lsock_io_device_write_bytes (device, bytes, NULL);
}

#else

static gsize
echo (LsockIODevice *device)
{
  gsize total = 0;
  gssize n;

  do
    {
      n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);
      if (n > 0)
        lsock_io_device_write (device, buffer, n, NULL);
      total += MAX (n, 0);
    }
  while (n == sizeof buffer);

  return total;
}

static gsize
take (LsockIODevice *device)
{
  gsize total = 0;
  gssize n;

  do
    {
      n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);
      total += MAX (n, 0);
    }
  while (n == sizeof buffer);

  return total;
}

static void
send_message (LsockIODevice *device,
              gsize          length)
{
  lsock_io_device_write (device, buffer, length, NULL);
}

#endif

static void
on_request (LsockIODevice *device)
{
  echo (device);
}

static void
on_piece (LsockIODevice *device)
{
  received += take (device);
  if (received >= options.total)
    {
      received = 0;
      send_message (device, 1);
    }
}

static void
adopt (LsockSocket *socket)
{
  g_signal_connect (socket, "ready-read",
                    bench_work_is (&options, "sink") ? G_CALLBACK (on_piece)
                                                     : G_CALLBACK (on_request),
                    NULL);
  g_signal_connect (socket, "disconnected", G_CALLBACK (lsock_object_delete_later), NULL);
}

static void
add_idle (void)
{
  for (long i = 0; i < options.idle; i++)
    {
      g_autoptr (GError) error = NULL;
      LsockSocket *socket = lsock_socket_new ();

      lsock_socket_set_socket_descriptor (socket, bench_idle_descriptor (),
                                          LSOCK_SOCKET_STATE_CONNECTED,
                                          LSOCK_OPEN_MODE_READ_WRITE, &error);
      check (error);
      adopt (socket);
    }
}

static void
on_new_connection (LsockServer *server)
{
  LsockSocket *socket;

  while ((socket = lsock_server_next_pending_connection (server)) != NULL)
    adopt (socket);
}

static void
serve (void)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  lsock_server_set_listen_backlog_size (server, BENCH_BACKLOG);
  g_signal_connect (server, "new-connection", G_CALLBACK (on_new_connection), NULL);
  lsock_server_listen (server, options.name, &error);
  check (error);
  add_idle ();
  bench_say_ready ();
  g_main_loop_run (loop);
}

static LsockSocket *
open_connection (GCallback on_ready_read)
{
  LsockSocket *socket = lsock_socket_new ();

  g_signal_connect (socket, "ready-read", on_ready_read, NULL);
  lsock_socket_connect_to_server (socket, options.name, LSOCK_OPEN_MODE_READ_WRITE);
  if (!lsock_socket_wait_for_connected (socket, -1))
    g_error ("%s", lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
  return socket;
}

/* Only a message that comes in pieces has its count kept beside the socket. */
static gboolean
has_whole_answer (LsockIODevice *device)
{
  gsize n = take (device);

  if ((long) n < options.size)
    {
      n += GPOINTER_TO_SIZE (g_object_get_qdata (G_OBJECT (device), got_quark));
      g_object_set_qdata (G_OBJECT (device), got_quark,
                          GSIZE_TO_POINTER ((long) n < options.size ? n : 0));
    }
  return (long) n >= options.size;
}

static void
on_answer (LsockIODevice *device)
{
  if (!has_whole_answer (device))
    return;
  if (!bench_trip_is_over ())
    {
      send_message (device, options.size);
      return;
    }
  bench_report_trips ();
  g_main_loop_quit (loop);
}

static void
run_trips (void)
{
  LsockSocket **clients = g_new0 (LsockSocket *, options.clients);

  add_idle ();
  for (long i = 0; i < options.clients; i++)
    clients[i] = open_connection (G_CALLBACK (on_answer));
  bench_begin (&options);
  for (long i = 0; i < options.clients; i++)
    send_message (LSOCK_IO_DEVICE (clients[i]), options.size);
  g_main_loop_run (loop);
}

static void
on_greeted (LsockIODevice *device)
{
  take (device);
  lsock_io_device_close (device);
  g_object_unref (device);

  if (!bench_trip_is_over ())
    {
      send_message (LSOCK_IO_DEVICE (open_connection (G_CALLBACK (on_greeted))), 1);
      return;
    }
  bench_report_trips ();
  g_main_loop_quit (loop);
}

static void
run_connect (void)
{
  bench_begin (&options);
  send_message (LSOCK_IO_DEVICE (open_connection (G_CALLBACK (on_greeted))), 1);
  g_main_loop_run (loop);
}

static void
send_pieces (LsockIODevice *device)
{
  while (left > 0 && lsock_io_device_bytes_to_write (device) < BENCH_MAX_QUEUED)
    {
      gsize length = MIN (left, options.chunk);

      left -= length;
      send_message (device, length);
    }
}

static void
on_stream_taken (LsockIODevice *device)
{
  bench_report_stream ();
  g_main_loop_quit (loop);
}

static void
run_stream (void)
{
  g_autoptr (LsockSocket) socket = open_connection (G_CALLBACK (on_stream_taken));

  g_signal_connect (socket, "bytes-written", G_CALLBACK (send_pieces), NULL);
  left = options.total;
  bench_begin (&options);
  send_pieces (LSOCK_IO_DEVICE (socket));
  g_main_loop_run (loop);
}

static void
on_held (LsockIODevice *device)
{
  take (device);
  g_main_loop_quit (loop);
}

static void
run_hold (void)
{
  for (long i = 0; i < options.clients; i++)
    {
      LsockSocket *socket = open_connection (G_CALLBACK (on_held));

      if (options.exchange == 0)
        continue;
      send_message (LSOCK_IO_DEVICE (socket), 1);
      g_main_loop_run (loop);
    }
  bench_say_ready ();
  g_main_loop_run (loop);
}

static const BenchWorks works = {
  .serve = serve,
  .trips = run_trips,
  .connect = run_connect,
  .stream = run_stream,
  .hold = run_hold,
};

int
main (int   argc,
      char *argv[])
{
  bench_options_parse (&options, argc, argv);
  loop = g_main_loop_new (NULL, FALSE);
  got_quark = g_quark_from_static_string ("bench-got");

  bench_run (&options, &works);
  return EXIT_SUCCESS;
}
