/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads: their identity, the main context of a thread's own, and which thread waits for which. */

#include "config.h"

#include "object/lsock-thread-private.h"

#ifdef __linux__
# include <sys/syscall.h>
# include <unistd.h>
#endif

#define N_KEPT 8

struct _LsockThread
{
  gatomicrefcount ref_count;
  int             alive;      /* atomic */
  GMainContext   *context;    /* of the thread's own; used in the thread only */
  GObject        *kept[N_KEPT];
  guint           next_kept;
  LsockThread    *waits_for;  /* under the lock `waits`; the waiting thread has a reference */
};

static void thread_ended (gpointer data);

static GPrivate current_thread = G_PRIVATE_INIT (thread_ended);

/* The same: every queued call asks for it, and a GPrivate costs several times as much. */
static _Thread_local LsockThread *current;

G_LOCK_DEFINE_STATIC (waits);


static void
thread_ended (gpointer data)
{
  LsockThread *self = data;

  /* What waits in the context is dropped with it, here; it may ask which thread this is. */
  current = self;
  for (guint i = 0; i < N_KEPT; i++)
    g_clear_object (&self->kept[i]);
  g_clear_pointer (&self->context, g_main_context_unref);
  current = NULL;

  g_atomic_int_set (&self->alive, FALSE);
  _lsock_thread_unref (self);
}

static LsockThread *
thread_new (void)
{
  LsockThread *self = g_new0 (LsockThread, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_atomic_int_set (&self->alive, TRUE);
  g_private_set (&current_thread, self);
  current = self;

  return self;
}

LsockThread *
_lsock_thread_self (void)
{
  return G_LIKELY (current != NULL) ? current : thread_new ();
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
_lsock_thread_is_initial (void)
{
#ifdef __linux__
  return syscall (SYS_gettid) == getpid ();
#else
  static gpointer first;

  g_atomic_pointer_compare_and_exchange (&first, NULL, _lsock_thread_self ());
  return g_atomic_pointer_get (&first) == _lsock_thread_self ();
#endif
}

GMainContext *
_lsock_thread_peek_context (void)
{
  return _lsock_thread_self ()->context;
}

GMainContext *
_lsock_thread_ensure_context (void)
{
  LsockThread *self = _lsock_thread_self ();

  if (self->context == NULL)
    self->context = g_main_context_new ();

  return self->context;
}

void
_lsock_thread_keep_object (GObject *object)
{
  LsockThread *self = _lsock_thread_self ();
  GObject *former = self->kept[self->next_kept];

  self->kept[self->next_kept] = g_object_ref (object);
  self->next_kept = (self->next_kept + 1) % N_KEPT;
  if (former != NULL)
    g_object_unref (former);
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
