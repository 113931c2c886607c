/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

#define MIB (1024 * 1024)

#define CONNECTED_STORY "connecting, connected, connected"


/* How a connection begins */

static void
test_connect_succeeds (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  g_autofree char *path = fixture_path (fixture, "s");
  int listener = raw_listen (fixture, "s", 5);

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_cmpstr (story_text (story), ==, CONNECTED_STORY);
  g_assert_true (lsock_socket_is_valid (socket));
  g_assert_true (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), >=, 0);
  g_assert_cmpstr (lsock_socket_get_server_name (socket), ==, "s");
  g_assert_cmpstr (lsock_socket_get_full_server_name (socket), ==, path);
  g_assert_true (lsock_socket_wait_for_connected (socket, 0));
  close (listener);
}

typedef struct
{
  const char       *name;
  LsockSocketError  code;
  const char       *story;
} Refusal;

static const Refusal refusals[] = {
  { "nobody",         LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,   "error server-not-found"   },
  { "no/folder/here", LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,   "error server-not-found"   },
  { "",               LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,   "error server-not-found"   },
  { "stale",          LSOCK_SOCKET_ERROR_CONNECTION_REFUSED, "error connection-refused" },
  { "file",           LSOCK_SOCKET_ERROR_CONNECTION_REFUSED, "error connection-refused" },
  { "folder",         LSOCK_SOCKET_ERROR_CONNECTION_REFUSED, "error connection-refused" },
  { "file/below",     LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,   "error server-not-found"   },
};

static void
test_connect_refused (Fixture       *fixture,
                      gconstpointer  data)
{
  const Refusal *refusal = data;
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GError) error = NULL;
  g_autofree char *file = fixture_path (fixture, "file");
  g_autofree char *folder = fixture_path (fixture, "folder");
  g_autofree char *expected = g_strdup_printf ("connecting, %s, unconnected", refusal->story);
  guint before = count_descriptors ();

  close (raw_listen (fixture, "stale", 1));
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (mkdir (folder, 0700), ==, 0);

  lsock_socket_connect_to_server (socket, refusal->name, LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_cmpstr (story_text (story), ==, expected);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, refusal->code);
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)),
                            *refusal->name != '\0' ? refusal->name : "empty name"));
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  g_assert_false (lsock_socket_wait_for_connected (socket, -1));
  g_assert_cmpuint (count_descriptors (), ==, before);

  g_assert_false (lsock_io_device_open (LSOCK_IO_DEVICE (socket), LSOCK_OPEN_MODE_READ_WRITE,
                                        &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == LSOCK_SOCKET_ERROR);
}

static void
test_connect_too_long (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  char name[109];

  memset (name, 'n', sizeof name - 1);
  name[0] = '/';
  name[sizeof name - 1] = '\0';

  lsock_socket_connect_to_server (socket, name, LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_cmpstr (story_text (story), ==, "connecting, error server-not-found, unconnected");
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)), "108"));
}

static void
test_connect_longest (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) path = g_string_new (fixture->directory);

  g_test_summary ("A name may use all the bytes that the system gives: 107 on Linux");

  g_string_append_c (path, '/');
  while (path->len < 107)
    g_string_append_c (path, 'n');

  g_assert_true (lsock_server_listen (server, path->str, &error));
  g_assert_no_error (error);
  lsock_socket_connect_to_server (socket, path->str, LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  g_assert_cmpstr (lsock_socket_get_full_server_name (socket), ==, path->str);
}

static void
test_connect_twice (Fixture       *fixture,
                    gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  lsock_socket_connect_to_server (socket, "other", LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_cmpstr (story_text (story), ==, "error operation");
  g_assert_true (is_connected (socket));
  g_assert_cmpstr (lsock_socket_get_server_name (socket), ==, "raw");
  close (peer);
}

static void
test_connect_mode_refused (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  int listener = raw_listen (fixture, "s", 5);

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_ONLY | LSOCK_OPEN_MODE_APPEND);

  g_assert_cmpstr (story_text (story), ==,
                   "connecting, error unsupported-socket-operation, unconnected");
  close (listener);
}

static int
fill_backlog (Fixture *fixture,
              GArray  *fillers)
{
  g_autofree char *path = fixture_path (fixture, "s");
  int listener = raw_listen (fixture, "s", 0);

  for (;;)
    {
      g_autoptr (LsockSocket) probe = lsock_socket_new ();
      int fd;

      lsock_socket_connect_to_server (probe, path, LSOCK_OPEN_MODE_READ_WRITE);
      if (!is_connected (probe))
        return listener;

      fd = fcntl (lsock_socket_get_socket_descriptor (probe), F_DUPFD_CLOEXEC, 0);
      g_array_append_val (fillers, fd);
    }
}

static void
close_all (GArray *fds)
{
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
}

static void
test_backlog_retries (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof (int));
  int listener = fill_backlog (fixture, fillers);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpstr (story_text (story), ==, "connecting");
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));

  for (guint i = 0; i < fillers->len; i++)
    close (raw_accept (listener));
  await (is_connected, socket);

  g_assert_cmpstr (story_text (story), ==, CONNECTED_STORY);
  close_all (fillers);
  close (listener);
}

static void
test_backlog_times_out (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof (int));
  int listener = fill_backlog (fixture, fillers);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);

  lsock_socket_set_connect_timeout (socket, 30);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  await (is_unconnected, socket);

  g_assert_cmpstr (story_text (story), ==, "connecting, error socket-timeout, unconnected");
  close_all (fillers);
  close (listener);
}

static void
test_backlog_ended (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof (int));
  int listener = fill_backlog (fixture, fillers);
  guint before = count_descriptors ();

  g_test_summary ("Each way to end an attempt leaves UNCONNECTED at once, and no descriptor");

  for (int way = 0; way < 4; way++)
    {
      g_autoptr (LsockSocket) socket = lsock_socket_new ();
      g_autoptr (Story) story = story_of (socket);

      lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
      if (way == 0)
        lsock_socket_abort (socket);
      else if (way == 1)
        lsock_socket_disconnect_from_server (socket);
      else if (way == 2)
        lsock_io_device_close (LSOCK_IO_DEVICE (socket));
      if (way < 3)
        g_assert_cmpstr (story_text (story), ==, "connecting, unconnected, read-channel-finished");
      g_clear_object (&socket);
      g_assert_cmpuint (count_descriptors (), ==, before);
    }

  close_all (fillers);
  close (listener);
}


/* How data moves */

static void
test_data_arrives (Fixture       *fixture,
                   gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  raw_write (peer, "one");
  raw_write (peer, "two");
  await (has_data, socket);
  g_assert_cmpstr (story_text (story), ==, "ready-read");
  assert_read (socket, "onetwo");
  g_assert_true (lsock_io_device_at_end (LSOCK_IO_DEVICE (socket)));

  raw_write (peer, "three");
  await (has_data, socket);
  g_assert_cmpstr (story_text (story), ==, "ready-read, ready-read");
  close (peer);
}

static void
test_data_leaves (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GBytes) got = NULL;

  write_text (socket, "hello");
  g_assert_cmpstr (story_text (story), ==, "");
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 5);

  got = raw_read (peer, 5);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "hello", 5);
  await (has_written, socket);
  g_assert_cmpstr (story_text (story), ==, "bytes-written 5");
  close (peer);
}

static gpointer
read_slowly (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 buffer[10007];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    g_checksum_update (checksum, buffer, n);

  close (fd);
  return g_strdup (g_checksum_get_string (checksum));
}

static void
test_big_write_arrives_whole (Fixture       *fixture,
                              gconstpointer  data)
{
  gboolean as_bytes = GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GThread) reader = g_thread_new ("reader", read_slowly, GINT_TO_POINTER (peer));
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  for (int i = 0; i < 64; i++)
    {
      g_autofree guint8 *piece = g_malloc (100003);

      for (int j = 0; j < 100003; j++)
        piece[j] = (guint8) (i * 31 + j * 7 + (j >> 8));
      g_checksum_update (checksum, piece, 100003);

      if (as_bytes)
        {
          g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&piece), 100003);

          g_assert_cmpint (lsock_io_device_write_bytes (LSOCK_IO_DEVICE (socket), bytes, &error),
                           ==, 100003);
        }
      else
        {
          g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), piece, 100003, &error),
                           ==, 100003);
        }
      g_assert_no_error (error);
    }

  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  await (is_unconnected, socket);
  got = g_thread_join (g_steal_pointer (&reader));
  g_assert_cmpstr (got, ==, g_checksum_get_string (checksum));
}

static gpointer
write_much (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autofree guint8 *buffer = g_malloc0 (MIB);

  for (int i = 0; i < 64; i++)
    for (gsize done = 0; done < MIB;)
      {
        gssize n = send (fd, buffer + done, MIB - done, MSG_NOSIGNAL);

        if (n < 0)
          return NULL;
        done += (gsize) n;
      }

  close (fd);
  return NULL;
}

static void
test_limit_bounds_memory (Fixture       *fixture,
                          gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GThread) writer = NULL;
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  gsize total = 0;

  g_test_summary ("A slow reader never holds more than the limit, and gets all, also in odd pieces");

  lsock_socket_set_read_buffer_size (socket, 10000);
  writer = g_thread_new ("writer", write_much, GINT_TO_POINTER (peer));

  while (!is_unconnected (socket) || has_data (socket))
    {
      guint8 buffer[777];
      gssize n;

      g_assert_cmpint (lsock_io_device_bytes_available (device), <=, 10000);
      if (!has_data (socket))
        {
          await_true (has_data (socket) || is_unconnected (socket));
          continue;
        }

      n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);
      g_assert_cmpint (n, >, 0);
      total += (gsize) n;
    }

  g_thread_join (g_steal_pointer (&writer));
  g_assert_cmpuint (total, ==, 64 * (gsize) MIB);
}

static void
test_limit_whole_frames (Fixture       *fixture,
                         gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  g_test_summary ("A reader that waits for whole frames is not left waiting when its reads and "
                  "peeks leave room");

  lsock_socket_set_read_buffer_size (socket, 10);
  for (int i = 0; i < 6; i++)
    raw_write (peer, "01234");

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) peeked = NULL;
      g_autoptr (GBytes) first = NULL;
      g_autoptr (GBytes) second = NULL;

      await_true (lsock_io_device_bytes_available (device) >= 10);
      peeked = lsock_io_device_peek (device, 10, NULL);
      g_assert_cmpuint (g_bytes_get_size (peeked), ==, 10);
      first = lsock_io_device_read_bytes (device, 3, NULL);
      second = lsock_io_device_read_bytes (device, 7, NULL);
      g_assert_cmpuint (g_bytes_get_size (first) + g_bytes_get_size (second), ==, 10);
    }

  close (peer);
}


/* How a connection ends */

static void
test_peer_closes (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  raw_write (peer, "last words");
  close (peer);
  await (is_unconnected, socket);

  g_assert_cmpstr (story_text (story), ==,
                   "ready-read, error peer-closed, closing, unconnected, read-channel-finished, "
                   "disconnected");
  assert_read (socket, "last words");
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_PEER_CLOSED);
}

static void
test_peer_half_closes (Fixture       *fixture,
                       gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GBytes) big = g_bytes_new_take (g_malloc0 (8 * MIB), 8 * MIB);
  g_autoptr (GBytes) got = NULL;
  g_autoptr (GThread) reader = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *expected = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, big);

  g_test_summary ("What is still to be written leaves before the socket is UNCONNECTED");

  g_assert_cmpint (lsock_io_device_write_bytes (LSOCK_IO_DEVICE (socket), big, NULL),
                   ==, 8 * MIB);
  shutdown (peer, SHUT_WR);
  reader = g_thread_new ("reader", read_slowly, GINT_TO_POINTER (peer));
  await (is_unconnected, socket);

  digest = g_thread_join (g_steal_pointer (&reader));
  g_assert_cmpstr (digest, ==, expected);
  g_assert_nonnull (strstr (story_text (story), "error peer-closed, closing"));
  g_assert_true (g_str_has_suffix (story_text (story),
                                   "unconnected, read-channel-finished, disconnected"));
}

static void
test_allow_half_open (Fixture       *fixture,
                      gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (SignalWatch) finished = watch_signal (socket, "read-channel-finished");
  g_autoptr (GBytes) got = NULL;

  lsock_socket_set_allow_half_open (socket, TRUE);
  shutdown (peer, SHUT_WR);
  await_signal (finished);

  g_assert_cmpstr (story_text (story), ==, "read-channel-finished");
  g_assert_true (is_connected (socket));
  write_text (socket, "answer");
  lsock_socket_disconnect_from_server (socket);
  await (is_unconnected, socket);
  got = raw_read (peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "answer", 6);
  g_assert_cmpstr (story_text (story), ==,
                   "read-channel-finished, closing, bytes-written 6, unconnected, disconnected");
  close (peer);
}

static void
test_half_open_hangs_up (Fixture       *fixture,
                         gconstpointer  data)
{
  gboolean waits = GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (SignalWatch) finished = watch_signal (socket, "read-channel-finished");

  g_test_summary ("A socket that is half open hears when its peer is gone altogether");

  lsock_socket_set_allow_half_open (socket, TRUE);
  shutdown (peer, SHUT_WR);
  await_signal (finished);
  close (peer);

  if (waits)
    g_assert_true (lsock_socket_wait_for_disconnected (socket, -1));
  else
    await (is_unconnected, socket);
  g_assert_cmpstr (story_text (story), ==,
                   "read-channel-finished, error peer-closed, closing, unconnected, disconnected");
}

static void
test_shutdown_write (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) got = NULL;

  write_text (socket, "question");
  g_assert_true (lsock_socket_shutdown_write (socket, &error));
  g_assert_no_error (error);
  got = raw_read (peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "question", 8);

  g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "x", 1,
                                          &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);

  raw_write (peer, "answer");
  await (has_data, socket);
  assert_read (socket, "answer");
  close (peer);
}

static void
test_disconnect_with_pending (Fixture       *fixture,
                              gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GBytes) got = NULL;

  write_text (socket, "pending");
  lsock_socket_disconnect_from_server (socket);
  g_assert_cmpstr (story_text (story), ==, "closing");
  await (is_unconnected, socket);

  g_assert_cmpstr (story_text (story), ==,
                   "closing, bytes-written 7, unconnected, read-channel-finished, disconnected");
  got = raw_read (peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "pending", 7);
  close (peer);
}

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  lsock_io_device_close (LSOCK_IO_DEVICE (socket));

  g_assert_cmpstr (story_text (story), ==,
                   "about-to-close, closing, unconnected, read-channel-finished, disconnected");
  close (peer);
}

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autofree guint8 *much = g_malloc0 (4 * MIB);

  lsock_io_device_write (LSOCK_IO_DEVICE (socket), much, 4 * MIB, NULL);
  lsock_socket_abort (socket);

  g_assert_cmpstr (story_text (story), ==,
                   "unconnected, read-channel-finished, disconnected, about-to-close");
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 0);
  close (peer);
}

static void
test_abort_after_write (Fixture       *fixture,
                        gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GBytes) got = NULL;

  g_test_summary ("A write to an empty queue goes to the kernel at once");

  write_text (socket, "gone");
  lsock_socket_abort (socket);
  got = raw_read (peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "gone", 4);
  close (peer);
}

static void
test_found_by_write (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  g_test_summary ("What the peer said before it went is heard, and the end goes through CLOSING");

  raw_write (peer, "bye");
  close (peer);
  write_text (socket, "into the void");
  g_assert_cmpstr (story_text (story), ==, "");
  g_assert_false (lsock_socket_flush (socket));
  g_assert_cmpstr (story_text (story), ==,
                   "ready-read, error peer-closed, closing, unconnected, read-channel-finished, "
                   "disconnected");
  assert_read (socket, "bye");
}

static void
close_again (LsockIODevice *device)
{
  lsock_io_device_close (device);
}

static void
test_close_in_about_to_close (Fixture       *fixture,
                              gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  g_signal_connect (socket, "about-to-close", G_CALLBACK (close_again), NULL);
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  g_assert_cmpstr (story_text (story), ==,
                   "about-to-close, closing, unconnected, read-channel-finished, disconnected");
  close (peer);
}

static void
connect_again (LsockSocket *socket)
{
  lsock_socket_connect_to_server (socket, "again", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
test_reconnect_in_the_end (Fixture       *fixture,
                           gconstpointer  data)
{
  int peer;
  int listener = raw_listen (fixture, "again", 1);
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  g_signal_connect (socket, "read-channel-finished", G_CALLBACK (connect_again), NULL);
  lsock_socket_disconnect_from_server (socket);
  g_assert_cmpstr (story_text (story), ==,
                   "closing, unconnected, read-channel-finished, " CONNECTED_STORY);
  g_signal_handlers_disconnect_by_func (socket, connect_again, NULL);
  close (peer);
  close (listener);
}

static void
test_last_reference (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GBytes) got = NULL;

  g_test_summary ("An object that merely lost its last reference says nothing but `destroyed`");

  g_assert_finalize_object (socket);
  g_assert_cmpstr (story_text (story), ==, "destroyed");
  got = raw_read (peer, 1);
  g_assert_cmpuint (g_bytes_get_size (got), ==, 0);
  close (peer);
}

static void
test_ended_says_all (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockObject) parent = lsock_object_new ();
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  lsock_object_set_parent (LSOCK_OBJECT (socket), G_OBJECT (parent));
  g_clear_object (&parent);

  g_assert_cmpstr (story_text (story), ==,
                   "unconnected, read-channel-finished, disconnected, about-to-close, destroyed");
  close (peer);
}

static void
drop (gpointer  object,
      gpointer *reference)
{
  g_clear_object (reference);
}

static void
drop_with_argument (gpointer  object,
                    gint64    argument,
                    gpointer *reference)
{
  g_clear_object (reference);
}

static void
drop_with_enum (gpointer  object,
                int       argument,
                gpointer *reference)
{
  g_clear_object (reference);
}

static GCallback
dropper_for (const char *signal)
{
  if (strcmp (signal, "bytes-written") == 0)
    return G_CALLBACK (drop_with_argument);
  if (strcmp (signal, "error") == 0 || strcmp (signal, "state-changed") == 0)
    return G_CALLBACK (drop_with_enum);

  return G_CALLBACK (drop);
}

static void
test_drop_in_handler (Fixture       *fixture,
                      gconstpointer  data)
{
  const char *signal = data;
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  gpointer weak = NULL;

  g_test_summary ("A handler may drop the last reference");

  g_set_weak_pointer (&weak, socket);
  g_signal_connect (socket, signal, dropper_for (signal), &socket);
  write_text (socket, "x");
  raw_write (peer, "x");
  shutdown (peer, SHUT_WR);

  await_true (socket == NULL);
  g_assert_null (weak);
  close (peer);
}


/* The waits */

static gpointer
answer_later (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autoptr (GBytes) got = raw_read (fd, 8);

  g_assert_cmpuint (g_bytes_get_size (got), ==, 8);
  raw_write (fd, "answer");
  close (fd);
  return NULL;
}

static void
test_conversation_without_loop (Fixture       *fixture,
                                gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  GThread *thread = g_thread_new ("peer", answer_later, GINT_TO_POINTER (peer));

  write_text (socket, "question");
  g_assert_true (lsock_io_device_wait_for_bytes_written (device, -1));
  g_assert_true (lsock_io_device_wait_for_ready_read (device, -1));
  assert_read (socket, "answer");
  g_assert_true (lsock_socket_wait_for_disconnected (socket, -1));
  g_assert_false (lsock_socket_wait_for_disconnected (socket, -1));
  g_thread_join (thread);

  g_assert_cmpstr (story_text (story), ==,
                   "bytes-written 8, ready-read, error peer-closed, closing, unconnected, "
                   "read-channel-finished, disconnected");
}

static void
test_wait_times_out (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  g_assert_false (lsock_io_device_wait_for_ready_read (device, 0));
  g_assert_cmpstr (story_text (story), ==, "error socket-timeout");
  g_assert_true (is_connected (socket));
  g_assert_false (lsock_io_device_wait_for_bytes_written (device, 1000));
  g_assert_cmpstr (story_text (story), ==, "error socket-timeout");
  close (peer);
}

static void
test_wait_full_buffer (Fixture       *fixture,
                       gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  g_test_summary ("A wait for ever, for what cannot come before something is read, ends at once");

  lsock_socket_set_read_buffer_size (socket, 4);
  raw_write (peer, "012345");
  g_assert_true (lsock_io_device_wait_for_ready_read (device, -1));
  g_assert_false (lsock_io_device_wait_for_ready_read (device, -1));
  assert_read (socket, "0123");
  g_assert_true (lsock_io_device_wait_for_ready_read (device, -1));
  assert_read (socket, "45");
  close (peer);
}


/* Descriptors from elsewhere */

static void
test_descriptor_refused (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (LsockSocket) socket_object = lsock_socket_new ();
  int ends[2];
  int inet;
  int datagram[2];
  int unconnected;

  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM, 0, datagram), ==, 0);
  inet = socket (AF_INET, SOCK_STREAM, 0);
  unconnected = socket (AF_UNIX, SOCK_STREAM, 0);

  {
    const struct
    {
      int              fd;
      LsockSocketError code;
    } bad[] = {
      { -1,          LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
      { 987,         LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
      { ends[0],     LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
      { inet,        LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
      { datagram[0], LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
      { unconnected, LSOCK_SOCKET_ERROR_OPERATION                    },
    };

    for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
      {
        g_autoptr (GError) error = NULL;

        g_assert_false (lsock_socket_set_socket_descriptor (socket_object, bad[i].fd,
                                                            LSOCK_SOCKET_STATE_CONNECTED,
                                                            LSOCK_OPEN_MODE_READ_WRITE, &error));
        g_assert_error (error, LSOCK_SOCKET_ERROR, (int) bad[i].code);
        g_assert_true (is_unconnected (socket_object));
      }
  }

  /* They stay the caller's. */
  g_assert_cmpint (close (ends[0]), ==, 0);
  g_assert_cmpint (close (ends[1]), ==, 0);
  g_assert_cmpint (close (inet), ==, 0);
  g_assert_cmpint (close (unconnected), ==, 0);
  g_assert_cmpint (close (datagram[0]), ==, 0);
  g_assert_cmpint (close (datagram[1]), ==, 0);
}

static void
test_descriptor_adopted (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (LsockSocket) socket_object = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket_object);
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  g_assert_true (lsock_socket_set_socket_descriptor (socket_object, ends[0],
                                                     LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (story_text (story), ==, "");
  g_assert_cmpint (fcntl (ends[0], F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (fcntl (ends[0], F_GETFL) & O_NONBLOCK, !=, 0);

  raw_write (ends[1], "in");
  await (has_data, socket_object);
  assert_read (socket_object, "in");

  g_assert_false (lsock_socket_set_socket_descriptor (socket_object, ends[1],
                                                      LSOCK_SOCKET_STATE_CONNECTED,
                                                      LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (ends[1]);
}

static void
test_no_descriptors_left (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (LsockSocket) socket_object = lsock_socket_new ();
  struct rlimit limit;
  struct rlimit none;
  int listener = raw_listen (fixture, "s", 5);

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  none = limit;
  none.rlim_cur = 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  lsock_socket_connect_to_server (socket_object, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  g_assert_true (is_unconnected (socket_object));
  g_assert_cmpint (lsock_socket_get_error (socket_object), ==, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);

  lsock_socket_connect_to_server (socket_object, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket_object));
  close (listener);
}


/* The loop */

static void
on_other_ready_read (LsockSocket *socket,
                     gboolean    *heard)
{
  *heard = TRUE;
}

static void
on_ready_read_nest (LsockSocket *socket,
                    gpointer    *others)
{
  gboolean heard = FALSE;
  gulong id = g_signal_connect (others[0], "ready-read", G_CALLBACK (on_other_ready_read), &heard);

  raw_write (GPOINTER_TO_INT (others[1]), "for the other");
  await_true (heard);
  g_signal_handler_disconnect (others[0], id);
  others[2] = GINT_TO_POINTER (TRUE);
}

static void
test_nested_loop (Fixture       *fixture,
                  gconstpointer  data)
{
  int peer;
  int other_peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autofree char *path = fixture_path (fixture, "raw");
  g_autoptr (LsockSocket) other = NULL;
  gpointer others[3] = { NULL, NULL, NULL };

  g_test_summary ("A nested loop hears the other sockets of the context");

  unlink (path);
  other = connect_to_raw (fixture, &other_peer);
  others[0] = other;
  others[1] = GINT_TO_POINTER (other_peer);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read_nest), others);
  raw_write (peer, "first");
  await_true (others[2] != NULL);
  close (peer);
  close (other_peer);
}

static void
echo (LsockIODevice *device)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  lsock_io_device_write_bytes (device, bytes, NULL);
}

static void
test_many_round_trips (Fixture       *fixture,
                       gconstpointer  data)
{
  int peer;
  int second_peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autofree char *path = fixture_path (fixture, "raw");
  g_autoptr (LsockSocket) second = NULL;

  g_test_summary ("One socket alone is heard many turns in a row, then the other, then both");

  unlink (path);
  second = connect_to_raw (fixture, &second_peer);
  g_signal_connect (socket, "ready-read", G_CALLBACK (echo), NULL);
  g_signal_connect (second, "ready-read", G_CALLBACK (echo), NULL);

  for (int i = 0; i < 300; i++)
    {
      gboolean use_first = i < 100 || i >= 200;
      gboolean use_second = i >= 100;
      char answer[5];

      if (use_first)
        raw_write (peer, "ping");
      if (use_second)
        raw_write (second_peer, "pong");
      if (use_first)
        await_true (recv (peer, answer, 4, MSG_DONTWAIT) == 4);
      if (use_second)
        await_true (recv (second_peer, answer, 4, MSG_DONTWAIT) == 4);
    }

  close (peer);
  close (second_peer);
  await (is_unconnected, socket);
  await (is_unconnected, second);
}

static void
test_fork (Fixture       *fixture,
           gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  int status;
  pid_t child;

  g_test_summary ("A child process that drops what it inherited takes nothing from its parent");

  child = fork ();
  if (child == 0)
    {
      lsock_socket_abort (socket);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));

  raw_write (peer, "still heard");
  await (has_data, socket);
  assert_read (socket, "still heard");
  close (peer);
}

static void
test_priority_moves (Fixture       *fixture,
                     gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);

  lsock_socket_set_priority (socket, G_PRIORITY_LOW);
  raw_write (peer, "low");
  await (has_data, socket);
  assert_read (socket, "low");
  write_text (socket, "x");
  lsock_socket_set_priority (socket, G_PRIORITY_HIGH);
  await (has_written, socket);
  close (peer);
  await (is_unconnected, socket);
}


#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const char * const drops[] = {
    "ready-read", "bytes-written", "error", "state-changed", "read-channel-finished",
    "disconnected",
  };
  guint before;
  int result;

  g_test_init (&argc, &argv, NULL);

  ADD ("/socket/connect/succeeds", NULL, test_connect_succeeds);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path =
        g_strdup_printf ("/socket/connect/refused/%s",
                         *refusals[i].name != '\0' ? refusals[i].name : "empty");

      ADD (path, &refusals[i], test_connect_refused);
    }
  ADD ("/socket/connect/too-long", NULL, test_connect_too_long);
  ADD ("/socket/connect/longest", NULL, test_connect_longest);
  ADD ("/socket/connect/twice", NULL, test_connect_twice);
  ADD ("/socket/connect/mode-refused", NULL, test_connect_mode_refused);
  ADD ("/socket/connect/full-backlog-retries", NULL, test_backlog_retries);
  ADD ("/socket/connect/full-backlog-times-out", NULL, test_backlog_times_out);
  ADD ("/socket/connect/full-backlog-ended", NULL, test_backlog_ended);
  ADD ("/socket/data/arrives", NULL, test_data_arrives);
  ADD ("/socket/data/leaves", NULL, test_data_leaves);
  ADD ("/socket/data/big-write", GINT_TO_POINTER (FALSE), test_big_write_arrives_whole);
  ADD ("/socket/data/big-write-bytes", GINT_TO_POINTER (TRUE), test_big_write_arrives_whole);
  ADD ("/socket/data/limit-bounds-memory", NULL, test_limit_bounds_memory);
  ADD ("/socket/data/limit-whole-frames", NULL, test_limit_whole_frames);
  ADD ("/socket/end/peer-closes", NULL, test_peer_closes);
  ADD ("/socket/end/peer-half-closes", NULL, test_peer_half_closes);
  ADD ("/socket/end/allow-half-open", NULL, test_allow_half_open);
  ADD ("/socket/end/half-open-hangs-up", GINT_TO_POINTER (FALSE), test_half_open_hangs_up);
  ADD ("/socket/end/half-open-hangs-up-in-a-wait", GINT_TO_POINTER (TRUE), test_half_open_hangs_up);
  ADD ("/socket/end/shutdown-write", NULL, test_shutdown_write);
  ADD ("/socket/end/disconnect-with-pending", NULL, test_disconnect_with_pending);
  ADD ("/socket/end/close", NULL, test_close);
  ADD ("/socket/end/abort", NULL, test_abort);
  ADD ("/socket/end/abort-after-write", NULL, test_abort_after_write);
  ADD ("/socket/end/found-by-write", NULL, test_found_by_write);
  ADD ("/socket/end/close-in-about-to-close", NULL, test_close_in_about_to_close);
  ADD ("/socket/end/reconnect-in-the-end", NULL, test_reconnect_in_the_end);
  ADD ("/socket/end/last-reference", NULL, test_last_reference);
  ADD ("/socket/end/ended-says-all", NULL, test_ended_says_all);
  for (gsize i = 0; i < G_N_ELEMENTS (drops); i++)
    {
      g_autofree char *path = g_strconcat ("/socket/end/drop-in-", drops[i], NULL);

      ADD (path, drops[i], test_drop_in_handler);
    }
  ADD ("/socket/wait/conversation-without-loop", NULL, test_conversation_without_loop);
  ADD ("/socket/wait/times-out", NULL, test_wait_times_out);
  ADD ("/socket/wait/full-buffer", NULL, test_wait_full_buffer);
  ADD ("/socket/descriptor/refused", NULL, test_descriptor_refused);
  ADD ("/socket/descriptor/adopted", NULL, test_descriptor_adopted);
  ADD ("/socket/descriptor/none-left", NULL, test_no_descriptors_left);
  ADD ("/socket/loop/nested", NULL, test_nested_loop);
  ADD ("/socket/loop/many-round-trips", NULL, test_many_round_trips);
  ADD ("/socket/loop/fork", NULL, test_fork);
  ADD ("/socket/loop/priority-moves", NULL, test_priority_moves);

  /* The main context and the reactors of three priorities keep theirs. */
  {
    g_autoptr (LsockSocket) warm_up = lsock_socket_new ();
    int ends[2];

    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    lsock_socket_set_socket_descriptor (warm_up, ends[0], LSOCK_SOCKET_STATE_CONNECTED,
                                        LSOCK_OPEN_MODE_READ_WRITE, NULL);
    lsock_socket_set_priority (warm_up, G_PRIORITY_LOW);
    lsock_socket_set_priority (warm_up, G_PRIORITY_HIGH);
    lsock_socket_abort (warm_up);
    close (ends[1]);
    settle ();
  }
  before = count_descriptors ();
  result = g_test_run ();
  g_assert_cmpuint (count_descriptors (), ==, before);
  return result;
}
