/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every public call of a socket inside each of its signals and notifications. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "matrix.h"

#define BACKLOG 16
/* More than a connection between two local sockets holds. */
#define MUCH (1024 * 1024)

typedef enum
{
  CONNECT,
  REFUSED,
  CROWDED,             /* until the time for it is over, inside a wait */
  DATA,
  DATA_IN_WAIT,
  DATA_BEHIND_LIMIT,
  WRITTEN,
  WRITTEN_IN_WAIT,
  FLUSHED,
  PEER_CLOSES,
  PEER_CLOSES_IN_WAIT,
  PEER_CLOSES_EARLY,   /* with data for us, and not with ours */
  HALF_OPEN,
  PROPERTIES,
  DISCONNECT,
  DISCONNECT_LATE,     /* when something is to be sent */
  ABORT,
  CLOSE,
  TAKE_DESCRIPTOR,
  DISPOSE,
  N_MOMENTS
} Moment;

static const char * const moment_names[] = {
  "connect", "refused", "crowded", "data", "data-in-wait", "data-behind-limit", "written",
  "written-in-wait", "flushed", "peer-closes", "peer-closes-in-wait", "peer-closes-early",
  "half-open", "properties", "disconnect", "disconnect-late", "abort", "close", "take-descriptor",
  "dispose",
};

static const char * const signal_names[] = {
  "connected", "disconnected", "error", "state-changed", "ready-read", "bytes-written",
  "about-to-close", "read-channel-finished", "destroyed", NULL,
};

typedef struct
{
  MatrixCase base;
  int        listener;
} Case;


/* The calls */

static void
call_connect (MatrixCase *test,
              gpointer    socket)
{
  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_connect_missing (MatrixCase *test,
                      gpointer    socket)
{
  lsock_socket_connect_to_server (socket, "missing", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_disconnect (MatrixCase *test,
                 gpointer    socket)
{
  lsock_socket_disconnect_from_server (socket);
}

static void
call_abort (MatrixCase *test,
            gpointer    socket)
{
  lsock_socket_abort (socket);
}

static void
call_open (MatrixCase *test,
           gpointer    socket)
{
  lsock_socket_set_server_name (socket, "raw");
  lsock_io_device_open (LSOCK_IO_DEVICE (socket), LSOCK_OPEN_MODE_READ_WRITE, NULL);
}

static void
call_reconnect (MatrixCase *test,
                gpointer    socket)
{
  lsock_socket_abort (socket);
  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_take_descriptor (MatrixCase *test,
                      gpointer    socket)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  if (!lsock_socket_set_socket_descriptor (socket, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                           LSOCK_OPEN_MODE_READ_WRITE, NULL))
    close (pair[0]);
  close (pair[1]);
}

static void
call_flush (MatrixCase *test,
            gpointer    socket)
{
  lsock_socket_flush (socket);
}

static void
call_shutdown_write (MatrixCase *test,
                     gpointer    socket)
{
  lsock_socket_shutdown_write (socket, NULL);
}

static void
call_steal_descriptor (MatrixCase *test,
                       gpointer    socket)
{
  int fd = lsock_socket_steal_socket_descriptor (socket, NULL);

  if (fd >= 0)
    close (fd);
}

static void
call_wait_connected (MatrixCase *test,
                     gpointer    socket)
{
  lsock_socket_wait_for_connected (socket, 0);
}

static void
call_wait_disconnected (MatrixCase *test,
                        gpointer    socket)
{
  lsock_socket_wait_for_disconnected (socket, 0);
}

static void
call_limit (MatrixCase *test,
            gpointer    socket)
{
  lsock_socket_set_read_buffer_size (socket, 2);
}

static void
call_priority (MatrixCase *test,
               gpointer    socket)
{
  lsock_socket_set_priority (socket, G_PRIORITY_LOW);
}

static void
call_connect_timeout (MatrixCase *test,
                      gpointer    socket)
{
  lsock_socket_set_connect_timeout (socket, 0);
}

static void
call_half_open (MatrixCase *test,
                gpointer    socket)
{
  lsock_socket_set_allow_half_open (socket, !lsock_socket_get_allow_half_open (socket));
}

static void
call_options (MatrixCase *test,
              gpointer    socket)
{
  lsock_socket_set_socket_options (socket, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
}

static void
call_abort_and_drop (MatrixCase *test,
                     gpointer    socket)
{
  lsock_socket_abort (socket);
  lsock_object_set_parent (socket, NULL);
  g_clear_object (&test->reference);
}

static void
call_connect_async (MatrixCase *test,
                    gpointer    socket)
{
  lsock_socket_connect_to_server_async (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE,
                                        test->cancellable, NULL, NULL);
}

static void
call_disconnect_async (MatrixCase *test,
                       gpointer    socket)
{
  lsock_socket_disconnect_from_server_async (socket, G_PRIORITY_DEFAULT, test->cancellable, NULL,
                                             NULL);
}

static const MatrixCall socket_calls[] = {
  { "connect", MATRIX_STAYS, call_connect },
  { "connect-missing", MATRIX_STAYS, call_connect_missing },
  { "disconnect", MATRIX_STAYS, call_disconnect },
  { "abort", MATRIX_STAYS, call_abort },
  { "open", MATRIX_STAYS, call_open },
  { "reconnect", MATRIX_STAYS, call_reconnect },
  { "take-descriptor", MATRIX_STAYS, call_take_descriptor },
  { "flush", MATRIX_STAYS, call_flush },
  { "shutdown-write", MATRIX_STAYS, call_shutdown_write },
  { "steal-descriptor", MATRIX_STAYS, call_steal_descriptor },
  { "wait-connected", MATRIX_STAYS, call_wait_connected },
  { "wait-disconnected", MATRIX_STAYS, call_wait_disconnected },
  { "limit", MATRIX_STAYS, call_limit },
  { "priority", MATRIX_STAYS, call_priority },
  { "connect-timeout", MATRIX_STAYS, call_connect_timeout },
  { "half-open", MATRIX_STAYS, call_half_open },
  { "options", MATRIX_STAYS, call_options },
  { "connect-async", MATRIX_STAYS, call_connect_async },
  { "disconnect-async", MATRIX_STAYS, call_disconnect_async },
  { "abort-and-drop", MATRIX_LEAVES, call_abort_and_drop },
  { .name = NULL },
};

static const MatrixCall * const all_calls[] = {
  socket_calls, matrix_device_calls, matrix_object_calls,
};


/* The checks */

static void
assert_consistent (gpointer socket)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  LsockSocketState state = lsock_socket_get_state (socket);
  int fd = lsock_socket_get_socket_descriptor (socket);

  g_assert_cmpint (lsock_io_device_is_open (device), ==,
                   lsock_io_device_get_open_mode (device) != LSOCK_OPEN_MODE_NOT_OPEN);
  g_assert_cmpint (lsock_socket_is_valid (socket), ==, fd >= 0);
  if (fd >= 0)
    g_assert_cmpint (fcntl (fd, F_GETFD), ==, FD_CLOEXEC);
  if (state == LSOCK_SOCKET_STATE_CONNECTED)
    g_assert_true (lsock_io_device_is_open (device));
  if (state == LSOCK_SOCKET_STATE_CONNECTED || state == LSOCK_SOCKET_STATE_CLOSING)
    g_assert_cmpint (fd, >=, 0);
  if (state == LSOCK_SOCKET_STATE_UNCONNECTED)
    {
      g_assert_cmpint (fd, ==, -1);
      g_assert_null (lsock_socket_get_full_server_name (socket));
      g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
    }
}


/* The moments */

static int
accept_now (Case *test)
{
  return accept4 (test->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void
write_much (LsockSocket *socket)
{
  g_autofree guint8 *data = g_malloc0 (MUCH);

  lsock_io_device_write (LSOCK_IO_DEVICE (socket), data, MUCH, NULL);
}

static void
set_properties (Case *test)
{
  static const struct
  {
    const char *name;
    int         value;
  } numbers[] = {
    { "read-buffer-size", 7 }, { "priority", G_PRIORITY_HIGH }, { "connect-timeout", 5 },
    { "allow-half-open", TRUE }, { "signals-blocked", TRUE }, { "signals-blocked", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers) && test->base.reference != NULL; i++)
    g_object_set (test->base.reference, numbers[i].name, numbers[i].value, NULL);
  if (test->base.reference != NULL)
    lsock_io_device_set_text_mode (LSOCK_IO_DEVICE (test->base.reference), TRUE);
  if (test->base.reference != NULL)
    lsock_io_device_set_error_string (LSOCK_IO_DEVICE (test->base.reference), "set");
  if (test->base.reference != NULL)
    lsock_object_set_name (LSOCK_OBJECT (test->base.reference), "named");
  if (test->base.reference != NULL)
    lsock_object_set_parent (LSOCK_OBJECT (test->base.reference), NULL);
  if (test->base.reference != NULL)
    lsock_object_move_to_context (LSOCK_OBJECT (test->base.reference), test->base.context, NULL);
}

static void
happen (Moment       moment,
        Case        *test,
        LsockSocket *socket,
        int         *peer)
{
  switch (moment)
    {
    case CONNECT:
      lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
      break;

    case REFUSED:
      lsock_socket_set_socket_options (socket, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
      if (test->base.reference != NULL)
        lsock_socket_connect_to_server (socket, "missing", LSOCK_OPEN_MODE_READ_WRITE);
      break;

    case CROWDED:
      lsock_socket_set_connect_timeout (socket, 1);
      if (test->base.reference != NULL)
        lsock_socket_connect_to_server (socket, "crowded", LSOCK_OPEN_MODE_READ_WRITE);
      if (test->base.reference != NULL)
        lsock_socket_wait_for_connected (socket, 10000);
      break;

    case DATA:
      raw_write (*peer, "a line\nand more");
      break;

    case DATA_IN_WAIT:
      raw_write (*peer, "a line\nand more");
      lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000);
      break;

    case DATA_BEHIND_LIMIT:
      raw_write (*peer, "a line\nand more");
      lsock_socket_set_read_buffer_size (socket, 4);
      break;

    case WRITTEN:
      write_text (socket, "written");
      break;

    case WRITTEN_IN_WAIT:
      write_text (socket, "written");
      lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), 10000);
      break;

    case FLUSHED:
      write_text (socket, "written");
      lsock_socket_flush (socket);
      break;

    case PEER_CLOSES:
      close (*peer);
      *peer = -1;
      break;

    case PEER_CLOSES_IN_WAIT:
      raw_write (*peer, "the last\n");
      close (*peer);
      *peer = -1;
      lsock_socket_wait_for_disconnected (socket, 10000);
      break;

    case PEER_CLOSES_EARLY:
      raw_write (*peer, "an answer\n");
      write_much (socket);
      close (*peer);
      *peer = -1;
      break;

    case HALF_OPEN:
      lsock_socket_set_allow_half_open (socket, TRUE);
      shutdown (*peer, SHUT_WR);
      break;

    case PROPERTIES:
      set_properties (test);
      break;

    case DISCONNECT:
      lsock_socket_disconnect_from_server (socket);
      break;

    case DISCONNECT_LATE:
      write_much (socket);
      lsock_socket_disconnect_from_server (socket);
      break;

    case ABORT:
      lsock_socket_abort (socket);
      break;

    case CLOSE:
      lsock_io_device_close (LSOCK_IO_DEVICE (socket));
      break;

    case TAKE_DESCRIPTOR:
      call_take_descriptor (&test->base, socket);
      break;

    case DISPOSE:
      g_object_run_dispose (G_OBJECT (socket));
      break;

    case N_MOMENTS:
    default:
      g_assert_not_reached ();
    }
}

/* Emissions of @signal in that moment, while @call is made inside. */
static guint
run_case (int               listener,
          Moment            moment,
          const char       *signal,
          const MatrixCall *call)
{
  Case test = { .base = { .call = call, .check = assert_consistent }, .listener = listener };
  LsockSocket *socket = lsock_socket_new ();
  int peer = -1;
  int fd;

  if (moment != CONNECT && moment != REFUSED && moment != CROWDED && moment != TAKE_DESCRIPTOR)
    {
      lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
      peer = accept_now (&test);
      g_assert_cmpint (peer, >=, 0);
    }
  matrix_begin (&test.base, socket, signal);
  happen (moment, &test, socket, &peer);
  matrix_iterate (&test.base);

  /* The peers go: what is left of the connections ends. */
  if (peer >= 0)
    close (peer);
  while ((fd = accept_now (&test)) >= 0)
    close (fd);
  matrix_iterate (&test.base);

  if (test.base.reference != NULL)
    {
      assert_consistent (socket);
      test.base.silent = TRUE;
      lsock_socket_abort (socket);
      g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);
    }
  matrix_end (&test.base);
  while ((fd = accept_now (&test)) >= 0)
    close (fd);

  return test.base.emissions;
}

static void
run_calls (int         listener,
           Moment      moment,
           const char *signal)
{
  guint before = count_descriptors ();

  for (guint i = 0; i < G_N_ELEMENTS (all_calls); i++)
    for (const MatrixCall *call = all_calls[i]; call->name != NULL; call++)
      {
        g_test_message ("%s: %s in %s", moment_names[moment], call->name, signal);
        run_case (listener, moment, signal, call);
        g_assert_cmpuint (count_descriptors (), ==, before);
      }
}

/* A listener whose backlog is full. */
static int
listen_crowded (Fixture *fixture,
                int     *client)
{
  int listener = raw_listen (fixture, "crowded", 0);

  *client = raw_connect (fixture, "crowded");
  return listener;
}

static void
test_moment (Fixture       *fixture,
             gconstpointer  data)
{
  Moment moment = (Moment) GPOINTER_TO_INT (data);
  g_autoptr (GPtrArray) signals = matrix_signals (LSOCK_TYPE_SOCKET, signal_names);
  guint emissions = 0;
  int listener = raw_listen (fixture, "raw", BACKLOG);
  int client;
  int crowded = listen_crowded (fixture, &client);

  g_test_summary ("157 of 2,376 combinations of a property, a call and a moment ended in a crash "
                  "or in an impossible state");

  g_assert_cmpint (fcntl (listener, F_SETFL, O_NONBLOCK), ==, 0);
  for (guint i = 0; i < signals->len; i++)
    {
      guint n = run_case (listener, moment, signals->pdata[i], &matrix_no_call);

      /* What is not emitted has no handler that could call. */
      if (n > 0)
        run_calls (listener, moment, signals->pdata[i]);
      emissions += n;
    }

  g_assert_cmpuint (emissions, >, 0);
  close (listener);
  close (crowded);
  close (client);
}

/* The list of children never changes. */
static void
test_every_signal (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GPtrArray) signals = matrix_signals (LSOCK_TYPE_SOCKET, signal_names);
  int listener = raw_listen (fixture, "raw", BACKLOG);
  int client;
  int crowded = listen_crowded (fixture, &client);

  g_assert_cmpint (fcntl (listener, F_SETFL, O_NONBLOCK), ==, 0);
  for (guint i = 0; i < signals->len; i++)
    {
      guint emissions = 0;

      for (int moment = 0; moment < N_MOMENTS; moment++)
        emissions += run_case (listener, (Moment) moment, signals->pdata[i], &matrix_no_call);
      if (emissions == 0 && !g_str_equal (signals->pdata[i], "notify::children"))
        g_error ("no moment emits %s", (const char *) signals->pdata[i]);
    }

  close (listener);
  close (crowded);
  close (client);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (int i = 0; i < N_MOMENTS; i++)
    {
      g_autofree char *path = g_strconcat ("/socket/matrix/", moment_names[i], NULL);

      g_test_add (path, Fixture, GINT_TO_POINTER (i), fixture_set_up, test_moment,
                  fixture_tear_down);
    }

  g_test_add ("/socket/matrix/every-signal", Fixture, NULL, fixture_set_up, test_every_signal,
              fixture_tear_down);

  return g_test_run ();
}
