/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls in GIO's manner: when they complete, and that nothing is lost when they do not. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>

#include "fixture.h"
#include "memory-devices.h"

/* More than a connection between two local sockets holds. */
#define MUCH (4 * 1024 * 1024)
/* What the peer reads at once: less than the kernel holds when it has no room. */
#define PIECE (4 * 1024)

/* A call that is under way, or its result. */
typedef struct
{
  GAsyncResult *result;
} Call;

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Call *call = data;

  g_assert_null (call->result);
  call->result = g_object_ref (result);
}

static gboolean
is_done (gpointer data)
{
  return ((Call *) data)->result != NULL;
}

static GAsyncResult *
take_result (Call *call)
{
  await (is_done, call);
  return g_steal_pointer (&call->result);
}

static void
assert_bytes (GBytes     *bytes,
              const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static GBytes *
finish_read (LsockIODevice  *device,
             Call           *call,
             GError        **error)
{
  g_autoptr (GAsyncResult) result = take_result (call);

  return lsock_io_device_read_finish (device, result, error);
}

#define assert_read_done(device, call, text) \
  G_STMT_START { \
    g_autoptr (GError) done_error_ = NULL; \
    g_autoptr (GBytes) done_bytes_ = finish_read (LSOCK_IO_DEVICE (device), call, &done_error_); \
    g_assert_no_error (done_error_); \
    assert_bytes (done_bytes_, text); \
  } G_STMT_END

#define assert_read_fails(device, call, domain, code) \
  G_STMT_START { \
    g_autoptr (GError) done_error_ = NULL; \
    g_autoptr (GBytes) done_bytes_ = finish_read (LSOCK_IO_DEVICE (device), call, &done_error_); \
    g_assert_error (done_error_, domain, code); \
    g_assert_null (done_bytes_); \
  } G_STMT_END

static void
read_some (gpointer      device,
           gssize        count,
           GCancellable *cancellable,
           Call         *call)
{
  lsock_io_device_read_async (device, count, G_PRIORITY_DEFAULT, cancellable, on_done, call);
}

/* The name of the listener that connect_to_raw() made may be taken once more. */
static LsockSocket *
connect_again (Fixture *fixture,
               int     *peer)
{
  g_autofree char *path = fixture_path (fixture, "raw");

  unlink (path);
  return connect_to_raw (fixture, peer);
}


/* Reading */

static void
test_read (Fixture       *fixture,
           gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Call call = { NULL };

  read_some (socket, -1, NULL, &call);
  settle ();
  g_assert_null (call.result);
  raw_write (peer, "hello");
  assert_read_done (socket, &call, "hello");

  /* What is there already is read at once, and the callback runs from the loop all the same. */
  raw_write (peer, "world");
  await (has_data, socket);
  read_some (socket, 3, NULL, &call);
  g_assert_null (call.result);
  assert_read_done (socket, &call, "wor");
  read_some (socket, 100, NULL, &call);
  assert_read_done (socket, &call, "ld");

  /* The end is empty, and stays so. */
  raw_write (peer, "last");
  close (peer);
  read_some (socket, -1, NULL, &call);
  assert_read_done (socket, &call, "last");
  for (int i = 0; i < 2; i++)
    {
      read_some (socket, -1, NULL, &call);
      assert_read_done (socket, &call, "");
    }
}

static void
test_read_closed (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (LsockSocket) unused = lsock_socket_new ();
  Call call = { NULL };

  read_some (unused, -1, NULL, &call);
  assert_read_fails (unused, &call, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);

  read_some (socket, -1, NULL, &call);
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  assert_read_fails (socket, &call, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (peer);
}

static void
test_read_pending (Fixture       *fixture,
                   gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Call first = { NULL };
  Call second = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = NULL;

  read_some (socket, -1, NULL, &first);
  read_some (socket, -1, NULL, &second);
  assert_read_fails (socket, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  lsock_io_device_read_line_async (LSOCK_IO_DEVICE (socket), 0, G_PRIORITY_DEFAULT, NULL, on_done,
                                   &second);
  result = take_result (&second);
  g_assert_null (lsock_io_device_read_line_finish (LSOCK_IO_DEVICE (socket), result, NULL));

  /* Also while the result waits to be fetched. */
  raw_write (peer, "x");
  await (is_done, &first);
  read_some (socket, -1, NULL, &second);
  assert_read_fails (socket, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  assert_read_done (socket, &first, "x");
  close (peer);
}

static void
test_read_cancelled (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Call call = { NULL };

  /* While it waits. */
  read_some (socket, -1, cancellable, &call);
  settle ();
  g_cancellable_cancel (cancellable);
  assert_read_fails (socket, &call, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  raw_write (peer, "one ");
  await (has_data, socket);
  assert_read (socket, "one ");

  /* Before it begins. */
  raw_write (peer, "two ");
  await (has_data, socket);
  read_some (socket, -1, cancellable, &call);
  assert_read_fails (socket, &call, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_read (socket, "two ");

  /* When it is done and the callback has not run: the result stands. */
  g_cancellable_reset (cancellable);
  raw_write (peer, "three");
  await (has_data, socket);
  read_some (socket, -1, cancellable, &call);
  g_cancellable_cancel (cancellable);
  assert_read_done (socket, &call, "three");

  /* When data and the cancellation come in the same turn. */
  g_cancellable_reset (cancellable);
  read_some (socket, -1, cancellable, &call);
  raw_write (peer, "four");
  g_cancellable_cancel (cancellable);
  assert_read_fails (socket, &call, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  await (has_data, socket);
  assert_read (socket, "four");
  close (peer);
}

static void
test_read_not_fetched (Fixture       *fixture,
                       gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Call call = { NULL };

  read_some (socket, 3, NULL, &call);
  raw_write (peer, "kept");
  await (is_done, &call);
  g_clear_object (&call.result);
  assert_read (socket, "kept");

  /* Without a callback there is no result either. */
  lsock_io_device_read_async (LSOCK_IO_DEVICE (socket), -1, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  raw_write (peer, "too");
  settle ();
  await (has_data, socket);
  assert_read (socket, "too");
  close (peer);
}

static void
test_read_line (Fixture       *fixture,
                gconstpointer  data)
{
  const char *expected[] = { "first\n", "\n", "sec", "ond\n", "last", "" };
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autofree char *line = NULL;
  Call call = { NULL };

  lsock_io_device_read_line_async (device, 0, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  raw_write (peer, "fir");
  settle ();
  g_assert_null (call.result);
  raw_write (peer, "st\n\nsecond\nlast");
  shutdown (peer, SHUT_WR);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GAsyncResult) result = take_result (&call);
      g_autoptr (GBytes) bytes = lsock_io_device_read_line_finish (device, result, NULL);

      assert_bytes (bytes, expected[i]);
      if (i + 1 < G_N_ELEMENTS (expected))
        lsock_io_device_read_line_async (device, i == 1 ? 3 : 0, G_PRIORITY_DEFAULT, NULL, on_done,
                                         &call);
    }
  close (peer);
}

/* A line that is longer than the read buffer, and one that is given up half-way. */
static void
test_read_long_line (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *line = g_strnfill (10000, 'x');
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = NULL;
  Call call = { NULL };

  lsock_socket_set_read_buffer_size (socket, 100);
  line[9999] = '\n';
  raw_write (peer, line);
  lsock_io_device_read_line_async (device, 0, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  result = take_result (&call);
  bytes = lsock_io_device_read_line_finish (device, result, NULL);
  assert_bytes (bytes, line);
  g_clear_object (&result);

  lsock_socket_set_read_buffer_size (socket, 0);
  lsock_io_device_read_line_async (device, 0, G_PRIORITY_DEFAULT, cancellable, on_done, &call);
  raw_write (peer, "half a ");
  settle ();
  g_cancellable_cancel (cancellable);
  result = take_result (&call);
  g_assert_null (lsock_io_device_read_line_finish (device, result, NULL));
  raw_write (peer, "line");
  settle ();
  assert_read (socket, "half a line");
  close (peer);
}

static gpointer
write_much (gpointer fd)
{
  g_autofree char *data = g_strnfill (MUCH, 'm');

  raw_write (GPOINTER_TO_INT (fd), data);
  close (GPOINTER_TO_INT (fd));
  return NULL;
}

static void
test_read_all (Fixture       *fixture,
               gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  GThread *thread;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = NULL;
  Call call = { NULL };

  if (data != NULL)
    lsock_socket_set_read_buffer_size (socket, GPOINTER_TO_INT (data));
  lsock_io_device_read_all_async (device, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  thread = g_thread_new ("writer", write_much, GINT_TO_POINTER (peer));
  result = take_result (&call);
  g_thread_join (thread);
  bytes = lsock_io_device_read_all_finish (device, result, NULL);
  g_assert_nonnull (bytes);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, MUCH);
}

/* The program stops reading, or the connection breaks: what came is there. */
static void
test_read_all_given_up (Fixture       *fixture,
                        gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Call call = { NULL };

  lsock_io_device_read_all_async (device, G_PRIORITY_DEFAULT, cancellable, on_done, &call);
  raw_write (peer, "one ");
  settle ();
  raw_write (peer, "two");
  settle ();
  g_cancellable_cancel (cancellable);
  result = take_result (&call);
  g_assert_null (lsock_io_device_read_all_finish (device, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_read (socket, "one two");
  close (peer);
}

static void
test_read_blocked_signals (Fixture       *fixture,
                           gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Call call = { NULL };

  lsock_object_block_signals (LSOCK_OBJECT (socket), TRUE);
  read_some (socket, -1, NULL, &call);
  raw_write (peer, "silent");
  assert_read_done (socket, &call, "silent");
  read_some (socket, -1, NULL, &call);
  close (peer);
  assert_read_done (socket, &call, "");
}

static void
on_first (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Call inner = { NULL };
  g_autoptr (GBytes) bytes = lsock_io_device_read_finish (LSOCK_IO_DEVICE (source), result, NULL);

  /* Another message comes while the callback of the first one runs a loop. */
  assert_bytes (bytes, "first");
  read_some (source, -1, NULL, &inner);
  raw_write (*(int *) data, "second");
  assert_read_done (source, &inner, "second");
  *(int *) data = -1;
}

static gboolean
is_negative (gpointer number)
{
  return *(int *) number < 0;
}

static void
test_read_nested (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  int fd = peer;

  lsock_io_device_read_async (LSOCK_IO_DEVICE (socket), -1, G_PRIORITY_DEFAULT, NULL, on_first, &fd);
  raw_write (peer, "first");
  await (is_negative, &fd);
  close (peer);
}

/* The object ends, the peer resets, or it is dropped by all but the operation. */
static void
test_read_ended (Fixture       *fixture,
                 gconstpointer  data)
{
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };

  read_some (socket, -1, NULL, &call);
  g_assert_false (lsock_object_move_to_context (LSOCK_OBJECT (socket), context, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_object_run_dispose (G_OBJECT (socket));
  assert_read_fails (socket, &call, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  read_some (socket, -1, NULL, &call);
  assert_read_fails (socket, &call, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (peer);
  settle ();
  g_assert_finalize_object (socket);

  socket = connect_again (fixture, &peer);
  read_some (socket, -1, NULL, &call);
  g_object_unref (socket);
  raw_write (peer, "held");
  assert_read_done (socket, &call, "held");
  close (peer);
}


/* Writing */

static gboolean
finish_write (LsockIODevice  *device,
              Call           *call,
              gssize          length,
              GError        **error)
{
  g_autoptr (GAsyncResult) result = take_result (call);
  gssize n = lsock_io_device_write_finish (device, result, error);

  g_assert_cmpint (n, ==, error == NULL || *error == NULL ? length : -1);
  return n >= 0;
}

static GBytes *
new_much (void)
{
  return g_bytes_new_take (g_malloc0 (MUCH), MUCH);
}

static void
drain (int   fd,
       gsize count)
{
  g_autoptr (GBytes) bytes = raw_read (fd, count);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, count);
}

static void
test_write (Fixture       *fixture,
            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GBytes) much = new_much ();
  g_autoptr (GBytes) little = g_bytes_new_static ("little", 6);
  Call call = { NULL };
  Call second = { NULL };
  g_autoptr (GError) error = NULL;

  lsock_io_device_write_async (device, little, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  g_assert_true (finish_write (device, &call, 6, NULL));
  drain (peer, 6);

  /* Not before all of it has left; what is written later is not waited for. */
  lsock_io_device_write_async (device, much, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  settle ();
  g_assert_null (call.result);
  lsock_io_device_write_async (device, little, G_PRIORITY_DEFAULT, NULL, on_done, &second);
  g_assert_false (finish_write (device, &second, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_cmpint (lsock_io_device_write_bytes (device, much, NULL), ==, MUCH);
  while (call.result == NULL)
    {
      drain (peer, PIECE);
      settle ();
    }
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), >, MUCH / 2);
  g_assert_true (finish_write (device, &call, MUCH, NULL));

  lsock_io_device_flush_async (device, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  settle ();
  g_assert_null (call.result);
  while (call.result == NULL)
    {
      drain (peer, PIECE);
      settle ();
    }
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
  g_assert_true (lsock_io_device_flush_finish (device, call.result, NULL));
  g_clear_object (&call.result);
  close (peer);
}

static void
test_write_fails (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (LsockSocket) unused = lsock_socket_new ();
  g_autoptr (GBytes) much = new_much ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };

  lsock_io_device_write_async (LSOCK_IO_DEVICE (unused), much, G_PRIORITY_DEFAULT, NULL, on_done,
                               &call);
  g_assert_false (finish_write (LSOCK_IO_DEVICE (unused), &call, -1, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  lsock_io_device_write_async (device, much, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  settle ();
  close (peer);
  g_assert_false (finish_write (device, &call, -1, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED);
}

static void
test_write_cancelled (Fixture       *fixture,
                      gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) much = new_much ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };
  gsize left = MUCH;

  lsock_io_device_write_async (device, much, G_PRIORITY_DEFAULT, cancellable, on_done, &call);
  settle ();
  g_cancellable_cancel (cancellable);
  g_assert_false (finish_write (device, &call, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (; left > 0; left -= PIECE)
    {
      drain (peer, PIECE);
      settle ();
    }

  /* One that was cancelled before it began has written nothing. */
  lsock_io_device_write_async (device, much, G_PRIORITY_DEFAULT, cancellable, on_done, &call);
  g_clear_error (&error);
  g_assert_false (finish_write (device, &call, -1, &error));
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
  close (peer);
}


/* Connecting and disconnecting */

static gboolean
finish_connect (LsockSocket  *socket,
                Call         *call,
                GError      **error)
{
  g_autoptr (GAsyncResult) result = take_result (call);

  return lsock_socket_connect_to_server_finish (socket, result, error);
}

static void
connect_to (LsockSocket  *socket,
            const char   *name,
            GCancellable *cancellable,
            Call         *call)
{
  lsock_socket_connect_to_server_async (socket, name, LSOCK_OPEN_MODE_READ_WRITE, cancellable,
                                        on_done, call);
}

static void
test_connect (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };
  int listener = raw_listen (fixture, "raw", 5);

  connect_to (socket, "missing", NULL, &call);
  g_assert_false (finish_connect (socket, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
  g_clear_error (&error);

  connect_to (socket, "raw", NULL, &call);
  g_assert_true (finish_connect (socket, &call, NULL));
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTED);

  connect_to (socket, "raw", NULL, &call);
  g_assert_false (finish_connect (socket, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTED);
  close (listener);
}

static void
abort_socket (LsockSocket *socket)
{
  lsock_socket_abort (socket);
}

/* A full backlog: the attempt waits, and is given up by a cancellation, a call or a handler. */
static void
test_connect_given_up (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };
  Call second = { NULL };
  int listener = raw_listen (fixture, "busy", 0);
  int client = raw_connect (fixture, "busy");

  connect_to (socket, "busy", cancellable, &call);
  settle ();
  g_assert_null (call.result);
  connect_to (socket, "busy", NULL, &second);
  g_assert_false (finish_connect (socket, &second, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (finish_connect (socket, &call, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);

  connect_to (socket, "busy", NULL, &call);
  lsock_socket_abort (socket);
  g_assert_false (finish_connect (socket, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  /* Also when the server would have answered at once. */
  g_signal_connect (socket, "connected", G_CALLBACK (abort_socket), NULL);
  close (client);
  close (raw_accept (listener));
  connect_to (socket, "busy", NULL, &call);
  g_assert_false (finish_connect (socket, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (listener);
}

static gboolean
finish_disconnect (LsockSocket  *socket,
                   Call         *call,
                   GError      **error)
{
  g_autoptr (GAsyncResult) result = take_result (call);

  return lsock_socket_disconnect_from_server_finish (socket, result, error);
}

static void
test_disconnect (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GBytes) much = new_much ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };

  for (int i = 0; i < 3; i++)
    {
      int peer;
      g_autoptr (LsockSocket) socket = connect_again (fixture, &peer);

      /* With nothing to send, with a peer that reads, and with one that goes. */
      if (i > 0)
        lsock_io_device_write_bytes (LSOCK_IO_DEVICE (socket), much, NULL);
      lsock_socket_disconnect_from_server_async (socket, G_PRIORITY_DEFAULT, NULL, on_done, &call);
      settle ();
      g_assert_cmpint (call.result != NULL, ==, i == 0);
      if (i == 1)
        for (gsize left = MUCH; left > 0; left -= PIECE)
          {
            drain (peer, PIECE);
            settle ();
          }
      if (i == 2)
        close (peer);
      g_assert_cmpint (finish_disconnect (socket, &call, &error), ==, i < 2);
      if (i == 2)
        g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED);
      else
        close (peer);
      g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);
    }
}


/* Accepting */

static LsockSocket *
finish_accept (LsockServer  *server,
               Call         *call,
               GError      **error)
{
  g_autoptr (GAsyncResult) result = take_result (call);

  return lsock_server_accept_finish (server, result, error);
}

static void
test_accept (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  Call call = { NULL };
  int client;

  lsock_server_accept_async (server, NULL, on_done, &call);
  g_assert_null (finish_accept (server, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_assert_true (lsock_server_listen (server, "s", NULL));
  lsock_server_accept_async (server, NULL, on_done, &call);
  client = raw_connect (fixture, "s");
  socket = finish_accept (server, &call, NULL);
  g_assert_nonnull (socket);
  g_assert_null (lsock_object_get_parent (LSOCK_OBJECT (socket)));
  raw_write (client, "hello");
  await (has_data, socket);
  assert_read (socket, "hello");
  close (client);

  /* A result that is not fetched is pending again. */
  client = raw_connect (fixture, "s");
  lsock_server_accept_async (server, NULL, on_done, &call);
  await (is_done, &call);
  g_assert_false (lsock_server_has_pending_connections (server));
  g_clear_object (&call.result);
  g_assert_true (lsock_server_has_pending_connections (server));
  g_object_run_dispose (G_OBJECT (lsock_server_next_pending_connection (server)));
  close (client);

  lsock_server_accept_async (server, cancellable, on_done, &call);
  settle ();
  g_cancellable_cancel (cancellable);
  g_assert_null (finish_accept (server, &call, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  lsock_server_accept_async (server, NULL, on_done, &call);
  lsock_server_close (server);
  g_assert_null (finish_accept (server, &call, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}


/* Other devices */

static void
test_stream_device (void)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (LsockStreamDevice) stream = NULL;
  LsockIODevice *device;
  g_autoptr (GBytes) much = new_much ();
  g_autoptr (GError) error = NULL;
  Call call = { NULL };
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
  input = g_unix_input_stream_new (pair[0], TRUE);
  output = g_unix_output_stream_new (pair[0], FALSE);
  stream = lsock_stream_device_new (input, output);
  device = LSOCK_IO_DEVICE (stream);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));

  read_some (device, -1, NULL, &call);
  raw_write (pair[1], "piped");
  assert_read_done (device, &call, "piped");
  read_some (device, -1, NULL, &call);
  shutdown (pair[1], SHUT_WR);
  assert_read_done (device, &call, "");

  lsock_io_device_write_async (device, much, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  settle ();
  g_assert_null (call.result);
  close (pair[1]);
  g_assert_false (finish_write (device, &call, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

static void
test_buffer (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  LsockIODevice *device = LSOCK_IO_DEVICE (buffer);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("one\ntwo", 7);
  Call call = { NULL };

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  lsock_io_device_write_async (device, bytes, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  g_assert_true (finish_write (device, &call, 7, NULL));
  g_assert_true (lsock_io_device_reset (device, NULL));
  read_some (device, 4, NULL, &call);
  await (is_done, &call);
  g_clear_object (&call.result);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 0);
  read_some (device, -1, NULL, &call);
  assert_read_done (device, &call, "one\ntwo");
  read_some (device, -1, NULL, &call);
  assert_read_done (device, &call, "");
}

/* A class of a program's own, which emits the signals itself. */
static void
test_own_class (void)
{
  g_autoptr (TestPipe) pipe = g_object_new (TEST_TYPE_PIPE, NULL);
  LsockIODevice *device = LSOCK_IO_DEVICE (pipe);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("out", 3);
  Call call = { NULL };

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  read_some (device, -1, NULL, &call);
  settle ();
  g_assert_null (call.result);
  memory_feed (&pipe->memory, "in");
  g_signal_emit_by_name (device, "ready-read");
  assert_read_done (device, &call, "in");

  read_some (device, -1, NULL, &call);
  pipe->memory.ended = TRUE;
  g_signal_emit_by_name (device, "read-channel-finished");
  assert_read_done (device, &call, "");

  lsock_io_device_write_async (device, bytes, G_PRIORITY_DEFAULT, NULL, on_done, &call);
  g_assert_true (finish_write (device, &call, 3, NULL));
  pipe->memory.fail = TRUE;
  read_some (device, -1, NULL, &call);
  assert_read_fails (device, &call, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

int
main (int   argc,
      char *argv[])
{
  const struct
  {
    const char *path;
    void      (*func) (Fixture *, gconstpointer);
    gpointer    data;
  } tests[] = {
    { "/async/read/some", test_read, NULL },
    { "/async/read/closed", test_read_closed, NULL },
    { "/async/read/pending", test_read_pending, NULL },
    { "/async/read/cancelled", test_read_cancelled, NULL },
    { "/async/read/not-fetched", test_read_not_fetched, NULL },
    { "/async/read/line", test_read_line, NULL },
    { "/async/read/long-line", test_read_long_line, NULL },
    { "/async/read/all", test_read_all, NULL },
    { "/async/read/all-behind-limit", test_read_all, GINT_TO_POINTER (4096) },
    { "/async/read/all-given-up", test_read_all_given_up, NULL },
    { "/async/read/blocked-signals", test_read_blocked_signals, NULL },
    { "/async/read/nested", test_read_nested, NULL },
    { "/async/read/ended", test_read_ended, NULL },
    { "/async/write/some", test_write, NULL },
    { "/async/write/fails", test_write_fails, NULL },
    { "/async/write/cancelled", test_write_cancelled, NULL },
    { "/async/connect/some", test_connect, NULL },
    { "/async/connect/given-up", test_connect_given_up, NULL },
    { "/async/disconnect", test_disconnect, NULL },
    { "/async/accept", test_accept, NULL },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].data, fixture_set_up, tests[i].func,
                fixture_tear_down);
  g_test_add_func ("/async/stream-device", test_stream_device);
  g_test_add_func ("/async/buffer", test_buffer);
  g_test_add_func ("/async/own-class", test_own_class);

  return g_test_run ();
}
