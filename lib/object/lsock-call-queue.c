/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls posted to a main context: a queue that any thread adds to, and that the context's loop
 * runs. */

#include "config.h"

#include "object/lsock-call-queue-private.h"

/* How many calls run in one turn, so that a fast producer leaves the other sources their share. */
#define MAX_BATCH 128

/* How long a context that no thread was ever seen to run is waited for. */
#define WAIT_UNKNOWN (5 * G_TIME_SPAN_SECOND)

/* How often, a millisecond apart, the global default context is watched for a turn of its loop. */
#define N_SAMPLES 20

/* The queue is the source itself, so that GLib's own references keep its memory while it is looked
 * at; `users` count the objects, connections and calls, and the context once it has the source. */
struct _LsockCallQueue
{
  GSource        source;

  int            users;       /* atomic; falls to 0 under the lock of the registry */

  GMutex         lock;        /* of all that follows; never held while foreign code runs */
  GMainContext  *context;     /* a reference until the source is attached, borrowed from then on;
                               * NULL: orphaned.  Also read atomically. */
  GMainContext  *stand_in;    /* of an orphaned queue, made when asked for */
  LsockThread   *thread;      /* also read atomically, and then compared only */
  GQueue         calls;
  int            length;      /* of it, to be read atomically */
  int            n_bound;     /* of those that may not run at every depth; also read atomically */
  int            asleep;      /* atomic: the queue was looked at, and nothing was found to do */
  guint          turns;       /* atomic: how often the context was prepared */
  gboolean       attached;
  gpointer       receiver;
  GDestroyNotify receiver_destroy;
};

G_LOCK_DEFINE_STATIC (queues);
static GHashTable *queues;     /* GMainContext → LsockCallQueue, both borrowed */


/* The calls */

static void
group_add (GQueue    *group,
           LsockCall *call)
{
  call->group = group;
  g_queue_push_tail_link (group, &call->group_link);
}

static void
group_remove (LsockCall *call)
{
  if (call->group != NULL)
    g_queue_unlink (g_steal_pointer (&call->group), &call->group_link);
}

static void
queue_add (LsockCallQueue *self,
           LsockCall      *call)
{
  g_queue_push_tail_link (&self->calls, &call->link);
  if (call->depth > 0)
    g_atomic_int_set (&self->n_bound, self->n_bound + 1);
  g_atomic_int_set (&self->length, self->length + 1);
}

static void
queue_remove (LsockCallQueue *self,
              LsockCall      *call)
{
  g_queue_unlink (&self->calls, &call->link);
  g_atomic_int_set (&self->length, self->length - 1);
  if (call->depth > 0)
    g_atomic_int_set (&self->n_bound, self->n_bound - 1);
}

static void
queue_cut (LsockCallQueue *self,
           LsockCall      *call,
           GQueue         *cut)
{
  group_remove (call);
  queue_remove (self, call);
  g_queue_push_tail_link (cut, &call->link);
}

static gboolean
call_may_run (const LsockCall *call,
              int              depth)
{
  return call->depth == 0 || depth <= call->depth;
}

/* How many calls may run in a dispatch of that depth. */
static int
queue_count (LsockCallQueue *self,
             int             depth)
{
  int n = g_atomic_int_get (&self->length);

  if (G_LIKELY (n == 0 || g_atomic_int_get (&self->n_bound) == 0))
    return n;

  n = 0;
  g_mutex_lock (&self->lock);
  for (GList *l = self->calls.head; l != NULL; l = l->next)
    if (call_may_run (l->data, depth))
      n++;
  g_mutex_unlock (&self->lock);

  return n;
}

static LsockCall *
queue_pop (LsockCallQueue *self,
           int             depth)
{
  GList *l;

  g_mutex_lock (&self->lock);
  l = self->calls.head;
  while (l != NULL && !call_may_run (l->data, depth))
    l = l->next;
  if (l != NULL)
    {
      queue_remove (self, l->data);
      group_remove (l->data);
    }
  g_mutex_unlock (&self->lock);

  return l != NULL ? l->data : NULL;
}


/* The source */

static void
queue_set_thread (LsockCallQueue *self)
{
  LsockThread *thread = _lsock_thread_self ();
  LsockThread *old;

  if (g_atomic_pointer_get (&self->thread) == thread)
    return;

  g_mutex_lock (&self->lock);
  old = self->thread;
  g_atomic_pointer_set (&self->thread, _lsock_thread_ref (thread));
  g_mutex_unlock (&self->lock);

  if (old != NULL)
    _lsock_thread_unref (old);
}

/* A push after this look has to wake the context, and none before. */
static gboolean
queue_prepare (GSource *source,
               int     *timeout)
{
  LsockCallQueue *self = (LsockCallQueue *) source;

  g_atomic_int_inc (&self->turns);
  g_atomic_int_set (&self->asleep, TRUE);
  *timeout = -1;
  return queue_count (self, g_main_depth () + 1) > 0;
}

static gboolean
queue_check (GSource *source)
{
  LsockCallQueue *self = (LsockCallQueue *) source;

  g_atomic_int_set (&self->asleep, FALSE);
  return queue_count (self, g_main_depth () + 1) > 0;
}

static gboolean
queue_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  LsockCallQueue *self = (LsockCallQueue *) source;
  int depth = g_main_depth ();

  queue_set_thread (self);

  /* What is queued meanwhile waits for the next turn. */
  for (int n = MIN (queue_count (self, depth), MAX_BATCH); n > 0; n--)
    {
      LsockCall *call = queue_pop (self, depth);

      if (call == NULL)
        break;

      call->klass->run (call);
      _lsock_call_queue_unref (self);
    }

  return G_SOURCE_CONTINUE;
}

static void
queue_finalize (GSource *source)
{
  LsockCallQueue *self = (LsockCallQueue *) source;

  g_assert (self->calls.head == NULL);

  if (self->receiver != NULL)
    self->receiver_destroy (self->receiver);
  g_clear_pointer (&self->stand_in, g_main_context_unref);
  g_clear_pointer (&self->thread, _lsock_thread_unref);
  g_mutex_clear (&self->lock);
}

static GSourceFuncs queue_funcs = {
  .prepare  = queue_prepare,
  .check    = queue_check,
  .dispatch = queue_dispatch,
  .finalize = queue_finalize,
};

/* The context is being finalized and destroys its sources: GLib runs the destroy notify of a
 * callback while the context and all sources can still be used, but no longer referenced. */
static void
queue_orphaned (gpointer data)
{
  LsockCallQueue *self = data;
  GQueue cut = G_QUEUE_INIT;

  G_LOCK (queues);
  g_hash_table_remove (queues, self->context);
  G_UNLOCK (queues);

  g_mutex_lock (&self->lock);
  g_atomic_pointer_set (&self->context, NULL);
  while (self->calls.head != NULL)
    queue_cut (self, self->calls.head->data, &cut);
  g_mutex_unlock (&self->lock);

  queue_set_thread (self);
  _lsock_calls_drop (&cut);
  _lsock_call_queue_unref (self);
}

/* From now on the context owns the queue, and not the other way round.  Returns the reference that
 * the queue had. */
static GMainContext *
queue_attach (LsockCallQueue *self,
              GMainContext   *context)
{
  g_source_set_callback (&self->source, NULL, _lsock_call_queue_ref (self), queue_orphaned);
  g_source_attach (&self->source, context);

  return context;
}

/* The caller has a reference on the context. */
static void
queue_ensure_attached (LsockCallQueue *self)
{
  gboolean attach;

  g_mutex_lock (&self->lock);
  attach = !self->attached;
  self->attached = TRUE;
  g_mutex_unlock (&self->lock);

  if (attach)
    g_main_context_unref (queue_attach (self, self->context));
}


LsockCallQueue *
_lsock_call_queue_get (GMainContext *context)
{
  LsockCallQueue *self;

  if (context == NULL)
    context = g_main_context_default ();

  G_LOCK (queues);

  if (queues == NULL)
    queues = g_hash_table_new (NULL, NULL);

  self = g_hash_table_lookup (queues, context);
  if (self == NULL)
    {
      self = (LsockCallQueue *) g_source_new (&queue_funcs, sizeof (LsockCallQueue));
      g_source_set_static_name (&self->source, "lsock queue");
      /* A slot may run a nested loop, which has to deliver what follows. */
      g_source_set_can_recurse (&self->source, TRUE);
      g_mutex_init (&self->lock);
      self->context = g_main_context_ref (context);
      g_hash_table_insert (queues, context, self);
    }
  g_atomic_int_inc (&self->users);

  G_UNLOCK (queues);

  /* The thread that runs main() is expected to run the default context, until another one is seen
   * to. */
  if (!_lsock_call_queue_enter (self) && context == g_main_context_default () &&
      g_atomic_pointer_get (&self->thread) == NULL && _lsock_thread_is_initial ())
    queue_set_thread (self);

  return self;
}

static gboolean
context_has_owner (GMainContext *context)
{
  if (!g_main_context_acquire (context))
    return TRUE;

  g_main_context_release (context);
  return FALSE;
}

/* Whether another thread runs the global default context, be it between two iterations at the
 * moment. The thread that is known to run it is given some time to show that it still does; asked
 * once a thread. */
static gboolean
context_runs_elsewhere (GMainContext *context)
{
  static GPrivate found_free;
  g_autoptr (LsockCallQueue) queue = NULL;
  g_autoptr (LsockThread) thread = NULL;
  gboolean runs = FALSE;
  guint turns;

  if (context_has_owner (context))
    return TRUE;

  queue = _lsock_call_queue_get (context);
  thread = _lsock_call_queue_ref_thread (queue);
  if (thread == NULL || thread == _lsock_thread_self () || !_lsock_thread_is_alive (thread) ||
      g_private_get (&found_free) != NULL)
    return FALSE;

  queue_ensure_attached (queue);
  turns = (guint) g_atomic_int_get (&queue->turns);
  for (guint i = 0; i < N_SAMPLES && !runs; i++)
    {
      g_usleep (1000);
      runs = (guint) g_atomic_int_get (&queue->turns) != turns || context_has_owner (context);
    }
  if (!runs)
    g_private_set (&found_free, GINT_TO_POINTER (TRUE));

  return runs;
}

/* The global default context, or one of the calling thread's own if another thread runs that: two
 * threads cannot serve one object. */
static GMainContext *
resolve_global_context (void)
{
  GMainContext *global = g_main_context_default ();
  GMainContext *own;

  if (g_main_context_is_owner (global))
    return global;

  own = _lsock_thread_peek_context ();
  if (own != NULL)
    return own;
  if (!context_runs_elsewhere (global))
    return global;

  g_debug ("Another thread runs the global default main context, and this thread has pushed none: "
           "what is made here belongs to a main context of this thread's own");
  return _lsock_thread_ensure_context ();
}

static GMainContext *
resolve_default_context (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  return context != NULL ? context : resolve_global_context ();
}

LsockCallQueue *
_lsock_call_queue_get_default (void)
{
  GMainContext *context = resolve_default_context ();
  LsockCallQueue *self = _lsock_call_queue_get (context);

  /* A context of a thread's own belongs to the thread, even if it never runs it. */
  if (context == _lsock_thread_peek_context ())
    queue_set_thread (self);

  return self;
}

GMainContext *
_lsock_call_queue_ref_default_context (void)
{
  return g_main_context_ref (resolve_default_context ());
}

LsockCallQueue *
_lsock_call_queue_ref (LsockCallQueue *self)
{
  g_atomic_int_inc (&self->users);
  return self;
}

void
_lsock_call_queue_unref (LsockCallQueue *self)
{
  int users = g_atomic_int_get (&self->users);
  GMainContext *context;

  while (users > 1)
    {
      if (g_atomic_int_compare_and_exchange (&self->users, users, users - 1))
        return;
      users = g_atomic_int_get (&self->users);
    }

  /* The last one goes under the lock, or another could be found in the registry meanwhile. */
  G_LOCK (queues);
  if (!g_atomic_int_dec_and_test (&self->users))
    {
      G_UNLOCK (queues);
      return;
    }
  context = g_steal_pointer (&self->context);
  if (context != NULL)
    g_hash_table_remove (queues, context);
  G_UNLOCK (queues);

  /* Never attached, or orphaned: no context has the source. */
  g_source_unref (&self->source);
  if (context != NULL)
    g_main_context_unref (context);
}

GMainContext *
_lsock_call_queue_get_context (LsockCallQueue *self)
{
  GMainContext *context = g_atomic_pointer_get (&self->context);

  if (G_LIKELY (context != NULL))
    return context;

  g_mutex_lock (&self->lock);
  if (self->stand_in == NULL)
    self->stand_in = g_main_context_new ();
  context = self->stand_in;
  g_mutex_unlock (&self->lock);

  return context;
}

GMainContext *
_lsock_call_queue_hold_context (LsockCallQueue *self)
{
  GMainContext *context;

  g_mutex_lock (&self->lock);
  context = self->context != NULL ? g_main_context_ref (self->context) : NULL;
  g_mutex_unlock (&self->lock);

  return context;
}

LsockThread *
_lsock_call_queue_ref_thread (LsockCallQueue *self)
{
  LsockThread *thread;

  g_mutex_lock (&self->lock);
  thread = self->thread != NULL ? _lsock_thread_ref (self->thread) : NULL;
  g_mutex_unlock (&self->lock);

  return thread;
}

gboolean
_lsock_call_queue_is_here (LsockCallQueue *self)
{
  return g_atomic_pointer_get (&self->thread) == _lsock_thread_self ();
}

gboolean
_lsock_call_queue_enter (LsockCallQueue *self)
{
  gboolean owner;

  if (_lsock_call_queue_is_here (self))
    return TRUE;

  g_mutex_lock (&self->lock);
  owner = self->context == NULL || g_main_context_is_owner (self->context);
  g_mutex_unlock (&self->lock);

  if (owner)
    queue_set_thread (self);

  return owner;
}

gboolean
_lsock_call_queue_take_over (LsockCallQueue  *self,
                             GMainContext   **acquired)
{
  g_autoptr (LsockThread) thread = _lsock_call_queue_ref_thread (self);
  gboolean taken;

  *acquired = NULL;
  if (thread != NULL && _lsock_thread_is_alive (thread))
    return FALSE;

  g_mutex_lock (&self->lock);
  taken = self->context == NULL || g_main_context_acquire (self->context);
  if (taken && self->context != NULL)
    *acquired = g_main_context_ref (self->context);
  g_mutex_unlock (&self->lock);

  return taken;
}

gboolean
_lsock_call_queue_is_abandoned (LsockCallQueue *self,
                                gint64          since)
{
  g_autoptr (LsockThread) thread = _lsock_call_queue_ref_thread (self);
  gboolean abandoned;

  if (g_atomic_pointer_get (&self->context) == NULL)
    return TRUE;
  if (thread != NULL && _lsock_thread_is_alive (thread))
    return FALSE;
  if (thread == NULL && g_get_monotonic_time () - since < WAIT_UNKNOWN)
    return FALSE;

  /* With the lock held: the context is borrowed, and cannot go meanwhile. */
  g_mutex_lock (&self->lock);
  abandoned = self->context == NULL || !context_has_owner (self->context);
  g_mutex_unlock (&self->lock);

  return abandoned;
}

/* Wakes the context if it may sleep, the first of several times.  With the lock held, or the
 * context could go meanwhile. */
static void
queue_wake (LsockCallQueue *self)
{
  if (g_atomic_int_compare_and_exchange (&self->asleep, TRUE, FALSE))
    g_main_context_wakeup (self->context);
}

gboolean
_lsock_call_queue_push (LsockCallQueue  *self,
                        LsockCall       *call,
                        GQueue          *group,
                        GMainContext   **surplus)
{
  GMainContext *attach_to = NULL;

  *surplus = NULL;

  g_mutex_lock (&self->lock);
  if (self->context == NULL)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }

  call->queue = _lsock_call_queue_ref (self);
  call->link.data = call->group_link.data = call;
  if (group != NULL)
    group_add (group, call);
  queue_add (self, call);
  if (self->attached)
    {
      queue_wake (self);
    }
  else
    {
      self->attached = TRUE;
      attach_to = self->context;
    }
  g_mutex_unlock (&self->lock);

  if (attach_to != NULL)
    *surplus = queue_attach (self, attach_to);

  return TRUE;
}

void
_lsock_call_queue_cut_group (LsockCallQueue *self,
                             GQueue         *group,
                             GQueue         *cut)
{
  g_mutex_lock (&self->lock);
  while (group->head != NULL)
    queue_cut (self, group->head->data, cut);
  g_mutex_unlock (&self->lock);
}

gboolean
_lsock_call_queue_cut_call (LsockCallQueue *self,
                            GQueue         *group,
                            LsockCall      *call,
                            GQueue         *cut)
{
  gboolean found;

  g_mutex_lock (&self->lock);
  found = g_queue_find (group, call) != NULL;
  if (found)
    queue_cut (self, call, cut);
  g_mutex_unlock (&self->lock);

  return found;
}

void
_lsock_calls_drop (GQueue *cut)
{
  GList *l;

  while ((l = g_queue_pop_head_link (cut)) != NULL)
    {
      LsockCall *call = l->data;
      LsockCallQueue *queue = call->queue;

      call->klass->drop (call);
      _lsock_call_queue_unref (queue);
    }
}

gpointer
_lsock_call_queue_get_default_receiver (LsockCallQueue *self,
                                        gpointer      (*make) (void),
                                        GDestroyNotify  destroy)
{
  gpointer receiver;

  g_mutex_lock (&self->lock);
  if (self->receiver == NULL)
    {
      self->receiver = make ();
      self->receiver_destroy = destroy;
    }
  receiver = self->receiver;
  g_mutex_unlock (&self->lock);

  return receiver;
}

void
_lsock_call_queue_move (LsockCallQueue  *self,
                        LsockCallQueue  *to,
                        gconstpointer    owner,
                        GQueue          *cut,
                        GMainContext   **surplus)
{
  LsockCallQueue *first = self < to ? self : to;
  LsockCallQueue *second = self < to ? to : self;
  GMainContext *attach_to = NULL;
  int n = 0;

  *surplus = NULL;
  if (self == to)
    return;

  /* Both at once: a call that is in neither queue could not be cancelled. */
  g_mutex_lock (&first->lock);
  g_mutex_lock (&second->lock);
  for (GList *l = self->calls.head, *next; l != NULL; l = next)
    {
      LsockCall *call = l->data;

      next = l->next;
      if (call->owner != owner)
        continue;

      if (to->context == NULL)
        {
          queue_cut (self, call, cut);
          continue;
        }

      queue_remove (self, call);
      queue_add (to, call);
      call->queue = _lsock_call_queue_ref (to);
      n++;
    }
  if (n > 0 && !to->attached)
    {
      to->attached = TRUE;
      attach_to = to->context;
    }
  else if (n > 0)
    {
      queue_wake (to);
    }
  g_mutex_unlock (&second->lock);
  g_mutex_unlock (&first->lock);

  if (attach_to != NULL)
    *surplus = queue_attach (to, attach_to);

  /* The caller has a reference on the queue that is left, so that none of these is the last. */
  for (; n > 0; n--)
    _lsock_call_queue_unref (self);
}
