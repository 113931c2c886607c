/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What handlers of a socket may do: anything, and the socket is in a state that they can rely on. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

#define CONNECTED_STORY "connecting, connected, connected"


/* Data that comes during `ready-read` */

typedef enum
{
  RUNS_A_LOOP,
  WAITS,
  WAITS_FOR_THE_END,
} Meanwhile;

typedef struct
{
  int       peer;
  Meanwhile how;
  guint     emissions;
  guint     depth;
  GString  *got;
} Nested;

static gboolean
has_two (gpointer device)
{
  return lsock_io_device_bytes_available (device) >= 12;
}

static void
on_ready_read_once (LsockIODevice *device,
                    Nested        *nested)
{
  g_autoptr (GBytes) bytes = NULL;

  g_assert_cmpuint (nested->depth, ==, 0);
  nested->depth++;
  if (nested->emissions++ == 0)
    {
      raw_write (nested->peer, "second");
      switch (nested->how)
        {
        case RUNS_A_LOOP:
          await (has_two, device);
          break;

        case WAITS:
          while (!has_two (device))
            g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
          break;

        case WAITS_FOR_THE_END:
          while (!has_two (device))
            lsock_socket_wait_for_disconnected (LSOCK_SOCKET (device), 0);
          break;

        default:
          g_assert_not_reached ();
        }
    }
  else
    {
      bytes = lsock_io_device_read_all (device, NULL);
      g_string_append_len (nested->got, g_bytes_get_data (bytes, NULL),
                           (gssize) g_bytes_get_size (bytes));
    }
  nested->depth--;
}

static void
test_data_during_ready_read (Fixture       *fixture,
                             gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Nested nested = { peer, (Meanwhile) GPOINTER_TO_INT (data), 0, 0, g_string_new (NULL) };

  g_test_summary ("What arrived while a handler of `ready-read` ran a loop, or waited, stayed "
                  "unheard until more came");

  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read_once), &nested);
  raw_write (peer, "first ");
  await_true (nested.emissions >= 2);
  settle ();

  g_assert_cmpuint (nested.emissions, ==, 2);
  g_assert_cmpstr (nested.got->str, ==, "first second");
  g_string_free (nested.got, TRUE);
  close (peer);
}

static void
wait_and_read (LsockIODevice *device,
               guint         *emissions)
{
  int peer = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (device), "peer"));
  g_autoptr (GBytes) bytes = NULL;

  if ((*emissions)++ == 0)
    {
      raw_write (peer, "second");
      g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
    }
  bytes = lsock_io_device_read_all (device, NULL);
}

/* A handler that has read all of it is not called for nothing. */
static void
test_data_read_during_ready_read (Fixture       *fixture,
                                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  guint emissions = 0;

  g_object_set_data (G_OBJECT (socket), "peer", GINT_TO_POINTER (peer));
  g_signal_connect (socket, "ready-read", G_CALLBACK (wait_and_read), &emissions);
  raw_write (peer, "first ");
  await_true (emissions > 0);
  settle ();
  g_assert_cmpuint (emissions, ==, 1);
  close (peer);
}

/* Data that one wait takes, while another event for it is on its way. */
static void
read_once (LsockIODevice *device,
           GString       *log)
{
  guint8 buffer[100];
  gssize n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);

  g_assert_cmpint (n, >=, 0);
  g_string_append_c (log, '<');
  g_string_append_len (log, (const char *) buffer, n);
  g_string_append_c (log, '>');
}

static void
wait_once (LsockIODevice *device,
           gint64         count,
           guint         *calls)
{
  if ((*calls)++ == 0)
    g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
}

static void
test_wait_in_bytes_written (Fixture       *fixture,
                            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  GString *log = g_string_new (NULL);
  guint calls = 0;

  g_test_summary ("A handler of `bytes-written` waited for data that was there, and `ready-read` "
                  "announced it a second time when it was read");

  g_signal_connect (socket, "ready-read", G_CALLBACK (read_once), log);
  raw_write (peer, "first");
  await_text (log, "<first>");

  /* Both are reported by the same turn. */
  g_signal_connect (socket, "bytes-written", G_CALLBACK (wait_once), &calls);
  write_text (socket, "question");
  raw_write (peer, "second");
  await_true (calls > 0);
  settle ();
  g_assert_cmpstr (log->str, ==, "<first><second>");

  /* And it goes on. */
  raw_write (peer, "third");
  await_text (log, "<first><second><third>");
  g_string_free (log, TRUE);
  close (peer);
}


/* A second connection */

static void
test_failed_attempt_drops_unread (Fixture       *fixture,
                                  gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (Story) story = NULL;

  g_test_summary ("A new attempt kept the unread bytes of the connection before when it failed; "
                  "Qt drops them, after `about-to-close`");

  raw_write (peer, "hello\n");
  await (has_data, socket);
  close (peer);
  await (is_unconnected, socket);
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 6);

  story = story_of (socket);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpstr (story_text (story), ==,
                   "connecting, error server-not-found, about-to-close, unconnected");
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 0);
  g_assert_false (lsock_io_device_can_read_line (device));
  g_assert_false (lsock_io_device_is_open (device));
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
  g_assert_nonnull (lsock_io_device_get_error_string (device));
}

static void
write_three (LsockIODevice    *device,
             LsockSocketError  error,
             gpointer          data)
{
  lsock_io_device_write (device, (const guint8 *) "abc", 3, NULL);
}

static void
test_write_in_failed_attempt (Fixture       *fixture,
                              gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);

  g_test_summary ("A write in the `error` of a failed reconnect: UNCONNECTED with 3 bytes to write, "
                  "and flush() aborted the program");

  close (peer);
  await (is_unconnected, socket);
  g_signal_connect (socket, "error", G_CALLBACK (write_three), NULL);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_true (is_unconnected (socket));
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 0);
  g_assert_false (lsock_socket_flush (socket));
  g_assert_false (lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), 0));
}

static void
wait_in_failure (LsockSocket *socket,
                 guint       *calls)
{
  if ((*calls)++ == 0)
    g_assert_false (lsock_socket_wait_for_connected (socket, 0));
}

static void
wait_in_failure_with_argument (LsockSocket *socket,
                               gpointer     argument,
                               guint       *calls)
{
  wait_in_failure (socket, calls);
}

static void
test_wait_in_failed_attempt (Fixture       *fixture,
                             gconstpointer  data)
{
  const char *signal = data;
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  guint calls = 0;

  g_test_summary ("wait_for_connected() inside the signals of a failed attempt put its time limit "
                  "in the place of the failure");

  /* The first two also come when an attempt begins, but then nothing has changed. */
  g_signal_connect (socket, signal, G_CALLBACK (wait_in_failure_with_argument), &calls);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpuint (calls, >, 0);
  g_assert_cmpstr (story_text (story), ==, "connecting, error server-not-found, unconnected");
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)),
                            g_strerror (ENOENT)));
}

static void
close_in_notify (LsockIODevice *device,
                 GParamSpec    *pspec,
                 guint         *calls)
{
  if ((*calls)++ == 0)
    lsock_io_device_close (device);
}

static void
note_text (LsockIODevice    *device,
           LsockSocketError  error,
           char            **text)
{
  *text = g_strdup (lsock_io_device_get_error_string (device));
}

static void
test_close_in_error_string (Fixture       *fixture,
                            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autofree guint8 *load = g_malloc0 (4 * 1024 * 1024);
  g_autofree char *text = NULL;
  guint calls = 0;

  g_test_summary ("close() inside notify::error-string forgot the text, and `error` followed "
                  "without one");

  /* Closing changes no state here, so the signal is still due. */
  g_assert_cmpint (lsock_io_device_write (device, load, 4 * 1024 * 1024, NULL), >, 0);
  lsock_socket_disconnect_from_server (socket);
  while (lsock_io_device_wait_for_bytes_written (device, 0))
    ;
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CLOSING);
  lsock_io_device_set_error_string (device, NULL);
  g_assert_true (lsock_io_device_is_open (device));

  g_signal_connect (socket, "notify::error-string", G_CALLBACK (close_in_notify), &calls);
  g_signal_connect (socket, "error", G_CALLBACK (note_text), &text);
  g_assert_false (lsock_io_device_wait_for_bytes_written (device, 0));
  g_assert_cmpuint (calls, >, 0);
  g_assert_false (lsock_io_device_is_open (device));
  g_assert_nonnull (text);
  g_assert_nonnull (strstr (text, "Timed out"));
  /* It holds itself as long as it has something to send. */
  lsock_socket_abort (socket);
  close (peer);
}

static void
forget_text (LsockIODevice *device)
{
  lsock_io_device_set_error_string (device, NULL);
}

/* Which forgets the text, since the device is still open for the former connection. */
static void
close_device (LsockIODevice *device)
{
  lsock_io_device_close (device);
}

static void
test_open_with_forgotten_error (Fixture       *fixture,
                                gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GError) error = NULL;

  g_test_summary ("open() handed out an error without a text, with a critical warning, when a "
                  "handler had cleared it");

  close (peer);
  await (is_unconnected, socket);
  lsock_socket_set_server_name (socket, "nobody");
  g_signal_connect (socket, "error", (GCallback) data, NULL);
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "nobody"));
  g_assert_cmpstr (lsock_io_device_get_error_string (device), ==, error->message);
  g_assert_true (is_unconnected (socket));
}

/* Fills the backlog of @listener so that one more client has to wait. */
static GPtrArray *
fill_backlog (const char *name)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func (g_object_unref);

  for (;;)
    {
      LsockSocket *client = lsock_socket_new ();

      lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
      g_ptr_array_add (clients, client);
      if (lsock_socket_get_state (client) == LSOCK_SOCKET_STATE_CONNECTING)
        break;
    }

  lsock_socket_abort (clients->pdata[clients->len - 1]);
  return clients;
}

static void
test_write_while_connecting (Fixture       *fixture,
                             gconstpointer  data)
{
  gboolean by_wait = GPOINTER_TO_INT (data);
  int first;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &first);
  int listener = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  g_autoptr (GBytes) got = NULL;
  int peer;

  g_test_summary ("On an object's second connection a write while CONNECTING was taken, and not "
                  "sent until another write came");

  close (first);
  await (is_unconnected, socket);
  lsock_socket_connect_to_server (socket, "busy", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
  write_text (socket, "early");
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 5);
  g_assert_false (lsock_socket_flush (socket));

  for (guint i = 0; i + 1 < others->len; i++)
    close (raw_accept (listener));
  if (by_wait)
    {
      g_assert_true (lsock_socket_wait_for_connected (socket, 10000));
      g_assert_true (lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), 10000));
    }
  else
    {
      await (is_connected, socket);
      await (has_written, socket);
    }

  peer = raw_accept (listener);
  got = raw_read (peer, 5);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "early", 5);
  close (peer);
  close (listener);
}


/* After the end */

typedef enum
{
  BY_DISPOSE,
  BY_DELETE_LATER,
  BY_PARENT,
  INSIDE_DISCONNECTED,
  INSIDE_DESTROYED,
} End;

static void
try_to_revive (LsockSocket *socket)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (GError) error = NULL;
  int pair[2];

  lsock_socket_connect_to_server (socket, "again", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_unconnected (socket));
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (strstr (lsock_io_device_get_error_string (device), "ended"));

  lsock_socket_set_server_name (socket, "again");
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_false (lsock_socket_set_socket_descriptor (socket, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                                      LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (pair[0]);
  close (pair[1]);

  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, NULL), ==, -1);
  g_assert_false (lsock_socket_flush (socket));
  g_assert_false (lsock_socket_wait_for_connected (socket, 10));
  g_assert_false (lsock_socket_wait_for_disconnected (socket, 10));
  g_assert_false (lsock_io_device_wait_for_ready_read (device, 10));
  lsock_socket_disconnect_from_server (socket);
  lsock_socket_abort (socket);
  lsock_io_device_close (device);
  g_assert_true (is_unconnected (socket));
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
}

static void
note_end (gpointer  object,
          gboolean *ended)
{
  *ended = TRUE;
}

static void
test_ended_refuses (Fixture       *fixture,
                    gconstpointer  data)
{
  End end = (End) GPOINTER_TO_INT (data);
  int peer;
  guint before = count_descriptors ();
  LsockSocket *socket = connect_to_raw (fixture, &peer);
  int listener = raw_listen (fixture, "again", 5);
  g_autoptr (LsockObject) parent = lsock_object_new ();
  gboolean ended = FALSE;

  g_test_summary ("After delete_later(), dispose or the parent's end, connect_to_server() made a "
                  "connection whose watch outlived it: SIGSEGV when the peer wrote");

  g_signal_connect (socket, "destroyed", G_CALLBACK (note_end), &ended);
  switch (end)
    {
    case BY_DELETE_LATER:
      lsock_object_delete_later (LSOCK_OBJECT (socket));
      await_true (ended);
      break;

    case BY_PARENT:
      lsock_object_set_parent (LSOCK_OBJECT (socket), G_OBJECT (parent));
      g_object_run_dispose (G_OBJECT (parent));
      break;

    case INSIDE_DISCONNECTED:
      g_signal_connect (socket, "disconnected", G_CALLBACK (try_to_revive), NULL);
      g_object_run_dispose (G_OBJECT (socket));
      break;

    case INSIDE_DESTROYED:
      g_signal_connect (socket, "destroyed", G_CALLBACK (try_to_revive), NULL);
      g_object_run_dispose (G_OBJECT (socket));
      break;

    case BY_DISPOSE:
    default:
      g_object_run_dispose (G_OBJECT (socket));
    }

  g_assert_true (ended);
  try_to_revive (socket);
  g_assert_finalize_object (socket);
  g_assert_cmpint (send (peer, "x", 1, MSG_NOSIGNAL), ==, -1);
  settle ();
  close (peer);
  close (listener);
  g_assert_cmpuint (count_descriptors (), <=, before + 2);
}


/* In the middle of a step */

typedef struct
{
  GMainContext *context;
  GThread      *connected_in;
  gboolean      connected;
} Mover;

static void
move_away (LsockSocket      *socket,
           LsockSocketState  state,
           Mover            *mover)
{
  if (state != LSOCK_SOCKET_STATE_CONNECTED && state != LSOCK_SOCKET_STATE_CONNECTING)
    return;
  if (lsock_object_get_main_context (LSOCK_OBJECT (socket)) != mover->context)
    g_assert_true (lsock_object_move_to_context (LSOCK_OBJECT (socket), mover->context, NULL));
}

static void
move_when_connected (LsockSocket      *socket,
                     LsockSocketState  state,
                     Mover            *mover)
{
  if (state == LSOCK_SOCKET_STATE_CONNECTED)
    move_away (socket, state, mover);
}

static void
note_thread (LsockSocket *socket,
             Mover       *mover)
{
  mover->connected_in = g_thread_self ();
  set_flag (&mover->connected, NULL);
}

static gpointer
run_context (gpointer data)
{
  Mover *mover = data;

  g_main_context_push_thread_default (mover->context);
  await_true_in (mover->context, is_set (&mover->connected));
  g_main_context_pop_thread_default (mover->context);
  return NULL;
}

static void
test_moved_while_connecting (Fixture       *fixture,
                             gconstpointer  data)
{
  gboolean early = GPOINTER_TO_INT (data);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  int listener = raw_listen (fixture, "s", 5);
  Mover mover = { .context = g_main_context_new () };
  GThread *thread;

  g_test_summary ("A handler of `state-changed` that moved the socket to another context during "
                  "connect_to_server(): `connected` came in the old thread");

  g_signal_connect (socket, "state-changed",
                    G_CALLBACK (early ? move_away : move_when_connected), &mover);
  g_signal_connect (socket, "connected", G_CALLBACK (note_thread), &mover);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_false (mover.connected);

  thread = g_thread_new ("mover", run_context, &mover);
  await (is_set, &mover.connected);
  g_thread_join (thread);
  g_assert_true (mover.connected_in == thread);

  g_assert_true (is_connected (socket));
  g_clear_object (&socket);
  g_main_context_unref (mover.context);
  close (listener);
}

static void
abort_on_notify (LsockSocket *socket)
{
  lsock_socket_abort (socket);
}

static void
test_abort_in_notify (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *signal = g_strconcat ("notify::", (const char *) data, NULL);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  int listener = raw_listen (fixture, "s", 5);
  int pair[2];
  gulong id;

  g_test_summary ("An abort in the handler of a notification did not last: the attempt went on, or "
                  "met an assertion");

  id = g_signal_connect (socket, signal, G_CALLBACK (abort_on_notify), NULL);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_unconnected (socket));
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_true (lsock_socket_set_socket_descriptor (socket, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  lsock_socket_abort (socket);
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  close (pair[1]);

  /* And while ending. */
  g_signal_handler_disconnect (socket, id);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  g_signal_connect (socket, signal, G_CALLBACK (abort_on_notify), NULL);
  lsock_socket_abort (socket);
  g_assert_true (is_unconnected (socket));
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  close (listener);
}

static void
end_connection (LsockSocket *socket)
{
  lsock_socket_abort (socket);
}

static void
test_wait_ended_by_handler (Fixture       *fixture,
                            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);

  g_test_summary ("wait_for_ready_read() was FALSE when the handler of the `ready-read` that it "
                  "caused ended the connection; Qt says TRUE");

  g_signal_connect (socket, "ready-read", G_CALLBACK (end_connection), NULL);
  raw_write (peer, "data");
  g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000));
  g_assert_true (is_unconnected (socket));
  close (peer);
}


/* Attempts inside attempts */

typedef enum
{
  CONNECT_IN_ERROR,
  ABORT_AND_CONNECT_IN_ERROR,
  CONNECT_WHEN_UNCONNECTED,
  ABORT_WHEN_CONNECTING,
} Insist;

typedef struct
{
  Insist how;
  guint  calls;
  guint  depth;
  guint  deepest;
} Insistence;

static void
connect_again (LsockSocket *socket,
               Insistence  *insistence)
{
  /* Enough: what is tested is the depth. */
  if (insistence->calls++ > 200)
    return;

  insistence->depth++;
  insistence->deepest = MAX (insistence->deepest, insistence->depth);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);
  insistence->depth--;
}

static void
insist_on_error (LsockSocket      *socket,
                 LsockSocketError  error,
                 Insistence       *insistence)
{
  if (insistence->how == CONNECT_IN_ERROR)
    connect_again (socket, insistence);
  if (insistence->how == ABORT_AND_CONNECT_IN_ERROR && error != LSOCK_SOCKET_ERROR_OPERATION)
    {
      lsock_socket_abort (socket);
      connect_again (socket, insistence);
    }
}

static void
insist_on_state (LsockSocket      *socket,
                 LsockSocketState  state,
                 Insistence       *insistence)
{
  if (insistence->how != CONNECT_WHEN_UNCONNECTED && insistence->how != ABORT_WHEN_CONNECTING)
    return;

  if (state == LSOCK_SOCKET_STATE_UNCONNECTED)
    connect_again (socket, insistence);
  else if (insistence->how == ABORT_WHEN_CONNECTING)
    lsock_socket_abort (socket);
}

static void
test_attempts_are_bounded (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  Insistence insistence = { (Insist) GPOINTER_TO_INT (data), 0, 0, 0 };

  g_test_summary ("A handler that connects again to a name that is refused recursed until the stack "
                  "ended");

  g_signal_connect (socket, "error", G_CALLBACK (insist_on_error), &insistence);
  g_signal_connect (socket, "state-changed", G_CALLBACK (insist_on_state), &insistence);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpuint (insistence.deepest, <=, 10);

  /* The loop goes on with it, so the handler is not simply ignored. */
  if (insistence.how == ABORT_AND_CONNECT_IN_ERROR || insistence.how == CONNECT_WHEN_UNCONNECTED)
    {
      g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
      g_assert_false (lsock_socket_wait_for_connected (socket, 0));
      g_assert_cmpuint (insistence.deepest, <=, 10);
      await_true (insistence.calls > 200);
      g_assert_cmpuint (insistence.deepest, <=, 10);
    }
}

/* As in Qt, the first attempt inside another one is made at once. */
static void
connect_to_other (LsockSocket      *socket,
                  LsockSocketState  state,
                  gpointer          data)
{
  if (state == LSOCK_SOCKET_STATE_UNCONNECTED)
    lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
test_second_attempt_at_once (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  int listener = raw_listen (fixture, "s", 5);

  g_signal_connect (socket, "state-changed", G_CALLBACK (connect_to_other), NULL);
  lsock_socket_connect_to_server (socket, "nobody", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  g_signal_handlers_disconnect_by_func (socket, connect_to_other, NULL);
  close (listener);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const char * const notifies[] = {
    "is-open", "open-mode", "is-readable", "is-writable", "server-name", "full-server-name",
    "socket-descriptor", "state",
  };

  g_test_init (&argc, &argv, NULL);

  ADD ("/socket/ready-read/data-during-loop", GINT_TO_POINTER (RUNS_A_LOOP),
       test_data_during_ready_read);
  ADD ("/socket/ready-read/data-during-wait", GINT_TO_POINTER (WAITS), test_data_during_ready_read);
  ADD ("/socket/ready-read/data-during-wait-for-end", GINT_TO_POINTER (WAITS_FOR_THE_END),
       test_data_during_ready_read);
  ADD ("/socket/ready-read/data-read-meanwhile", NULL, test_data_read_during_ready_read);
  ADD ("/socket/bytes-written/waits-for-data", NULL, test_wait_in_bytes_written);
  ADD ("/socket/connect/wait-in-error", "error", test_wait_in_failed_attempt);
  ADD ("/socket/connect/wait-in-notify-last-error", "notify::last-error",
       test_wait_in_failed_attempt);
  ADD ("/socket/connect/wait-in-notify-error-string", "notify::error-string",
       test_wait_in_failed_attempt);
  ADD ("/socket/close/in-error-string", NULL, test_close_in_error_string);
  ADD ("/socket/open/error-forgotten", (gconstpointer) forget_text, test_open_with_forgotten_error);
  ADD ("/socket/open/error-forgotten-by-close", (gconstpointer) close_device,
       test_open_with_forgotten_error);
  ADD ("/socket/reconnect/failure-drops-unread", NULL, test_failed_attempt_drops_unread);
  ADD ("/socket/reconnect/write-in-failure", NULL, test_write_in_failed_attempt);
  ADD ("/socket/reconnect/write-while-connecting", GINT_TO_POINTER (0), test_write_while_connecting);
  ADD ("/socket/reconnect/write-while-connecting-wait", GINT_TO_POINTER (1),
       test_write_while_connecting);
  ADD ("/socket/ended/dispose", GINT_TO_POINTER (BY_DISPOSE), test_ended_refuses);
  ADD ("/socket/ended/delete-later", GINT_TO_POINTER (BY_DELETE_LATER), test_ended_refuses);
  ADD ("/socket/ended/parent", GINT_TO_POINTER (BY_PARENT), test_ended_refuses);
  ADD ("/socket/ended/inside-disconnected", GINT_TO_POINTER (INSIDE_DISCONNECTED),
       test_ended_refuses);
  ADD ("/socket/ended/inside-destroyed", GINT_TO_POINTER (INSIDE_DESTROYED), test_ended_refuses);
  ADD ("/socket/move/while-connecting", GINT_TO_POINTER (0), test_moved_while_connecting);
  ADD ("/socket/move/before-the-attempt", GINT_TO_POINTER (1), test_moved_while_connecting);
  for (gsize i = 0; i < G_N_ELEMENTS (notifies); i++)
    {
      g_autofree char *path = g_strconcat ("/socket/abort/in-notify-", notifies[i], NULL);

      ADD (path, notifies[i], test_abort_in_notify);
    }
  ADD ("/socket/wait/ended-by-handler", NULL, test_wait_ended_by_handler);
  ADD ("/socket/connect/insist-in-error", GINT_TO_POINTER (CONNECT_IN_ERROR),
       test_attempts_are_bounded);
  ADD ("/socket/connect/insist-after-abort", GINT_TO_POINTER (ABORT_AND_CONNECT_IN_ERROR),
       test_attempts_are_bounded);
  ADD ("/socket/connect/insist-when-unconnected", GINT_TO_POINTER (CONNECT_WHEN_UNCONNECTED),
       test_attempts_are_bounded);
  ADD ("/socket/connect/insist-while-connecting", GINT_TO_POINTER (ABORT_WHEN_CONNECTING),
       test_attempts_are_bounded);
  ADD ("/socket/connect/second-attempt-at-once", NULL, test_second_attempt_at_once);

  return g_test_run ();
}
