/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Class handlers of signals in derived classes: each chains up, as generated code does without a look
 * at what it calls. */

#include <string.h>
#include <unistd.h>

#include "fixture.h"

/* Each override notes the signal and chains up without a question. */
#define OVERRIDE(Type, prefix, slot, CLASS, args, call) \
  static void \
  prefix##_##slot args \
  { \
    g_string_append (heard, #slot " "); \
    CLASS (prefix##_parent_class)->slot call; \
  }

static GString *heard;


/* Sockets */

#define TEST_TYPE_SOCKET (test_socket_get_type ())
G_DECLARE_FINAL_TYPE (TestSocket, test_socket, TEST, SOCKET, LsockSocket)

struct _TestSocket
{
  LsockSocket parent_instance;
};

G_DEFINE_TYPE (TestSocket, test_socket, LSOCK_TYPE_SOCKET)

OVERRIDE (TestSocket, test_socket, connected, LSOCK_SOCKET_CLASS, (LsockSocket *self), (self))
OVERRIDE (TestSocket, test_socket, disconnected, LSOCK_SOCKET_CLASS, (LsockSocket *self), (self))
OVERRIDE (TestSocket, test_socket, error, LSOCK_SOCKET_CLASS,
          (LsockSocket *self, LsockSocketError error), (self, error))
OVERRIDE (TestSocket, test_socket, state_changed, LSOCK_SOCKET_CLASS,
          (LsockSocket *self, LsockSocketState state), (self, state))
OVERRIDE (TestSocket, test_socket, ready_read, LSOCK_IO_DEVICE_CLASS, (LsockIODevice *self), (self))
OVERRIDE (TestSocket, test_socket, bytes_written, LSOCK_IO_DEVICE_CLASS,
          (LsockIODevice *self, gint64 count), (self, count))
OVERRIDE (TestSocket, test_socket, about_to_close, LSOCK_IO_DEVICE_CLASS, (LsockIODevice *self),
          (self))
OVERRIDE (TestSocket, test_socket, read_channel_finished, LSOCK_IO_DEVICE_CLASS,
          (LsockIODevice *self), (self))
OVERRIDE (TestSocket, test_socket, destroyed, LSOCK_OBJECT_CLASS, (LsockObject *self), (self))

static void
test_socket_class_init (TestSocketClass *klass)
{
  LSOCK_SOCKET_CLASS (klass)->connected = test_socket_connected;
  LSOCK_SOCKET_CLASS (klass)->disconnected = test_socket_disconnected;
  LSOCK_SOCKET_CLASS (klass)->error = test_socket_error;
  LSOCK_SOCKET_CLASS (klass)->state_changed = test_socket_state_changed;
  LSOCK_IO_DEVICE_CLASS (klass)->ready_read = test_socket_ready_read;
  LSOCK_IO_DEVICE_CLASS (klass)->bytes_written = test_socket_bytes_written;
  LSOCK_IO_DEVICE_CLASS (klass)->about_to_close = test_socket_about_to_close;
  LSOCK_IO_DEVICE_CLASS (klass)->read_channel_finished = test_socket_read_channel_finished;
  LSOCK_OBJECT_CLASS (klass)->destroyed = test_socket_destroyed;
}

static void
test_socket_init (TestSocket *self)
{
}


/* A class that derives from that one, overrides one signal and is used first */

#define TEST_TYPE_LAST (test_last_get_type ())
G_DECLARE_FINAL_TYPE (TestLast, test_last, TEST, LAST, LsockBuffer)

struct _TestLast
{
  LsockBuffer parent_instance;
};

G_DEFINE_TYPE (TestLast, test_last, LSOCK_TYPE_BUFFER)

OVERRIDE (TestLast, test_last, ready_read, LSOCK_IO_DEVICE_CLASS, (LsockIODevice *self), (self))
OVERRIDE (TestLast, test_last, bytes_written, LSOCK_IO_DEVICE_CLASS,
          (LsockIODevice *self, gint64 count), (self, count))

static void
test_last_class_init (TestLastClass *klass)
{
  LSOCK_IO_DEVICE_CLASS (klass)->ready_read = test_last_ready_read;
  LSOCK_IO_DEVICE_CLASS (klass)->bytes_written = test_last_bytes_written;
}

static void
test_last_init (TestLast *self)
{
}


/* Servers */

#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, LsockServer)

struct _TestServer
{
  LsockServer parent_instance;
};

G_DEFINE_TYPE (TestServer, test_server, LSOCK_TYPE_SERVER)

OVERRIDE (TestServer, test_server, new_connection, LSOCK_SERVER_CLASS, (LsockServer *self), (self))
OVERRIDE (TestServer, test_server, accept_error, LSOCK_SERVER_CLASS,
          (LsockServer *self, const GError *error), (self, error))
OVERRIDE (TestServer, test_server, destroyed, LSOCK_OBJECT_CLASS, (LsockObject *self), (self))

static void
test_server_class_init (TestServerClass *klass)
{
  LSOCK_SERVER_CLASS (klass)->new_connection = test_server_new_connection;
  LSOCK_SERVER_CLASS (klass)->accept_error = test_server_accept_error;
  LSOCK_OBJECT_CLASS (klass)->destroyed = test_server_destroyed;
}

static void
test_server_init (TestServer *self)
{
}


static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture_set_up (fixture, data);
  heard = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_string_free (heard, TRUE);
  fixture_tear_down (fixture, data);
}

static void
test_sockets (Fixture       *fixture,
              gconstpointer  data)
{
  LsockSocket *socket = g_object_new (TEST_TYPE_SOCKET, NULL);
  g_autoptr (LsockSocket) plain = lsock_socket_new ();
  int listener = raw_listen (fixture, "raw", 5);
  int peer;

  g_test_summary ("Chaining up from an overridden handler of a signal called NULL: SIGSEGV");

  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpstr (heard->str, ==, "state_changed state_changed connected ");
  peer = raw_accept (listener);
  g_string_truncate (heard, 0);
  write_text (socket, "x");
  await_text (heard, "bytes_written ");
  g_string_truncate (heard, 0);
  raw_write (peer, "x");
  await_text (heard, "ready_read ");
  g_string_truncate (heard, 0);
  close (peer);
  await_text (heard, "error state_changed state_changed read_channel_finished disconnected ");
  g_string_truncate (heard, 0);
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  g_assert_cmpstr (heard->str, ==, "about_to_close ");
  g_string_truncate (heard, 0);
  g_object_run_dispose (G_OBJECT (socket));
  g_assert_cmpstr (heard->str, ==, "destroyed ");
  g_object_unref (socket);

  /* The class itself works as before. */
  lsock_socket_connect_to_server (plain, "raw", LSOCK_OPEN_MODE_READ_WRITE);
  peer = raw_accept (listener);
  raw_write (peer, "y");
  await (has_data, plain);
  write_text (plain, "y");
  await (has_written, plain);
  close (peer);
  await (is_unconnected, plain);
  close (listener);
}

static void
test_buffers (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockIODevice) buffer = g_object_new (TEST_TYPE_LAST, NULL);

  g_assert_true (lsock_io_device_open (buffer, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  write_text (buffer, "x");
  await_text (heard, "bytes_written ready_read ");
  lsock_io_device_close (buffer);
}

static void
raise_accept_error (LsockServer *server)
{
  g_autoptr (GError) error = g_error_new_literal (LSOCK_SOCKET_ERROR,
                                                  LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "none left");

  g_signal_emit_by_name (server, "accept-error", error);
}

static void
test_servers (Fixture       *fixture,
              gconstpointer  data)
{
  LsockServer *server = g_object_new (TEST_TYPE_SERVER, NULL);
  int client;

  g_assert_true (lsock_server_listen (server, "s", NULL));
  client = raw_connect (fixture, "s");
  await_text (heard, "new_connection ");
  raise_accept_error (server);
  g_assert_cmpstr (heard->str, ==, "new_connection accept_error ");
  g_object_run_dispose (G_OBJECT (server));
  g_assert_cmpstr (heard->str, ==, "new_connection accept_error destroyed ");
  g_object_unref (server);
  close (client);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/class-handlers/buffers", Fixture, NULL, set_up, test_buffers, tear_down);
  g_test_add ("/class-handlers/servers", Fixture, NULL, set_up, test_servers, tear_down);
  g_test_add ("/class-handlers/sockets", Fixture, NULL, set_up, test_sockets, tear_down);

  return g_test_run ();
}
