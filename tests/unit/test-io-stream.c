/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices as streams of GIO: what GIO builds on streams works on sockets. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "tls-fixture.h"

#define MUCH (4 * 1024 * 1024)

typedef struct
{
  int           peer;
  LsockSocket  *socket;
  GIOStream    *stream;
  GAsyncResult *result;
} Pair;

static LsockSocket *
new_socket (int fd)
{
  LsockSocket *socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  return socket;
}

static void
make_pair (int pair[2])
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
}

static void
pair_set_up (Pair          *pair,
             gconstpointer  data)
{
  int fds[2];

  make_pair (fds);
  pair->peer = fds[1];
  pair->socket = new_socket (fds[0]);
  pair->stream = G_IO_STREAM (lsock_io_stream_new (LSOCK_IO_DEVICE (pair->socket)));
  pair->result = NULL;
}

static void
pair_tear_down (Pair          *pair,
                gconstpointer  data)
{
  g_io_stream_close (pair->stream, NULL, NULL);
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (pair->socket)));
  g_assert_finalize_object (pair->stream);
  g_assert_finalize_object (pair->socket);
  if (pair->peer >= 0)
    close (pair->peer);
}

static void
pair_end (Pair *pair)
{
  close (pair->peer);
  pair->peer = -1;
}

static GInputStream *
input_of (Pair *pair)
{
  return g_io_stream_get_input_stream (pair->stream);
}

static GOutputStream *
output_of (Pair *pair)
{
  return g_io_stream_get_output_stream (pair->stream);
}

static void
keep_result (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
take_result (Pair *pair)
{
  await_true (pair->result != NULL);
  return g_steal_pointer (&pair->result);
}


static void
test_lines (Pair          *pair,
            gconstpointer  data)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input_of (pair));
  const char *expected[] = { "one", "two", "three", NULL };

  /* Half of it now, the rest while the call waits. */
  raw_write (pair->peer, "one\ntw");
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *line = NULL;

      g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, keep_result,
                                           &pair->result);
      if (i == 1)
        {
          settle ();
          g_assert_null (pair->result);
          raw_write (pair->peer, "o\nthree");
          pair_end (pair);
        }
      result = take_result (pair);
      line = g_data_input_stream_read_line_finish (lines, result, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (line, ==, expected[i]);
    }
}

static gpointer
write_slowly (gpointer fd)
{
  raw_write (GPOINTER_TO_INT (fd), "first\n");
  raw_write (GPOINTER_TO_INT (fd), "second\n");
  close (GPOINTER_TO_INT (fd));
  return NULL;
}

/* Without a loop. */
static void
test_lines_blocking (Pair          *pair,
                     gconstpointer  data)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input_of (pair));
  g_autoptr (GThread) thread = g_thread_new ("writer", write_slowly, GINT_TO_POINTER (pair->peer));
  const char *expected[] = { "first", "second", NULL };

  pair->peer = -1;
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);

      g_assert_cmpstr (line, ==, expected[i]);
    }
  g_thread_join (g_steal_pointer (&thread));
}

static gboolean
on_pollable (GObject *stream,
             guint   *calls)
{
  (*calls)++;
  return G_SOURCE_REMOVE;
}

static guint *
add_source (GSource *source)
{
  guint *calls = g_new0 (guint, 1);

  g_source_set_callback (source, G_SOURCE_FUNC (on_pollable), calls, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
  return calls;
}

static void
test_polling (Pair          *pair,
              gconstpointer  data)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (input_of (pair));
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (output_of (pair));
  g_autofree char *much = g_malloc0 (MUCH);
  g_autofree guint *readable = NULL;
  g_autofree guint *writable = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[8];
  gssize n;

  g_assert_true (g_pollable_input_stream_can_poll (input));
  g_assert_false (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL,
                                                             &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  readable = add_source (g_pollable_input_stream_create_source (input, NULL));
  settle ();
  g_assert_cmpuint (*readable, ==, 0);
  raw_write (pair->peer, "data");
  await_true (*readable == 1);
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL,
                                                             NULL), ==, 4);

  /* Until it has no room, and has again. */
  g_assert_true (g_pollable_output_stream_is_writable (output));
  n = g_pollable_output_stream_write_nonblocking (output, much, MUCH, NULL, NULL);
  g_assert_cmpint (n, ==, MUCH);
  g_assert_false (g_pollable_output_stream_is_writable (output));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, much, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  writable = add_source (g_pollable_output_stream_create_source (output, NULL));
  settle ();
  g_assert_cmpuint (*writable, ==, 0);
  for (gsize left = MUCH; left > 0; left -= 4096)
    {
      g_autoptr (GBytes) bytes = raw_read (pair->peer, 4096);

      g_assert_cmpuint (g_bytes_get_size (bytes), ==, 4096);
      settle ();
    }
  await_true (*writable == 1);

  /* The end is something to read, and stays it. */
  pair_end (pair);
  for (int i = 0; i < 2; i++)
    {
      await_true (g_pollable_input_stream_is_readable (input));
      g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL,
                                                                 NULL), ==, 0);
    }
}

static void
test_cancelled (Pair          *pair,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[8];

  g_input_stream_read_async (input_of (pair), buffer, sizeof buffer, G_PRIORITY_DEFAULT, cancellable,
                             keep_result, &pair->result);
  settle ();
  g_cancellable_cancel (cancellable);
  result = take_result (pair);
  g_assert_cmpint (g_input_stream_read_finish (input_of (pair), result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  raw_write (pair->peer, "kept");
  await (has_data, pair->socket);
  g_assert_cmpint (g_input_stream_read (input_of (pair), buffer, sizeof buffer, NULL, NULL), ==, 4);
}

static void
test_closed (Pair          *pair,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  lsock_io_device_close (LSOCK_IO_DEVICE (pair->socket));
  g_assert_cmpint (g_output_stream_write (output_of (pair), "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

/* Two streams that are spliced in both directions: all of it, in order, by the loop. */
static void
test_splice (Pair          *pair,
             gconstpointer  data)
{
  g_autofree guint8 *much = g_malloc (MUCH);
  g_autoptr (GInputStream) source = NULL;
  g_autoptr (GOutputStream) target = g_memory_output_stream_new_resizable ();
  g_autoptr (LsockSocket) socket = new_socket (pair->peer);
  g_autoptr (LsockIOStream) stream = lsock_io_stream_new (LSOCK_IO_DEVICE (socket));
  GAsyncResult *sent = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  pair->peer = -1;
  for (gsize i = 0; i < MUCH; i++)
    much[i] = (guint8) (i * 7 + i / 251);
  source = g_memory_input_stream_new_from_data (much, MUCH, NULL);
  g_output_stream_splice_async (output_of (pair), source, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, keep_result, &sent);
  g_output_stream_splice_async (target, g_io_stream_get_input_stream (G_IO_STREAM (stream)),
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, keep_result,
                                &pair->result);
  await_true (sent != NULL);
  g_assert_cmpint (g_output_stream_splice_finish (output_of (pair), sent, NULL), ==, MUCH);
  g_object_unref (sent);
  lsock_socket_disconnect_from_server (pair->socket);
  result = take_result (pair);
  g_assert_cmpint (g_output_stream_splice_finish (target, result, NULL), ==, MUCH);
  await (is_unconnected, pair->socket);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (target)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (target)), much,
                   MUCH);
}

/* Another thread uses the stream while this one runs the loop. */

static int has_conversed;

static gpointer
converse (gpointer data)
{
  GIOStream *stream = data;
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  char buffer[5] = "";
  gsize n = 0;

  g_assert_true (g_output_stream_write_all (output, "ping", 4, NULL, NULL, NULL));
  g_assert_true (g_output_stream_flush (output, NULL, NULL));
  g_assert_true (g_input_stream_read_all (input, buffer, 4, &n, NULL, NULL));
  g_assert_cmpstr (buffer, ==, "pong");
  g_assert_cmpint (g_input_stream_read (input, buffer, 4, NULL, NULL), ==, 0);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  set_flag (&has_conversed, NULL);
  return NULL;
}

static gpointer
answer (gpointer fd)
{
  g_autoptr (GBytes) bytes = raw_read (GPOINTER_TO_INT (fd), 4);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "ping", 4);
  raw_write (GPOINTER_TO_INT (fd), "pong");
  close (GPOINTER_TO_INT (fd));
  return NULL;
}

static void
test_other_thread (Pair          *pair,
                   gconstpointer  data)
{
  GThread *peer = g_thread_new ("peer", answer, GINT_TO_POINTER (pair->peer));
  GThread *user = g_thread_new ("user", converse, pair->stream);

  pair->peer = -1;
  await (is_set, &has_conversed);
  g_thread_join (user);
  g_assert_true (g_io_stream_is_closed (pair->stream));
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (pair->socket)));
  g_thread_join (peer);
}


/* TLS */

G_GNUC_UNUSED static void
test_tls (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  GIOStream *streams[2];
  g_autoptr (GIOStream) client = NULL;
  g_autoptr (GIOStream) server = NULL;
  GAsyncResult *results[2] = { NULL, NULL };
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  int fds[2];

  certificate = tls_certificate_new (fixture);
  if (certificate == NULL)
    return;

  make_pair (fds);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LsockSocket) socket = new_socket (fds[i]);

      streams[i] = G_IO_STREAM (lsock_io_stream_new (LSOCK_IO_DEVICE (socket)));
    }
  server = g_tls_server_connection_new (streams[0], certificate, &error);
  g_assert_no_error (error);
  client = g_tls_client_connection_new (streams[1], NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (client, "accept-certificate", G_CALLBACK (tls_accept_certificate), certificate);

  g_tls_connection_handshake_async (G_TLS_CONNECTION (server), G_PRIORITY_DEFAULT, NULL, keep_result,
                                    &results[0]);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (client), G_PRIORITY_DEFAULT, NULL, keep_result,
                                    &results[1]);
  await_true (results[0] != NULL && results[1] != NULL);
  g_tls_connection_handshake_finish (G_TLS_CONNECTION (server), results[0], &error);
  g_assert_no_error (error);
  g_tls_connection_handshake_finish (G_TLS_CONNECTION (client), results[1], &error);
  g_assert_no_error (error);
  g_clear_object (&results[0]);
  g_clear_object (&results[1]);

  lines = g_data_input_stream_new (g_io_stream_get_input_stream (server));
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, keep_result, &results[0]);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (client), "secret\n", 7,
                                   G_PRIORITY_DEFAULT, NULL, keep_result, &results[1]);
  await_true (results[0] != NULL && results[1] != NULL);
  line = g_data_input_stream_read_line_finish (lines, results[0], NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, "secret");
  g_clear_object (&results[0]);
  g_clear_object (&results[1]);

  g_io_stream_close_async (client, G_PRIORITY_DEFAULT, NULL, keep_result, &results[1]);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, keep_result, &results[0]);
  await_true (results[0] != NULL && results[1] != NULL);
  g_assert_null (g_data_input_stream_read_line_finish (lines, results[0], NULL, &error));
  g_assert_no_error (error);
  g_clear_object (&results[0]);
  g_clear_object (&results[1]);
  g_object_unref (streams[0]);
  g_object_unref (streams[1]);
}

int
main (int   argc,
      char *argv[])
{
  const struct
  {
    const char *path;
    void      (*func) (Pair *, gconstpointer);
  } tests[] = {
    { "/io-stream/lines", test_lines },
    { "/io-stream/lines-blocking", test_lines_blocking },
    { "/io-stream/polling", test_polling },
    { "/io-stream/cancelled", test_cancelled },
    { "/io-stream/closed", test_closed },
    { "/io-stream/splice", test_splice },
    { "/io-stream/other-thread", test_other_thread },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Pair, NULL, pair_set_up, tests[i].func, pair_tear_down);
  /* LeakSanitizer crashes when the modules of the TLS library are loaded. */
#ifndef __SANITIZE_ADDRESS__
  g_test_add ("/io-stream/tls", Fixture, NULL, fixture_set_up, test_tls, fixture_tear_down);
#endif

  return g_test_run ();
}
