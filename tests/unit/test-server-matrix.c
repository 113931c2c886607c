/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every public call of a server inside each of its signals and notifications. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"


typedef enum
{
  LISTEN,
  CLIENT,
  CLOSE,
  ACCEPT_ERROR,
  DISPOSE,
  N_MOMENTS
} Moment;

static const char * const moment_names[] = {
  "listen", "client", "close", "accept-error", "dispose",
};

typedef enum
{
  CALL_LISTEN,
  CALL_LISTEN_OTHER,
  CALL_LISTEN_FD,
  CALL_CLOSE,
  CALL_CLOSE_AND_LISTEN,
  CALL_WAIT,
  CALL_NEXT,
  CALL_ADD,
  CALL_NO_ROOM,
  CALL_ROOM,
  CALL_OPTIONS,
  CALL_BACKLOG,
  CALL_BLOCK,
  CALL_DISPOSE,
  CALL_DELETE_LATER,
  CALL_DROP,
  CALL_CLOSE_AND_DROP,
  CALL_MOVE,
  CALL_CHILD_LEAVES,
  CALL_LOOP,
  N_CALLS
} Call;

typedef struct
{
  Fixture      *fixture;
  LsockServer  *reference;   /* NULL after it was dropped */
  gboolean      finalized;
  Call          call;
  guint         calls;
  GMainContext *context;     /* where it may move */
} Case;


static void
assert_consistent (Case        *test,
                   LsockServer *server)
{
  gboolean listens = lsock_server_is_listening (server);
  gboolean exists = FALSE;

  for (int i = 0; i < 2; i++)
    {
      g_autofree char *path = fixture_path (test->fixture, i == 0 ? "s" : "t");

      exists = exists || g_access (path, F_OK) == 0;
    }

  g_assert_cmpint (listens, ==, lsock_server_get_socket_descriptor (server) >= 0);
  g_assert_cmpint (listens, ==, lsock_server_get_server_name (server) != NULL);
  g_assert_cmpint (listens, ==, lsock_server_get_full_server_name (server) != NULL);
  g_assert_cmpint (listens, ==, exists);
  if (listens)
    g_assert_cmpint (fcntl (lsock_server_get_socket_descriptor (server), F_GETFD), >=, 0);
  g_assert_cmpint (lsock_server_get_error_string (server) != NULL, ==,
                   lsock_server_get_server_error (server) != LSOCK_SOCKET_ERROR_UNKNOWN);
}

static void
drop (Case *test)
{
  g_clear_object (&test->reference);
}

static void
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

static void
let_child_leave (LsockServer *server)
{
  g_autoptr (LsockObject) child =
    g_list_model_get_item (lsock_object_children_of (G_OBJECT (server)), 0);

  if (child != NULL)
    lsock_object_set_parent (child, NULL);
}

static void
listen_on_descriptor (Case        *test,
                      LsockServer *server)
{
  int pair[2];

  /* Refused, since it has no name: what is tried is that it may be called. */
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_false (lsock_server_listen_fd (server, pair[0], NULL));
  close (pair[0]);
  close (pair[1]);
}

static void
make_call (Case        *test,
           LsockServer *server)
{
  LsockSocket *socket;

  switch (test->call)
    {
    case CALL_LISTEN:
      lsock_server_listen (server, "s", NULL);
      break;

    case CALL_LISTEN_OTHER:
      lsock_server_listen (server, "t", NULL);
      break;

    case CALL_LISTEN_FD:
      listen_on_descriptor (test, server);
      break;

    case CALL_CLOSE:
      lsock_server_close (server);
      break;

    case CALL_CLOSE_AND_LISTEN:
      lsock_server_close (server);
      lsock_server_listen (server, "t", NULL);
      break;

    case CALL_WAIT:
      lsock_server_wait_for_new_connection (server, 0, NULL);
      break;

    case CALL_NEXT:
      lsock_server_next_pending_connection (server);
      break;

    case CALL_ADD:
      socket = lsock_socket_new ();
      lsock_server_add_pending_connection (server, socket);
      g_object_unref (socket);
      break;

    case CALL_NO_ROOM:
      lsock_server_set_max_pending_connections (server, 0);
      break;

    case CALL_ROOM:
      lsock_server_set_max_pending_connections (server, 7);
      break;

    case CALL_OPTIONS:
      lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_USER_ACCESS);
      break;

    case CALL_BACKLOG:
      lsock_server_set_listen_backlog_size (server, 3);
      break;

    case CALL_BLOCK:
      lsock_object_block_signals (LSOCK_OBJECT (server), TRUE);
      break;

    case CALL_DISPOSE:
      g_object_run_dispose (G_OBJECT (server));
      break;

    case CALL_DELETE_LATER:
      lsock_object_delete_later (LSOCK_OBJECT (server));
      break;

    case CALL_CLOSE_AND_DROP:
      lsock_server_close (server);
      drop (test);
      break;

    case CALL_DROP:
      drop (test);
      break;

    case CALL_MOVE:
      lsock_object_move_to_context (LSOCK_OBJECT (server), test->context, NULL);
      break;

    case CALL_CHILD_LEAVES:
      let_child_leave (server);
      break;

    case CALL_LOOP:
      g_main_context_iteration (NULL, FALSE);
      break;

    case N_CALLS:
    default:
      g_assert_not_reached ();
    }
}

static void
on_emission (Case        *test,
             LsockServer *server)
{
  assert_consistent (test, server);
  /* Bounded: most calls cause the emission that they are made in. */
  if (test->calls++ >= 3)
    return;

  make_call (test, server);
  /* After a drop nothing but the emission itself holds it. */
  if (test->call != CALL_DROP && test->call != CALL_CLOSE_AND_DROP && test->call != CALL_MOVE)
    assert_consistent (test, server);
}

static void
on_any (LsockServer *server,
        gpointer     data)
{
  on_emission (data, server);
}

static void
on_notify (LsockServer *server,
           GParamSpec  *pspec,
           gpointer     data)
{
  on_emission (data, server);
}

static void
on_accept_error (LsockServer *server,
                 GError      *error,
                 gpointer     data)
{
  on_emission (data, server);
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
connect_to (Case       *test,
            const char *signal,
            LsockServer *server)
{
  GCallback callback = G_CALLBACK (on_any);

  if (g_str_has_prefix (signal, "notify::"))
    callback = G_CALLBACK (on_notify);
  else if (g_str_equal (signal, "accept-error"))
    callback = G_CALLBACK (on_accept_error);
  g_signal_connect (server, signal, callback, test);
}

static void
run_case (Fixture    *fixture,
          Moment      moment,
          const char *signal,
          Call        call)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Case test = { .fixture = fixture, .call = call, .context = context };
  LsockServer *server = lsock_server_new ();
  int client = -1;
  int pending = -1;

  test.reference = server;
  g_object_set_data_full (G_OBJECT (server), "finalized", &test.finalized, set_true);
  if (moment == LISTEN)
    connect_to (&test, signal, server);
  lsock_server_listen (server, "s", NULL);

  if (moment != LISTEN)
    {
      pending = raw_connect (fixture, "s");
      g_assert_true (lsock_server_wait_for_new_connection (server, -1, NULL));
      connect_to (&test, signal, server);
    }
  if (moment == CLIENT || moment == ACCEPT_ERROR)
    {
      client = raw_connect (fixture, "s");
      if (moment == ACCEPT_ERROR)
        fault_set (FAULT_ACCEPT, EMFILE, FAULT_ALWAYS);
      iterate (&test);
      fault_clear (FAULT_ACCEPT);
    }
  else if (moment == CLOSE)
    {
      lsock_server_close (server);
    }
  else if (moment == DISPOSE)
    {
      g_object_run_dispose (G_OBJECT (server));
    }

  iterate (&test);
  if (test.reference != NULL)
    {
      assert_consistent (&test, server);
      g_signal_handlers_disconnect_by_data (server, &test);
      lsock_server_close (server);
      drop (&test);
    }
  iterate (&test);
  g_assert_true (test.finalized);
  if (client >= 0)
    close (client);
  if (pending >= 0)
    close (pending);
}

static void
test_moment (Fixture       *fixture,
             gconstpointer  data)
{
  Moment moment = (Moment) GPOINTER_TO_INT (data);
  g_autoptr (GPtrArray) signals = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GTypeClass) klass = g_type_class_ref (LSOCK_TYPE_SERVER);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;
  guint before;

  g_test_summary ("6 of 224 combinations of a property, a call and a moment ended in a crash or in "
                  "an impossible state");

  pspecs = g_object_class_list_properties ((GObjectClass *) klass, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    g_ptr_array_add (signals, g_strconcat ("notify::", pspecs[i]->name, NULL));
  g_ptr_array_add (signals, g_strdup ("new-connection"));
  g_ptr_array_add (signals, g_strdup ("accept-error"));
  g_ptr_array_add (signals, g_strdup ("destroyed"));

  run_case (fixture, moment, "notify::name", CALL_NEXT);
  before = count_descriptors ();
  for (guint i = 0; i < signals->len; i++)
    for (int call = 0; call < N_CALLS; call++)
      {
        g_test_message ("%s: %s, call %d", moment_names[moment],
                        (const char *) signals->pdata[i], call);
        run_case (fixture, moment, signals->pdata[i], (Call) call);
        g_assert_cmpuint (count_descriptors (), ==, before);
      }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (int i = 0; i < N_MOMENTS; i++)
    {
      g_autofree char *path = g_strconcat ("/server/matrix/", moment_names[i], NULL);

      g_test_add (path, Fixture, GINT_TO_POINTER (i), fixture_set_up, test_moment,
                  fixture_tear_down);
    }

  return g_test_run ();
}
