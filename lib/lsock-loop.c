/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-loop-private.h"

#ifdef __linux__
# include <sys/syscall.h>
# include <unistd.h>
#endif

/* How many calls run in one turn, so that a fast producer leaves the other sources their share. */
#define MAX_BATCH 128

struct _LsockThread
{
  gatomicrefcount ref_count;
  int             alive;      /* atomic */
  LsockThread    *waits_for;  /* under the lock `waits`; not a reference, the waiter has one */
};

/* The loop is the source itself, so that GLib's own references keep its memory while it is looked
 * at; `users` count the objects and connections that live in it, and end it. */
struct _LsockLoop
{
  GSource        source;

  int            users;       /* atomic; falls to 0 under the lock of the registry */
  GMainContext  *context;

  GMutex         lock;        /* of all that follows; never held while foreign code runs */
  LsockThread   *thread;      /* also read atomically, and then compared only */
  LsockItem     *head;
  LsockItem     *tail;
  int            length;      /* also read atomically */
  int            n_bound;     /* of those that may not run at every depth; also read atomically */
  int            asleep;      /* atomic: the queue was looked at, and nothing was found to do */
  gboolean       attached;
  gpointer       home;
  GDestroyNotify home_destroy;
};

G_LOCK_DEFINE_STATIC (waits);
G_LOCK_DEFINE_STATIC (loops);
static GHashTable *loops;     /* GMainContext → LsockLoop, not references */


/* LsockThread */

static void
thread_ended (gpointer data)
{
  LsockThread *self = data;

  g_atomic_int_set (&self->alive, FALSE);
  _lsock_thread_unref (self);
}

static GPrivate current_thread = G_PRIVATE_INIT (thread_ended);

LsockThread *
_lsock_thread_self (void)
{
  LsockThread *self = g_private_get (&current_thread);

  if (G_UNLIKELY (self == NULL))
    {
      self = g_new0 (LsockThread, 1);
      g_atomic_ref_count_init (&self->ref_count);
      g_atomic_int_set (&self->alive, TRUE);
      g_private_set (&current_thread, self);
    }

  return self;
}

LsockThread *
_lsock_thread_ref (LsockThread *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_lsock_thread_unref (LsockThread *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

gboolean
_lsock_thread_is_alive (LsockThread *self)
{
  return g_atomic_int_get (&self->alive);
}

gboolean
_lsock_thread_start_waiting (LsockThread *target)
{
  LsockThread *self = _lsock_thread_self ();
  LsockThread *thread;

  G_LOCK (waits);
  thread = target;
  while (thread != NULL && thread != self)
    thread = thread->waits_for;
  if (thread == NULL)
    self->waits_for = target;
  G_UNLOCK (waits);

  return thread == NULL;
}

void
_lsock_thread_stop_waiting (void)
{
  G_LOCK (waits);
  _lsock_thread_self ()->waits_for = NULL;
  G_UNLOCK (waits);
}

/* The thread that runs main(): it is the one that runs the default context, unless another is seen
 * to. */
static gboolean
thread_is_initial (void)
{
#ifdef __linux__
  return syscall (SYS_gettid) == getpid ();
#else
  static gpointer first;

  g_atomic_pointer_compare_and_exchange (&first, NULL, _lsock_thread_self ());
  return g_atomic_pointer_get (&first) == _lsock_thread_self ();
#endif
}


/* The source */

static void
loop_set_thread (LsockLoop *self)
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

static void
group_remove (LsockItem *item)
{
  LsockItemList *group = item->group;

  if (group == NULL)
    return;

  if (item->group_prev != NULL)
    item->group_prev->group_next = item->group_next;
  else
    group->head = item->group_next;
  if (item->group_next != NULL)
    item->group_next->group_prev = item->group_prev;
  else
    group->tail = item->group_prev;
  item->group_next = item->group_prev = NULL;
  item->group = NULL;
  group->length--;
}

static void
group_add (LsockItemList *group,
           LsockItem     *item)
{
  item->group = group;
  item->group_next = NULL;
  item->group_prev = group->tail;
  if (group->tail != NULL)
    group->tail->group_next = item;
  else
    group->head = item;
  group->tail = item;
  group->length++;
}

static void
queue_remove (LsockLoop *self,
              LsockItem *item)
{
  if (item->prev != NULL)
    item->prev->next = item->next;
  else
    self->head = item->next;
  if (item->next != NULL)
    item->next->prev = item->prev;
  else
    self->tail = item->prev;
  item->next = item->prev = NULL;
  g_atomic_int_set (&self->length, self->length - 1);
  if (item->depth > 0)
    g_atomic_int_set (&self->n_bound, self->n_bound - 1);
}

static void
queue_add (LsockLoop *self,
           LsockItem *item)
{
  item->next = NULL;
  item->prev = self->tail;
  if (self->tail != NULL)
    self->tail->next = item;
  else
    self->head = item;
  self->tail = item;
  if (item->depth > 0)
    g_atomic_int_set (&self->n_bound, self->n_bound + 1);
  g_atomic_int_set (&self->length, self->length + 1);
}

static gboolean
item_may_run (const LsockItem *item,
              int              depth)
{
  return item->depth == 0 || depth <= item->depth;
}

/* How many items may run in a dispatch of that depth. */
static int
loop_count (LsockLoop *self,
            int        depth)
{
  int n = g_atomic_int_get (&self->length);

  if (G_LIKELY (n == 0 || g_atomic_int_get (&self->n_bound) == 0))
    return n;

  n = 0;
  g_mutex_lock (&self->lock);
  for (const LsockItem *item = self->head; item != NULL; item = item->next)
    if (item_may_run (item, depth))
      n++;
  g_mutex_unlock (&self->lock);

  return n;
}

/* Who adds something after this look has to wake the loop, and nobody has to before. */
static gboolean
loop_prepare (GSource *source,
              int     *timeout)
{
  LsockLoop *self = (LsockLoop *) source;

  g_atomic_int_set (&self->asleep, TRUE);
  *timeout = -1;
  return loop_count (self, g_main_depth () + 1) > 0;
}

static gboolean
loop_check (GSource *source)
{
  LsockLoop *self = (LsockLoop *) source;

  g_atomic_int_set (&self->asleep, FALSE);
  return loop_count (self, g_main_depth () + 1) > 0;
}

static LsockItem *
loop_pop (LsockLoop *self,
          int        depth)
{
  LsockItem *item;

  g_mutex_lock (&self->lock);
  item = self->head;
  while (item != NULL && !item_may_run (item, depth))
    item = item->next;
  if (item != NULL)
    {
      queue_remove (self, item);
      group_remove (item);
    }
  g_mutex_unlock (&self->lock);

  return item;
}

static gboolean
loop_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     user_data)
{
  LsockLoop *self = (LsockLoop *) source;
  int depth = g_main_depth ();

  loop_set_thread (self);

  /* What is queued meanwhile waits for the next turn. */
  for (int n = MIN (loop_count (self, depth), MAX_BATCH); n > 0; n--)
    {
      LsockItem *item = loop_pop (self, depth);

      if (item == NULL)
        break;

      item->klass->run (self, item);
      _lsock_loop_unref (self);
    }

  return G_SOURCE_CONTINUE;
}

static void
loop_finalize (GSource *source)
{
  LsockLoop *self = (LsockLoop *) source;

  g_assert (self->head == NULL);

  if (self->home != NULL)
    self->home_destroy (self->home);
  g_clear_pointer (&self->thread, _lsock_thread_unref);
  g_mutex_clear (&self->lock);
}

static GSourceFuncs loop_funcs = {
  .prepare  = loop_prepare,
  .check    = loop_check,
  .dispatch = loop_dispatch,
  .finalize = loop_finalize,
};


/* Wakes the loop if it may sleep, the first of several times. */
static void
loop_wake (LsockLoop *self)
{
  if (g_atomic_int_compare_and_exchange (&self->asleep, TRUE, FALSE))
    g_main_context_wakeup (self->context);
}


LsockLoop *
_lsock_loop_get (GMainContext *context)
{
  LsockLoop *self;

  if (context == NULL)
    context = g_main_context_default ();

  G_LOCK (loops);

  if (loops == NULL)
    loops = g_hash_table_new (NULL, NULL);

  self = g_hash_table_lookup (loops, context);
  if (self == NULL)
    {
      self = (LsockLoop *) g_source_new (&loop_funcs, sizeof (LsockLoop));
      g_source_set_static_name (&self->source, "lsock queue");
      /* A slot may run a nested loop, which has to deliver what follows. */
      g_source_set_can_recurse (&self->source, TRUE);
      g_mutex_init (&self->lock);
      self->context = g_main_context_ref (context);
      g_hash_table_insert (loops, context, self);
    }
  g_atomic_int_inc (&self->users);

  G_UNLOCK (loops);

  if (!_lsock_loop_enter (self) && context == g_main_context_default () &&
      g_atomic_pointer_get (&self->thread) == NULL && thread_is_initial ())
    loop_set_thread (self);

  return self;
}

LsockLoop *
_lsock_loop_get_default (void)
{
  return _lsock_loop_get (g_main_context_get_thread_default ());
}

LsockLoop *
_lsock_loop_ref (LsockLoop *self)
{
  g_atomic_int_inc (&self->users);
  return self;
}

void
_lsock_loop_unref (LsockLoop *self)
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
  G_LOCK (loops);
  if (!g_atomic_int_dec_and_test (&self->users))
    {
      G_UNLOCK (loops);
      return;
    }
  g_hash_table_remove (loops, self->context);
  G_UNLOCK (loops);

  context = g_steal_pointer (&self->context);
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
  g_main_context_unref (context);
}

GMainContext *
_lsock_loop_get_context (LsockLoop *self)
{
  return self->context;
}

LsockThread *
_lsock_loop_ref_thread (LsockLoop *self)
{
  LsockThread *thread;

  g_mutex_lock (&self->lock);
  thread = self->thread != NULL ? _lsock_thread_ref (self->thread) : NULL;
  g_mutex_unlock (&self->lock);

  return thread;
}

gboolean
_lsock_loop_is_here (LsockLoop *self)
{
  return g_atomic_pointer_get (&self->thread) == _lsock_thread_self ();
}

gboolean
_lsock_loop_enter (LsockLoop *self)
{
  if (_lsock_loop_is_here (self))
    return TRUE;

  if (!g_main_context_is_owner (self->context))
    return FALSE;

  loop_set_thread (self);
  return TRUE;
}

void
_lsock_loop_push (LsockLoop     *self,
                  LsockItem     *item,
                  LsockItemList *group)
{
  gboolean attach;

  /* The loop stays until the item has left the queue. */
  _lsock_loop_ref (self);

  g_mutex_lock (&self->lock);
  if (group != NULL)
    group_add (group, item);
  queue_add (self, item);
  attach = !self->attached;
  self->attached = TRUE;
  g_mutex_unlock (&self->lock);

  if (attach)
    g_source_attach (&self->source, self->context);
  else
    loop_wake (self);
}

LsockItem *
_lsock_loop_cut_group (LsockLoop     *self,
                       LsockItemList *group)
{
  LsockItem *cut = NULL;

  g_mutex_lock (&self->lock);
  while (group->tail != NULL)
    {
      LsockItem *item = group->tail;

      group_remove (item);
      queue_remove (self, item);
      item->loop = self;
      item->next = cut;
      cut = item;
    }
  g_mutex_unlock (&self->lock);

  return cut;
}

gboolean
_lsock_loop_cut_item (LsockLoop     *self,
                      LsockItemList *group,
                      LsockItem     *item)
{
  LsockItem *candidate;

  g_mutex_lock (&self->lock);
  candidate = group->head;
  while (candidate != NULL && candidate != item)
    candidate = candidate->group_next;
  if (candidate != NULL)
    {
      group_remove (item);
      queue_remove (self, item);
      item->loop = self;
    }
  g_mutex_unlock (&self->lock);

  return candidate != NULL;
}

void
_lsock_items_drop (LsockItem *items)
{
  while (items != NULL)
    {
      LsockItem *item = items;
      LsockLoop *loop = item->loop;

      items = item->next;
      item->next = NULL;
      item->klass->drop (item);
      _lsock_loop_unref (loop);
    }
}

gpointer
_lsock_loop_get_home (LsockLoop      *self,
                      gpointer      (*make) (void),
                      GDestroyNotify  destroy)
{
  gpointer home;

  g_mutex_lock (&self->lock);
  if (self->home == NULL)
    {
      self->home = make ();
      self->home_destroy = destroy;
    }
  home = self->home;
  g_mutex_unlock (&self->lock);

  return home;
}

void
_lsock_loop_move (LsockLoop     *self,
                  LsockLoop     *to,
                  gconstpointer  inbox)
{
  LsockLoop *first = self < to ? self : to;
  LsockLoop *second = self < to ? to : self;
  gboolean attach = FALSE;
  guint n = 0;

  if (self == to)
    return;

  /* Both at once: an item that is in neither queue could not be cancelled. */
  g_mutex_lock (&first->lock);
  g_mutex_lock (&second->lock);
  for (LsockItem *item = self->head, *next; item != NULL; item = next)
    {
      next = item->next;
      if (item->inbox == inbox)
        {
          queue_remove (self, item);
          queue_add (to, item);
          n++;
        }
    }
  if (to->head != NULL)
    {
      attach = !to->attached;
      to->attached = TRUE;
    }
  g_mutex_unlock (&second->lock);
  g_mutex_unlock (&first->lock);

  if (attach)
    g_source_attach (&to->source, to->context);
  else if (n > 0)
    loop_wake (to);

  for (; n > 0; n--)
    {
      _lsock_loop_ref (to);
      _lsock_loop_unref (self);
    }
}
