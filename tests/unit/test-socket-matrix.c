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

#define BACKLOG       16
/* More than a connection between two local sockets holds. */
#define MUCH          (1024 * 1024)
/* Most calls cause the emission that they are made in. */
#define MAX_CALLS     3
#define MAX_CANARIES  (MAX_CALLS + 1)

typedef enum
{
  CONNECT,
  REFUSED,
  DATA,
  WRITTEN,
  PEER_CLOSES,
  PEER_CLOSES_EARLY,   /* with data for us, and not with ours */
  HALF_OPEN,
  DISCONNECT,
  DISCONNECT_LATE,     /* when something is to be sent */
  ABORT,
  CLOSE,
  TAKE_DESCRIPTOR,
  DISPOSE,
  N_MOMENTS
} Moment;

static const char * const moment_names[] = {
  "connect", "refused", "data", "written", "peer-closes", "peer-closes-early", "half-open",
  "disconnect", "disconnect-late", "abort", "close", "take-descriptor", "dispose",
};

static const char * const signal_names[] = {
  "connected", "disconnected", "error", "state-changed", "ready-read", "bytes-written",
  "about-to-close", "read-channel-finished", "destroyed",
};

typedef struct
{
  LsockSocket  *reference;   /* NULL after it was dropped */
  LsockObject  *owner;
  GMainContext *context;     /* where it may move */
  gboolean      finalized;
  guint         calls;
  int           canaries[MAX_CANARIES];
  guint         n_canaries;
  int           listener;
} Case;

/* After it the object may be gone, or be of another context. */
typedef enum
{
  STAYS,
  LEAVES,
} After;

typedef struct
{
  const char *name;
  After       after;
  void      (*call) (Case        *test,
                     LsockSocket *socket);
} Call;


/* The calls */

static void
call_connect (Case        *test,
              LsockSocket *socket)
{
  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_connect_missing (Case        *test,
                      LsockSocket *socket)
{
  lsock_socket_connect_to_server (socket, "missing", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_disconnect (Case        *test,
                 LsockSocket *socket)
{
  lsock_socket_disconnect_from_server (socket);
}

static void
call_abort (Case        *test,
            LsockSocket *socket)
{
  lsock_socket_abort (socket);
}

static void
call_close (Case        *test,
            LsockSocket *socket)
{
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
}

static void
call_open (Case        *test,
           LsockSocket *socket)
{
  lsock_socket_set_server_name (socket, "raw");
  lsock_io_device_open (LSOCK_IO_DEVICE (socket), LSOCK_OPEN_MODE_READ_WRITE, NULL);
}

static void
call_reconnect (Case        *test,
                LsockSocket *socket)
{
  lsock_socket_abort (socket);
  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
}

static void
call_take_descriptor (Case        *test,
                      LsockSocket *socket)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  if (!lsock_socket_set_socket_descriptor (socket, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                           LSOCK_OPEN_MODE_READ_WRITE, NULL))
    close (pair[0]);
  close (pair[1]);
}

static void
call_flush (Case        *test,
            LsockSocket *socket)
{
  lsock_socket_flush (socket);
}

static void
call_shutdown_write (Case        *test,
                     LsockSocket *socket)
{
  lsock_socket_shutdown_write (socket, NULL);
}

static void
call_write (Case        *test,
            LsockSocket *socket)
{
  lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "some\n", 5, NULL);
}

static void
call_write_bytes (Case        *test,
                  LsockSocket *socket)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("bytes\n", 6);

  lsock_io_device_write_bytes (LSOCK_IO_DEVICE (socket), bytes, NULL);
}

static void
call_read (Case        *test,
           LsockSocket *socket)
{
  char buffer[3];

  lsock_io_device_read (LSOCK_IO_DEVICE (socket), buffer, sizeof buffer, NULL);
}

static void
call_read_all (Case        *test,
               LsockSocket *socket)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED =
    lsock_io_device_read_all (LSOCK_IO_DEVICE (socket), NULL);
}

static void
call_read_line (Case        *test,
                LsockSocket *socket)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED =
    lsock_io_device_read_line (LSOCK_IO_DEVICE (socket), 0, NULL);
}

static void
call_read_line_into (Case        *test,
                     LsockSocket *socket)
{
  char buffer[4];

  lsock_io_device_read_line_into (LSOCK_IO_DEVICE (socket), buffer, sizeof buffer, NULL);
}

static void
call_peek (Case        *test,
           LsockSocket *socket)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED =
    lsock_io_device_peek (LSOCK_IO_DEVICE (socket), 4, NULL);
}

static void
call_skip (Case        *test,
           LsockSocket *socket)
{
  lsock_io_device_skip (LSOCK_IO_DEVICE (socket), 2, NULL);
}

static void
call_unget (Case        *test,
            LsockSocket *socket)
{
  lsock_io_device_unget_char (LSOCK_IO_DEVICE (socket), 'x');
}

static void
call_transaction (Case        *test,
                  LsockSocket *socket)
{
  lsock_io_device_start_transaction (LSOCK_IO_DEVICE (socket));
}

static void
call_rollback (Case        *test,
               LsockSocket *socket)
{
  lsock_io_device_rollback_transaction (LSOCK_IO_DEVICE (socket));
}

static void
call_commit (Case        *test,
             LsockSocket *socket)
{
  lsock_io_device_commit_transaction (LSOCK_IO_DEVICE (socket));
}

static void
call_wait_connected (Case        *test,
                     LsockSocket *socket)
{
  lsock_socket_wait_for_connected (socket, 0);
}

static void
call_wait_disconnected (Case        *test,
                        LsockSocket *socket)
{
  lsock_socket_wait_for_disconnected (socket, 0);
}

static void
call_wait_ready_read (Case        *test,
                      LsockSocket *socket)
{
  lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 0);
}

static void
call_wait_written (Case        *test,
                   LsockSocket *socket)
{
  lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), 0);
}

static void
call_limit (Case        *test,
            LsockSocket *socket)
{
  lsock_socket_set_read_buffer_size (socket, 2);
}

static void
call_priority (Case        *test,
               LsockSocket *socket)
{
  lsock_socket_set_priority (socket, G_PRIORITY_LOW);
}

static void
call_connect_timeout (Case        *test,
                      LsockSocket *socket)
{
  lsock_socket_set_connect_timeout (socket, 0);
}

static void
call_half_open (Case        *test,
                LsockSocket *socket)
{
  lsock_socket_set_allow_half_open (socket, !lsock_socket_get_allow_half_open (socket));
}

static void
call_options (Case        *test,
              LsockSocket *socket)
{
  lsock_socket_set_socket_options (socket, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
}

static void
call_name (Case        *test,
           LsockSocket *socket)
{
  lsock_object_set_name (LSOCK_OBJECT (socket), "named inside");
}

static void
call_text_mode (Case        *test,
                LsockSocket *socket)
{
  lsock_io_device_set_text_mode (LSOCK_IO_DEVICE (socket), TRUE);
}

static void
call_error_string (Case        *test,
                   LsockSocket *socket)
{
  lsock_io_device_set_error_string (LSOCK_IO_DEVICE (socket), "set inside");
}

static void
call_block (Case        *test,
            LsockSocket *socket)
{
  lsock_object_block_signals (LSOCK_OBJECT (socket), TRUE);
}

static void
call_orphan (Case        *test,
             LsockSocket *socket)
{
  lsock_object_set_parent (LSOCK_OBJECT (socket), NULL);
}

static void
call_take (Case        *test,
           LsockSocket *socket)
{
  g_object_unref (lsock_object_take (LSOCK_OBJECT (socket)));
}

static void
call_owner_ends (Case        *test,
                 LsockSocket *socket)
{
  g_object_run_dispose (G_OBJECT (test->owner));
}

static void
call_dispose (Case        *test,
              LsockSocket *socket)
{
  g_object_run_dispose (G_OBJECT (socket));
}

static void
call_delete_later (Case        *test,
                   LsockSocket *socket)
{
  lsock_object_delete_later (LSOCK_OBJECT (socket));
}

static void
call_drop (Case        *test,
           LsockSocket *socket)
{
  lsock_object_set_parent (LSOCK_OBJECT (socket), NULL);
  g_clear_object (&test->reference);
}

static void
call_abort_and_drop (Case        *test,
                     LsockSocket *socket)
{
  lsock_socket_abort (socket);
  call_drop (test, socket);
}

static void
call_close_and_drop (Case        *test,
                     LsockSocket *socket)
{
  lsock_io_device_close (LSOCK_IO_DEVICE (socket));
  call_drop (test, socket);
}

static void
call_move (Case        *test,
           LsockSocket *socket)
{
  lsock_object_set_parent (LSOCK_OBJECT (socket), NULL);
  lsock_object_move_to_context (LSOCK_OBJECT (socket), test->context, NULL);
}

static void
call_loop (Case        *test,
           LsockSocket *socket)
{
  g_main_context_iteration (NULL, FALSE);
}

static const Call calls[] = {
  { "connect", STAYS, call_connect },
  { "connect-missing", STAYS, call_connect_missing },
  { "disconnect", STAYS, call_disconnect },
  { "abort", STAYS, call_abort },
  { "close", STAYS, call_close },
  { "open", STAYS, call_open },
  { "reconnect", STAYS, call_reconnect },
  { "take-descriptor", STAYS, call_take_descriptor },
  { "flush", STAYS, call_flush },
  { "shutdown-write", STAYS, call_shutdown_write },
  { "write", STAYS, call_write },
  { "write-bytes", STAYS, call_write_bytes },
  { "read", STAYS, call_read },
  { "read-all", STAYS, call_read_all },
  { "read-line", STAYS, call_read_line },
  { "read-line-into", STAYS, call_read_line_into },
  { "peek", STAYS, call_peek },
  { "skip", STAYS, call_skip },
  { "unget", STAYS, call_unget },
  { "transaction", STAYS, call_transaction },
  { "rollback", STAYS, call_rollback },
  { "commit", STAYS, call_commit },
  { "wait-connected", STAYS, call_wait_connected },
  { "wait-disconnected", STAYS, call_wait_disconnected },
  { "wait-ready-read", STAYS, call_wait_ready_read },
  { "wait-written", STAYS, call_wait_written },
  { "limit", STAYS, call_limit },
  { "priority", STAYS, call_priority },
  { "connect-timeout", STAYS, call_connect_timeout },
  { "half-open", STAYS, call_half_open },
  { "options", STAYS, call_options },
  { "name", STAYS, call_name },
  { "text-mode", STAYS, call_text_mode },
  { "error-string", STAYS, call_error_string },
  { "block", STAYS, call_block },
  { "orphan", STAYS, call_orphan },
  { "take", STAYS, call_take },
  { "owner-ends", STAYS, call_owner_ends },
  { "dispose", STAYS, call_dispose },
  { "delete-later", STAYS, call_delete_later },
  { "loop", STAYS, call_loop },
  { "drop", LEAVES, call_drop },
  { "abort-and-drop", LEAVES, call_abort_and_drop },
  { "close-and-drop", LEAVES, call_close_and_drop },
  { "move", LEAVES, call_move },
};


/* The checks */

static void
assert_consistent (LsockSocket *socket)
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

/* Takes the number that the socket may just have given back: a second close would close this. */
static void
add_canary (Case *test)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (test->n_canaries, <, MAX_CANARIES);
  test->canaries[test->n_canaries++] = fd;
}

static void
check_canaries (Case *test)
{
  for (guint i = 0; i < test->n_canaries; i++)
    {
      struct stat status;

      g_assert_cmpint (fstat (test->canaries[i], &status), ==, 0);
      g_assert_true (S_ISCHR (status.st_mode));
      g_assert_cmpint (close (test->canaries[i]), ==, 0);
    }
}

typedef struct
{
  GClosure    closure;
  Case       *test;
  const Call *call;
} Handler;

static void
on_emission (GClosure     *closure,
             GValue       *result,
             guint         n_values,
             const GValue *values,
             gpointer      hint,
             gpointer      data)
{
  Handler *handler = (Handler *) closure;
  Case *test = handler->test;
  LsockSocket *socket = g_value_get_object (values);

  assert_consistent (socket);
  if (test->calls >= MAX_CALLS)
    return;

  test->calls++;
  handler->call->call (test, socket);
  add_canary (test);
  if (handler->call->after == STAYS)
    assert_consistent (socket);
}

static void
connect_handler (Case        *test,
                 const Call  *call,
                 const char  *signal,
                 LsockSocket *socket)
{
  Handler *handler = (Handler *) g_closure_new_simple (sizeof (Handler), NULL);

  handler->test = test;
  handler->call = call;
  g_closure_set_marshal (&handler->closure, on_emission);
  g_signal_connect_closure (socket, signal, &handler->closure, FALSE);
}


/* The moments */

static int
accept_now (Case *test)
{
  return accept4 (test->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void
iterate (Case *test)
{
  for (int i = 0; i < 3; i++)
    {
      settle ();
      settle_in (test->context);
    }
}

static void
write_much (LsockSocket *socket)
{
  g_autofree guint8 *data = g_malloc0 (MUCH);

  lsock_io_device_write (LSOCK_IO_DEVICE (socket), data, MUCH, NULL);
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
      lsock_socket_connect_to_server (socket, "missing", LSOCK_OPEN_MODE_READ_WRITE);
      break;

    case DATA:
      raw_write (*peer, "a line\nand more");
      break;

    case WRITTEN:
      write_text (socket, "written");
      break;

    case PEER_CLOSES:
      close (*peer);
      *peer = -1;
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
      call_take_descriptor (test, socket);
      break;

    case DISPOSE:
      g_object_run_dispose (G_OBJECT (socket));
      break;

    case N_MOMENTS:
    default:
      g_assert_not_reached ();
    }
}

static void
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

static void
run_case (int         listener,
          Moment      moment,
          const char *signal,
          const Call *call)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Case test = { .listener = listener, .context = context };
  LsockSocket *socket = lsock_socket_new ();
  int peer = -1;
  int fd;

  test.reference = socket;
  test.owner = lsock_object_new ();
  lsock_object_set_parent (LSOCK_OBJECT (socket), G_OBJECT (test.owner));
  g_object_set_data_full (G_OBJECT (socket), "finalized", &test.finalized, set_true);

  if (moment != CONNECT && moment != REFUSED && moment != TAKE_DESCRIPTOR)
    {
      lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
      peer = accept_now (&test);
      g_assert_cmpint (peer, >=, 0);
    }
  connect_handler (&test, call, signal, socket);
  happen (moment, &test, socket, &peer);
  iterate (&test);

  /* The peers go: what is left of the connections ends. */
  if (peer >= 0)
    close (peer);
  while ((fd = accept_now (&test)) >= 0)
    close (fd);
  iterate (&test);

  if (test.reference != NULL)
    {
      assert_consistent (socket);
      test.calls = MAX_CALLS;
      lsock_object_set_parent (LSOCK_OBJECT (socket), NULL);
      lsock_socket_abort (socket);
      g_clear_object (&test.reference);
    }
  g_object_unref (test.owner);
  iterate (&test);
  while ((fd = accept_now (&test)) >= 0)
    close (fd);
  g_assert_true (test.finalized);
  check_canaries (&test);
}

static void
test_moment (Fixture       *fixture,
             gconstpointer  data)
{
  Moment moment = (Moment) GPOINTER_TO_INT (data);
  g_autoptr (GPtrArray) signals = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GTypeClass) klass = g_type_class_ref (LSOCK_TYPE_SOCKET);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;
  guint before;
  int listener = raw_listen (fixture, "raw", BACKLOG);

  g_test_summary ("157 of 2,376 combinations of a property, a call and a moment ended in a crash "
                  "or in an impossible state");

  g_assert_cmpint (fcntl (listener, F_SETFL, O_NONBLOCK), ==, 0);
  pspecs = g_object_class_list_properties ((GObjectClass *) klass, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    g_ptr_array_add (signals, g_strconcat ("notify::", pspecs[i]->name, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (signal_names); i++)
    g_ptr_array_add (signals, g_strdup (signal_names[i]));

  run_case (listener, moment, "notify::name", &calls[0]);
  before = count_descriptors ();
  for (guint i = 0; i < signals->len; i++)
    for (guint j = 0; j < G_N_ELEMENTS (calls); j++)
      {
        g_test_message ("%s: %s in %s", moment_names[moment], calls[j].name,
                        (const char *) signals->pdata[i]);
        run_case (listener, moment, signals->pdata[i], &calls[j]);
        g_assert_cmpuint (count_descriptors (), ==, before);
      }

  close (listener);
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

  return g_test_run ();
}
