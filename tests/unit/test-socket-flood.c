/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A peer that sends as fast as it can, and the ways to read what it sends: a socket hands a flood
 * over as its reader likes it, and nothing of that may change what is read. */

#define TOTAL (16 * 1024 * 1024)
#define BUFFER (64 * 1024)

/* What one socket may read before the other sources have their turn. */
#define SHARE (256 * 1024)

typedef struct Flood Flood;

struct Flood
{
  LsockSocket *socket;
  void       (*read) (Flood *flood);
  GThread     *writer;
  guint8      *buffer;
  gsize        got;
  gsize        at_last_turn;
  guint        n_signals;
  gboolean     ended;
};

static guint8
byte_at (gsize position)
{
  return (guint8) (position * 7 + position / 251 + (position >> 16));
}

static gpointer
write_flood (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autofree guint8 *piece = g_malloc (BUFFER);

  for (gsize done = 0; done < TOTAL;)
    {
      gssize n;

      for (gsize i = 0; i < BUFFER; i++)
        piece[i] = byte_at (done + i);
      n = send (fd, piece, MIN (BUFFER, TOTAL - done), MSG_NOSIGNAL);
      if (n < 0)
        break;
      done += (gsize) n;
    }

  close (fd);
  return NULL;
}

static void
check_bytes (Flood        *flood,
             const guint8 *bytes,
             gsize         length)
{
  for (gsize i = 0; i < length; i++)
    if (bytes[i] != byte_at (flood->got + i))
      g_error ("the byte at %" G_GSIZE_FORMAT " is not what was sent", flood->got + i);

  flood->got += length;
}

static gsize
read_piece (Flood *flood,
            gsize  count)
{
  gssize n = lsock_io_device_read (LSOCK_IO_DEVICE (flood->socket), flood->buffer, count, NULL);

  g_assert_cmpint (n, >=, 0);
  check_bytes (flood, flood->buffer, (gsize) n);
  return (gsize) n;
}

static void
read_until_short (Flood *flood)
{
  while (read_piece (flood, BUFFER) == BUFFER)
    ;
}

static void
read_while_available (Flood *flood)
{
  while (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (flood->socket)) > 0)
    read_piece (flood, 50021);
}

static void
read_one_buffer (Flood *flood)
{
  read_piece (flood, BUFFER);
}

static void
read_little (Flood *flood)
{
  while (read_piece (flood, 777) > 0)
    ;
}

static void
read_as_bytes (Flood *flood)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (LSOCK_IO_DEVICE (flood->socket), NULL);

  check_bytes (flood, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
read_frames (Flood *flood)
{
  while (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (flood->socket)) >= 100000)
    {
      g_autoptr (GBytes) bytes = lsock_io_device_read_bytes (LSOCK_IO_DEVICE (flood->socket),
                                                             100000, NULL);

      g_assert_cmpuint (g_bytes_get_size (bytes), ==, 100000);
      check_bytes (flood, g_bytes_get_data (bytes, NULL), 100000);
    }
}

static void
peek_and_read (Flood *flood)
{
  g_autoptr (GBytes) peeked = lsock_io_device_peek (LSOCK_IO_DEVICE (flood->socket), 10, NULL);

  g_assert_cmpuint (((const guint8 *) g_bytes_get_data (peeked, NULL))[0], ==,
                    byte_at (flood->got));
  read_until_short (flood);
}

static void
read_in_a_transaction (Flood *flood)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (flood->socket);
  gsize before = flood->got;

  lsock_io_device_start_transaction (device);
  read_piece (flood, BUFFER);
  lsock_io_device_rollback_transaction (device);
  flood->got = before;
  read_until_short (flood);
}

static void
read_in_turns (Flood *flood)
{
  void (*readers[]) (Flood *flood) = {
    read_until_short, read_until_short, read_as_bytes, read_as_bytes, read_one_buffer, read_frames,
    read_little, read_until_short, peek_and_read, read_as_bytes, read_in_a_transaction,
  };

  readers[flood->n_signals % G_N_ELEMENTS (readers)] (flood);
}

static gsize
count_taken (Flood *flood)
{
  return flood->got + (gsize) lsock_io_device_bytes_available (LSOCK_IO_DEVICE (flood->socket));
}

static gboolean
on_turn (gpointer data)
{
  Flood *flood = data;
  gsize taken = count_taken (flood);

  g_assert_cmpuint (taken - flood->at_last_turn, <=, SHARE);
  flood->at_last_turn = taken;
  return G_SOURCE_CONTINUE;
}

/* What comes while the handler runs a loop, the end included, is not said: the handler has to look. */
static void
read_nested (Flood *flood)
{
  read_piece (flood, BUFFER);
  /* A turn of its own, with a share of its own. */
  flood->at_last_turn = count_taken (flood);
  g_main_context_iteration (NULL, FALSE);
  flood->at_last_turn = count_taken (flood);
  read_while_available (flood);
}

static void
on_ready_read (LsockSocket *socket,
               Flood       *flood)
{
  flood->n_signals++;
  flood->read (flood);
}

static void
on_disconnected (LsockSocket *socket,
                 Flood       *flood)
{
  flood->ended = TRUE;
}

static void
flood_begin (Flood   *flood,
             Fixture *fixture)
{
  int peer;

  flood->socket = connect_to_raw (fixture, &peer);
  flood->buffer = g_malloc (BUFFER);
  g_signal_connect (flood->socket, "ready-read", G_CALLBACK (on_ready_read), flood);
  g_signal_connect (flood->socket, "disconnected", G_CALLBACK (on_disconnected), flood);
  flood->writer = g_thread_new ("writer", write_flood, GINT_TO_POINTER (peer));
}

static void
flood_end (Flood *flood)
{
  g_thread_join (flood->writer);
  g_clear_object (&flood->socket);
  g_free (flood->buffer);
}

static void
test_all_arrives (Fixture       *fixture,
                  gconstpointer  data)
{
  Flood flood = { .read = (void (*) (Flood *)) data };
  guint other;

  flood_begin (&flood, fixture);
  other = g_idle_add_full (G_PRIORITY_DEFAULT, on_turn, &flood, NULL);
  await_true (flood.ended);
  g_source_remove (other);

  while (has_data (flood.socket))
    read_as_bytes (&flood);
  g_assert_cmpuint (flood.got, ==, TOTAL);
  flood_end (&flood);
}

static void
close_in_the_middle (Flood *flood)
{
  read_until_short (flood);
  if (flood->got > TOTAL / 4)
    {
      lsock_io_device_close (LSOCK_IO_DEVICE (flood->socket));
      g_assert_cmpint (lsock_io_device_read (LSOCK_IO_DEVICE (flood->socket), flood->buffer, BUFFER,
                                             NULL), ==, -1);
    }
}

static void
close_amid_bytes (Flood *flood)
{
  read_as_bytes (flood);
  if (flood->got > TOTAL / 4)
    lsock_io_device_close (LSOCK_IO_DEVICE (flood->socket));
}

static void
drop_amid_bytes (Flood *flood)
{
  read_as_bytes (flood);
  if (flood->got > TOTAL / 4)
    {
      flood->ended = TRUE;
      g_clear_object (&flood->socket);
    }
}

static void
drop_in_the_middle (Flood *flood)
{
  read_until_short (flood);
  if (flood->got > TOTAL / 4)
    {
      flood->ended = TRUE;
      g_clear_object (&flood->socket);
    }
}

static void
test_ends_amid (Fixture       *fixture,
                gconstpointer  data)
{
  Flood flood = { .read = (void (*) (Flood *)) data };
  guint n_signals;

  flood_begin (&flood, fixture);
  await_true (flood.ended);
  g_assert_cmpuint (flood.got, <, TOTAL);
  n_signals = flood.n_signals;
  settle ();
  g_assert_cmpuint (flood.n_signals, ==, n_signals);
  flood_end (&flood);
}

static void
on_error (LsockSocket      *socket,
          LsockSocketError  error,
          int              *n_errors)
{
  g_assert_cmpint (error, ==, LSOCK_SOCKET_ERROR_PEER_CLOSED);
  *n_errors += 1;
}

/* A peer that leaves something unread resets the connection, which the kernel says once, and to
 * whom reads first. */
static void
test_reset (Fixture       *fixture,
            gconstpointer  data)
{
  Flood flood = { .read = (void (*) (Flood *)) data };
  int n_errors = 0;

  flood_begin (&flood, fixture);
  g_signal_connect (flood.socket, "error", G_CALLBACK (on_error), &n_errors);
  lsock_io_device_write (LSOCK_IO_DEVICE (flood.socket), (const guint8 *) "unread", 6, NULL);
  await_true (flood.ended);
  g_assert_cmpuint (flood.got, ==, TOTAL);
  g_assert_cmpint (n_errors, ==, 1);
  flood_end (&flood);
}

/* Three short messages into a big buffer: from then on the handler has them from the kernel. */
static LsockSocket *
connect_to_reader (Fixture *fixture,
                   int     *peer,
                   GCallback on_read,
                   gpointer  data)
{
  LsockSocket *socket = connect_to_raw (fixture, peer);

  g_signal_connect (socket, "ready-read", on_read, data);
  for (int i = 0; i < 3; i++)
    {
      raw_write (*peer, "hello");
      settle ();
    }

  return socket;
}

typedef struct
{
  guint8 buffer[BUFFER];
  gssize asked;       /* what the next handler asks for; -1: nothing at all */
  guint  n_signals;
  guint  n_empty;
} Reader;

static void
on_read (LsockIODevice *device,
         Reader        *reader)
{
  reader->n_signals++;
  if (reader->asked >= 0 &&
      lsock_io_device_read (device, reader->buffer, (gsize) reader->asked, NULL) == 0 &&
      reader->asked > 0)
    reader->n_empty++;
}

static void
test_rest_stays (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree Reader *reader = g_new0 (Reader, 1);
  g_autofree char *text = g_strnfill (40000, 'x');
  int peer;
  g_autoptr (LsockSocket) socket = NULL;
  LsockIODevice *device;

  reader->asked = BUFFER;
  socket = connect_to_reader (fixture, &peer, G_CALLBACK (on_read), reader);
  device = LSOCK_IO_DEVICE (socket);
  g_assert_cmpuint (reader->n_signals, ==, 3);

  /* What a handler leaves is there after it, and is not said again. */
  reader->asked = GPOINTER_TO_INT (data);
  raw_write (peer, text);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 40000 - MAX (reader->asked, 0));
  g_assert_false (lsock_io_device_at_end (device));
  settle ();
  g_assert_cmpuint (reader->n_signals, ==, 4);

  lsock_socket_disconnect_from_server (socket);
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 40000 - MAX (reader->asked, 0));
  close (peer);
}

/* That of no other test, so that the reactor is new. */
#define OWN_PRIORITY 7

static gboolean
wait_for_data (gpointer socket)
{
  g_assert_true (lsock_io_device_wait_for_ready_read (socket, 0));
  return G_SOURCE_REMOVE;
}

/* A source that is dispatched before the socket takes what the socket was to say. */
static void
test_taken_before (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree Reader *reader = g_new0 (Reader, 1);
  g_autoptr (GSource) first = g_timeout_source_new (0);
  int peer;
  g_autoptr (LsockSocket) socket = NULL;

  /* Before the reactor of the same priority, if it has the same. */
  g_source_set_priority (first, GPOINTER_TO_INT (data));
  g_source_set_ready_time (first, -1);
  g_source_attach (first, NULL);

  reader->asked = BUFFER;
  socket = connect_to_reader (fixture, &peer, G_CALLBACK (on_read), reader);
  lsock_socket_set_priority (socket, OWN_PRIORITY);
  for (int i = 0; i < 40; i++)
    {
      raw_write (peer, "hello");
      settle ();
    }
  g_assert_cmpuint (reader->n_signals, ==, 43);

  raw_write (peer, "hello");
  g_source_set_callback (first, wait_for_data, socket, NULL);
  g_source_set_ready_time (first, 0);
  settle ();
  g_assert_cmpuint (reader->n_signals, ==, 44);
  g_assert_cmpuint (reader->n_empty, ==, 0);
  close (peer);
}

#ifdef MSG_OOB
static void
test_out_of_band (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree Reader *reader = g_new0 (Reader, 1);
  int peer;
  g_autoptr (LsockSocket) socket = NULL;

  reader->asked = BUFFER;
  socket = connect_to_reader (fixture, &peer, G_CALLBACK (on_read), reader);
  for (int i = 0; i < 5; i++)
    {
      if (send (peer, "x", 1, MSG_OOB) < 0)
        break;
      settle ();
    }

  g_assert_cmpuint (reader->n_empty, <=, 1);
  close (peer);
}
#endif

typedef struct
{
  Flood         flood;
  GMainContext *context;
  GThread      *here;
  int           done;      /* atomic */
} Move;

static void
move_amid (Flood *flood)
{
  Move *move = (Move *) flood;

  read_as_bytes (flood);
  if (flood->got > TOTAL / 4 && g_thread_self () == move->here)
    g_assert_true (lsock_object_move_to_context (LSOCK_OBJECT (flood->socket), move->context, NULL));
}

static void
on_ready_read_moved (LsockSocket *socket,
                     Move        *move)
{
  /* Said in the thread that the socket belongs to, and in no other. */
  g_assert_true ((lsock_object_get_main_context (LSOCK_OBJECT (socket)) == move->context) ==
                 (g_thread_self () != move->here));
}

static gpointer
run_context (gpointer data)
{
  Move *move = data;

  g_main_context_push_thread_default (move->context);
  await_true_in (move->context, move->flood.ended);
  g_clear_object (&move->flood.socket);
  g_main_context_pop_thread_default (move->context);

  set_flag (&move->done, NULL);
  return NULL;
}

static void
test_moves_amid (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Move move = { .flood = { .read = move_amid }, .context = context, .here = g_thread_self () };
  GThread *thread;
  int peer;

  move.flood.socket = connect_to_raw (fixture, &peer);
  move.flood.buffer = g_malloc (BUFFER);
  g_signal_connect (move.flood.socket, "ready-read", G_CALLBACK (on_ready_read_moved), &move);
  g_signal_connect (move.flood.socket, "ready-read", G_CALLBACK (on_ready_read), &move.flood);
  g_signal_connect (move.flood.socket, "disconnected", G_CALLBACK (on_disconnected), &move.flood);
  move.flood.writer = g_thread_new ("writer", write_flood, GINT_TO_POINTER (peer));

  thread = g_thread_new ("other", run_context, &move);
  await (is_set, &move.done);
  g_thread_join (thread);
  g_assert_cmpuint (move.flood.got, ==, TOTAL);
  g_thread_join (move.flood.writer);
  g_free (move.flood.buffer);
}

#define ADD(path, function, reader) \
  g_test_add (path, Fixture, (gconstpointer) (reader), fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/socket/flood/until-short", test_all_arrives, read_until_short);
  ADD ("/socket/flood/while-available", test_all_arrives, read_while_available);
  ADD ("/socket/flood/one-buffer", test_all_arrives, read_one_buffer);
  ADD ("/socket/flood/little", test_all_arrives, read_little);
  ADD ("/socket/flood/bytes", test_all_arrives, read_as_bytes);
  ADD ("/socket/flood/frames", test_all_arrives, read_frames);
  ADD ("/socket/flood/peek", test_all_arrives, peek_and_read);
  ADD ("/socket/flood/transaction", test_all_arrives, read_in_a_transaction);
  ADD ("/socket/flood/in-turns", test_all_arrives, read_in_turns);
  ADD ("/socket/flood/nested", test_all_arrives, read_nested);
  ADD ("/socket/flood/close", test_ends_amid, close_in_the_middle);
  ADD ("/socket/flood/close-bytes", test_ends_amid, close_amid_bytes);
  ADD ("/socket/flood/drop", test_ends_amid, drop_in_the_middle);
  ADD ("/socket/flood/drop-bytes", test_ends_amid, drop_amid_bytes);
  ADD ("/socket/flood/reset", test_reset, read_until_short);
  ADD ("/socket/flood/reset-bytes", test_reset, read_as_bytes);

  ADD ("/socket/flood/moves", test_moves_amid, NULL);
  ADD ("/socket/flood/rest-of-a-read", test_rest_stays, GINT_TO_POINTER (16384));
  ADD ("/socket/flood/rest-of-a-short-read", test_rest_stays, GINT_TO_POINTER (10));
  ADD ("/socket/flood/rest-of-no-read", test_rest_stays, GINT_TO_POINTER (-1));
  ADD ("/socket/flood/rest-of-a-read-of-nothing", test_rest_stays, GINT_TO_POINTER (0));
  ADD ("/socket/flood/taken-in-the-same-turn", test_taken_before, GINT_TO_POINTER (OWN_PRIORITY));
  ADD ("/socket/flood/taken-before", test_taken_before, GINT_TO_POINTER (G_PRIORITY_HIGH));
#ifdef MSG_OOB
  ADD ("/socket/flood/out-of-band", test_out_of_band, NULL);
#endif

  return g_test_run ();
}
