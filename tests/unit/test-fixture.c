/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the other tests wait with: it sees what happens in any thread, and names what does not. */

#include "fixture.h"

static gboolean
delete_now (gpointer object)
{
  g_object_run_dispose (object);
  return G_SOURCE_REMOVE;
}

static gboolean
rename_often (gpointer object)
{
  for (int i = 0; i < 3; i++)
    lsock_object_set_name (object, i % 2 == 0 ? "even" : "odd");
  return G_SOURCE_REMOVE;
}

static void
test_watch (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (SignalWatch) renamed = watch_signal (object, "notify::name");
  g_autoptr (SignalWatch) destroyed = watch_signal (object, "destroyed");

  g_idle_add (rename_often, object);
  await_signal (renamed);
  await_signals (renamed, 2);
  g_assert_cmpuint (signal_watch_count (renamed), ==, 3);
  g_assert_cmpuint (signal_watch_count (destroyed), ==, 0);

  g_idle_add (delete_now, object);
  await_signal (destroyed);
  /* It outlives what it watches. */
  g_clear_object (&object);
}

static gpointer
cancel_thrice (gpointer cancellable)
{
  for (int i = 0; i < 3; i++)
    {
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
    }
  return NULL;
}

static void
test_watch_thread (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SignalWatch) watch = watch_signal (cancellable, "cancelled");
  GThread *thread = g_thread_new ("canceller", cancel_thrice, cancellable);

  await_signals (watch, 3);
  g_thread_join (thread);
}

typedef struct
{
  GMainContext *context;
  int           started;
  int           stopped;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  set_flag (&worker->started, NULL);
  await_true_in (worker->context, is_set (&worker->stopped));
  return NULL;
}

static void
test_flags (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Worker worker = { .context = context };
  GThread *thread = g_thread_new ("worker", work, &worker);

  await (is_set, &worker.started);
  set_flag (&worker.stopped, context);
  g_thread_join (thread);
}

/* What each way to wait ends with when nothing happens. */
typedef enum
{
  CONDITION,
  EXPRESSION,
  TEXT,
  SIGNAL,
} Way;

static const char *const says[] = {
  [CONDITION] = "*test-fixture.c:*has_data (buffer)*",
  [EXPRESSION] = "*test-fixture.c:*n > 5*",
  [TEXT] = "*test-fixture.c:*'one' became 'two'*",
  [SIGNAL] = "*test-fixture.c:*'ready-read' of LsockBuffer*2 times, and 0 times*",
};

static gboolean
go_on (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_in_vain (Way way)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (SignalWatch) watch = watch_signal (buffer, "ready-read");
  g_autoptr (GString) string = g_string_new ("one");
  int n = 5;

  /* A loop that is never idle does not hide the end of the time. */
  g_idle_add_full (G_PRIORITY_HIGH, go_on, NULL, NULL);
  deadline_set_length (20);
  switch (way)
    {
    case CONDITION:
      await (has_data, buffer);
      break;

    case EXPRESSION:
      await_true (n > 5);
      break;

    case TEXT:
      await_text (string, "two");
      break;

    case SIGNAL:
      await_signals (watch, 2);
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
test_in_vain (gconstpointer data)
{
  Way way = (Way) GPOINTER_TO_INT (data);

  if (g_test_subprocess ())
    {
      wait_in_vain (way);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr (says[way]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fixture/watch", test_watch);
  g_test_add_func ("/fixture/watch/thread", test_watch_thread);
  g_test_add_func ("/fixture/flags", test_flags);
  g_test_add_data_func ("/fixture/in-vain/condition", GINT_TO_POINTER (CONDITION), test_in_vain);
  g_test_add_data_func ("/fixture/in-vain/expression", GINT_TO_POINTER (EXPRESSION), test_in_vain);
  g_test_add_data_func ("/fixture/in-vain/text", GINT_TO_POINTER (TEXT), test_in_vain);
  g_test_add_data_func ("/fixture/in-vain/signal", GINT_TO_POINTER (SIGNAL), test_in_vain);

  return g_test_run ();
}
