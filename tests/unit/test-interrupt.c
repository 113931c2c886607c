/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

/* A descriptor with a byte in it interrupts from the start, so that each wait without a limit has to end
 * at once, and nothing here depends on time. */

static int interrupt[2];


static void
begin_interrupt (void)
{
  g_assert_true (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, interrupt) == 0);
  g_assert_cmpint (lsock_set_interrupt_descriptor (interrupt[0]), ==, -1);
  raw_write (interrupt[1], "x");
}

static void
end_interrupt (void)
{
  g_assert_cmpint (lsock_set_interrupt_descriptor (-1), ==, interrupt[0]);
  close (interrupt[0]);
  close (interrupt[1]);
}

static void
test_socket (Fixture       *fixture,
             gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (SignalWatch) errors = watch_signal (socket, "error");
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autofree guint8 *flood = g_malloc0 (8 << 20);

  begin_interrupt ();
  g_assert_false (lsock_io_device_wait_for_ready_read (device, -1));
  g_assert_false (lsock_socket_wait_for_disconnected (socket, -1));

  g_assert_cmpint (lsock_io_device_write (device, flood, 8 << 20, NULL), ==, 8 << 20);
  while (lsock_io_device_wait_for_bytes_written (device, -1))
    ;
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), >, 0);

  g_assert_cmpuint (signal_watch_count (errors), ==, 0);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_UNKNOWN);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTED);

  /* What is there is found nevertheless. */
  raw_write (peer, "data");
  g_assert_true (lsock_io_device_wait_for_ready_read (device, -1));
  end_interrupt ();

  lsock_socket_abort (socket);
  close (peer);
}

static void
test_connecting (Fixture       *fixture,
                 gconstpointer  data)
{
  int listener = raw_listen (fixture, "s", 0);
  int first = raw_connect (fixture, "s");
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (SignalWatch) errors = watch_signal (socket, "error");

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);

  begin_interrupt ();
  g_assert_false (lsock_socket_wait_for_connected (socket, -1));
  g_assert_false (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), -1));
  end_interrupt ();

  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_UNKNOWN);
  g_assert_cmpuint (signal_watch_count (errors), ==, 0);

  lsock_socket_abort (socket);
  close (first);
  close (listener);
}

static void
test_server (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  gboolean timed_out = TRUE;
  int client;

  g_assert_true (lsock_server_listen (server, "s", NULL));
  begin_interrupt ();
  g_assert_false (lsock_server_wait_for_new_connection (server, -1, &timed_out));
  g_assert_false (timed_out);

  client = raw_connect (fixture, "s");
  g_assert_true (lsock_server_wait_for_new_connection (server, -1, &timed_out));
  g_assert_false (timed_out);

  /* The queue is full: without an interrupt this would last for a minute. */
  lsock_server_set_max_pending_connections (server, 1);
  g_assert_true (lsock_server_wait_for_new_connection (server, 60000, &timed_out));
  g_assert_false (timed_out);
  end_interrupt ();
  close (client);
}

/* A stream that can be polled, and one that a thread reads. */
static void
test_stream (Fixture       *fixture,
             gconstpointer  data)
{
  gboolean nonblocking = GPOINTER_TO_INT (data);
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (LsockStreamDevice) device = NULL;
  int ends[2];

  g_assert_true (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  g_assert_true (g_unix_set_fd_nonblocking (ends[0], nonblocking, NULL));
  input = g_unix_input_stream_new (ends[0], TRUE);
  device = lsock_stream_device_new (input, NULL);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (device), LSOCK_OPEN_MODE_READ_ONLY, NULL));

  begin_interrupt ();
  g_assert_false (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (device), -1));
  end_interrupt ();
  close (ends[1]);
}

static void
test_spy (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (object), "destroyed", NULL);

  begin_interrupt ();
  g_assert_false (lsock_signal_spy_wait (spy, -1));
  end_interrupt ();
}

static gpointer
wait_in_thread (gpointer user_data)
{
  int *ends = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockSocket) socket = NULL;

  g_main_context_push_thread_default (context);
  socket = lsock_socket_new ();
  g_assert_true (lsock_socket_set_socket_descriptor (socket, ends[0], LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  raw_write (interrupt[1], "y");
  g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), -1));
  g_clear_object (&socket);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_other_thread (Fixture       *fixture,
                   gconstpointer  data)
{
  GThread *thread;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  begin_interrupt ();
  thread = g_thread_new ("waiter", wait_in_thread, ends);
  raw_write (ends[1], "data");
  g_thread_join (thread);
  end_interrupt ();
  close (ends[1]);
}


#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/interrupt/socket", NULL, test_socket);
  ADD ("/interrupt/connecting", NULL, test_connecting);
  ADD ("/interrupt/server", NULL, test_server);
  ADD ("/interrupt/stream/polled", GINT_TO_POINTER (TRUE), test_stream);
  ADD ("/interrupt/stream/read-by-thread", GINT_TO_POINTER (FALSE), test_stream);
  ADD ("/interrupt/spy", NULL, test_spy);
  ADD ("/interrupt/other-thread", NULL, test_other_thread);

  return g_test_run ();
}
