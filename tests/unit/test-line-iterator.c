/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"

static void
assert_next (LsockLineIterator *lines,
             const char        *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) line = lsock_line_iterator_next (lines, &error);

  g_assert_no_error (error);
  if (expected == NULL)
    g_assert_null (line);
  else
    g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line),
                     expected, strlen (expected));
}

static void
test_random_access (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (GBytes) data = g_bytes_new_static ("one\n\nlast", 9);
  g_autoptr (LsockLineIterator) lines = lsock_io_device_iterate_lines (LSOCK_IO_DEVICE (buffer));

  lsock_buffer_set_data (buffer, data);
  assert_next (lines, NULL);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), LSOCK_OPEN_MODE_READ_ONLY, NULL));
  assert_next (lines, "one\n");
  assert_next (lines, "\n");
  assert_next (lines, "last");
  assert_next (lines, NULL);
}

static void
test_sequential (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (LsockLineIterator) lines = lsock_io_device_iterate_lines (LSOCK_IO_DEVICE (client));
  LsockIODevice *peer;

  g_assert_true (lsock_server_listen (server, "s", NULL));
  lsock_socket_connect_to_server (client, "s", LSOCK_OPEN_MODE_READ_WRITE);
  await_true (lsock_server_has_pending_connections (server));
  peer = LSOCK_IO_DEVICE (lsock_server_next_pending_connection (server));

  assert_next (lines, NULL);
  lsock_io_device_write (peer, (const guint8 *) "one\nha", 6, NULL);
  await_true (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (client)) == 6);
  assert_next (lines, "one\n");
  assert_next (lines, NULL);
  lsock_io_device_write (peer, (const guint8 *) "lf\n", 3, NULL);
  await_true (lsock_io_device_can_read_line (LSOCK_IO_DEVICE (client)));
  assert_next (lines, "half\n");
  assert_next (lines, NULL);
}

static void
test_error (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (GBytes) data = g_bytes_new_static ("one\n", 4);
  g_autoptr (LsockLineIterator) lines = lsock_io_device_iterate_lines (LSOCK_IO_DEVICE (buffer));
  g_autoptr (GError) error = NULL;

  lsock_buffer_set_data (buffer, data);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), LSOCK_OPEN_MODE_WRITE_ONLY, NULL));
  g_assert_null (lsock_line_iterator_next (lines, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
test_keeps_device (void)
{
  LsockBuffer *buffer = lsock_buffer_new ();
  LsockLineIterator *lines = lsock_io_device_iterate_lines (LSOCK_IO_DEVICE (buffer));

  g_object_unref (buffer);
  assert_next (lines, NULL);
  g_object_add_weak_pointer (G_OBJECT (buffer), (gpointer *) &buffer);
  g_assert_finalize_object (lines);
  g_assert_null (buffer);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/line-iterator/random-access", test_random_access);
  g_test_add ("/line-iterator/sequential", Fixture, NULL, fixture_set_up, test_sequential,
              fixture_tear_down);
  g_test_add_func ("/line-iterator/error", test_error);
  g_test_add_func ("/line-iterator/keeps-device", test_keeps_device);

  return g_test_run ();
}
