/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"


/* A sender that is not one of the library's classes, with signals of all kinds */

#define TEST_TYPE_SENDER (test_sender_get_type ())
G_DECLARE_FINAL_TYPE (TestSender, test_sender, TEST, SENDER, GObject)

struct _TestSender
{
  GObject parent_instance;
  int     level;
};

G_DEFINE_FINAL_TYPE (TestSender, test_sender, G_TYPE_OBJECT)

static guint sig_plain, sig_number, sig_all, sig_ask, sig_pointer;

static void
test_sender_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  g_value_set_int (value, TEST_SENDER (object)->level);
}

static void
test_sender_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  TEST_SENDER (object)->level = g_value_get_int (value);
}

static void
test_sender_class_init (TestSenderClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = test_sender_get_property;
  G_OBJECT_CLASS (klass)->set_property = test_sender_set_property;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
                                   g_param_spec_int ("level", NULL, NULL, 0, 100, 0,
                                                     G_PARAM_READWRITE));

  sig_plain = g_signal_new ("plain", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                            NULL, NULL, NULL, G_TYPE_NONE, 0);
  sig_number = g_signal_new ("number", type, G_SIGNAL_RUN_LAST, 0,
                             NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  sig_all = g_signal_new ("all", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 6,
                          G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_OBJECT,
                          G_TYPE_BYTES, G_TYPE_VARIANT, LSOCK_TYPE_SOCKET_STATE, G_TYPE_STRV);
  sig_ask = g_signal_new ("ask", type, G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_STRING, 1, G_TYPE_INT);
  sig_pointer = g_signal_new ("pointer", type, G_SIGNAL_RUN_LAST, 0,
                              NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_POINTER);
}

static void
test_sender_init (TestSender *self)
{
}


/* A sender that is one */

#define TEST_TYPE_SPEAKER (test_speaker_get_type ())
G_DECLARE_FINAL_TYPE (TestSpeaker, test_speaker, TEST, SPEAKER, LsockObject)

struct _TestSpeaker
{
  LsockObject parent_instance;
};

G_DEFINE_FINAL_TYPE (TestSpeaker, test_speaker, LSOCK_TYPE_OBJECT)

static guint sig_word;

static void
test_speaker_class_init (TestSpeakerClass *klass)
{
  sig_word = g_signal_new ("word", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                           NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
test_speaker_init (TestSpeaker *self)
{
}


/* A thread that runs a context of its own */

typedef struct
{
  GThread      *thread;
  GMainContext *context;
  GMainLoop    *loop;
} Worker;

static gpointer
worker_thread (gpointer data)
{
  Worker *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static Worker *
worker_new (void)
{
  Worker *self = g_new0 (Worker, 1);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("worker", worker_thread, self);
  return self;
}

static gboolean
worker_quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
worker_stop (Worker *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_set_callback (source, worker_quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
}

static void
worker_free (Worker *self)
{
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self);
}

typedef struct
{
  GSourceFunc func;
  gpointer    data;
  GMutex      lock;
  GCond       cond;
  gboolean    done;
} WorkerCall;

static gboolean
worker_call_run (gpointer data)
{
  WorkerCall *call = data;

  call->func (call->data);
  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
  return G_SOURCE_REMOVE;
}

static void
worker_call (Worker      *self,
             GSourceFunc  func,
             gpointer     data)
{
  WorkerCall *call = g_new0 (WorkerCall, 1);
  GSource *source = g_idle_source_new ();

  call->func = func;
  call->data = data;
  g_mutex_init (&call->lock);
  g_cond_init (&call->cond);
  g_source_set_callback (source, worker_call_run, call, NULL);
  g_source_attach (source, self->context);
  g_source_unref (source);

  g_mutex_lock (&call->lock);
  while (!call->done)
    g_cond_wait (&call->cond, &call->lock);
  g_mutex_unlock (&call->lock);
  g_mutex_clear (&call->lock);
  g_cond_clear (&call->cond);
  g_free (call);
}

static gboolean
make_object (gpointer data)
{
  *(LsockObject **) data = lsock_object_new ();
  return G_SOURCE_REMOVE;
}

static LsockObject *
worker_make_object (Worker *self)
{
  LsockObject *object = NULL;

  worker_call (self, make_object, &object);
  return object;
}


/* What slots do */

typedef struct
{
  int      calls;    /* atomic */
  int      last;
  GThread *thread;
} Seen;

static void
on_plain (gpointer  sender,
          gpointer  user_data)
{
  Seen *seen = user_data;

  seen->thread = g_thread_self ();
  g_atomic_int_inc (&seen->calls);
  /* In its own thread the loop must be woken by what is tested, not by this. */
  if (!g_main_context_is_owner (NULL))
    g_main_context_wakeup (NULL);
}

static void
on_number (gpointer  sender,
           int       number,
           gpointer  user_data)
{
  Seen *seen = user_data;

  g_assert_cmpint (number, ==, seen->last + 1);
  seen->last = number;
  on_plain (sender, user_data);
}

static char *
on_ask (gpointer sender,
        int      number,
        gpointer user_data)
{
  on_plain (sender, user_data);
  return g_strdup_printf ("%d", number * 2);
}

static void
on_notify_any (gpointer    sender,
               GParamSpec *pspec,
               gpointer    user_data)
{
  on_plain (sender, user_data);
}

static LsockConnection *
link_plain (gpointer            sender,
            const char         *signal,
            LsockConnectionType type,
            gpointer            receiver,
            GCallback           slot,
            Seen               *seen)
{
  g_autoptr (GError) error = NULL;
  LsockConnection *connection = lsock_connect (sender, signal, type, receiver, slot, seen, &error);

  g_assert_no_error (error);
  g_assert_nonnull (connection);
  return connection;
}

static gpointer
emit_hundred (gpointer sender)
{
  for (int i = 1; i <= 100; i++)
    g_signal_emit (sender, sig_number, 0, i);
  return NULL;
}

static void
emit_in_thread (gpointer sender)
{
  g_thread_join (g_thread_new ("emitter", emit_hundred, sender));
}


/* Types of connection */

static void
test_direct (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_DIRECT, NULL, G_CALLBACK (on_number), &seen);

  emit_in_thread (sender);
  g_assert_cmpint (seen.calls, ==, 100);
  g_assert_true (seen.thread != g_thread_self ());
  g_assert_true (lsock_connection_is_connected (connection));
}

static void
test_queued (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_number), &seen);

  emit_hundred (sender);
  g_assert_cmpint (seen.calls, ==, 0);
  settle ();
  g_assert_cmpint (seen.calls, ==, 100);
  g_assert_true (seen.thread == g_thread_self ());

  lsock_connection_disconnect (connection);
  g_signal_emit (sender, sig_number, 0, 7);
  settle ();
  g_assert_cmpint (seen.calls, ==, 100);
}

static void
test_auto (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_AUTO, NULL, G_CALLBACK (on_number), &seen);

  emit_hundred (sender);
  g_assert_cmpint (seen.calls, ==, 100);

  seen.last = 0;
  emit_in_thread (sender);
  g_assert_cmpint (seen.calls, ==, 100);
  settle ();
  g_assert_cmpint (seen.calls, ==, 200);
  g_assert_true (seen.thread == g_thread_self ());
}

static void
test_auto_worker (void)
{
  g_test_summary ("A library object's slot runs in its own thread, whoever connects and emits");
  Worker *worker = worker_new ();
  LsockObject *receiver = worker_make_object (worker);
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_AUTO, receiver, G_CALLBACK (on_number),
                &seen);

  emit_hundred (sender);
  await_true (g_atomic_int_get (&seen.calls) == 100);
  g_assert_true (seen.thread == worker->thread);
  lsock_object_delete_later (receiver);
  worker_stop (worker);
  g_assert_false (lsock_connection_is_connected (connection));
  g_assert_finalize_object (receiver);
  worker_free (worker);
}

static void
test_blocking (void)
{
  Worker *worker = worker_new ();
  LsockObject *receiver = worker_make_object (worker);
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autofree char *answer = NULL;
  g_autofree char *direct = NULL;
  g_autofree char *nothing = NULL;
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "ask", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, receiver,
                G_CALLBACK (on_ask), &seen);
  g_autoptr (LsockConnection) other = NULL;

  g_signal_emit (sender, sig_ask, 0, 21, &answer);
  g_assert_cmpstr (answer, ==, "42");
  g_assert_true (seen.thread == worker->thread);

  /* Disposed: nobody answers, and nobody waits. */
  worker_call (worker, (GSourceFunc) (void (*) (void)) g_object_run_dispose, receiver);
  g_signal_emit (sender, sig_ask, 0, 1, &nothing);
  g_assert_null (nothing);
  worker_stop (worker);
  g_object_unref (receiver);
  worker_free (worker);

  /* In its own thread there is nobody to wait for. */
  other = link_plain (sender, "ask", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, NULL,
                      G_CALLBACK (on_ask), &seen);
  g_signal_emit (sender, sig_ask, 0, 4, &direct);
  g_assert_cmpstr (direct, ==, "8");
}

static void
test_blocking_thread_gone (void)
{
  Worker *worker = worker_new ();
  LsockObject *receiver = worker_make_object (worker);
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autofree char *answer = NULL;
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "ask", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, receiver,
                G_CALLBACK (on_ask), &seen);

  worker_stop (worker);
  g_signal_emit (sender, sig_ask, 0, 1, &answer);
  g_assert_null (answer);
  g_assert_cmpint (seen.calls, ==, 0);
  worker_free (worker);
  g_assert_finalize_object (receiver);
}

static void
on_plain_ask_back (gpointer sender,
                   gpointer user_data)
{
  g_autofree char *answer = NULL;

  g_signal_emit (user_data, sig_ask, 0, 1, &answer);
  g_assert_null (answer);
}

static void
test_blocking_cycle (void)
{
  g_test_summary ("Two threads that would wait for each other: the second does not");
  Worker *worker = worker_new ();
  LsockObject *receiver = worker_make_object (worker);
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (GObject) back = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (LsockConnection) to = NULL;
  g_autoptr (LsockConnection) fro = NULL;
  Seen seen = { 0 };

  to = lsock_connect (sender, "plain", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, receiver,
                      G_CALLBACK (on_plain_ask_back), back, NULL);
  fro = link_plain (back, "ask", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, NULL,
                    G_CALLBACK (on_ask), &seen);
  g_test_expect_message ("Lsock", G_LOG_LEVEL_WARNING, "*its thread waits for this one*");
  g_signal_emit (sender, sig_plain, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpint (seen.calls, ==, 0);

  lsock_object_delete_later (receiver);
  worker_stop (worker);
  worker_free (worker);
  g_object_unref (receiver);
}

static void
test_single_shot (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  LsockConnectionType types[] = { LSOCK_CONNECTION_TYPE_AUTO, LSOCK_CONNECTION_TYPE_QUEUED };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      Seen seen = { 0 };
      g_autoptr (LsockConnection) connection =
        link_plain (sender, "plain", types[i] | LSOCK_CONNECTION_TYPE_SINGLE_SHOT, NULL,
                    G_CALLBACK (on_plain), &seen);

      g_signal_emit (sender, sig_plain, 0);
      g_assert_false (lsock_connection_is_connected (connection));
      g_signal_emit (sender, sig_plain, 0);
      settle ();
      g_assert_cmpint (seen.calls, ==, 1);
      g_assert_false (g_signal_has_handler_pending (sender, sig_plain, 0, FALSE));
    }
}

static void
test_single_shot_fired (void)
{
  g_test_summary ("A single shot that has been emitted is over: to disconnect it afterwards once "
                  "dropped the call that was queued, which Qt delivers");
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "plain", LSOCK_CONNECTION_TYPE_QUEUED | LSOCK_CONNECTION_TYPE_SINGLE_SHOT,
                NULL, G_CALLBACK (on_plain), &seen);

  g_signal_emit (sender, sig_plain, 0);
  g_assert_false (lsock_connection_is_connected (connection));
  lsock_connection_disconnect (connection);
  settle ();
  g_assert_cmpint (seen.calls, ==, 1);
  g_signal_emit (sender, sig_plain, 0);
  settle ();
  g_assert_cmpint (seen.calls, ==, 1);
}

static void
test_unique (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (GError) error = NULL;
  LsockConnectionType type = LSOCK_CONNECTION_TYPE_AUTO | LSOCK_CONNECTION_TYPE_UNIQUE;
  Seen seen = { 0 }, another = { 0 };
  g_autoptr (LsockConnection) first =
    link_plain (sender, "plain", type, NULL, G_CALLBACK (on_plain), &seen);
  g_autoptr (LsockConnection) second =
    link_plain (sender, "plain", type, NULL, G_CALLBACK (on_plain), &another);
  g_autoptr (LsockConnection) third = NULL;

  g_assert_null (lsock_connect (sender, "plain", type, NULL, G_CALLBACK (on_plain), &seen, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  lsock_connection_disconnect (first);
  third = link_plain (sender, "plain", type, NULL, G_CALLBACK (on_plain), &seen);
  g_signal_emit (sender, sig_plain, 0);
  g_assert_cmpint (seen.calls, ==, 1);

  g_assert_null (lsock_connect_closure (sender, "plain", type, NULL,
                                        g_cclosure_new (G_CALLBACK (on_plain), &seen, NULL),
                                        &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}


/* What is refused */

static void
assert_refused (gpointer             sender,
                const char          *signal,
                LsockConnectionType  type,
                int                  code,
                const char          *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lsock_connect (sender, signal, type, NULL, G_CALLBACK (on_plain), NULL, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_refused (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (LsockConnection) direct = NULL;
  Seen seen = { 0 };

  assert_refused (sender, "nonsense", LSOCK_CONNECTION_TYPE_AUTO,
                  LSOCK_SOCKET_ERROR_OPERATION, "“nonsense”");
  assert_refused (sender, "number::detail", LSOCK_CONNECTION_TYPE_AUTO,
                  LSOCK_SOCKET_ERROR_OPERATION, "“number::detail”");
  assert_refused (sender, "notify::nothing", LSOCK_CONNECTION_TYPE_AUTO,
                  LSOCK_SOCKET_ERROR_OPERATION, "“nothing”");
  assert_refused (sender, "plain", 4, LSOCK_SOCKET_ERROR_OPERATION, "0x4");
  assert_refused (sender, "pointer", LSOCK_CONNECTION_TYPE_AUTO,
                  LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "argument 2 (gpointer)");
  assert_refused (object, "destroyed", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED,
                  LSOCK_SOCKET_ERROR_OPERATION, "own thread");

  direct = link_plain (sender, "pointer", LSOCK_CONNECTION_TYPE_DIRECT, NULL,
                       G_CALLBACK (on_plain), &seen);
}


/* Arguments */

typedef struct
{
  char     *text;
  GObject  *object;
  GBytes   *bytes;
  GVariant *variant;
  int       state;
  char    **strings;
} All;

static void
on_all (gpointer           sender,
        const char        *text,
        GObject           *object,
        GBytes            *bytes,
        GVariant          *variant,
        LsockSocketState   state,
        char             **strings,
        gpointer           user_data)
{
  All *all = user_data;

  all->text = g_strdup (text);
  all->object = g_object_ref (object);
  all->bytes = g_bytes_ref (bytes);
  all->variant = g_variant_ref (variant);
  all->state = state;
  all->strings = g_strdupv (strings);
}

static void
test_arguments (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  GObject *object = g_object_new (TEST_TYPE_SENDER, NULL);
  GBytes *bytes = g_bytes_new_static ("abc", 3);
  GVariant *variant = g_variant_ref_sink (g_variant_new ("(is)", 5, "five"));
  char *text = g_strdup ("text");
  const char *strings[] = { "one", "two", NULL };
  All all = { 0 };
  g_autoptr (LsockConnection) connection =
    lsock_connect (sender, "all", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_all), &all,
                   NULL);

  g_signal_emit (sender, sig_all, 0, text, object, bytes, variant,
                 LSOCK_SOCKET_STATE_CLOSING, strings);
  memset (text, 'x', 4);
  strings[0] = "gone";
  g_free (text);
  g_bytes_unref (bytes);
  g_variant_unref (variant);
  settle ();

  g_assert_cmpstr (all.text, ==, "text");
  g_assert_true (all.object == object);
  g_assert_cmpuint (g_bytes_get_size (all.bytes), ==, 3);
  g_assert_cmpstr (g_variant_get_type_string (all.variant), ==, "(is)");
  g_assert_cmpint (all.state, ==, LSOCK_SOCKET_STATE_CLOSING);
  g_assert_cmpstr (all.strings[0], ==, "one");

  g_free (all.text);
  g_object_unref (all.object);
  g_bytes_unref (all.bytes);
  g_variant_unref (all.variant);
  g_strfreev (all.strings);
  g_assert_finalize_object (object);
}

static void
on_notify_level (GObject    *sender,
                 GParamSpec *pspec,
                 gpointer    user_data)
{
  g_assert_cmpstr (pspec->name, ==, "level");
  on_plain (sender, user_data);
}

static void
test_details (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 }, plain = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "notify::level", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                G_CALLBACK (on_notify_level), &seen);
  g_autoptr (LsockConnection) detailed =
    link_plain (sender, "plain::one", LSOCK_CONNECTION_TYPE_AUTO, NULL,
                G_CALLBACK (on_plain), &plain);

  g_object_set (sender, "level", 5, NULL);
  g_signal_emit (sender, sig_plain, g_quark_from_static_string ("two"));
  g_assert_cmpint (plain.calls, ==, 0);
  g_signal_emit (sender, sig_plain, g_quark_from_static_string ("one"));
  g_assert_cmpint (plain.calls, ==, 1);
  settle ();
  g_assert_cmpint (seen.calls, ==, 1);
}

static void
test_return_direct (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autofree char *answer = NULL;
  g_autofree char *queued = NULL;
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "ask", LSOCK_CONNECTION_TYPE_AUTO, NULL, G_CALLBACK (on_ask), &seen);

  g_signal_emit (sender, sig_ask, 0, 3, &answer);
  g_assert_cmpstr (answer, ==, "6");
  lsock_connection_disconnect (connection);
  lsock_connection_unref (connection);

  connection = link_plain (sender, "ask", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                           G_CALLBACK (on_ask), &seen);
  g_signal_emit (sender, sig_ask, 0, 3, &queued);
  g_assert_null (queued);
  settle ();
  g_assert_cmpint (seen.calls, ==, 2);
}

static void
slot_values (const GValue *args,
             guint         n_args,
             gpointer      user_data)
{
  int *sum = user_data;

  g_assert_cmpuint (n_args, ==, 2);
  g_assert_true (TEST_IS_SENDER (g_value_get_object (&args[0])));
  *sum += g_value_get_int (&args[1]);
}

static void
count_destroy (gpointer data)
{
  *(int *) data += 1000;
}

static void
test_full (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (GError) error = NULL;
  int sum = 0;
  g_autoptr (LsockConnection) connection =
    lsock_connect_full (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, NULL, slot_values, &sum,
                        count_destroy, &error);

  g_assert_no_error (error);
  g_signal_emit (sender, sig_number, 0, 3);
  g_signal_emit (sender, sig_number, 0, 4);
  settle ();
  g_assert_cmpint (sum, ==, 7);
  lsock_connection_disconnect (connection);
  g_assert_cmpint (sum, ==, 1007);

  g_assert_null (lsock_connect_full (sender, "none", 0, NULL, slot_values, &sum, count_destroy,
                                     &error));
  g_assert_cmpint (sum, ==, 2007);
}


/* Ends */

static void
test_sender_gone (void)
{
  GObject *sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_number), &seen);

  emit_hundred (sender);
  g_object_run_dispose (sender);
  g_assert_false (lsock_connection_is_connected (connection));
  g_object_add_weak_pointer (sender, (gpointer *) &sender);
  g_object_unref (sender);
  g_assert_nonnull (sender);
  settle ();
  g_assert_cmpint (seen.calls, ==, 100);
  g_assert_null (sender);
}

static void
test_receiver_gone (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  GObject *receiver = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, receiver, G_CALLBACK (on_number),
                &seen);

  emit_hundred (sender);
  g_assert_finalize_object (receiver);
  g_assert_false (lsock_connection_is_connected (connection));
  g_assert_false (g_signal_has_handler_pending (sender, sig_number, 0, FALSE));
  settle ();
  g_assert_cmpint (seen.calls, ==, 0);
}

static void
test_disconnect_cancels (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  GObject *argument = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  All all = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_number), &seen);
  g_autoptr (LsockConnection) holding =
    lsock_connect (sender, "all", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_all), &all,
                   NULL);

  emit_hundred (sender);
  g_signal_emit (sender, sig_all, 0, "", argument, NULL, NULL, 0, NULL);
  lsock_connection_disconnect (connection);
  lsock_connection_disconnect (holding);
  lsock_connection_disconnect (holding);

  /* What was queued is let go of at once. */
  g_assert_finalize_object (argument);
  settle ();
  g_assert_cmpint (seen.calls, ==, 0);
}

static void
on_plain_disconnect (gpointer sender,
                     gpointer user_data)
{
  LsockConnection **connection = user_data;

  lsock_connection_disconnect (*connection);
  g_clear_pointer (connection, lsock_connection_unref);
}

static void
test_disconnect_inside (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  LsockConnectionType types[] = { LSOCK_CONNECTION_TYPE_AUTO, LSOCK_CONNECTION_TYPE_QUEUED };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      LsockConnection *connection = NULL;

      connection = lsock_connect (sender, "plain", types[i], NULL,
                                  G_CALLBACK (on_plain_disconnect), &connection, NULL);
      g_signal_emit (sender, sig_plain, 0);
      g_signal_emit (sender, sig_plain, 0);
      settle ();
      g_assert_null (connection);
    }
}

static void
on_word_check (gpointer sender,
               gpointer user_data)
{
  g_assert_true (TEST_IS_SPEAKER (sender));
  on_plain (sender, user_data);
}

static void
test_object_gone (void)
{
  g_test_summary ("An object that lost its last reference ends after what it emitted was delivered");
  LsockObject *sender = g_object_new (TEST_TYPE_SPEAKER, NULL);
  gpointer weak = sender;
  Seen word = { 0 }, end = { 0 };
  g_autoptr (LsockConnection) one =
    link_plain (sender, "word", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_word_check),
                &word);
  g_autoptr (LsockConnection) two =
    link_plain (sender, "destroyed", LSOCK_CONNECTION_TYPE_QUEUED, NULL,
                G_CALLBACK (on_word_check), &end);

  g_object_add_weak_pointer (weak, &weak);
  for (guint i = 0; i < 3; i++)
    g_signal_emit (sender, sig_word, 0);
  g_object_unref (sender);
  g_assert_nonnull (weak);
  settle ();
  g_assert_cmpint (word.calls, ==, 3);
  g_assert_cmpint (end.calls, ==, 1);
  g_assert_null (weak);
}

static void
test_destroyed_queued (void)
{
  g_test_summary ("An emission during disposal is delivered, and the object goes all the same");
  LsockObject *object = lsock_object_new ();
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (object, "destroyed", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_plain),
                &seen);

  g_object_add_weak_pointer (G_OBJECT (object), (gpointer *) &object);
  g_object_unref (object);
  settle ();
  g_assert_cmpint (seen.calls, ==, 1);
  g_assert_null (object);
}


/* Order and movement */

static void
test_worker_floods (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Worker *worker = worker_new ();
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_AUTO, NULL, G_CALLBACK (on_number), &seen);

  for (int n = 0; n < 1000; n++)
    {
      seen.last = 0;
      worker_call (worker, (GSourceFunc) (void (*) (void)) emit_hundred, sender);
      await_true (g_atomic_int_get (&seen.calls) == (n + 1) * 100);
    }
  worker_stop (worker);
  worker_free (worker);
}

static void
test_move (void)
{
  g_test_summary ("What is queued for an object follows it to another context, in order");
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  LsockObject *receiver = lsock_object_new ();
  Worker *worker = worker_new ();
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockConnection) one =
    link_plain (sender, "number", LSOCK_CONNECTION_TYPE_QUEUED, receiver, G_CALLBACK (on_number),
                &seen);

  emit_hundred (sender);
  lsock_object_move_to_context (receiver, worker->context, &error);
  g_assert_no_error (error);
  for (int i = 101; i <= 200; i++)
    g_signal_emit (sender, sig_number, 0, i);
  await_true (g_atomic_int_get (&seen.calls) == 200);
  g_assert_true (seen.thread == worker->thread);

  lsock_object_delete_later (receiver);
  worker_stop (worker);
  g_assert_finalize_object (receiver);
  worker_free (worker);
}

static void
on_plain_nest (gpointer sender,
               gpointer user_data)
{
  Seen *seen = user_data;

  if (seen->calls++ == 0)
    await_true (seen->calls == 3);
}

static void
test_nested_loop (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  Seen seen = { 0 };
  g_autoptr (LsockConnection) connection =
    link_plain (sender, "plain", LSOCK_CONNECTION_TYPE_QUEUED, NULL, G_CALLBACK (on_plain_nest),
                &seen);

  for (int i = 0; i < 3; i++)
    g_signal_emit (sender, sig_plain, 0);
  settle ();
  g_assert_cmpint (seen.calls, ==, 3);
}


/* A plain call */

static void
on_call (gpointer user_data)
{
  on_plain (NULL, user_data);
}

static void
on_destroy (gpointer user_data)
{
  Seen *seen = user_data;

  seen->calls += 10;
}

static void
test_invoke_full (void)
{
  LsockObject *receiver = lsock_object_new ();
  Seen seen = { 0 };

  lsock_invoke_queued_full (G_OBJECT (receiver), on_call, &seen, on_destroy);
  g_assert_cmpint (seen.calls, ==, 0);
  settle ();
  g_assert_cmpint (seen.calls, ==, 11);

  lsock_invoke_queued_full (G_OBJECT (receiver), on_call, &seen, NULL);
  settle ();
  g_assert_cmpint (seen.calls, ==, 12);

  lsock_invoke_queued_full (G_OBJECT (receiver), on_call, &seen, on_destroy);
  g_assert_finalize_object (receiver);
  settle ();
  g_assert_cmpint (seen.calls, ==, 22);
}

static void
test_invoke (void)
{
  Worker *worker = worker_new ();
  LsockObject *receiver = worker_make_object (worker);
  Seen seen = { 0 };

  lsock_invoke_queued (G_OBJECT (receiver), g_cclosure_new (G_CALLBACK (on_call), &seen, NULL));
  await_true (g_atomic_int_get (&seen.calls) == 1);
  g_assert_true (seen.thread == worker->thread);
  lsock_object_delete_later (receiver);
  worker_stop (worker);
  g_assert_finalize_object (receiver);
  worker_free (worker);

  lsock_invoke_queued (NULL, g_cclosure_new (G_CALLBACK (on_call), &seen, NULL));
  settle ();
  g_assert_cmpint (seen.calls, ==, 2);

  receiver = lsock_object_new ();
  lsock_invoke_queued (G_OBJECT (receiver), g_cclosure_new (G_CALLBACK (on_call), &seen, NULL));
  g_assert_finalize_object (receiver);
  settle ();
  g_assert_cmpint (seen.calls, ==, 2);
}

/* What a handler may do */

static void
test_blocked (void)
{
  LsockConnectionType types[] = { LSOCK_CONNECTION_TYPE_DIRECT, LSOCK_CONNECTION_TYPE_QUEUED,
                                  LSOCK_CONNECTION_TYPE_AUTO };

  g_test_summary ("Signals of a subclass were emitted through lsock_connect() while the object's "
                  "signals were blocked");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (LsockObject) sender = g_object_new (TEST_TYPE_SPEAKER, NULL);
      Seen word = { 0 }, shot = { 0 }, name = { 0 }, end = { 0 };
      g_autoptr (LsockConnection) one =
        link_plain (sender, "word", types[i], NULL, G_CALLBACK (on_plain), &word);
      g_autoptr (LsockConnection) two =
        link_plain (sender, "word", types[i] | LSOCK_CONNECTION_TYPE_SINGLE_SHOT, NULL,
                    G_CALLBACK (on_plain), &shot);
      g_autoptr (LsockConnection) three =
        link_plain (sender, "notify::name", types[i], NULL, G_CALLBACK (on_notify_any), &name);
      g_autoptr (LsockConnection) four =
        link_plain (sender, "destroyed", types[i], NULL, G_CALLBACK (on_plain), &end);

      lsock_object_block_signals (sender, TRUE);
      g_signal_emit (sender, sig_word, 0);
      lsock_object_set_name (sender, "name");
      settle ();
      g_assert_cmpint (word.calls, ==, 0);
      g_assert_cmpint (name.calls, ==, 1);

      /* A single shot that was blocked was none. */
      lsock_object_block_signals (sender, FALSE);
      g_signal_emit (sender, sig_word, 0);
      settle ();
      g_assert_cmpint (word.calls, ==, 1);
      g_assert_cmpint (shot.calls, ==, 1);

      lsock_object_block_signals (sender, TRUE);
      g_object_run_dispose (G_OBJECT (sender));
      settle ();
      g_assert_cmpint (end.calls, ==, 1);
    }
}

typedef struct
{
  GObject         *sender;
  LsockObject     *receiver;
  LsockConnection *connection;
  LsockConnection *late;
  Seen             seen;
} Ending;

static void
on_destroyed_loop (LsockObject *receiver,
                   gpointer     user_data)
{
  Ending *ending = user_data;

  /* What is queued before, meanwhile, and by a connection that is made only now. */
  g_signal_emit (ending->sender, sig_plain, 0);
  lsock_invoke_queued (G_OBJECT (receiver),
                       g_cclosure_new (G_CALLBACK (on_call), &ending->seen, NULL));
  ending->late = link_plain (ending->sender, "plain", LSOCK_CONNECTION_TYPE_QUEUED, receiver,
                             G_CALLBACK (on_plain), &ending->seen);
  g_signal_emit (ending->sender, sig_plain, 0);
  settle ();
}

static void
test_receiver_ending (void)
{
  g_test_summary ("A queued call reached a receiver that was being ended, when a handler of its "
                  "`destroyed` ran a loop");

  for (guint i = 0; i < 4; i++)
    {
      Ending ending = { .sender = g_object_new (TEST_TYPE_SENDER, NULL),
                        .receiver = lsock_object_new () };

      g_signal_connect (ending.receiver, "destroyed", G_CALLBACK (on_destroyed_loop), &ending);
      if (i % 2 == 0)
        {
          ending.connection = link_plain (ending.sender, "plain", LSOCK_CONNECTION_TYPE_QUEUED,
                                          ending.receiver, G_CALLBACK (on_plain), &ending.seen);
          g_signal_emit (ending.sender, sig_plain, 0);
        }
      if (i < 2)
        g_object_run_dispose (G_OBJECT (ending.receiver));
      g_object_unref (ending.receiver);
      settle ();
      g_assert_cmpint (ending.seen.calls, ==, 0);

      g_clear_pointer (&ending.connection, lsock_connection_unref);
      g_clear_pointer (&ending.late, lsock_connection_unref);
      g_assert_finalize_object (ending.sender);
    }
}

typedef struct
{
  LsockObject     *sender;
  LsockObject     *receiver;
  LsockConnection *connection;
  GMainContext    *context;
  guint            action;
  int              calls;
} Survivor;

static void
on_word_act (gpointer sender,
             gpointer user_data)
{
  Survivor *world = user_data;

  if (world->calls++ > 0)
    return;

  switch (world->action)
    {
    case 0:
      g_clear_object (&world->receiver);
      break;

    case 1:
      lsock_connection_disconnect (world->connection);
      g_clear_pointer (&world->connection, lsock_connection_unref);
      break;

    case 2:
      g_object_run_dispose (G_OBJECT (world->sender));
      g_clear_object (&world->sender);
      break;

    case 3:
      lsock_object_move_to_context (world->receiver, world->context, NULL);
      break;

    case 4:
      g_object_run_dispose (G_OBJECT (world->receiver));
      break;

    case 5:
      lsock_object_delete_later (world->receiver);
      settle ();
      break;

    default:
      g_clear_object (&world->receiver);
      g_clear_object (&world->sender);
      g_clear_pointer (&world->connection, lsock_connection_unref);
    }
}

static void
test_slot_acts (void)
{
  LsockConnectionType types[] = { LSOCK_CONNECTION_TYPE_DIRECT, LSOCK_CONNECTION_TYPE_QUEUED };

  for (guint i = 0; i < 14; i++)
    {
      Survivor world = {
        .sender = g_object_new (TEST_TYPE_SPEAKER, NULL),
        .receiver = lsock_object_new (),
        .context = g_main_context_new (),
        .action = i / 2,
      };
      gpointer weak[] = { world.sender, world.receiver };

      g_object_add_weak_pointer (weak[0], &weak[0]);
      g_object_add_weak_pointer (weak[1], &weak[1]);
      world.connection = lsock_connect (world.sender, "word", types[i % 2], world.receiver,
                                        G_CALLBACK (on_word_act), &world, NULL);
      g_signal_emit (world.sender, sig_word, 0);
      if (weak[0] != NULL)
        g_signal_emit (weak[0], sig_word, 0);
      settle ();
      while (g_main_context_iteration (world.context, FALSE))
        settle ();
      g_assert_cmpint (world.calls, >=, 1);
      /* Two where what was queued is delivered: the sender went, or the receiver moved, or is ended
       * only when the slot has returned. */
      g_assert_cmpint (world.calls, <=, (world.action == 2 || world.action == 3 ||
                                         world.action == 5 ? 2 : 1));

      g_clear_object (&world.receiver);
      g_clear_object (&world.sender);
      g_clear_pointer (&world.connection, lsock_connection_unref);
      settle ();
      settle_in (world.context);
      g_assert_null (weak[0]);
      g_assert_null (weak[1]);
      g_main_context_unref (world.context);
    }
}

static void
test_ends (void)
{
  g_autoptr (LsockObject) sender = lsock_object_new ();
  g_autoptr (LsockObject) receiver = lsock_object_new ();
  g_autoptr (LsockConnection) connection =
    lsock_connect (sender, "destroyed", LSOCK_CONNECTION_TYPE_QUEUED, receiver,
                   G_CALLBACK (g_object_get_type), NULL, NULL);
  g_autoptr (GObject) got_sender = lsock_connection_get_sender (connection);
  g_autoptr (GObject) got_receiver = lsock_connection_get_receiver (connection);

  g_assert_true (got_sender == G_OBJECT (sender));
  g_assert_true (got_receiver == G_OBJECT (receiver));
  g_clear_object (&got_receiver);
  g_clear_object (&receiver);
  g_assert_null (lsock_connection_get_receiver (connection));
}

typedef struct
{
  GMainContext *context;
  GObject      *sender;
  int           finished;   /* atomic */
  int           gone;       /* atomic */
} Idler;

/* Waits for the main thread, and only then runs its context for the first time. */
static gpointer
wait_before_running (gpointer data)
{
  Idler *idler = data;

  g_main_context_push_thread_default (idler->context);
  g_signal_emit (idler->sender, sig_plain, 0);
  await_true_in (idler->context, is_set (&idler->finished));
  g_main_context_pop_thread_default (idler->context);

  set_flag (&idler->gone, NULL);
  return NULL;
}

static void
test_blocking_cycle_unseen (void)
{
  g_autoptr (GObject) sender = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (GObject) back = g_object_new (TEST_TYPE_SENDER, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockObject) here = lsock_object_new ();
  LsockObject *there = lsock_object_new ();
  Idler idler = { .context = context, .sender = back };
  Seen seen = { 0 };
  g_autoptr (LsockConnection) to = NULL;
  g_autoptr (LsockConnection) fro = NULL;
  GThread *thread;

  g_test_summary ("Two threads that would wait for each other, one of which has not run its context "
                  "yet: one of them does not wait");

  g_assert_true (lsock_object_move_to_context (there, context, NULL));
  to = link_plain (sender, "plain", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, there,
                   G_CALLBACK (on_plain), &seen);
  fro = link_plain (back, "plain", LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED, here,
                    G_CALLBACK (on_plain), &seen);

  g_test_expect_message ("Lsock", G_LOG_LEVEL_WARNING, "*its thread waits for this one*");
  thread = g_thread_new ("idler", wait_before_running, &idler);
  g_signal_emit (sender, sig_plain, 0);

  set_flag (&idler.finished, context);
  await (is_set, &idler.gone);
  g_thread_join (thread);
  g_test_assert_expected_messages ();
  g_assert_cmpint (seen.calls, ==, 1);
  g_assert_finalize_object (there);
}

static void
on_destroyed (gpointer sender,
              guint   *seen)
{
  g_assert_true (LSOCK_IS_OBJECT (sender));
  (*seen)++;
}

static void
test_last_reference (void)
{
  g_test_summary ("A collector that dropped the last reference called the slot while it ran");

  for (guint i = 0; i < 2; i++)
    {
      LsockObject *sender = g_object_new (LSOCK_TYPE_OBJECT, NULL);
      guint foreign = 0, own = 0;
      g_autoptr (LsockConnection) closure =
        lsock_connect_closure (G_OBJECT (sender), "destroyed", LSOCK_CONNECTION_TYPE_DIRECT, NULL,
                               g_cclosure_new (G_CALLBACK (on_destroyed), &foreign, NULL), NULL);
      g_autoptr (LsockConnection) function =
        lsock_connect (sender, "destroyed", LSOCK_CONNECTION_TYPE_DIRECT, NULL,
                       G_CALLBACK (on_destroyed), &own, NULL);

      g_assert_nonnull (closure);
      g_assert_nonnull (function);
      if (i == 0)
        {
          g_object_unref (sender);
          g_assert_cmpuint (foreign, ==, 0);
          g_assert_cmpuint (own, ==, 1);
        }
      else
        {
          lsock_object_delete_later (sender);
          g_object_unref (sender);
        }
      while (foreign == 0)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (own, ==, 1);
      g_assert_false (lsock_connection_is_connected (closure));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_type_ensure (TEST_TYPE_SENDER);
  g_type_class_unref (g_type_class_ref (TEST_TYPE_SENDER));
  g_type_class_unref (g_type_class_ref (TEST_TYPE_SPEAKER));

  g_test_add_func ("/connection/ends", test_ends);
  g_test_add_func ("/connection/direct", test_direct);
  g_test_add_func ("/connection/queued", test_queued);
  g_test_add_func ("/connection/auto", test_auto);
  g_test_add_func ("/connection/auto/worker", test_auto_worker);
  g_test_add_func ("/connection/blocking", test_blocking);
  g_test_add_func ("/connection/blocking/thread-gone", test_blocking_thread_gone);
  g_test_add_func ("/connection/blocking/cycle", test_blocking_cycle);
  g_test_add_func ("/connection/blocking/cycle-unseen", test_blocking_cycle_unseen);
  g_test_add_func ("/connection/single-shot", test_single_shot);
  g_test_add_func ("/connection/single-shot/fired", test_single_shot_fired);
  g_test_add_func ("/connection/unique", test_unique);
  g_test_add_func ("/connection/refused", test_refused);
  g_test_add_func ("/connection/arguments", test_arguments);
  g_test_add_func ("/connection/details", test_details);
  g_test_add_func ("/connection/return", test_return_direct);
  g_test_add_func ("/connection/full", test_full);
  g_test_add_func ("/connection/sender-gone", test_sender_gone);
  g_test_add_func ("/connection/sender-gone/object", test_object_gone);
  g_test_add_func ("/connection/sender-gone/last-reference", test_last_reference);
  g_test_add_func ("/connection/receiver-gone", test_receiver_gone);
  g_test_add_func ("/connection/disconnect/cancels", test_disconnect_cancels);
  g_test_add_func ("/connection/disconnect/inside", test_disconnect_inside);
  g_test_add_func ("/connection/destroyed-queued", test_destroyed_queued);
  g_test_add_func ("/connection/order/worker", test_worker_floods);
  g_test_add_func ("/connection/move", test_move);
  g_test_add_func ("/connection/nested-loop", test_nested_loop);
  g_test_add_func ("/connection/invoke-queued", test_invoke);
  g_test_add_func ("/connection/invoke-queued-full", test_invoke_full);
  g_test_add_func ("/connection/blocked", test_blocked);
  g_test_add_func ("/connection/receiver-ending", test_receiver_ending);
  g_test_add_func ("/connection/slot-acts", test_slot_acts);

  return g_test_run ();
}
