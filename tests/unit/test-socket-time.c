/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time limits and limits of the system: every wait obeys its deadline wherever it is called, and a
 * change that the system refuses leaves everything as it was. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"


/* Waits inside the signals of an end */

typedef enum
{
  FOR_END,
  FOR_DATA,
  FOR_WRITTEN,
  FOR_CONNECTION,
  N_WAITS
} Wait;

static const char * const wait_names[] = { "end", "data", "written", "connection" };

static gboolean
wait_for (LsockSocket *socket,
          Wait         wait,
          int          msecs)
{
  switch (wait)
    {
    case FOR_END:
      return lsock_socket_wait_for_disconnected (socket, msecs);

    case FOR_DATA:
      return lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), msecs);

    case FOR_WRITTEN:
      return lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), msecs);

    case FOR_CONNECTION:
    case N_WAITS:
    default:
      return lsock_socket_wait_for_connected (socket, msecs);
    }
}

typedef struct
{
  Wait  wait;
  int   msecs;
  guint calls;
} Waiter;

/* More than any wait needs, with those that are made inside it; one that spins makes thousands. */
#define MAX_POLLS 20

static void
wait_here (LsockSocket *socket,
           Waiter      *waiter)
{
  guint limit = fault_get_limit (FAULT_POLL);

  /* Bounded: a wait that a handler makes can emit the signal that it waits in. */
  if (waiter->calls++ < 3)
    {
      fault_limit_calls (FAULT_POLL, fault_calls (FAULT_POLL) + MAX_POLLS);
      wait_for (socket, waiter->wait, waiter->msecs);
      fault_limit_calls (FAULT_POLL, limit);
    }
}

static void
on_plain_signal (LsockSocket *socket,
                 gpointer     data)
{
  wait_here (socket, data);
}

static void
on_signal_with_argument (LsockSocket *socket,
                         gint64       argument,
                         gpointer     data)
{
  wait_here (socket, data);
}

typedef struct
{
  const char *signal;
  gboolean    has_argument;
} WaitedSignal;

static const WaitedSignal waited_signals[] = {
  { "error", TRUE }, { "state-changed", TRUE }, { "notify::state", TRUE },
  { "notify::last-error", TRUE }, { "notify::error-string", TRUE },
  { "notify::socket-descriptor", TRUE }, { "notify::is-open", TRUE },
  { "notify::server-name", TRUE }, { "ready-read", FALSE }, { "bytes-written", TRUE },
  { "read-channel-finished", FALSE }, { "disconnected", FALSE }, { "about-to-close", FALSE },
  { "connected", FALSE },
};

/* Every wait in every signal, for the life of a connection that the peer ends. */
static void
test_wait_in_signal (Fixture       *fixture,
                     gconstpointer  data)
{
  Wait wait = (Wait) GPOINTER_TO_INT (data);
  static const int limits[] = { 20, 0, -5 };

  g_test_summary ("wait_for_disconnected (20) inside `error`, `state-changed` or `notify::state` "
                  "when the peer closes never returned, and took all of a processor");

  for (gsize i = 0; i < G_N_ELEMENTS (waited_signals); i++)
    for (gsize l = 0; l < G_N_ELEMENTS (limits); l++)
      {
        int listener = raw_listen (fixture, "s", 5);
        g_autofree char *path = fixture_path (fixture, "s");
        g_autoptr (LsockSocket) socket = lsock_socket_new ();
        Waiter waiter = { wait, limits[l], 0 };
        int peer;

        g_signal_connect (socket, waited_signals[i].signal,
                          waited_signals[i].has_argument ? G_CALLBACK (on_signal_with_argument)
                                                         : G_CALLBACK (on_plain_signal), &waiter);
        lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
        peer = raw_accept (listener);
        if (is_connected (socket))
          write_text (socket, "out");
        raw_write (peer, "in");
        settle ();
        close (peer);
        await (is_unconnected, socket);
        lsock_io_device_close (LSOCK_IO_DEVICE (socket));

        g_assert_cmpuint (waiter.calls, >, 0);
        close (listener);
        g_assert_cmpint (unlink (path), ==, 0);
      }
}

/* -1 alone is for ever. */
static void
test_negative_time (Fixture       *fixture,
                    gconstpointer  data)
{
  Wait wait = (Wait) GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autofree guint8 *load = g_malloc0 (4 * 1024 * 1024);

  if (wait == FOR_WRITTEN)
    {
      lsock_io_device_write (LSOCK_IO_DEVICE (socket), load, 4 * 1024 * 1024, NULL);
      /* What has left already is reported by the first. */
      g_assert_true (wait_for (socket, wait, -2));
    }
  g_assert_cmpint (wait_for (socket, wait, -2), ==, wait == FOR_CONNECTION);
  g_assert_cmpint (wait_for (socket, wait, G_MININT), ==, wait == FOR_CONNECTION);
  lsock_socket_abort (socket);
  close (peer);
}


/* A full backlog */

static GPtrArray *
fill_backlog (const char *name)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func (g_object_unref);
  LsockSocket *client;

  do
    {
      client = lsock_socket_new ();
      lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
      g_ptr_array_add (clients, client);
    }
  while (lsock_socket_get_state (client) != LSOCK_SOCKET_STATE_CONNECTING);

  lsock_socket_abort (client);
  return clients;
}

static void
test_connect_wait_times_out (Fixture       *fixture,
                             gconstpointer  data)
{
  int msecs = GPOINTER_TO_INT (data);
  int listener = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);

  g_test_summary ("wait_for_connected() that timed out left neither an error nor a text, so that a "
                  "program ended with status 0");

  lsock_socket_connect_to_server (socket, "busy", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_false (lsock_socket_wait_for_connected (socket, msecs));
  g_assert_cmpstr (story_text (story), ==, "connecting");
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)), "busy"));
  close (listener);
}

static void
test_retries_back_off (Fixture       *fixture,
                       gconstpointer  data)
{
  gboolean by_wait = GPOINTER_TO_INT (data);
  int listener = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  gint64 begin = g_get_monotonic_time ();
  guint first;

  g_test_summary ("5,000 clients that waited for a full backlog took a processor with their "
                  "retries");

  first = fault_calls (FAULT_CONNECT);
  lsock_socket_connect_to_server (socket, "busy", LSOCK_OPEN_MODE_READ_WRITE);
  if (by_wait)
    while (fault_calls (FAULT_CONNECT) < first + 6)
      lsock_socket_wait_for_connected (socket, 400);
  else
    await_true (fault_calls (FAULT_CONNECT) >= first + 6);

  /* 10 + 20 + 40 + 80 + 160 ms: however slow the machine is, it cannot be less. */
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, by_wait ? 155000 : 300000);
  close (listener);
}

static void
test_connect_timeout_between_retries (Fixture       *fixture,
                                      gconstpointer  data)
{
  int listener = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);

  lsock_socket_set_connect_timeout (socket, 50);
  lsock_socket_connect_to_server (socket, "busy", LSOCK_OPEN_MODE_READ_WRITE);
  await (is_unconnected, socket);
  g_assert_cmpstr (story_text (story), ==, "connecting, error socket-timeout, unconnected");
  close (listener);
}


/* A full read buffer */

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              guint      *count)
{
  (*count)++;
}

static void
test_read_blocked (Fixture       *fixture,
                   gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (GBytes) bytes = NULL;
  gboolean blocked = TRUE;
  guint count = 0;

  g_test_summary ("A reader that waited for a frame larger than its read buffer waited for ever, "
                  "and nothing said so");

  g_signal_connect (socket, "notify::read-blocked", G_CALLBACK (count_notify), &count);
  lsock_socket_set_read_buffer_size (socket, 4);
  raw_write (peer, "five!");
  await_true (lsock_socket_get_read_blocked (socket));
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpint (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (socket)), ==, 4);

  bytes = lsock_io_device_read_bytes (LSOCK_IO_DEVICE (socket), 2, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 2);
  g_object_get (socket, "read-blocked", &blocked, NULL);
  g_assert_false (blocked);
  g_assert_cmpuint (count, ==, 2);

  lsock_socket_set_read_buffer_size (socket, 2);
  raw_write (peer, "more");
  await_true (lsock_socket_get_read_blocked (socket));
  lsock_socket_set_read_buffer_size (socket, 0);
  g_assert_false (lsock_socket_get_read_blocked (socket));

  lsock_socket_set_read_buffer_size (socket, 1);
  raw_write (peer, "more");
  await_true (lsock_socket_get_read_blocked (socket));
  lsock_socket_abort (socket);
  g_assert_false (lsock_socket_get_read_blocked (socket));
  close (peer);
}

/* Four bytes that are here, and four that wait behind them. */
static LsockSocket *
blocked_socket (Fixture    *fixture,
                const char *text,
                int        *peer)
{
  LsockSocket *socket = connect_to_raw (fixture, peer);

  lsock_socket_set_read_buffer_size (socket, 4);
  raw_write (*peer, text);
  await_true (lsock_socket_get_read_blocked (socket));
  return socket;
}

static void
assert_bytes (GBytes     *bytes,
              const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
test_text_makes_room (Fixture       *fixture,
                      gconstpointer  data)
{
  gboolean skips = GPOINTER_TO_INT (data);
  int peer;
  g_autoptr (LsockSocket) socket = blocked_socket (fixture, "ab\r\ndefg", &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GBytes) bytes = NULL;

  g_test_summary ("Text goes through the device's own buffer, and that it was read from there made "
                  "no room: a full socket was deaf from then on");

  lsock_io_device_set_text_mode (device, TRUE);
  if (skips)
    g_assert_cmpint (lsock_io_device_skip (device, 100, NULL), ==, 3);
  else
    assert_bytes ((bytes = lsock_io_device_read_bytes (device, 100, NULL)), "ab\n");
  g_assert_false (lsock_socket_get_read_blocked (socket));
  await (has_data, socket);
  assert_read (device, "defg");
  close (peer);
}

typedef GBytes *(*Look) (LsockIODevice *device);

static GBytes *
look_peek (LsockIODevice *device)
{
  return lsock_io_device_peek (device, 4, NULL);
}

static GBytes *
look_peek_into (LsockIODevice *device)
{
  char buffer[4];
  gssize n = lsock_io_device_peek_into (device, buffer, sizeof buffer, NULL);

  return n < 0 ? NULL : g_bytes_new (buffer, (gsize) n);
}

static GBytes *
look_transaction (LsockIODevice *device)
{
  GBytes *bytes;

  lsock_io_device_start_transaction (device);
  bytes = lsock_io_device_read_bytes (device, 4, NULL);
  lsock_io_device_rollback_transaction (device);
  return bytes;
}

static GBytes *
look_transaction_line (LsockIODevice *device)
{
  GBytes *bytes;

  lsock_io_device_start_transaction (device);
  bytes = lsock_io_device_read_line (device, 0, NULL);
  lsock_io_device_rollback_transaction (device);
  return bytes;
}

static void
test_look_makes_no_room (Fixture       *fixture,
                         gconstpointer  data)
{
  Look look = (Look) data;
  int peer;
  g_autoptr (LsockSocket) socket = blocked_socket (fixture, "abc\ndefg", &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GBytes) seen = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint count = 0;

  g_test_summary ("A peek, and a line that was read ahead, moved the bytes within the device, and "
                  "`read-blocked` told of room that was not there");

  g_signal_connect (socket, "notify::read-blocked", G_CALLBACK (count_notify), &count);
  seen = look (device);
  assert_bytes (seen, "abc\n");
  g_assert_true (lsock_socket_get_read_blocked (socket));
  settle ();
  g_assert_cmpuint (count, ==, 0);
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 4);

  /* What is read makes room, from wherever it is taken. */
  bytes = lsock_io_device_read_bytes (device, 2, NULL);
  assert_bytes (bytes, "ab");
  g_assert_false (lsock_socket_get_read_blocked (socket));
  g_assert_cmpuint (count, ==, 1);
  await_true (lsock_io_device_bytes_available (device) == 4);
  assert_read (device, "c\nde");
  close (peer);
}

static GBytes *
take_text (LsockIODevice *device)
{
  lsock_io_device_set_text_mode (device, TRUE);
  return lsock_io_device_read_bytes (device, 4, NULL);
}

static GBytes *
take_line (LsockIODevice *device)
{
  return lsock_io_device_read_line (device, 0, NULL);
}

static GBytes *
take_all (LsockIODevice *device)
{
  return lsock_io_device_read_all (device, NULL);
}

static GBytes *
take_peeked (LsockIODevice *device)
{
  g_bytes_unref (lsock_io_device_peek (device, 2, NULL));
  return lsock_io_device_read_bytes (device, 4, NULL);
}

/* What is held is the begin of a line, for the rest of which the socket is asked. */
static GBytes *
take_peeked_line (LsockIODevice *device)
{
  g_bytes_unref (lsock_io_device_peek (device, 4, NULL));
  return lsock_io_device_read_line (device, 0, NULL);
}

/* And the same with what is skipped: no more than was there. */
static GBytes *
take_peeked_skip (LsockIODevice *device)
{
  GBytes *bytes = lsock_io_device_peek (device, 4, NULL);

  g_assert_cmpint (lsock_io_device_skip (device, 5, NULL), ==, g_bytes_get_size (bytes));
  return bytes;
}

/* A way to take the first four bytes, and all that there is: the others are not there before there
 * is room for them. */
typedef struct
{
  const char *name;
  GBytes   *(*take) (LsockIODevice *device);
  const char *sent;
  const char *taken;
} Take;

static const Take takes[] = {
  { "text", take_text, "ab\r\ndefg", "ab\n" },
  { "line", take_line, "ab\r\ndefg", "ab\r\n" },
  { "all", take_all, "ab\r\ndefg", "ab\r\n" },
  { "peeked", take_peeked, "ab\r\ndefg", "ab\r\n" },
  { "peeked-line", take_peeked_line, "abcdefg\n", "abcd" },
  { "peeked-skip", take_peeked_skip, "abcdefgh", "abcd" },
};

typedef struct
{
  char  byte;
  guint calls;
} Interjection;

/* Waits for what comes into the room that was made, and takes the first of it. */
static void
read_in_notify (LsockIODevice *device,
                GParamSpec    *pspec,
                Interjection  *interjection)
{
  if (lsock_socket_get_read_blocked (LSOCK_SOCKET (device)) || interjection->calls++ > 0)
    return;

  g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
  g_assert_cmpint (lsock_io_device_read (device, &interjection->byte, 1, NULL), ==, 1);
}

static void
test_read_in_read_blocked (Fixture       *fixture,
                           gconstpointer  data)
{
  const Take *take = data;
  int peer;
  g_autoptr (LsockSocket) socket = blocked_socket (fixture, take->sent, &peer);
  Interjection interjection = { 0, };
  g_autoptr (GBytes) bytes = NULL;

  g_test_summary ("`read-blocked` was notified in the middle of a read: the handler read what the "
                  "call went on to, and both got bytes out of order");

  g_signal_connect (socket, "notify::read-blocked", G_CALLBACK (read_in_notify), &interjection);
  bytes = take->take (LSOCK_IO_DEVICE (socket));
  g_assert_cmpuint (interjection.calls, >, 0);
  assert_bytes (bytes, take->taken);
  g_assert_cmpint (interjection.byte, ==, take->sent[4]);
  assert_read (socket, take->sent + 5);
  close (peer);
}

static void
drop_in_notify (LsockSocket  *socket,
                GParamSpec   *pspec,
                LsockSocket **reference)
{
  g_clear_object (reference);
}

static void
test_drop_in_notify_of_read (Fixture       *fixture,
                             gconstpointer  data)
{
  const Take *take = data;
  int peer;
  LsockSocket *socket = blocked_socket (fixture, take->sent, &peer);
  LsockSocket *reference = socket;
  g_autoptr (GBytes) bytes = NULL;

  g_test_summary ("A handler of `read-blocked` that dropped the last reference left the read with "
                  "freed memory");

  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_signal_connect (socket, "notify::read-blocked", G_CALLBACK (drop_in_notify), &reference);
  bytes = take->take (LSOCK_IO_DEVICE (socket));
  g_assert_null (reference);
  g_assert_null (socket);
  assert_bytes (bytes, take->taken);
  close (peer);
}

static void
test_drop_in_notify_of_write (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *signal = g_strconcat ("notify::", (const char *) data, NULL);
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  LsockSocket *reference = socket;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A refused write notified in the middle of the call, which went on with freed "
                  "memory if the handler dropped the last reference");

  close (peer);
  await (is_unconnected, socket);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_signal_connect (socket, signal, G_CALLBACK (drop_in_notify), &reference);
  g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "x", 1,
                                          &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_null (reference);
  g_assert_null (socket);
}


/* Limits of the system */

typedef struct
{
  struct rlimit before;
  GArray       *taken;
} FullTable;

static void
fill_table (FullTable *table)
{
  struct rlimit limit;
  int fd;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &table->before), ==, 0);
  limit = table->before;
  limit.rlim_cur = 64;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  table->taken = g_array_new (FALSE, FALSE, sizeof fd);
  while ((fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (table->taken, fd);
  g_assert_cmpint (errno, ==, EMFILE);
}

static void
empty_table (FullTable *table)
{
  for (guint i = 0; i < table->taken->len; i++)
    close (g_array_index (table->taken, int, i));
  g_array_free (table->taken, TRUE);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &table->before), ==, 0);
}

static void
drop_reference (LsockSocket      *socket,
                LsockSocketError  error,
                LsockSocket     **reference)
{
  g_clear_object (reference);
}

/* Without epoll a change of priority needs no descriptor, and succeeds. */
static void
test_priority_full_table (Fixture       *fixture,
                          gconstpointer  data)
{
  gboolean drop = GPOINTER_TO_INT (data);
  int peer;
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  LsockSocket *reference = socket;
  gboolean failed;
  FullTable table;

  g_test_summary ("set_priority() with a full table of descriptors ended a live connection, and "
                  "went on with a socket that its error handler had dropped");

  if (drop)
    g_signal_connect (socket, "error", G_CALLBACK (drop_reference), &reference);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);

  fill_table (&table);
  lsock_socket_set_priority (socket, -77);
  empty_table (&table);

  failed = *story_text (story) != '\0';
  if (failed)
    g_assert_cmpstr (story_text (story), ==,
                     drop ? "error socket-resource, destroyed" : "error socket-resource");

  if (!drop || !failed)
    {
      g_assert_nonnull (socket);
      g_assert_cmpint (lsock_socket_get_priority (socket), ==,
                       failed ? G_PRIORITY_DEFAULT : -77);
      g_assert_true (is_connected (socket));
      raw_write (peer, "still here");
      await (has_data, socket);
      lsock_socket_set_priority (socket, -77);
      g_assert_cmpint (lsock_socket_get_priority (socket), ==, -77);
      raw_write (peer, "still here");
      await (has_data, socket);
      g_clear_object (&reference);
    }
  close (peer);
}

static void
test_many_priorities (Fixture       *fixture,
                      gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  guint before;

  g_test_summary ("Each priority ever used kept a descriptor: 500 changes, 499 descriptors");

  settle ();
  before = count_descriptors ();
  for (int priority = 1; priority <= 500; priority++)
    lsock_socket_set_priority (socket, priority);
  settle ();
  g_assert_cmpuint (count_descriptors (), <=, before + 1);

  raw_write (peer, "still here");
  await (has_data, socket);
  close (peer);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; Look look; } looks[] = {
    { "peek", look_peek },
    { "peek-into", look_peek_into },
    { "transaction", look_transaction },
    { "transaction-line", look_transaction_line },
  };
  static const char * const notifies[] = { "last-error", "error-string" };

  g_test_init (&argc, &argv, NULL);

  for (int i = 0; i < N_WAITS; i++)
    {
      g_autofree char *inside = g_strdup_printf ("/socket/wait-for-%s/in-each-signal", wait_names[i]);
      g_autofree char *negative = g_strdup_printf ("/socket/wait-for-%s/negative", wait_names[i]);

      ADD (inside, GINT_TO_POINTER (i), test_wait_in_signal);
      ADD (negative, GINT_TO_POINTER (i), test_negative_time);
    }
  ADD ("/socket/wait-for-connection/times-out", GINT_TO_POINTER (30), test_connect_wait_times_out);
  ADD ("/socket/wait-for-connection/polls", GINT_TO_POINTER (0), test_connect_wait_times_out);
  ADD ("/socket/backlog/retries-back-off", GINT_TO_POINTER (0), test_retries_back_off);
  ADD ("/socket/backlog/retries-back-off-wait", GINT_TO_POINTER (1), test_retries_back_off);
  ADD ("/socket/backlog/times-out-between-retries", NULL, test_connect_timeout_between_retries);
  ADD ("/socket/read-blocked/shows", NULL, test_read_blocked);
  ADD ("/socket/read-blocked/text-read", GINT_TO_POINTER (FALSE), test_text_makes_room);
  ADD ("/socket/read-blocked/text-skipped", GINT_TO_POINTER (TRUE), test_text_makes_room);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autofree char *path = g_strconcat ("/socket/read-blocked/no-room-by-", looks[i].name, NULL);

      ADD (path, (gconstpointer) looks[i].look, test_look_makes_no_room);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (takes); i++)
    {
      g_autofree char *read = g_strconcat ("/socket/read-blocked/read-in-notify-of-", takes[i].name,
                                           NULL);
      g_autofree char *drop = g_strconcat ("/socket/read-blocked/drop-in-notify-of-", takes[i].name,
                                           NULL);

      ADD (read, &takes[i], test_read_in_read_blocked);
      ADD (drop, &takes[i], test_drop_in_notify_of_read);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (notifies); i++)
    {
      g_autofree char *path = g_strconcat ("/socket/write/drop-in-notify-", notifies[i], NULL);

      ADD (path, notifies[i], test_drop_in_notify_of_write);
    }
  ADD ("/socket/priority/full-table", GINT_TO_POINTER (0), test_priority_full_table);
  ADD ("/socket/priority/full-table-dropped", GINT_TO_POINTER (1), test_priority_full_table);

  ADD ("/socket/priority/many", NULL, test_many_priorities);

  return g_test_run ();
}
