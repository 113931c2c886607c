/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS on a server: clients that are pending as other devices than sockets, and descriptors that
 * leave a socket. */

#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

#include "fixture.h"
#include "tls-fixture.h"

/* Makes a stream device on a TLS connection of each client. */
#define TEST_TYPE_TLS_SERVER (test_tls_server_get_type ())
G_DECLARE_FINAL_TYPE (TestTlsServer, test_tls_server, TEST, TLS_SERVER, LsockServer)

struct _TestTlsServer
{
  LsockServer      parent_instance;

  GTlsCertificate *certificate;   /* NULL: no TLS */
};

G_DEFINE_FINAL_TYPE (TestTlsServer, test_tls_server, LSOCK_TYPE_SERVER)

static GIOStream *
connection_on (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static LsockIODevice *
open_device (GIOStream *stream)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (lsock_stream_device_new_for_io_stream (stream));
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  return device;
}

static void
test_tls_server_incoming_connection (LsockServer *server,
                                     int          fd)
{
  TestTlsServer *self = TEST_TLS_SERVER (server);
  g_autoptr (GIOStream) stream = connection_on (fd);
  g_autoptr (LsockIODevice) device = NULL;
  g_autoptr (GError) error = NULL;

  if (self->certificate != NULL)
    {
      g_autoptr (GIOStream) tls = g_tls_server_connection_new (stream, self->certificate, &error);

      g_assert_no_error (error);
      device = open_device (tls);
    }
  else
    device = open_device (stream);

  lsock_server_add_pending_device (server, device);
}

static void
test_tls_server_finalize (GObject *object)
{
  g_clear_object (&TEST_TLS_SERVER (object)->certificate);

  G_OBJECT_CLASS (test_tls_server_parent_class)->finalize (object);
}

static void
test_tls_server_class_init (TestTlsServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_tls_server_finalize;
  LSOCK_SERVER_CLASS (klass)->incoming_connection = test_tls_server_incoming_connection;
}

static void
test_tls_server_init (TestTlsServer *self)
{
}


/* Pending devices */

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
has_pending_device (gpointer server)
{
  return lsock_server_has_pending_devices (server);
}

/* A server of stream devices, and a client that has connected and is not pending yet. */
static LsockServer *
begin (LsockSocket **client)
{
  LsockServer *server = g_object_new (TEST_TYPE_TLS_SERVER, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_server_listen (server, "s", &error));
  g_assert_no_error (error);
  *client = lsock_socket_new ();
  lsock_socket_connect_to_server (*client, "s", LSOCK_OPEN_MODE_READ_WRITE);
  return server;
}

static void
test_pending (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockSocket) client = NULL;
  g_autoptr (LsockServer) server = begin (&client);
  g_autoptr (LsockSocket) extra = lsock_socket_new ();
  g_autoptr (SignalWatch) watch = watch_signal (server, "new-connection");
  LsockIODevice *device;

  await_signal (watch);
  await (has_pending_device, server);

  g_assert_false (lsock_server_has_pending_connections (server));
  g_assert_null (lsock_server_next_pending_connection (server));
  lsock_server_add_pending_connection (server, extra);
  g_assert_true (lsock_server_has_pending_connections (server));
  g_assert_true (lsock_server_next_pending_connection (server) == extra);
  g_assert_false (lsock_server_has_pending_connections (server));

  device = lsock_server_next_pending_device (server);
  g_assert_true (LSOCK_IS_STREAM_DEVICE (device));
  g_assert_true (lsock_object_get_parent (LSOCK_OBJECT (device)) == G_OBJECT (server));
  g_assert_false (lsock_server_has_pending_devices (server));
  g_assert_null (lsock_server_next_pending_device (server));

  lsock_server_add_pending_device (server, device);
  g_assert_true (lsock_server_next_pending_device (server) == device);
  write_text (client, "hello");
  await (has_data, device);
  assert_read (device, "hello");
}

static void
test_pending_limit (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (LsockSocket) first = NULL;
  g_autoptr (LsockServer) server = begin (&first);
  g_autoptr (LsockSocket) second = lsock_socket_new ();
  LsockIODevice *device;

  g_test_summary ("A device takes a place in the queue, and one that ends makes room");

  lsock_server_set_max_pending_connections (server, 1);
  lsock_socket_connect_to_server (second, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (lsock_server_wait_for_client (server, 10000));
  g_assert_true (lsock_server_wait_for_client (server, 0));

  write_text (first, "first");
  write_text (second, "second");
  device = lsock_server_next_pending_device (server);
  await (has_data, device);
  assert_read (device, "first");
  await (has_pending_device, server);

  /* Closing the server closes what is pending, and leaves what was returned. */
  lsock_server_close (server);
  await (is_unconnected, second);
  g_assert_true (lsock_io_device_is_open (device));
  g_assert_false (lsock_server_has_pending_devices (server));
}

static void
test_accept (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (LsockServer) server = g_object_new (TEST_TYPE_TLS_SERVER, NULL);
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (LsockSocket) extra = lsock_socket_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LsockIODevice) device = NULL;
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *results[2] = { NULL, NULL };

  g_assert_true (lsock_server_listen (server, "s", NULL));

  /* A call for sockets leaves other devices alone. */
  lsock_server_accept_async (server, cancellable, keep_result, &results[0]);
  lsock_server_accept_device_async (server, NULL, keep_result, &results[1]);
  await_true (results[1] != NULL);
  g_assert_null (lsock_server_accept_device_finish (server, results[1], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_clear_object (&results[1]);

  lsock_socket_connect_to_server (client, "s", LSOCK_OPEN_MODE_READ_WRITE);
  await (has_pending_device, server);
  settle ();
  g_assert_null (results[0]);
  lsock_server_add_pending_connection (server, extra);
  await_true (results[0] != NULL);
  socket = lsock_server_accept_finish (server, results[0], &error);
  g_assert_no_error (error);
  g_assert_true (socket == extra);
  g_clear_object (&results[0]);

  /* A result that is not fetched is pending again. */
  lsock_server_accept_device_async (server, NULL, keep_result, &results[0]);
  await_true (results[0] != NULL);
  g_assert_false (lsock_server_has_pending_devices (server));
  g_clear_object (&results[0]);
  await (has_pending_device, server);

  lsock_server_accept_device_async (server, NULL, keep_result, &results[0]);
  await_true (results[0] != NULL);
  device = lsock_server_accept_device_finish (server, results[0], &error);
  g_assert_no_error (error);
  g_assert_true (LSOCK_IS_STREAM_DEVICE (device));
  g_assert_null (lsock_object_get_parent (LSOCK_OBJECT (device)));
  g_clear_object (&results[0]);
}


/* Descriptors */

static void
test_steal (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Story) story = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint before = count_descriptors ();
  int peer;
  int fd;

  socket = connect_to_raw (fixture, &peer);
  raw_write (peer, "early");
  await (has_data, socket);

  story = story_of (socket);
  fd = lsock_socket_steal_socket_descriptor (socket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpstr (story_text (story), ==, "unconnected, read-channel-finished, disconnected");
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  assert_read (socket, "early");

  /* The connection goes on without the socket. */
  g_clear_object (&socket);
  raw_write (fd, "there");
  bytes = raw_read (peer, 5);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "there", 5);
  close (fd);
  close (peer);
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
test_steal_again (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int peer;

  g_test_summary ("A descriptor can go from one socket to another and come back");

  socket = connect_to_raw (fixture, &peer);
  for (int i = 0; i < 3; i++)
    {
      int fd = lsock_socket_steal_socket_descriptor (socket, &error);

      g_assert_no_error (error);
      if (i == 1)
        {
          g_object_unref (socket);
          socket = lsock_socket_new ();
        }
      g_assert_true (lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                                         LSOCK_OPEN_MODE_READ_WRITE, &error));
      g_assert_no_error (error);
      raw_write (peer, "data");
      await (has_data, socket);
      assert_read (socket, "data");
    }
  close (peer);
}

static void
test_steal_refused (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  int peer;

  g_assert_cmpint (lsock_socket_steal_socket_descriptor (socket, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_clear_object (&socket);

  socket = connect_to_raw (fixture, &peer);
  write_text (socket, large);
  g_assert_cmpint (lsock_socket_steal_socket_descriptor (socket, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTED);
  lsock_socket_abort (socket);
  bytes = raw_read (peer, G_MAXSIZE);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
  close (peer);
}


/* TLS */

typedef struct
{
  Fixture        fixture;
  LsockServer   *server;
  LsockIODevice *client;
  LsockIODevice *peer;
  GString       *log;
} Tls;

static void
on_error (LsockStreamDevice *device,
          const GError      *error,
          GString           *log)
{
  g_string_append_printf (log, "error %s ",
                          error->domain == G_TLS_ERROR ? "tls" : g_quark_to_string (error->domain));
}

static void
on_finished (LsockIODevice *device,
             GString       *log)
{
  g_string_append (log, "finished ");
}

/* FALSE: the test is skipped. */
static gboolean
begin_tls (Tls      *tls,
           gboolean  accepted)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GIOStream) connection = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  certificate = tls_certificate_new (&tls->fixture);
  if (certificate == NULL)
    return FALSE;

  tls->log = g_string_new (NULL);
  tls->server = g_object_new (TEST_TYPE_TLS_SERVER, NULL);
  TEST_TLS_SERVER (tls->server)->certificate = g_object_ref (certificate);
  g_assert_true (lsock_server_listen (tls->server, "s", &error));
  g_assert_no_error (error);

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  await (is_connected, socket);
  fd = lsock_socket_steal_socket_descriptor (socket, &error);
  g_assert_no_error (error);
  stream = connection_on (fd);
  connection = g_tls_client_connection_new (stream, NULL, &error);
  g_assert_no_error (error);
  if (accepted)
    g_signal_connect_object (connection, "accept-certificate", G_CALLBACK (tls_accept_certificate),
                             certificate, 0);
  tls->client = open_device (connection);
  g_signal_connect (tls->client, "error", G_CALLBACK (on_error), tls->log);
  g_signal_connect (tls->client, "read-channel-finished", G_CALLBACK (on_finished), tls->log);

  await (has_pending_device, tls->server);
  tls->peer = lsock_server_next_pending_device (tls->server);
  return TRUE;
}

static void
end_tls (Tls *tls)
{
  g_clear_object (&tls->client);
  g_clear_object (&tls->server);
  g_string_free (tls->log, TRUE);
}

G_GNUC_UNUSED static void
tls_set_up (Tls           *tls,
            gconstpointer  data)
{
  fixture_set_up (&tls->fixture, NULL);
}

G_GNUC_UNUSED static void
tls_tear_down (Tls           *tls,
               gconstpointer  data)
{
  fixture_tear_down (&tls->fixture, NULL);
}

G_GNUC_UNUSED static void
test_tls (Tls           *tls,
          gconstpointer  data)
{
  g_autofree char *large = g_strnfill (300 * 1024, 'x');
  g_autoptr (GError) error = NULL;

  if (!begin_tls (tls, TRUE))
    return;

  write_text (tls->client, "question");
  await (has_data, tls->peer);
  assert_read (tls->peer, "question");
  write_text (tls->client, large);
  g_assert_true (lsock_stream_device_shutdown_write (LSOCK_STREAM_DEVICE (tls->client), &error));
  g_assert_no_error (error);
  await_true (lsock_io_device_bytes_available (tls->peer) >= 256 * 1024);

  /* The half-close is a message of TLS, after the last byte; the other direction goes on. */
  {
    g_autoptr (SignalWatch) finished = watch_signal (tls->peer, "read-channel-finished");
    g_autoptr (GBytes) bytes = NULL;
    gsize total = 0;

    while (total < strlen (large))
      {
        bytes = lsock_io_device_read_all (tls->peer, &error);
        g_assert_no_error (error);
        total += g_bytes_get_size (bytes);
        g_clear_pointer (&bytes, g_bytes_unref);
        if (total < strlen (large))
          await (has_data, tls->peer);
      }
    g_assert_cmpuint (total, ==, strlen (large));
    await_signal (finished);
  }
  g_assert_null (lsock_io_device_get_error_string (tls->peer));
  write_text (tls->peer, "answer");
  await (has_data, tls->client);
  assert_read (tls->client, "answer");

  lsock_io_device_close (tls->peer);
  await_text (tls->log, "finished ");
  end_tls (tls);
}

G_GNUC_UNUSED static void
test_tls_rejected (Tls           *tls,
                   gconstpointer  data)
{
  if (!begin_tls (tls, FALSE))
    return;

  g_test_summary ("A rejected certificate looked like a clean end");

  g_signal_handlers_disconnect_by_func (tls->client, on_finished, tls->log);
  write_text (tls->client, "secret");
  await_true (tls->log->len > 0);
  g_assert_true (g_str_has_prefix (tls->log->str, "error tls "));
  end_tls (tls);
}

int
main (int   argc,
      char *argv[])
{
  const struct
  {
    const char *path;
    void      (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/server/pending-devices", test_pending },
    { "/server/pending-devices/limit", test_pending_limit },
    { "/server/pending-devices/accept", test_accept },
    { "/socket/steal-descriptor", test_steal },
    { "/socket/steal-descriptor/again", test_steal_again },
    { "/socket/steal-descriptor/refused", test_steal_refused },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);
  /* LeakSanitizer crashes when the modules of the TLS library are loaded. */
#ifndef __SANITIZE_ADDRESS__
  g_test_add ("/tls/server", Tls, NULL, tls_set_up, test_tls, tls_tear_down);
  g_test_add ("/tls/rejected", Tls, NULL, tls_set_up, test_tls_rejected, tls_tear_down);
#endif

  return g_test_run ();
}
