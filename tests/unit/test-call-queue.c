/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "object/lsock-call-queue-private.h"

#include "fixture.h"

typedef struct
{
  LsockCall  call;
  GString   *story;
  int        number;
} Call;

static void
call_run (LsockCall *call)
{
  Call *self = (Call *) call;

  g_string_append_printf (self->story, "+%d", self->number);
  g_free (self);
}

static void
call_drop (LsockCall *call)
{
  Call *self = (Call *) call;

  g_string_append_printf (self->story, "-%d", self->number);
  g_free (self);
}

static const LsockCallClass call_class = { .run = call_run, .drop = call_drop };

static LsockCall *
push (LsockCallQueue *queue,
      GString        *story,
      int             number,
      GQueue         *group,
      gconstpointer   owner)
{
  Call *call = g_new0 (Call, 1);
  GMainContext *surplus;

  call->call.klass = &call_class;
  call->call.owner = owner;
  call->story = story;
  call->number = number;
  if (!_lsock_call_queue_push (queue, &call->call, group, &surplus))
    {
      g_free (call);
      return NULL;
    }
  _lsock_call_queue_drop_surplus (surplus);

  return &call->call;
}

static void
assert_story (GString    *story,
              const char *text)
{
  g_assert_cmpstr (story->str, ==, text);
  g_string_truncate (story, 0);
}

static void
test_order (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockCallQueue) queue = _lsock_call_queue_get (context);
  g_autoptr (LsockCallQueue) same = _lsock_call_queue_get (context);
  g_autoptr (GString) story = g_string_new (NULL);

  g_assert_true (queue == same);
  g_assert_true (_lsock_call_queue_get_context (queue) == context);
  for (int i = 1; i <= 3; i++)
    push (queue, story, i, NULL, NULL);
  assert_story (story, "");
  settle_in (context);
  assert_story (story, "+1+2+3");
  g_assert_true (_lsock_call_queue_is_here (queue));
}

static void
test_cut (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockCallQueue) queue = _lsock_call_queue_get (context);
  g_autoptr (GString) story = g_string_new (NULL);
  GQueue group = G_QUEUE_INIT, cut = G_QUEUE_INIT;
  LsockCall *third;

  push (queue, story, 1, &group, NULL);
  push (queue, story, 2, NULL, NULL);
  third = push (queue, story, 3, &group, NULL);
  push (queue, story, 4, &group, NULL);
  g_assert_true (_lsock_call_queue_cut_call (queue, &group, third, &cut));
  g_assert_false (_lsock_call_queue_cut_call (queue, &group, third, &cut));
  _lsock_calls_drop (&cut);
  assert_story (story, "-3");
  _lsock_call_queue_cut_group (queue, &group, &cut);
  _lsock_calls_drop (&cut);
  assert_story (story, "-1-4");
  settle_in (context);
  assert_story (story, "+2");
}

static void
test_move (void)
{
  g_autoptr (GMainContext) first = g_main_context_new ();
  g_autoptr (GMainContext) second = g_main_context_new ();
  g_autoptr (LsockCallQueue) from = _lsock_call_queue_get (first);
  g_autoptr (LsockCallQueue) to = _lsock_call_queue_get (second);
  g_autoptr (GString) story = g_string_new (NULL);
  GQueue cut = G_QUEUE_INIT;
  GMainContext *surplus;

  push (from, story, 1, NULL, "a");
  push (from, story, 2, NULL, "b");
  push (from, story, 3, NULL, "a");
  push (to, story, 4, NULL, "c");
  _lsock_call_queue_move (from, to, "a", &cut, &surplus);
  _lsock_call_queue_drop_surplus (surplus);
  settle_in (first);
  assert_story (story, "+2");
  settle_in (second);
  assert_story (story, "+4+1+3");

  /* To where no loop can run them any more. */
  push (from, story, 5, NULL, "a");
  g_clear_pointer (&second, g_main_context_unref);
  _lsock_call_queue_move (from, to, "a", &cut, &surplus);
  g_assert_cmpuint (cut.length, ==, 1);
  _lsock_calls_drop (&cut);
  assert_story (story, "-5");
}

static void
test_orphaned (void)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (LsockCallQueue) queue = _lsock_call_queue_get (context);
  g_autoptr (LsockCallQueue) other = NULL;
  g_autoptr (GMainContext) next = NULL;
  g_autoptr (GString) story = g_string_new (NULL);

  g_test_summary ("A queue kept its main context alive as long as something was queued");

  push (queue, story, 1, NULL, NULL);
  push (queue, story, 2, NULL, NULL);
  g_main_context_unref (context);
  assert_story (story, "-1-2");
  g_assert_null (push (queue, story, 3, NULL, NULL));
  g_assert_null (_lsock_call_queue_hold_context (queue));
  g_assert_nonnull (_lsock_call_queue_get_context (queue));
  g_assert_true (_lsock_call_queue_enter (queue));
  g_assert_true (_lsock_call_queue_is_abandoned (queue, 0));

  /* Perhaps at the same address. */
  next = g_main_context_new ();
  other = _lsock_call_queue_get (next);
  g_assert_true (other != queue);
}

static void
test_held (void)
{
  GMainContext *context = g_main_context_new ();
  LsockCallQueue *queue = _lsock_call_queue_get (context);
  GMainContext *held = _lsock_call_queue_hold_context (queue);
  g_autoptr (GString) story = g_string_new (NULL);

  push (queue, story, 1, NULL, NULL);
  g_main_context_unref (context);
  settle_in (held);
  assert_story (story, "+1");
  push (queue, story, 2, NULL, NULL);
  _lsock_call_queue_unref (queue);
  assert_story (story, "");
  g_main_context_unref (held);
  assert_story (story, "-2");
}

static gpointer
enter_in_thread (gpointer queue)
{
  return GINT_TO_POINTER (_lsock_call_queue_enter (queue));
}

static void
test_thread (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockCallQueue) queue = NULL;
  g_autoptr (LsockThread) none = NULL;
  GMainContext *acquired;

  queue = _lsock_call_queue_get (context);
  g_assert_null (_lsock_call_queue_ref_thread (queue));
  g_assert_false (_lsock_call_queue_enter (queue));
  g_assert_true (_lsock_call_queue_take_over (queue, &acquired));
  g_assert_true (acquired == context);
  g_assert_true (_lsock_call_queue_enter (queue));
  g_assert_null (g_thread_join (g_thread_new ("enter", enter_in_thread, queue)));
  g_main_context_release (acquired);
  g_main_context_unref (acquired);
  g_assert_true (_lsock_call_queue_is_here (queue));
  g_assert_false (_lsock_call_queue_is_abandoned (queue, 0));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/call-queue/order", test_order);
  g_test_add_func ("/call-queue/cut", test_cut);
  g_test_add_func ("/call-queue/move", test_move);
  g_test_add_func ("/call-queue/orphaned", test_orphaned);
  g_test_add_func ("/call-queue/held", test_held);
  g_test_add_func ("/call-queue/thread", test_thread);

  return g_test_run ();
}
