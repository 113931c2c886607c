/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* queued [ROUNDS [EVENTS]]
 *
 * What it costs to have a closure run in the main thread for each of many events of a worker:
 * through a queued connection, and through g_main_context_invoke_full(), in turn, round after
 * round.  Prints one JSON object. */

#include <lsock.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_ROUNDS 101

static guint n_heard;
static guint n_events = 50000;
static int n_rounds = 11;

static void
count (GClosure     *closure,
       GValue       *return_value,
       guint         n_values,
       const GValue *values,
       gpointer      hint,
       gpointer      data)
{
  n_heard++;
}

/* The signal is the notification of a property: it costs the same in both ways. */
typedef struct
{
  LsockObject *receiver;
  GClosure    *closure;
  gboolean     queued;
} Work;

static gboolean
invoke (gpointer data)
{
  g_closure_invoke (data, NULL, 0, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_emitted (GObject    *object,
            GParamSpec *pspec,
            Work       *work)
{
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, invoke, work->closure, NULL);
}

static gpointer
emit_all (gpointer data)
{
  Work *work = data;
  g_autoptr (LsockObject) emitter = NULL;
  g_autoptr (LsockConnection) connection = NULL;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  GParamSpec *pspec;

  g_main_context_push_thread_default (context);
  emitter = lsock_object_new ();
  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (emitter), "name");

  if (work->queued)
    {
      connection = lsock_connect_closure (G_OBJECT (emitter), "notify::name",
                                          LSOCK_CONNECTION_TYPE_QUEUED,
                                          G_OBJECT (work->receiver), work->closure, &error);
      if (connection == NULL)
        g_error ("%s", error->message);
    }
  else
    {
      g_signal_connect (emitter, "notify::name", G_CALLBACK (on_emitted), work);
    }

  for (guint i = 0; i < n_events; i++)
    g_object_notify_by_pspec (G_OBJECT (emitter), pspec);

  g_clear_object (&emitter);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* Nanoseconds for an event, from the first emission to the last delivery. */
static double
time_round (LsockObject *receiver,
            gboolean     queued)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), NULL);
  Work work = { .receiver = receiver, .closure = closure, .queued = queued };
  gint64 start = g_get_monotonic_time ();
  GThread *thread;

  g_closure_set_marshal (closure, count);
  g_closure_ref (closure);
  g_closure_sink (closure);

  n_heard = 0;
  thread = g_thread_new ("worker", emit_all, &work);
  while (n_heard < n_events)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_closure_unref (closure);

  return (double) (g_get_monotonic_time () - start) * 1000 / n_events;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
median (double *values)
{
  qsort (values, n_rounds, sizeof *values, compare);
  return values[n_rounds / 2];
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (LsockObject) receiver = lsock_object_new ();
  double queued[MAX_ROUNDS];
  double bare[MAX_ROUNDS];
  double ratio[MAX_ROUNDS];

  if (argc > 1)
    n_rounds = CLAMP (atoi (argv[1]), 1, MAX_ROUNDS);
  if (argc > 2)
    n_events = MAX (atoi (argv[2]), 1);

  time_round (receiver, TRUE);
  time_round (receiver, FALSE);
  for (int i = 0; i < n_rounds; i++)
    {
      queued[i] = time_round (receiver, TRUE);
      bare[i] = time_round (receiver, FALSE);
      ratio[i] = queued[i] / bare[i];
    }

  printf ("{\"queued_ns\": %.0f, \"invoke_ns\": %.0f, \"ratio\": %.3f}\n",
          median (queued), median (bare), median (ratio));
  return EXIT_SUCCESS;
}
