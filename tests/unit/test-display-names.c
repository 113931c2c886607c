/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

/* Names are bytes, texts are UTF-8: bindings cannot read a text that holds a name as it is. */

#define NAME "\xfe"
#define SHOWN "\xef\xbf\xbd"


static void
assert_shown (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  if (strstr (text, SHOWN) == NULL)
    g_error ("“%s” does not show the name", text);
}

#define assert_device_text(device) \
  assert_shown (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (device)))

static void
test_listen (Fixture       *fixture,
             gconstpointer  data)
{
  char too_long[200];
  const char *names[] = { "/none/" NAME, "none/" NAME, too_long };

  memset (too_long, 'x', sizeof too_long - 1);
  too_long[0] = '\xfe';
  too_long[sizeof too_long - 1] = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (LsockServer) server = lsock_server_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (lsock_server_listen (server, names[i], &error));
      g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
      assert_shown (error->message);
      assert_shown (lsock_server_get_error_string (server));
    }
}

static void
test_listen_twice (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_server_listen (server, NAME, &error));
  g_assert_no_error (error);
  g_assert_false (lsock_server_listen (server, "other", &error));
  assert_shown (error->message);
}

static void
test_listen_abstract (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_USER_ACCESS |
                                           LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  g_assert_false (lsock_server_listen (server, NAME, &error));
  assert_shown (error->message);
}

static void
test_remove (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *path = fixture_path (fixture, NAME);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_false (lsock_server_remove_server (NAME, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  assert_shown (error->message);
  g_assert_cmpint (unlink (path), ==, 0);

  g_clear_error (&error);
  g_assert_false (lsock_server_remove_server ("/dev/null/" NAME, &error));
  assert_shown (error->message);
}

static void
test_connect (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;

  lsock_socket_connect_to_server (socket, NAME, LSOCK_OPEN_MODE_READ_WRITE);
  assert_device_text (socket);
  lsock_socket_connect_to_server (socket, "/none/" NAME, LSOCK_OPEN_MODE_READ_WRITE);
  assert_device_text (socket);
  lsock_socket_connect_to_server (socket, NAME, LSOCK_OPEN_MODE_NOT_OPEN);
  assert_device_text (socket);

  lsock_socket_set_server_name (socket, NAME);
  g_assert_false (lsock_io_device_open (LSOCK_IO_DEVICE (socket), LSOCK_OPEN_MODE_READ_WRITE,
                                        &error));
  assert_shown (error->message);
}

static void
test_connection (Fixture       *fixture,
                 gconstpointer  data)
{
  int listener = raw_listen (fixture, NAME, 1);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  int peer;

  lsock_socket_connect_to_server (socket, NAME, LSOCK_OPEN_MODE_READ_WRITE);
  peer = raw_accept (listener);
  g_assert_true (lsock_socket_wait_for_connected (socket, 0));

  lsock_socket_connect_to_server (socket, NAME, LSOCK_OPEN_MODE_READ_WRITE);
  assert_device_text (socket);

  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (socket), NULL);
  g_assert_false (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 0));
  assert_device_text (socket);

  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (socket), NULL);
  g_assert_true (lsock_socket_shutdown_write (socket, &error));
  g_assert_no_error (error);
  g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "x", 1,
                                          &error), ==, -1);
  assert_shown (error->message);

  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (socket), NULL);
  close (peer);
  await (is_unconnected, socket);
  assert_device_text (socket);

  close (listener);
}

static void
test_valid (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();

  lsock_socket_connect_to_server (socket, "/none/é", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)),
                            "“/none/é”"));
}


#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/display-names/listen/refused", test_listen);
  ADD ("/display-names/listen/twice", test_listen_twice);
  ADD ("/display-names/listen/abstract", test_listen_abstract);
  ADD ("/display-names/remove", test_remove);
  ADD ("/display-names/connect", test_connect);
  ADD ("/display-names/connection", test_connection);
  ADD ("/display-names/utf-8-stays", test_valid);

  return g_test_run ();
}
