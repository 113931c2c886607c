/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects that end in another thread, contexts that are given up, and threads without a context. */

#include <string.h>

#include "fixture.h"


/* A class that knows how it ended */

#define TEST_TYPE_MORTAL (test_mortal_get_type ())
G_DECLARE_FINAL_TYPE (TestMortal, test_mortal, TEST, MORTAL, LsockObject)

struct _TestMortal
{
  LsockObject  parent_instance;
  gboolean     ended;
};

G_DEFINE_FINAL_TYPE (TestMortal, test_mortal, LSOCK_TYPE_OBJECT)

static guint sig_cry;
static int n_ended;      /* atomic */
static int n_finalized;  /* atomic */
static GThread *end_thread;

static void
test_mortal_shutdown (LsockObject *object)
{
  g_assert_false (TEST_MORTAL (object)->ended);
  if (end_thread != NULL)
    g_assert_true (end_thread == g_thread_self ());
  TEST_MORTAL (object)->ended = TRUE;
  g_atomic_int_inc (&n_ended);

  LSOCK_OBJECT_CLASS (test_mortal_parent_class)->shutdown (object);
}

static void
test_mortal_finalize (GObject *object)
{
  g_assert_true (TEST_MORTAL (object)->ended);
  g_atomic_int_inc (&n_finalized);

  G_OBJECT_CLASS (test_mortal_parent_class)->finalize (object);
}

static void
test_mortal_class_init (TestMortalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_mortal_finalize;
  LSOCK_OBJECT_CLASS (klass)->shutdown = test_mortal_shutdown;
  sig_cry = g_signal_new ("cry", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
test_mortal_init (TestMortal *self)
{
}

static LsockObject *
mortal_new (void)
{
  return g_object_new (TEST_TYPE_MORTAL, NULL);
}

static void
count_from_zero (GThread *expected)
{
  g_atomic_int_set (&n_ended, 0);
  g_atomic_int_set (&n_finalized, 0);
  end_thread = expected;
}


/* The last reference */

static gpointer
drop_each (gpointer data)
{
  GAsyncQueue *queue = data;
  gpointer object;

  while ((object = g_async_queue_pop (queue)) != queue)
    g_object_unref (object);
  return NULL;
}

static void
test_last_reference (Fixture       *fixture,
                     gconstpointer  data)
{
  GAsyncQueue *queue = g_async_queue_new ();
  GThread *thread = g_thread_new ("dropper", drop_each, queue);
  int n = 3000;

  g_test_summary ("The last reference dropped in another thread: the own thread could finalize an "
                  "object that was never ended");

  count_from_zero (g_thread_self ());
  for (int i = 0; i < n; i++)
    {
      g_async_queue_push (queue, mortal_new ());
      g_main_context_iteration (NULL, FALSE);
    }
  await_true (g_atomic_int_get (&n_ended) >= n);
  g_assert_cmpint (n_ended, ==, n);

  g_async_queue_push (queue, queue);
  g_thread_join (thread);
  g_async_queue_unref (queue);
  g_assert_cmpint (n_finalized, ==, n);
  count_from_zero (NULL);
}

static gpointer
dispose_in_thread (gpointer object)
{
  g_object_run_dispose (object);
  return NULL;
}

/* A reference of the own thread, as the library takes one while it dispatches, hides from dispose
 * that the last one goes. */
static void
test_last_reference_hidden (Fixture       *fixture,
                            gconstpointer  data)
{
  g_autoptr (LsockObject) object = mortal_new ();

  g_test_summary ("An object that is disposed in another thread was ended there if its own thread "
                  "had a reference at the moment");

  count_from_zero (g_thread_self ());
  g_thread_join (g_thread_new ("disposer", dispose_in_thread, object));
  g_assert_cmpint (n_ended, ==, 0);
  settle ();
  g_assert_cmpint (n_ended, ==, 1);
  g_clear_object (&object);
  g_assert_cmpint (n_finalized, ==, 1);
  count_from_zero (NULL);
}

static gpointer
unref_in_thread (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
test_foreign_parent (Fixture       *fixture,
                     gconstpointer  data)
{
  GObject *parent = G_OBJECT (g_list_store_new (G_TYPE_OBJECT));
  LsockObject *child = mortal_new ();
  int destroyed = 0;

  g_test_summary ("The children of an object of another library, which is disposed in another "
                  "thread, end in their own thread");

  count_from_zero (g_thread_self ());
  g_signal_connect_swapped (child, "destroyed", G_CALLBACK (g_atomic_int_inc), &destroyed);
  lsock_object_set_parent (child, parent);
  g_object_unref (child);
  g_thread_join (g_thread_new ("disposer", unref_in_thread, parent));
  g_assert_cmpint (n_ended, ==, 0);
  settle ();
  g_assert_cmpint (destroyed, ==, 1);
  g_assert_cmpint (n_finalized, ==, 1);
  count_from_zero (NULL);
}


/* Contexts that are given up */

typedef void (*Prepare) (LsockObject *object);

static void
prepare_delete (LsockObject *object)
{
  lsock_object_delete_later (object);
}

static void
prepare_delete_tree (LsockObject *object)
{
  g_autoptr (LsockObject) child = LSOCK_OBJECT (lsock_socket_new ());

  lsock_object_set_parent (child, G_OBJECT (object));
  lsock_object_delete_later (object);
}

static void
on_never (gpointer unused)
{
  g_assert_not_reached ();
}

static void
prepare_invoke (LsockObject *object)
{
  lsock_invoke_queued (G_OBJECT (object), g_cclosure_new (G_CALLBACK (on_never), NULL, NULL));
  lsock_invoke_queued (NULL, g_cclosure_new (G_CALLBACK (on_never), NULL, NULL));
}

static void
prepare_receive (LsockObject *object)
{
  g_autoptr (GCancellable) sender = g_cancellable_new ();
  g_autoptr (LsockConnection) connection =
    lsock_connect (sender, "cancelled", LSOCK_CONNECTION_TYPE_QUEUED, object,
                   G_CALLBACK (on_never), NULL, NULL);
  g_autoptr (LsockConnection) other =
    lsock_connect (sender, "cancelled", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                   G_CALLBACK (on_never), NULL, NULL);

  g_cancellable_cancel (sender);
}

static void
on_never_said (gpointer sender,
               gpointer argument)
{
  g_assert_not_reached ();
}

/* What is queued has the sender, which lives in the same context. */
static void
prepare_send (LsockObject *object)
{
  g_autoptr (LsockConnection) connection =
    lsock_connect (object, "notify::name", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                   G_CALLBACK (on_never_said), NULL, NULL);
  g_autoptr (LsockConnection) other =
    lsock_connect (object, "notify::name", LSOCK_CONNECTION_TYPE_QUEUED, object,
                   G_CALLBACK (on_never_said), NULL, NULL);

  lsock_object_set_name (object, "name");
}

static void
prepare_moved (LsockObject *object)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  lsock_object_move_to_context (object, context, NULL);
}

static void
give_up (Fixture *fixture,
         Prepare  prepare,
         gboolean held)
{
  GMainContext *context = g_main_context_new ();
  g_autofree char *path = fixture_path (fixture, "given-up");
  LsockServer *server;
  LsockSocket *socket;

  g_main_context_push_thread_default (context);
  server = lsock_server_new ();
  socket = lsock_socket_new ();
  g_assert_true (lsock_server_listen (server, path, NULL));
  lsock_socket_connect_to_server (socket, path, LSOCK_OPEN_MODE_READ_WRITE);
  prepare (LSOCK_OBJECT (socket));
  prepare (LSOCK_OBJECT (server));

  if (!held)
    {
      gpointer weak_server = server, weak_socket = socket;

      g_object_add_weak_pointer (G_OBJECT (server), &weak_server);
      g_object_add_weak_pointer (G_OBJECT (socket), &weak_socket);
      g_object_unref (socket);
      g_object_unref (server);
      g_main_context_pop_thread_default (context);
      g_main_context_unref (context);
      g_assert_null (weak_server);
      g_assert_null (weak_socket);
      return;
    }

  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_nonnull (lsock_object_get_main_context (LSOCK_OBJECT (socket)));
  g_assert_nonnull (lsock_object_get_main_context (LSOCK_OBJECT (server)));
  if (prepare == prepare_delete)
    {
      g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_UNCONNECTED);
      g_assert_false (lsock_server_is_listening (server));
    }
  lsock_object_delete_later (LSOCK_OBJECT (server));
  g_assert_finalize_object (socket);
  g_object_unref (server);
}

static void
test_given_up (Fixture       *fixture,
               gconstpointer  data)
{
  guint before;

  g_test_summary ("A main context that was given up with something queued kept itself, the "
                  "objects and their descriptors");

  /* The first one makes what stays. */
  give_up (fixture, (Prepare) data, FALSE);
  before = count_descriptors ();
  for (guint i = 0; i < 100; i++)
    give_up (fixture, (Prepare) data, i % 2 == 1);
  g_assert_cmpuint (count_descriptors (), ==, before);
}

/* The library's own context of a thread goes with the thread. */
static gpointer
queue_and_end (gpointer data)
{
  LsockObject *object = mortal_new ();

  g_assert_true (lsock_object_get_main_context (object) != g_main_context_default ());
  lsock_object_delete_later (object);
  g_object_unref (object);
  return NULL;
}


/* Threads without a context of their own, beside one that runs the default context */

typedef struct
{
  Fixture      *fixture;
  GSourceFunc   func;
  GThread      *thread;
  LsockObject  *kept;
  int           done;
} Beside;

static gpointer
run_beside (gpointer data)
{
  Beside *beside = data;

  beside->func (beside);
  set_flag (&beside->done, NULL);
  return NULL;
}

static gboolean
start_beside (gpointer data)
{
  ((Beside *) data)->thread = g_thread_new ("beside", run_beside, data);
  return G_SOURCE_REMOVE;
}

/* Runs @func in a thread while this one runs the default context. */
static void
beside_loop (Beside      *beside,
             GSourceFunc  func)
{
  beside->func = func;
  g_idle_add (start_beside, beside);
  await (is_set, &beside->done);
  g_thread_join (beside->thread);
}

static void
assert_own_context (gpointer object)
{
  g_assert_true (lsock_object_get_main_context (object) != g_main_context_default ());
}

static gboolean
converse (gpointer data)
{
  Beside *beside = data;
  g_autofree char *path = fixture_path (beside->fixture, "beside");
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  LsockSocket *peer;

  assert_own_context (server);
  assert_own_context (socket);
  assert_own_context (buffer);
  g_assert_true (lsock_object_get_main_context (LSOCK_OBJECT (server)) ==
                 lsock_object_get_main_context (LSOCK_OBJECT (socket)));
  g_assert_true (lsock_server_listen (server, path, NULL));

  for (guint i = 0; i < 50; i++)
    {
      lsock_socket_connect_to_server (socket, path, LSOCK_OPEN_MODE_READ_WRITE);
      g_assert_true (lsock_socket_wait_for_connected (socket, 10000));
      g_assert_true (lsock_server_wait_for_new_connection (server, 5000, NULL));
      peer = lsock_server_next_pending_connection (server);
      g_assert_nonnull (peer);
      write_text (socket, "to");
      g_assert_true (lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (socket), 10000) ||
                     lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)) == 0);
      g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (peer), 10000));
      assert_read (peer, "to");
      write_text (peer, "fro");
      lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (peer), 10000);
      g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000));
      assert_read (socket, "fro");
      lsock_socket_disconnect_from_server (socket);
      lsock_socket_wait_for_disconnected (socket, 10000);
    }
  return FALSE;
}

static void
test_beside (Fixture       *fixture,
             gconstpointer  data)
{
  Beside beside = { .fixture = fixture };

  g_test_summary ("A worker without a context used a socket with the waits while the main thread "
                  "ran its loop: two threads served one socket");

  beside_loop (&beside, converse);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  *(GThread **) user_data = g_thread_self ();
}

static gboolean
connect_here (gpointer data)
{
  g_autoptr (GCancellable) sender = g_cancellable_new ();
  g_autoptr (LsockObject) object = lsock_object_new ();
  GThread *thread = NULL;
  g_autoptr (LsockConnection) connection =
    lsock_connect (sender, "cancelled", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                   G_CALLBACK (on_cancelled), &thread, NULL);
  GMainContext *context = lsock_object_get_main_context (object);

  assert_own_context (object);
  g_cancellable_cancel (sender);
  g_assert_null (thread);
  settle_in (context);
  g_assert_true (thread == g_thread_self ());
  return FALSE;
}

static void
test_beside_connect (Fixture       *fixture,
                     gconstpointer  data)
{
  Beside beside = { .fixture = fixture };

  beside_loop (&beside, connect_here);
}

static gboolean
spy_here (gpointer data)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (object), "destroyed", NULL);

  lsock_object_delete_later (object);
  g_assert_true (lsock_signal_spy_wait (spy, 10000));
  return FALSE;
}

static void
test_beside_spy (Fixture       *fixture,
                 gconstpointer  data)
{
  Beside beside = { .fixture = fixture };

  beside_loop (&beside, spy_here);
}

static gboolean
make_kept (gpointer data)
{
  Beside *beside = data;

  beside->kept = mortal_new ();
  assert_own_context (beside->kept);
  return FALSE;
}

static void
test_beside_outlived (Fixture       *fixture,
                      gconstpointer  data)
{
  Beside beside = { .fixture = fixture };
  guint before = 0;

  g_test_summary ("An object whose thread has ended is ended where its last reference is dropped, "
                  "and the context of the thread goes with it");

  count_from_zero (NULL);
  for (guint i = 0; i < 3; i++)
    {
      beside.done = FALSE;
      beside_loop (&beside, make_kept);
      if (i == 0)
        before = count_descriptors ();
      g_clear_object (&beside.kept);
    }
  g_assert_cmpint (n_ended, ==, 3);
  g_assert_cmpint (n_finalized, ==, 3);
  g_assert_cmpuint (count_descriptors (), <, before);
}

static gboolean
queue_and_leave (gpointer data)
{
  queue_and_end (NULL);
  return FALSE;
}

static void
test_beside_queued (Fixture       *fixture,
                    gconstpointer  data)
{
  Beside beside = { .fixture = fixture };

  g_test_summary ("What waits in a thread's own context is ended with the thread");

  count_from_zero (NULL);
  beside_loop (&beside, queue_and_leave);
  g_assert_cmpint (n_ended, ==, 1);
  g_assert_cmpint (n_finalized, ==, 1);
}

static gpointer
take_default (gpointer data)
{
  g_autoptr (LsockObject) object = lsock_object_new ();

  g_assert_true (lsock_object_get_main_context (object) == g_main_context_default ());
  return NULL;
}

static void
test_about_to_run (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A thread without a context, while no other thread runs the default one, is "
                  "about to run that itself");

  g_thread_join (g_thread_new ("taker", take_default, NULL));
}


/* The move */

static GThread *notified;
static GMainContext *notified_context;

static void
on_notify_context (LsockObject *object)
{
  notified = g_thread_self ();
  notified_context = lsock_object_get_main_context (object);
}

static gpointer
run_until_notified (gpointer context)
{
  await_true_in (context, notified != NULL);
  return g_thread_self ();
}

static void
test_move_notifies (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockObject *object = lsock_object_new ();
  LsockObject *child = g_object_new (LSOCK_TYPE_OBJECT, "parent", object, NULL);
  GThread *thread;
  gpointer seen;

  g_test_summary ("The main-context property changed without a notify");

  g_signal_connect (child, "notify::main-context", G_CALLBACK (on_notify_context), NULL);
  g_assert_true (lsock_object_move_to_context (object, context, NULL));
  g_assert_null (notified);
  thread = g_thread_new ("mover", run_until_notified, context);
  seen = g_thread_join (thread);
  g_assert_true (notified == seen);
  g_assert_true (notified_context == context);

  g_object_unref (child);
  g_assert_finalize_object (object);
}


/* One thread that runs two contexts */

static void
note_context (LsockObject   *object,
              GMainContext **ended_in)
{
  *ended_in = g_source_get_context (g_main_current_source ());
}

static void
test_end_follows (Fixture       *fixture,
                  gconstpointer  data)
{
  gboolean and_back = GPOINTER_TO_INT (data);
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockObject *object = lsock_object_new ();
  GMainContext *ended_in = NULL;

  g_test_summary ("An object that moved after its delete_later() ended in the context that it had "
                  "left, if one thread ran both");

  g_signal_connect (object, "destroyed", G_CALLBACK (note_context), &ended_in);
  if (and_back)
    {
      g_assert_true (lsock_object_move_to_context (object, context, NULL));
      settle_in (context);
    }
  lsock_object_delete_later (object);
  g_assert_true (lsock_object_move_to_context (object, and_back ? NULL : context, NULL));

  settle_in (and_back ? context : NULL);
  g_assert_null (ended_in);
  settle_in (and_back ? NULL : context);
  g_assert_true (ended_in == (and_back ? g_main_context_default () : context));
  g_assert_finalize_object (object);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; Prepare prepare; } given_up[] = {
    { "delete-later", prepare_delete },
    { "delete-later-tree", prepare_delete_tree },
    { "invoke", prepare_invoke },
    { "deliver", prepare_receive },
    { "send", prepare_send },
    { "moved", prepare_moved },
  };

  g_test_init (&argc, &argv, NULL);
  g_type_ensure (TEST_TYPE_MORTAL);

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

  ADD ("/object/threads/about-to-run", test_about_to_run);
  ADD ("/object/threads/last-reference", test_last_reference);
  ADD ("/object/threads/last-reference/hidden", test_last_reference_hidden);
  ADD ("/object/threads/last-reference/foreign-parent", test_foreign_parent);
  ADD ("/object/threads/move-notifies", test_move_notifies);
  g_test_add ("/object/threads/end-follows", Fixture, GINT_TO_POINTER (FALSE), fixture_set_up,
              test_end_follows, fixture_tear_down);
  g_test_add ("/object/threads/end-follows/to-default", Fixture, GINT_TO_POINTER (TRUE),
              fixture_set_up, test_end_follows, fixture_tear_down);
  ADD ("/object/threads/beside", test_beside);
  ADD ("/object/threads/beside/connect", test_beside_connect);
  ADD ("/object/threads/beside/spy", test_beside_spy);
  ADD ("/object/threads/beside/outlived", test_beside_outlived);
  ADD ("/object/threads/beside/queued", test_beside_queued);
  for (guint i = 0; i < G_N_ELEMENTS (given_up); i++)
    {
      g_autofree char *path = g_strdup_printf ("/object/threads/given-up/%s", given_up[i].name);

      g_test_add (path, Fixture, given_up[i].prepare, fixture_set_up, test_given_up,
                  fixture_tear_down);
    }

  return g_test_run ();
}
