/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sockets that talk in one thread, and lose their last reference, or are deleted, in another. */

#include <lsock.h>

#include <glib/gstdio.h>

#define N_THREADS 4
#define N_SLOTS   64

static guint n_steps = 3000;
static guint32 seed;
static GMainContext *contexts[N_THREADS];
static LsockObject *receivers[N_THREADS];
static char *paths[N_THREADS];
static int begun;        /* threads; atomic, as all that follows */
static int made;
static int ended;
static int n_made;
static int n_destroyed;
static int n_heard;

static GMutex lock;      /* of the table; each place has a reference */
static LsockObject *table[N_SLOTS];


#ifdef __SANITIZE_THREAD__
/* GSequence keeps the state of its random numbers in a static variable without a lock. */
const char *__tsan_default_suppressions (void);

const char *
__tsan_default_suppressions (void)
{
  return "race:node_new\n";
}
#endif

static LsockObject *
swap (GRand       *rand,
      LsockObject *object)
{
  guint i = (guint) g_rand_int_range (rand, 0, N_SLOTS);
  LsockObject *former;

  g_mutex_lock (&lock);
  former = table[i];
  table[i] = object;
  g_mutex_unlock (&lock);

  return former;
}

static void
on_destroyed (LsockObject *object)
{
  g_atomic_int_inc (&n_destroyed);
}

static void
wake_all (void)
{
  for (guint i = 0; i < N_THREADS; i++)
    g_main_context_wakeup (contexts[i]);
}

static void
on_destroyed_queued (LsockObject *object)
{
  if (g_atomic_int_add (&n_heard, 1) + 1 == g_atomic_int_get (&n_made))
    wake_all ();
}

/* Until @value has come to @goal; the thread that brings it there wakes all. */
static void
await_value (GMainContext *context,
             int          *value,
             int           goal)
{
  while (g_atomic_int_get (value) < goal)
    g_main_context_iteration (context, TRUE);
}

static void
await_others (GMainContext *context,
              int          *count)
{
  if (g_atomic_int_add (count, 1) == N_THREADS - 1)
    wake_all ();
  await_value (context, count, N_THREADS);
}

/* A new reference for as long as there is something to answer. */
static void
on_ready_read (LsockIODevice *device)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    lsock_io_device_write_bytes (device, bytes, NULL);
}

static void
on_new_connection (LsockServer *server)
{
  LsockSocket *socket;

  while ((socket = lsock_server_next_pending_connection (server)) != NULL)
    {
      g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), NULL);
      g_signal_connect (socket, "disconnected", G_CALLBACK (lsock_object_delete_later), NULL);
    }
}

static LsockObject *
make (GRand *rand)
{
  LsockSocket *socket = lsock_socket_new ();
  g_autoptr (LsockConnection) connection = NULL;

  g_atomic_int_inc (&n_made);
  g_signal_connect (socket, "destroyed", G_CALLBACK (on_destroyed), NULL);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), NULL);
  connection = lsock_connect (socket, "destroyed", LSOCK_CONNECTION_TYPE_QUEUED,
                              receivers[g_rand_int_range (rand, 0, N_THREADS)],
                              G_CALLBACK (on_destroyed_queued), NULL, NULL);
  g_assert_nonnull (connection);

  lsock_socket_connect_to_server (socket, paths[g_rand_int_range (rand, 0, N_THREADS)],
                                  LSOCK_OPEN_MODE_READ_WRITE);
  lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "ball", 4, NULL);

  return LSOCK_OBJECT (socket);
}

static void
on_invoked (gpointer unused)
{
}

static void
end (GRand       *rand,
     LsockObject *object)
{
  if (object == NULL)
    return;

  if (g_rand_boolean (rand))
    lsock_object_delete_later (object);
  if (g_rand_boolean (rand))
    lsock_invoke_queued (G_OBJECT (object), g_cclosure_new (G_CALLBACK (on_invoked), NULL, NULL));
  g_object_unref (object);
}

static gpointer
run_thread (gpointer data)
{
  int thread = GPOINTER_TO_INT (data);
  GMainContext *context = contexts[thread];
  GRand *rand = g_rand_new_with_seed (seed + (guint32) thread);
  LsockServer *server;

  g_main_context_push_thread_default (context);
  server = lsock_server_new ();
  receivers[thread] = lsock_object_new ();
  g_signal_connect (server, "new-connection", G_CALLBACK (on_new_connection), NULL);
  g_assert_true (lsock_server_listen (server, paths[thread], NULL));

  await_others (context, &begun);

  for (guint i = 0; i < n_steps; i++)
    {
      if (g_rand_int_range (rand, 0, 3) == 0)
        end (rand, swap (rand, make (rand)));
      else
        end (rand, swap (rand, NULL));
      g_main_context_iteration (context, FALSE);
    }

  /* Others may still send something here, and all that they send is heard. */
  await_others (context, &made);
  for (guint i = 0; thread == 0 && i < N_SLOTS; i++)
    g_clear_object (&table[i]);
  await_value (context, &n_heard, g_atomic_int_get (&n_made));
  await_others (context, &ended);

  g_clear_object (&receivers[thread]);
  g_object_unref (server);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  g_rand_free (rand);

  return NULL;
}

static void
test_deaths (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lsock-XXXXXX", NULL);
  GThread *threads[N_THREADS];

  g_test_summary ("One run in 26 ended with a use after free");
  g_test_message ("seed %u, %u steps", seed, n_steps);

  for (guint i = 0; i < N_THREADS; i++)
    {
      contexts[i] = g_main_context_new ();
      paths[i] = g_strdup_printf ("%s/%u", directory, i);
    }
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("stress", run_thread, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_test_message ("%d sockets", n_made);
  g_assert_cmpint (n_destroyed, ==, n_made);
  g_assert_cmpint (n_heard, ==, n_made);
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_main_context_unref (contexts[i]);
      g_free (paths[i]);
    }
  g_rmdir (directory);
}

int
main (int   argc,
      char *argv[])
{
  const char *text;

  g_test_init (&argc, &argv, NULL);

  text = g_getenv ("LSOCK_STRESS_SEED");
  seed = text != NULL ? (guint32) g_ascii_strtoull (text, NULL, 10) : g_random_int ();
  text = g_getenv ("LSOCK_STRESS_STEPS");
  if (text != NULL)
    n_steps = (guint) CLAMP (g_ascii_strtoull (text, NULL, 10), 1, 1000000);

  g_test_add_func ("/stress/object/deaths", test_deaths);

  return g_test_run ();
}
