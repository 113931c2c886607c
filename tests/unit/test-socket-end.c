/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a connection: nothing that the peer wrote is lost, and each end is reported once. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

#define KIB 1024
#define MIB (1024 * 1024)


/* A peer that answers, while this side has bytes to send that can never leave */

/* A peer that has shut only its reading down is found by the next write: while the kernel's buffer is
 * full there is no event for it. */
typedef enum
{
  PEER_CLOSES,            /* with unread data: the kernel says ECONNRESET */
  PEER_SHUTS_READING,     /* it can still be read from, and its writing never ends */
  PEER_SHUTS_BOTH,
} PeerEnd;

typedef enum
{
  BY_LOOP,
  BY_WAIT_FOR_DATA,
  BY_WAIT_FOR_END,
  BY_WAIT_FOR_WRITTEN,
} Manner;

typedef struct
{
  const char *name;
  PeerEnd     end;
  Manner      manner;
  gsize       size;       /* what the peer wrote */
  gint64      limit;      /* read-buffer-size */
  gboolean    late;       /* this side writes only after the peer has gone */
} EndCase;

static const EndCase end_cases[] = {
  { "closes/loop",                PEER_CLOSES,        BY_LOOP,             MIB,      0,       FALSE },
  { "closes/loop-limit",          PEER_CLOSES,        BY_LOOP,             64 * KIB, 4 * KIB, FALSE },
  { "closes/loop-late",           PEER_CLOSES,        BY_LOOP,             MIB,      0,       TRUE  },
  { "closes/loop-late-limit",     PEER_CLOSES,        BY_LOOP,             64 * KIB, 4 * KIB, TRUE  },
  { "closes/wait",                PEER_CLOSES,        BY_WAIT_FOR_DATA,    MIB,      0,       FALSE },
  { "closes/wait-limit",          PEER_CLOSES,        BY_WAIT_FOR_DATA,    64 * KIB, 4 * KIB, FALSE },
  { "closes/wait-late",           PEER_CLOSES,        BY_WAIT_FOR_DATA,    MIB,      0,       TRUE  },
  { "closes/wait-for-end",        PEER_CLOSES,        BY_WAIT_FOR_END,     MIB,      0,       FALSE },
  { "closes/wait-for-end-late",   PEER_CLOSES,        BY_WAIT_FOR_END,     MIB,      0,       TRUE  },
  { "closes/wait-for-written",    PEER_CLOSES,        BY_WAIT_FOR_WRITTEN, MIB,      0,       FALSE },
  { "shuts-reading/loop",         PEER_SHUTS_READING, BY_LOOP,             MIB,      0,       TRUE  },
  { "shuts-reading/loop-limit",   PEER_SHUTS_READING, BY_LOOP,             64 * KIB, 4 * KIB, TRUE  },
  { "shuts-reading/wait",         PEER_SHUTS_READING, BY_WAIT_FOR_DATA,    MIB,      0,       TRUE  },
  { "shuts-reading/wait-limit",   PEER_SHUTS_READING, BY_WAIT_FOR_DATA,    64 * KIB, 4 * KIB, TRUE  },
  { "shuts-reading/wait-for-end", PEER_SHUTS_READING, BY_WAIT_FOR_END,     MIB,      0,       TRUE  },
  { "shuts-both/loop",            PEER_SHUTS_BOTH,    BY_LOOP,             MIB,      0,       FALSE },
  { "shuts-both/loop-late",       PEER_SHUTS_BOTH,    BY_LOOP,             MIB,      0,       TRUE  },
  { "shuts-both/wait-for-end",    PEER_SHUTS_BOTH,    BY_WAIT_FOR_END,     MIB,      0,       FALSE },
};

typedef struct
{
  GByteArray *got;
  guint       errors;
  gsize       got_at_error;
  gboolean    keep;          /* reads nothing before the end */
} Reader;

static void
read_some (LsockIODevice *device,
           Reader        *reader)
{
  guint8 buffer[1500];
  gssize n;

  while (lsock_io_device_bytes_available (device) > 0 &&
         (n = lsock_io_device_read (device, buffer, sizeof buffer, NULL)) > 0)
    g_byte_array_append (reader->got, buffer, (guint) n);
}

static void
on_ready_read (LsockIODevice *device,
               Reader        *reader)
{
  if (!reader->keep)
    read_some (device, reader);
}

static void
on_error (LsockSocket      *socket,
          LsockSocketError  error,
          Reader           *reader)
{
  g_assert_cmpint (error, ==, LSOCK_SOCKET_ERROR_PEER_CLOSED);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTED);
  reader->errors++;
  reader->got_at_error = reader->got->len +
                         (gsize) lsock_io_device_bytes_available (LSOCK_IO_DEVICE (socket));
}

static guint8
byte_at (gsize i)
{
  return (guint8) (i * 31 + i / 251);
}

/* Fills the kernel's buffer of @peer with @size bytes, of which it may take some only when the
 * other side reads: so in a thread. */
typedef struct
{
  int     fd;
  gsize   size;
  PeerEnd end;
} Writer;

static gpointer
write_and_end (gpointer data)
{
  Writer *writer = data;
  g_autofree guint8 *bytes = g_malloc (writer->size);
  gsize done = 0;

  for (gsize i = 0; i < writer->size; i++)
    bytes[i] = byte_at (i);

  while (done < writer->size)
    {
      gssize n = send (writer->fd, bytes + done, writer->size - done, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }

  switch (writer->end)
    {
    case PEER_CLOSES:
      close (writer->fd);
      break;

    case PEER_SHUTS_READING:
      g_assert_cmpint (shutdown (writer->fd, SHUT_RD), ==, 0);
      break;

    case PEER_SHUTS_BOTH:
      g_assert_cmpint (shutdown (writer->fd, SHUT_RDWR), ==, 0);
      break;

    default:
      g_assert_not_reached ();
    }

  return NULL;
}

/* The kernel has room for all that the peer writes, so that it can go before anything is read. */
static void
make_room (int fd)
{
  int size = 4 * MIB;

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) == 0 ||
                   setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0, ==, TRUE);
}

static gboolean
fits_in_the_kernel (int   fd,
                    gsize size)
{
  int room = 0;
  socklen_t length = sizeof room;

  g_assert_cmpint (getsockopt (fd, SOL_SOCKET, SO_SNDBUF, &room, &length), ==, 0);
  return (gsize) room >= 2 * size;
}

static void
wait_until_ended (LsockSocket *socket,
                  Reader      *reader,
                  Manner       manner)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  switch (manner)
    {
    case BY_LOOP:
      await (is_unconnected, socket);
      break;

    case BY_WAIT_FOR_DATA:
      while (lsock_io_device_wait_for_ready_read (device, 10000))
        ;
      /* The end that follows the data is for the next wait. */
      if (!is_unconnected (socket))
        lsock_io_device_wait_for_ready_read (device, 10000);
      break;

    case BY_WAIT_FOR_END:
      g_assert_true (lsock_socket_wait_for_disconnected (socket, 10000));
      break;

    case BY_WAIT_FOR_WRITTEN:
      while (lsock_io_device_wait_for_bytes_written (device, 10000))
        ;
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
test_peer_ends (Fixture       *fixture,
                gconstpointer  data)
{
  const EndCase *end_case = data;
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GByteArray) got = g_byte_array_new ();
  g_autofree guint8 *load = g_malloc0 (4 * MIB);
  Reader reader = { .got = got };
  Writer writer = { peer, end_case->size, end_case->end };

  g_test_summary ("All that the peer wrote arrives, and the error comes after it: with a failed "
                  "write, a quarter of a mebibyte arrived, and 4 KiB behind a limit");

  make_room (peer);
  if (!fits_in_the_kernel (peer, end_case->size))
    g_error ("The kernel allows too small a buffer for this test");

  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), &reader);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), &reader);
  lsock_socket_set_read_buffer_size (socket, end_case->limit);

  if (!end_case->late)
    lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 4 * MIB, NULL);
  write_and_end (&writer);
  if (end_case->late)
    g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 10, NULL), ==, 10);

  wait_until_ended (socket, &reader, end_case->manner);

  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);
  read_some (LSOCK_IO_DEVICE (socket), &reader);
  g_assert_cmpuint (got->len, ==, end_case->size);
  g_assert_cmpuint (reader.got_at_error, ==, end_case->size);
  g_assert_cmpuint (reader.errors, ==, 1);
  for (gsize i = 0; i < got->len; i++)
    if (got->data[i] != byte_at (i))
      g_error ("byte %" G_GSIZE_FORMAT " is another one", i);
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 0);

  if (end_case->end != PEER_CLOSES)
    close (peer);
}

/* The limit holds meanwhile, and reading late is enough. */
static void
test_peer_ends_behind_limit (Fixture       *fixture,
                             gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GByteArray) got = g_byte_array_new ();
  Reader reader = { .got = got, .keep = TRUE };
  Writer writer = { peer, 64 * KIB, PEER_CLOSES };

  g_test_summary ("A failed write was reported before what waited behind a full read buffer was "
                  "received");

  make_room (peer);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), &reader);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), &reader);
  lsock_socket_set_read_buffer_size (socket, 4 * KIB);
  write_and_end (&writer);
  write_text (socket, "nobody will read this");

  await (has_data, socket);
  settle ();
  g_assert_cmpuint (reader.errors, ==, 0);
  g_assert_cmpint (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (socket)), ==, 4 * KIB);

  reader.keep = FALSE;
  read_some (LSOCK_IO_DEVICE (socket), &reader);
  await (is_unconnected, socket);
  g_assert_cmpuint (got->len, ==, 64 * KIB);
  g_assert_cmpuint (reader.errors, ==, 1);
}

static void
write_again (LsockIODevice    *device,
             LsockSocketError  error,
             gpointer          data)
{
  /* Whether it is taken or refused, the end of the connection is reported already. */
  lsock_io_device_write (device, (const guint8 *) "more", 4, NULL);
}

static void
test_write_in_error (Fixture       *fixture,
                     gconstpointer  data)
{
  gboolean failed_write = GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  g_test_summary ("A handler of `error` that writes got a second error for the same end");

  g_signal_connect (socket, "error", G_CALLBACK (write_again), NULL);
  close (peer);
  if (failed_write)
    write_text (socket, "into the void");
  await (is_unconnected, socket);
  settle ();

  g_assert_cmpstr (story_text (story), ==,
                   "error peer-closed, closing, unconnected, read-channel-finished, disconnected");
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 0);
}


/* What the peer says last while a handler of `ready-read` is busy, and a write that finds it gone */
typedef struct
{
  int      peer;
  guint    calls;
  GString *got;
} LastWords;

static void
read_and_write (LsockIODevice *device,
                LastWords     *words)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_bytes (device, 100, NULL);

  g_string_append_len (words->got, g_bytes_get_data (bytes, NULL),
                       (gssize) g_bytes_get_size (bytes));
  if (words->calls++ > 0)
    return;

  raw_write (words->peer, "second");
  close (words->peer);
  write_text (device, "too late");
}

static void
test_write_fails_in_ready_read (Fixture       *fixture,
                                gconstpointer  data)
{
  Manner manner = (Manner) GPOINTER_TO_INT (data);
  LastWords words = { .got = g_string_new (NULL) };
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &words.peer);
  g_autoptr (Story) story = story_of (socket);

  g_test_summary ("A write that failed inside `ready-read` lost what the peer had sent meanwhile");

  g_signal_connect (socket, "ready-read", G_CALLBACK (read_and_write), &words);
  raw_write (words.peer, "first ");
  wait_until_ended (socket, NULL, manner);

  g_assert_cmpstr (words.got->str, ==, "first second");
  g_assert_cmpstr (story_text (story), ==,
                   "ready-read, ready-read, error peer-closed, closing, unconnected, "
                   "read-channel-finished, disconnected");
  g_string_free (words.got, TRUE);
}


/* Closing */

static void
test_close_full_buffer (Fixture       *fixture,
                        gconstpointer  data)
{
  gboolean aborted_by_peer = GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autofree guint8 *load = g_malloc0 (4 * MIB);

  g_test_summary ("close() with a used-up read buffer, pending output and a dead peer stayed "
                  "CLOSING for ever");

  lsock_socket_set_read_buffer_size (socket, 4);
  lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 4 * MIB, NULL);
  raw_write (peer, "more than four bytes");
  await (has_data, socket);
  if (aborted_by_peer)
    close (peer);
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  if (!aborted_by_peer)
    {
      g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CLOSING);
      close (peer);
    }

  await (is_unconnected, socket);
}

static void
move_there (LsockIODevice *device,
            gint64         count,
            GMainContext  *context)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_object_move_to_context (LSOCK_OBJECT (device), context, &error));
  g_assert_no_error (error);
}

static void
test_move_while_closing (Fixture       *fixture,
                         gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_test_summary ("A handler of `bytes-written` that moved a socket while it was closing left it "
                  "CLOSING for ever");

  g_signal_connect (socket, "bytes-written", G_CALLBACK (move_there), context);
  write_text (socket, "the last");
  lsock_socket_disconnect_from_server (socket);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CLOSING);

  await_true (lsock_object_get_main_context (LSOCK_OBJECT (socket)) == context);
  await_true_in (context, is_unconnected (socket));
  close (peer);
}

static void
end_it (LsockIODevice *device,
        gpointer       how)
{
  if (GPOINTER_TO_INT (how) == 0)
    lsock_socket_disconnect_from_server (LSOCK_SOCKET (device));
  else
    lsock_socket_abort (LSOCK_SOCKET (device));
}

static void
test_close_ended_inside (Fixture       *fixture,
                         gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  g_test_summary ("close() kept what was not read when a handler of `about-to-close` had ended the "
                  "connection");

  raw_write (peer, "a line\nand more");
  await (has_data, socket);
  g_signal_connect (socket, "about-to-close", G_CALLBACK (end_it), (gpointer) data);
  lsock_io_device_close (device);

  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);
  g_assert_false (lsock_io_device_is_open (device));
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 0);
  g_assert_false (lsock_io_device_can_read_line (device));
  close (peer);
}

static void
reconnect (LsockIODevice *device)
{
  if (is_unconnected (device))
    lsock_socket_connect_to_server (LSOCK_SOCKET (device), "again", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
test_reconnect_in_abort (Fixture       *fixture,
                         gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  int listener = raw_listen (fixture, "again", 5);

  g_test_summary ("Reconnecting in the `about-to-close` of an abort: CONNECTED, and not open");

  g_signal_connect (socket, "about-to-close", G_CALLBACK (reconnect), NULL);
  lsock_socket_abort (socket);

  g_assert_true (is_connected (socket));
  g_assert_true (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));
  write_text (socket, "works");
  close (peer);
  close (listener);
}


/* Half open */

static void
wait_inside (LsockIODevice *device,
             gpointer       count)
{
  (*(guint *) count)++;
  lsock_socket_wait_for_disconnected (LSOCK_SOCKET (device), 20);
}

static void
count_up (gpointer object,
          guint   *count)
{
  (*count)++;
}

static void
test_half_open_finishes_once (Fixture       *fixture,
                              gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  guint reads = 0, finished = 0, disconnected = 0;

  g_test_summary ("`read-channel-finished` came twice when a handler of `ready-read` waited");

  lsock_socket_set_allow_half_open (socket, TRUE);
  g_signal_connect (socket, "ready-read", G_CALLBACK (wait_inside), &reads);
  g_signal_connect (socket, "read-channel-finished", G_CALLBACK (count_up), &finished);
  g_signal_connect (socket, "disconnected", G_CALLBACK (count_up), &disconnected);
  raw_write (peer, "last words");
  g_assert_cmpint (shutdown (peer, SHUT_WR), ==, 0);

  await_true (finished > 0);
  settle ();
  g_assert_cmpuint (reads, ==, 1);
  g_assert_cmpuint (finished, ==, 1);
  g_assert_true (is_connected (socket));

  close (peer);
  await (is_unconnected, socket);
  g_assert_cmpuint (finished, ==, 1);
  g_assert_cmpuint (disconnected, ==, 1);
}


/* A last reference */

typedef struct
{
  int    fd;
  GBytes *bytes;
} Drain;

static gpointer
drain_peer (gpointer data)
{
  Drain *drain = data;

  drain->bytes = raw_read (drain->fd, G_MAXSSIZE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
set_true (gpointer  data,
          GObject  *object)
{
  *(gboolean *) data = TRUE;
}

static void
test_last_reference_while_closing (Fixture       *fixture,
                                   gconstpointer  data)
{
  gboolean closes = GPOINTER_TO_INT (data);
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autofree guint8 *load = g_malloc0 (4 * MIB);
  gboolean gone = FALSE;
  Drain drain = { peer, NULL };
  GThread *thread;

  g_test_summary ("A socket that lost its last reference while CLOSING dropped what was to be sent: "
                  "219,264 of 4 MiB arrived");

  g_object_weak_ref (G_OBJECT (socket), set_true, &gone);
  lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 4 * MIB, NULL);
  if (closes)
    lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  else
    lsock_socket_disconnect_from_server (socket);
  g_object_unref (socket);
  g_assert_false (gone);

  thread = g_thread_new ("peer", drain_peer, &drain);
  await_true (gone);
  g_thread_join (thread);
  g_assert_cmpuint (g_bytes_get_size (drain.bytes), ==, 4 * MIB);
  g_bytes_unref (drain.bytes);
  close (peer);
}

static void
test_last_reference_and_dead_peer (Fixture       *fixture,
                                   gconstpointer  data)
{
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autofree guint8 *load = g_malloc0 (4 * MIB);
  gboolean gone = FALSE;
  guint before = count_descriptors ();

  g_test_summary ("A socket that lost its last reference while CLOSING was gone at once; now that "
                  "it holds itself, a dead peer has to end it");

  g_object_weak_ref (G_OBJECT (socket), set_true, &gone);
  lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 4 * MIB, NULL);
  lsock_socket_disconnect_from_server (socket);
  g_object_unref (socket);
  g_assert_false (gone);
  close (peer);
  await_true (gone);
  g_assert_cmpuint (count_descriptors (), ==, before - 2);
}

/* With the data in the kernel there is nothing to stay for: a program without a loop relies on it. */
static void
test_last_reference_all_sent (Fixture       *fixture,
                              gconstpointer  data)
{
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autoptr (GBytes) got = NULL;

  write_text (socket, "short");
  lsock_socket_disconnect_from_server (socket);
  g_assert_finalize_object (socket);
  got = raw_read (peer, 100);
  g_assert_cmpuint (g_bytes_get_size (got), ==, 5);
  close (peer);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (end_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/socket/end/peer-", end_cases[i].name, NULL);

      ADD (path, &end_cases[i], test_peer_ends);
    }
  ADD ("/socket/end/peer-closes/behind-limit", NULL, test_peer_ends_behind_limit);
  ADD ("/socket/end/write-in-error/found-by-reading", GINT_TO_POINTER (0), test_write_in_error);
  ADD ("/socket/end/write-in-error/found-by-writing", GINT_TO_POINTER (1), test_write_in_error);
  ADD ("/socket/end/write-fails-in-ready-read/loop", GINT_TO_POINTER (BY_LOOP),
       test_write_fails_in_ready_read);
  ADD ("/socket/end/write-fails-in-ready-read/wait", GINT_TO_POINTER (BY_WAIT_FOR_DATA),
       test_write_fails_in_ready_read);
  ADD ("/socket/end/write-fails-in-ready-read/wait-for-end", GINT_TO_POINTER (BY_WAIT_FOR_END),
       test_write_fails_in_ready_read);
  ADD ("/socket/close/full-buffer-dead-peer", GINT_TO_POINTER (1), test_close_full_buffer);
  ADD ("/socket/close/full-buffer-peer-dies", GINT_TO_POINTER (0), test_close_full_buffer);
  ADD ("/socket/close/moved-meanwhile", NULL, test_move_while_closing);
  ADD ("/socket/close/disconnected-inside", GINT_TO_POINTER (0), test_close_ended_inside);
  ADD ("/socket/close/aborted-inside", GINT_TO_POINTER (1), test_close_ended_inside);
  ADD ("/socket/abort/reconnected-inside", NULL, test_reconnect_in_abort);
  ADD ("/socket/half-open/finishes-once", NULL, test_half_open_finishes_once);
  ADD ("/socket/last-reference/disconnecting", GINT_TO_POINTER (0),
       test_last_reference_while_closing);
  ADD ("/socket/last-reference/closing", GINT_TO_POINTER (1), test_last_reference_while_closing);
  ADD ("/socket/last-reference/dead-peer", NULL, test_last_reference_and_dead_peer);
  ADD ("/socket/last-reference/all-sent", NULL, test_last_reference_all_sent);

  return g_test_run ();
}
