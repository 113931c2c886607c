/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "object/lsock-receiver-private.h"

typedef struct
{
  LsockReceiverMember member;
  LsockReceiver      *receiver;
  int                 ref_count;
  int                 cancelled;
} Member;

static void
member_ref (LsockReceiverMember *member)
{
  ((Member *) member)->ref_count++;
}

static void
member_cancel (LsockReceiverMember *member)
{
  Member *self = (Member *) member;

  self->ref_count--;
  self->cancelled++;
  g_mutex_lock (&self->receiver->lock);
  _lsock_receiver_leave (self->receiver, member);
  g_mutex_unlock (&self->receiver->lock);
}

static const LsockReceiverMemberClass member_class = { .ref = member_ref, .cancel = member_cancel };

typedef struct
{
  LsockCall call;
  int       ran;
  int       dropped;
} Call;

static void
call_run (LsockCall *call)
{
  ((Call *) call)->ran++;
}

static void
call_drop (LsockCall *call)
{
  ((Call *) call)->dropped++;
}

static const LsockCallClass call_class = { .run = call_run, .drop = call_drop };

static LsockCallQueue *own_queue;
static gboolean own_closed;

static LsockCallQueue *
resolve_own (GObject  *object,
             gboolean *closed)
{
  *closed = own_closed;
  return _lsock_call_queue_ref (own_queue);
}

static LsockCallQueue *
resolve_none (GObject  *object,
              gboolean *closed)
{
  return NULL;
}

static gboolean
push (LsockReceiver *receiver,
      Call          *call,
      GQueue        *group)
{
  GMainContext *surplus;
  gboolean pushed;

  call->call = (LsockCall) { .klass = &call_class };
  g_mutex_lock (&receiver->lock);
  pushed = _lsock_receiver_push (receiver, &call->call, group, &surplus);
  g_mutex_unlock (&receiver->lock);
  _lsock_call_queue_drop_surplus (surplus);

  return pushed;
}

static void
join (LsockReceiver *receiver,
      Member        *member)
{
  *member = (Member) { .member.klass = &member_class, .receiver = receiver };
  g_mutex_lock (&receiver->lock);
  _lsock_receiver_join (receiver, &member->member);
  g_mutex_unlock (&receiver->lock);
}

static void
test_dispose_cancels (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  LsockReceiver *receiver = _lsock_receiver_acquire (object, FALSE, resolve_none);
  Member one, two;
  Call plain = { 0 };

  join (receiver, &one);
  join (receiver, &two);
  g_assert_true (push (receiver, &plain, &receiver->calls));
  g_object_unref (object);
  g_assert_cmpint (one.cancelled, ==, 1);
  g_assert_cmpint (two.cancelled, ==, 1);
  g_assert_cmpint (one.ref_count, ==, 0);
  g_assert_cmpint (plain.dropped, ==, 1);
  _lsock_receiver_release (receiver);
}

static void
test_contexts (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockReceiver *here = _lsock_receiver_acquire (object, FALSE, resolve_none);
  LsockReceiver *there, *any, *again;

  g_main_context_push_thread_default (context);
  there = _lsock_receiver_acquire (object, FALSE, resolve_none);
  any = _lsock_receiver_acquire (object, TRUE, resolve_none);
  again = _lsock_receiver_acquire (object, FALSE, resolve_none);
  g_main_context_pop_thread_default (context);
  g_assert_true (there != here);
  g_assert_true (any == here);
  g_assert_true (again == there);
  g_assert_true (_lsock_call_queue_get_context (there->queue) == context);

  _lsock_receiver_release (here);
  _lsock_receiver_release (there);
  _lsock_receiver_release (any);
  _lsock_receiver_release (again);
}

static void
test_follows (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GMainContext) first = g_main_context_new ();
  g_autoptr (GMainContext) second = g_main_context_new ();
  LsockReceiver *receiver;
  Call call = { 0 };

  own_queue = _lsock_call_queue_get (first);
  receiver = _lsock_receiver_acquire (object, FALSE, resolve_own);
  g_assert_true (push (receiver, &call, &receiver->calls));
  _lsock_call_queue_unref (own_queue);
  own_queue = _lsock_call_queue_get (second);
  _lsock_receiver_move (object, resolve_own);

  g_main_context_iteration (first, FALSE);
  g_assert_cmpint (call.ran, ==, 0);
  g_main_context_iteration (second, FALSE);
  g_assert_cmpint (call.ran, ==, 1);
  _lsock_receiver_release (receiver);
  g_clear_pointer (&own_queue, _lsock_call_queue_unref);
}

static void
test_close (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockReceiver *receiver, *late;
  Member member;
  Call plain = { 0 }, own = { 0 }, refused = { 0 };

  own_queue = _lsock_call_queue_get (context);
  receiver = _lsock_receiver_acquire (object, FALSE, resolve_own);
  join (receiver, &member);
  g_assert_true (push (receiver, &plain, &receiver->calls));
  g_assert_true (push (receiver, &own, &member.member.calls));
  _lsock_receiver_close (object);
  g_assert_cmpint (plain.dropped, ==, 1);
  g_assert_cmpint (own.dropped, ==, 1);
  g_assert_cmpint (member.cancelled, ==, 0);
  g_assert_false (push (receiver, &refused, &receiver->calls));
  g_clear_object (&object);
  g_assert_cmpint (member.cancelled, ==, 1);
  _lsock_receiver_release (receiver);

  /* One that is made for an object which has ended takes nothing either. */
  own_closed = TRUE;
  object = g_object_new (G_TYPE_OBJECT, NULL);
  late = _lsock_receiver_acquire (object, FALSE, resolve_own);
  g_assert_false (push (late, &refused, &late->calls));
  _lsock_receiver_release (late);
  g_clear_pointer (&own_queue, _lsock_call_queue_unref);
}

static void
test_default (void)
{
  LsockReceiver *one = _lsock_receiver_acquire (NULL, FALSE, resolve_none);
  LsockReceiver *two = _lsock_receiver_acquire (NULL, FALSE, resolve_none);
  Call call = { 0 };

  g_assert_true (one == two);
  g_assert_false (one->has_object);
  g_assert_true (push (one, &call, &one->calls));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (call.ran, ==, 1);
  _lsock_receiver_release (one);
  _lsock_receiver_release (two);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/receiver/dispose-cancels", test_dispose_cancels);
  g_test_add_func ("/receiver/contexts", test_contexts);
  g_test_add_func ("/receiver/follows", test_follows);
  g_test_add_func ("/receiver/close", test_close);
  g_test_add_func ("/receiver/default", test_default);

  return g_test_run ();
}
