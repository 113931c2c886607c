/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads that connect, emit, disconnect, move and delete at random.  In the end each emission has
 * been delivered, or is missing for a reason that can be named. */

#include <lsock.h>

#define N_THREADS 8
#define N_LINKS   32

/* One sender, one receiver, and the connection between them. */
typedef struct
{
  GObject             *sender;
  LsockObject         *receiver;
  LsockConnection     *connection;
  LsockConnectionType  type;
  int                  disconnected;   /* atomic, as all that follows */
  int                  deleted;
  int                  emitted;
  int                  delivered;
  int                  dropped;        /* taken by the connection, not delivered */
  int                  unheard;        /* not taken: there was no connection any more */
  int                  last[N_THREADS];
} Link;

/* The argument of an emission. */
typedef struct
{
  Link *link;
  int   thread;
  int   serial;
  int   ref_count;
  int   copied;
  int   delivered;
} Token;

static Token *
token_ref (Token *self)
{
  g_atomic_int_set (&self->copied, TRUE);
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
token_unref (Token *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (g_atomic_int_get (&self->delivered) > 0)
    ;
  else if (g_atomic_int_get (&self->copied))
    g_atomic_int_inc (&self->link->dropped);
  else
    g_atomic_int_inc (&self->link->unheard);
  g_free (self);
}

GType token_get_type (void);

G_DEFINE_BOXED_TYPE (Token, token, token_ref, token_unref)

static guint signal_token;
static guint n_steps = 2000;
static guint32 seed;
static GMainContext *contexts[N_THREADS];
static int arrived[4];              /* threads that have come to the end of each part */
static int refusals;                /* blocking calls in a circle */

static GMutex lock;                 /* of these two */
static Link *table[N_LINKS];
static GPtrArray *all;

static void
on_token (gpointer  sender,
          Token    *token,
          gpointer  user_data)
{
  Link *link = user_data;

  g_assert_true (token->link == link);
  g_assert_cmpint (g_atomic_int_add (&token->delivered, 1), ==, 0);
  g_atomic_int_inc (&link->delivered);

  if (link->type == LSOCK_CONNECTION_TYPE_DIRECT)
    return;

  g_assert_true (g_main_context_is_owner (lsock_object_get_main_context (link->receiver)));
  if (link->type == LSOCK_CONNECTION_TYPE_QUEUED)
    {
      g_assert_cmpint (token->serial, >, g_atomic_int_get (&link->last[token->thread]));
      g_atomic_int_set (&link->last[token->thread], token->serial);
    }
}

static Link *
link_new (GRand *rand)
{
  static const LsockConnectionType types[] = {
    LSOCK_CONNECTION_TYPE_AUTO, LSOCK_CONNECTION_TYPE_QUEUED, LSOCK_CONNECTION_TYPE_QUEUED,
    LSOCK_CONNECTION_TYPE_DIRECT, LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED,
  };
  Link *link = g_new0 (Link, 1);
  g_autoptr (GError) error = NULL;

  link->sender = g_object_new (g_type_from_name ("StressSender"), NULL);
  link->receiver = lsock_object_new ();
  link->type = types[g_rand_int_range (rand, 0, G_N_ELEMENTS (types))];
  link->connection = lsock_connect (link->sender, "token", link->type, link->receiver,
                                    G_CALLBACK (on_token), link, &error);
  g_assert_no_error (error);

  return link;
}

static void
replace_link (GRand *rand)
{
  Link *link = link_new (rand);

  g_mutex_lock (&lock);
  g_ptr_array_add (all, link);
  table[g_rand_int_range (rand, 0, N_LINKS)] = link;
  g_mutex_unlock (&lock);
}

static void
emit (Link *link,
      int   thread,
      int   serial)
{
  Token *token = g_new0 (Token, 1);
  GValue args[2] = { G_VALUE_INIT, G_VALUE_INIT };

  token->link = link;
  token->thread = thread;
  token->serial = serial;
  token->ref_count = 1;
  g_atomic_int_inc (&link->emitted);

  /* By hand, so that the emission itself makes no copy. */
  g_value_init_from_instance (&args[0], link->sender);
  g_value_init (&args[1], token_get_type ());
  g_value_set_static_boxed (&args[1], token);
  g_signal_emitv (args, signal_token, 0, NULL);
  g_value_unset (&args[0]);
  g_value_unset (&args[1]);
  token_unref (token);
}

static void
step (GRand *rand,
      int    thread,
      int    serial)
{
  guint dice = g_rand_int_range (rand, 0, 100);
  Link *link;

  g_mutex_lock (&lock);
  link = table[g_rand_int_range (rand, 0, N_LINKS)];
  g_mutex_unlock (&lock);

  if (link == NULL || dice < 10)
    {
      replace_link (rand);
    }
  else if (dice < 15)
    {
      g_atomic_int_set (&link->disconnected, TRUE);
      lsock_connection_disconnect (link->connection);
    }
  else if (dice < 20)
    {
      g_atomic_int_set (&link->deleted, TRUE);
      lsock_object_delete_later (link->receiver);
    }
  else if (dice < 35)
    {
      /* Refused unless the receiver is this thread's. */
      lsock_object_move_to_context (link->receiver,
                                    contexts[g_rand_int_range (rand, 0, N_THREADS)], NULL);
    }
  else
    {
      emit (link, thread, serial);
    }
}

/* All threads but the last to come sleep in their contexts meanwhile; the last wakes them. */
static void
await_others (GMainContext *context,
              int          *count)
{
  if (g_atomic_int_add (count, 1) == N_THREADS - 1)
    for (guint i = 0; i < N_THREADS; i++)
      g_main_context_wakeup (contexts[i]);

  while (g_atomic_int_get (count) < N_THREADS)
    g_main_context_iteration (context, TRUE);
}

static gpointer
run_thread (gpointer data)
{
  int thread = GPOINTER_TO_INT (data);
  GMainContext *context = contexts[thread];
  GRand *rand = g_rand_new_with_seed (seed + (guint32) thread);

  g_main_context_push_thread_default (context);
  for (guint i = 1; i <= n_steps; i++)
    {
      step (rand, thread, (int) i);
      g_main_context_iteration (context, FALSE);
    }

  /* Others may still wait for this one, or send something here. */
  for (guint i = 0; i < G_N_ELEMENTS (arrived); i++)
    {
      while (g_main_context_iteration (context, FALSE))
        ;
      await_others (context, &arrived[i]);
    }
  g_main_context_pop_thread_default (context);
  g_rand_free (rand);

  return NULL;
}

static void
count_refusal (const char     *domain,
               GLogLevelFlags  level,
               const char     *message,
               gpointer        user_data)
{
  g_atomic_int_inc (&refusals);
}

static void
test_account (void)
{
  GThread *threads[N_THREADS];
  int emitted = 0, delivered = 0, dropped = 0, unheard = 0;

  g_test_message ("seed %u, %u steps", seed, n_steps);
  all = g_ptr_array_new ();
  for (guint i = 0; i < N_THREADS; i++)
    contexts[i] = g_main_context_new ();
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("stress", run_thread, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  for (guint i = 0; i < all->len; i++)
    {
      Link *link = g_ptr_array_index (all, i);
      gboolean ended = link->disconnected || link->deleted;
      gboolean blocking = link->type == LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED;

      g_assert_cmpint (link->emitted, ==, link->delivered + link->dropped + link->unheard);
      g_assert_true (link->unheard == 0 || ended);
      g_assert_true (link->dropped == 0 || ended || blocking);
      g_assert_true (lsock_connection_is_connected (link->connection) == !ended);
      emitted += link->emitted;
      delivered += link->delivered;
      dropped += link->dropped;
      unheard += link->unheard;

      lsock_connection_unref (link->connection);
      g_assert_finalize_object (link->receiver);
      g_assert_finalize_object (link->sender);
      g_free (link);
    }

  g_test_message ("%d emitted: %d delivered, %d dropped by a disconnect or a deletion, "
                  "%d after it; %d blocking calls in a circle",
                  emitted, delivered, dropped, unheard, refusals);
  g_assert_cmpint (delivered, >, 0);
  for (guint i = 0; i < N_THREADS; i++)
    g_main_context_unref (contexts[i]);
  g_ptr_array_unref (all);
}

int
main (int   argc,
      char *argv[])
{
  static const GTypeInfo info = {
    .class_size = sizeof (GObjectClass),
    .instance_size = sizeof (GObject),
  };
  const char *text;
  GType type;

  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("Lsock", G_LOG_LEVEL_WARNING, count_refusal, NULL);

  text = g_getenv ("LSOCK_STRESS_SEED");
  seed = text != NULL ? (guint32) g_ascii_strtoull (text, NULL, 10) : g_random_int ();
  text = g_getenv ("LSOCK_STRESS_STEPS");
  if (text != NULL)
    n_steps = (guint) CLAMP (g_ascii_strtoull (text, NULL, 10), 1, 1000000);

  type = g_type_register_static (G_TYPE_OBJECT, "StressSender", &info, 0);
  g_type_class_unref (g_type_class_ref (type));
  signal_token = g_signal_new ("token", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, token_get_type ());

  g_test_add_func ("/stress/connection/account", test_account);

  return g_test_run ();
}
