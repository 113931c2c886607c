/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Receivers: where the queued calls of an object go, and what is cancelled when it is disposed. */

#include "config.h"

#include "object/lsock-receiver-private.h"

G_LOCK_DEFINE_STATIC (receivers);

static G_DEFINE_QUARK (lsock-receiver, receiver)

static LsockReceiver *
receiver_new (GObject *object)
{
  LsockReceiver *self = g_new0 (LsockReceiver, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->has_object = object != NULL;
  g_weak_ref_init (&self->object, object);
  g_mutex_init (&self->lock);

  return self;
}

static gpointer
receiver_new_default (void)
{
  return receiver_new (NULL);
}

LsockReceiver *
_lsock_receiver_ref (LsockReceiver *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_lsock_receiver_unref (LsockReceiver *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->users == 0 && self->queue == NULL);

  g_weak_ref_clear (&self->object);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
receiver_list_free (gpointer data)
{
  LsockReceiver *self = data;

  while (self != NULL)
    {
      LsockReceiver *next = self->next;

      _lsock_receiver_unref (self);
      self = next;
    }
}

static LsockReceiverMember *
receiver_ref_first_member (LsockReceiver *self)
{
  LsockReceiverMember *member = NULL;

  g_mutex_lock (&self->lock);
  if (self->members.head != NULL)
    {
      member = self->members.head->data;
      member->klass->ref (member);
    }
  g_mutex_unlock (&self->lock);

  return member;
}

/* The object was disposed: what waits for it is dropped. */
static void
receiver_object_gone (gpointer  data,
                      GObject  *object)
{
  g_autoptr (LsockReceiver) self = data;
  LsockReceiverMember *member;
  GQueue cut = G_QUEUE_INIT;

  G_LOCK (receivers);
  self->watching = FALSE;
  G_UNLOCK (receivers);

  while ((member = receiver_ref_first_member (self)) != NULL)
    member->klass->cancel (member);

  g_mutex_lock (&self->lock);
  if (self->queue != NULL)
    _lsock_call_queue_cut_group (self->queue, &self->calls, &cut);
  g_mutex_unlock (&self->lock);
  _lsock_calls_drop (&cut);
}

/* Returns whether the receiver can be used with @queue, NULL for any; and counts a user. */
static gboolean
receiver_use (LsockReceiver    *self,
              GObject          *object,
              LsockCallQueue   *queue,
              LsockResolveFunc  resolve)
{
  gboolean fits = TRUE;

  g_mutex_lock (&self->lock);
  if (self->queue == NULL)
    {
      /* Found with the lock held: an object moves its receiver after itself. */
      self->queue = object != NULL ? resolve (object, &self->closed) : NULL;
      self->follows = self->queue != NULL;
      if (self->queue == NULL && queue != NULL)
        self->queue = _lsock_call_queue_ref (queue);
      fits = self->queue != NULL;
    }
  else if (!self->follows)
    {
      fits = queue == NULL || self->queue == queue;
    }

  if (fits)
    self->users++;
  g_mutex_unlock (&self->lock);

  return fits;
}

static LsockReceiver *
receiver_find (GObject          *object,
               LsockCallQueue   *queue,
               LsockResolveFunc  resolve)
{
  LsockReceiver *self = g_object_get_qdata (object, receiver_quark ());

  while (self != NULL && !receiver_use (self, object, queue, resolve))
    self = self->next;

  return self;
}

static LsockReceiver *
receiver_find_or_add (GObject          *object,
                      LsockCallQueue   *queue,
                      LsockResolveFunc  resolve)
{
  LsockReceiver *self = receiver_find (object, queue, resolve);
  LsockReceiver *first;

  if (self != NULL)
    return self;

  self = receiver_new (object);
  receiver_use (self, object, queue, resolve);

  first = g_object_get_qdata (object, receiver_quark ());
  if (first != NULL)
    {
      self->next = first->next;
      first->next = self;
    }
  else
    {
      g_object_set_qdata_full (object, receiver_quark (), self, receiver_list_free);
    }

  return self;
}

LsockReceiver *
_lsock_receiver_acquire (GObject          *object,
                         gboolean          any_context,
                         LsockResolveFunc  resolve)
{
  g_autoptr (LsockCallQueue) queue = _lsock_call_queue_get_default ();
  LsockReceiver *self = NULL;
  gboolean watch;

  if (object == NULL)
    {
      self = _lsock_call_queue_get_default_receiver (queue, receiver_new_default,
                                                     (GDestroyNotify) _lsock_receiver_unref);
      receiver_use (self, NULL, queue, resolve);
      return _lsock_receiver_ref (self);
    }

  G_LOCK (receivers);
  if (any_context)
    self = receiver_find (object, NULL, resolve);
  if (self == NULL)
    self = receiver_find_or_add (object, queue, resolve);
  _lsock_receiver_ref (self);
  watch = !self->watching;
  self->watching = TRUE;
  G_UNLOCK (receivers);

  /* Weak references fall when a GObject is disposed; after that a new one is needed. */
  if (watch)
    {
      g_weak_ref_set (&self->object, object);
      g_object_weak_ref (object, receiver_object_gone, _lsock_receiver_ref (self));
    }

  return self;
}

void
_lsock_receiver_release (LsockReceiver *self)
{
  LsockCallQueue *queue = NULL;

  g_mutex_lock (&self->lock);
  if (--self->users == 0)
    queue = g_steal_pointer (&self->queue);
  g_mutex_unlock (&self->lock);

  _lsock_receiver_unref (self);
  if (queue != NULL)
    _lsock_call_queue_unref (queue);
}

void
_lsock_receiver_join (LsockReceiver       *self,
                      LsockReceiverMember *member)
{
  member->link.data = member;
  member->listed = TRUE;
  g_queue_push_tail_link (&self->members, &member->link);
}

void
_lsock_receiver_leave (LsockReceiver       *self,
                       LsockReceiverMember *member)
{
  if (!member->listed)
    return;

  member->listed = FALSE;
  g_queue_unlink (&self->members, &member->link);
}

LsockCallQueue *
_lsock_receiver_ref_queue (LsockReceiver *self)
{
  LsockCallQueue *queue;

  g_mutex_lock (&self->lock);
  queue = self->queue != NULL ? _lsock_call_queue_ref (self->queue) : NULL;
  g_mutex_unlock (&self->lock);

  return queue;
}

gboolean
_lsock_receiver_push (LsockReceiver  *self,
                      LsockCall      *call,
                      GQueue         *group,
                      GMainContext  **surplus)
{
  *surplus = NULL;
  if (G_UNLIKELY (self->closed))
    return FALSE;

  call->owner = self;
  return _lsock_call_queue_push (self->queue, call, group, surplus);
}

static LsockReceiver *
receiver_ref_of (GObject *object)
{
  LsockReceiver *self;

  G_LOCK (receivers);
  self = g_object_get_qdata (object, receiver_quark ());
  if (self != NULL)
    _lsock_receiver_ref (self);
  G_UNLOCK (receivers);

  return self;
}

void
_lsock_receiver_move (GObject          *object,
                      LsockResolveFunc  resolve)
{
  g_autoptr (LsockReceiver) self = receiver_ref_of (object);
  LsockCallQueue *left = NULL;
  GMainContext *surplus = NULL;
  GQueue cut = G_QUEUE_INIT;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  if (self->queue != NULL)
    {
      /* Where it is now: the new thread may have moved it on. */
      LsockCallQueue *to = resolve (object, &self->closed);

      _lsock_call_queue_move (self->queue, to, self, &cut, &surplus);
      left = self->queue;
      self->queue = to;
    }
  g_mutex_unlock (&self->lock);

  _lsock_calls_drop (&cut);
  _lsock_call_queue_drop_surplus (surplus);
  if (left != NULL)
    _lsock_call_queue_unref (left);
}

void
_lsock_receiver_close (GObject *object)
{
  g_autoptr (LsockReceiver) self = receiver_ref_of (object);
  GQueue cut = G_QUEUE_INIT;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  if (self->queue != NULL)
    {
      _lsock_call_queue_cut_group (self->queue, &self->calls, &cut);
      for (GList *l = self->members.head; l != NULL; l = l->next)
        _lsock_call_queue_cut_group (self->queue, &((LsockReceiverMember *) l->data)->calls, &cut);
    }
  g_mutex_unlock (&self->lock);

  _lsock_calls_drop (&cut);
}
