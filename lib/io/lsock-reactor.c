/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reactor: one source for all descriptors of a main context at one priority. */

#include "config.h"

#include "io/lsock-reactor-core-private.h"

#include <errno.h>
#include <string.h>

#include "io/lsock-reactor-poll-private.h"
#include "lsock-error.h"
#include "io/lsock-transport-private.h"

G_LOCK_DEFINE_STATIC (reactors);
static GHashTable *reactors;  /* GMainContext → GSList of LsockReactor */


/* The watch */

static gboolean on_polled (gpointer data);

/* A child process that can open no set polls each descriptor. */
static void
reactor_fall_back (LsockReactor *self)
{
  for (LsockWatch *watch = self->all; watch != NULL; watch = watch->all_next)
    {
      watch->armed = LSOCK_READY_NONE;
      _lsock_reactor_poll_arm (watch, self->context, self->priority, watch->interest, on_polled);
    }
}

static gboolean
watch_arm (LsockWatch *watch,
           LsockReady  interest)
{
  LsockReactor *reactor = watch->reactor;

  if (reactor->epoll.fd >= 0 && G_UNLIKELY (_lsock_reactor_is_shared (reactor)) &&
      !_lsock_reactor_epoll_unshare (reactor))
    reactor_fall_back (reactor);
  if (reactor->epoll.fd >= 0)
    return _lsock_reactor_epoll_arm (watch, interest);

  _lsock_reactor_poll_arm (watch, reactor->context, reactor->priority, interest, on_polled);
  return TRUE;
}

/* A watch that is woken while its function runs needs no list, most often: the function will see to
 * it before it returns. */
static void
reactor_end_current (LsockReactor *self)
{
  LsockWatch *watch = g_steal_pointer (&self->current);

  if (G_UNLIKELY ((watch->ready & (LSOCK_READY_WAKE | LSOCK_READY_FAILED)) != 0 &&
                  watch->list == LSOCK_WATCH_UNLISTED))
    _lsock_watch_list_push (&self->woken, watch, LSOCK_WATCH_WOKEN);
}

static void
watch_dispatch (LsockWatch *watch)
{
  LsockReady ready = watch->ready & (watch->interest | LSOCK_READY_HUP | LSOCK_READY_WAKE |
                                     LSOCK_READY_FAILED |
                                     ((watch->interest & LSOCK_READY_IN) != 0 ? LSOCK_READY_DATA : 0));

  /* What is reported and no longer wanted is taken back from the kernel only now: most often it
   * is wanted again before anything arrives. */
  if ((watch->armed & ~watch->interest) != 0 && (watch->ready & ~LSOCK_READY_WAKE) != 0 &&
      G_UNLIKELY (!watch_arm (watch, watch->interest)))
    {
      watch->errnum = errno;
      ready |= LSOCK_READY_FAILED;
    }

  _lsock_watch_unlist (watch);
  watch->ready = LSOCK_READY_NONE;
  if (ready != LSOCK_READY_NONE)
    {
      LsockReactor *reactor = watch->reactor;

      reactor->current = watch;
      watch->func (watch->owner, ready);
      if (G_LIKELY (reactor->current == watch))
        reactor_end_current (reactor);
    }
}

/* The source that runs is that of the descriptor: the reactor may be closed with its last watch. */
static gboolean
on_polled (gpointer data)
{
  LsockWatch *watch = data;
  GSource *reactor = g_source_ref (&watch->reactor->source);

  watch_dispatch (watch);
  g_source_unref (reactor);
  return G_SOURCE_CONTINUE;
}


/* The source */

static gboolean
reactor_prepare (GSource *source,
                 int     *timeout)
{
  LsockReactor *self = (LsockReactor *) source;

  if (self->epoll.fd >= 0 && G_UNLIKELY (!_lsock_reactor_epoll_prepare (self)))
    reactor_fall_back (self);

  /* Its function runs this loop, and will not come to what it was woken for. */
  if (G_UNLIKELY (self->current != NULL))
    reactor_end_current (self);

  *timeout = -1;
  return self->ready.head != NULL || self->woken.head != NULL;
}

static gboolean
reactor_check (GSource *source)
{
  LsockReactor *self = (LsockReactor *) source;

  return self->ready.head != NULL || self->woken.head != NULL ||
         self->epoll.revents != 0 || self->hot_poll.revents != 0;
}

static gboolean
reactor_dispatch (GSource     *source,
                  GSourceFunc  callback,
                  gpointer     user_data)
{
  LsockReactor *self = (LsockReactor *) source;

  if (self->epoll.fd >= 0)
    _lsock_reactor_epoll_collect (self);

  while (self->ready.head != NULL)
    watch_dispatch (self->ready.head);

  /* One round only: a handler that makes new work for itself each time must not keep the loop. */
  for (guint n = self->woken.length; n > 0 && self->woken.head != NULL; n--)
    watch_dispatch (self->woken.head);

  return G_SOURCE_CONTINUE;
}

/* Takes @self out of the registry, whose lock is held. */
static void
reactor_forget (LsockReactor *self)
{
  GSList *list = g_slist_remove (g_hash_table_lookup (reactors, self->context), self);

  if (list != NULL)
    g_hash_table_insert (reactors, self->context, list);
  else
    g_hash_table_remove (reactors, self->context);
}

/* The context is going, and its sources with it; or nothing uses this one any more. */
static void
reactor_finalize (GSource *source)
{
  LsockReactor *self = (LsockReactor *) source;

  G_LOCK (reactors);
  reactor_forget (self);
  G_UNLOCK (reactors);

  /* Their owners end them later, and must not look here. */
  while (self->all != NULL)
    {
      LsockWatch *watch = self->all;

      self->all = watch->all_next;
      _lsock_reactor_poll_release (watch);
      memset (watch, 0, sizeof *watch);
    }
  _lsock_reactor_epoll_close (self);
}

static GSourceFuncs reactor_funcs = {
  .prepare  = reactor_prepare,
  .check    = reactor_check,
  .dispatch = reactor_dispatch,
  .finalize = reactor_finalize,
};

static LsockReactor *
reactor_new (GMainContext  *context,
             int            priority,
             GError       **error)
{
  LsockReactor *self = (LsockReactor *) g_source_new (&reactor_funcs, sizeof (LsockReactor));

  self->context = context;
  self->priority = priority;
  self->epoll.fd = -1;
  self->wakeup = -1;
  if (!_lsock_reactor_epoll_open (self, error))
    {
      g_source_unref (&self->source);
      return NULL;
    }

  g_source_set_static_name (&self->source, "lsock reactor");
  g_source_set_priority (&self->source, priority);
  /* Otherwise a nested loop would see no socket, and the context would take the descriptor out of
   * its poll set and put it back in each turn. */
  g_source_set_can_recurse (&self->source, TRUE);
  return self;
}

/* A source that is destroyed belonged to a context that is gone: another one may have its
 * address. */
static LsockReactor *
reactor_find (GMainContext *context,
              int           priority)
{
  LsockReactor *found = NULL;
  GSList *next;

  for (GSList *l = g_hash_table_lookup (reactors, context); l != NULL; l = next)
    {
      LsockReactor *self = l->data;

      next = l->next;
      if (g_source_is_destroyed (&self->source))
        reactor_forget (self);
      else if (self->priority == priority)
        found = self;
    }

  return found;
}

static LsockReactor *
reactor_get (GMainContext  *context,
             int            priority,
             GError       **error)
{
  LsockReactor *self;

  G_LOCK (reactors);
  if (reactors == NULL)
    reactors = g_hash_table_new (NULL, NULL);
  self = reactor_find (context, priority);
  G_UNLOCK (reactors);

  if (self != NULL)
    return self;

  self = reactor_new (context, priority, error);
  if (self == NULL)
    return NULL;

  /* Only the thread that runs @context adds to its list, so there is none of this priority yet. */
  G_LOCK (reactors);
  g_hash_table_insert (reactors, context,
                       g_slist_prepend (g_hash_table_lookup (reactors, context), self));
  G_UNLOCK (reactors);

  g_source_attach (&self->source, context);
  g_source_unref (&self->source);
  return self;
}

/* The last set of a context stays, for the next descriptor; the others are closed with their last
 * one, or a program that changes priorities would collect them. */
static void
reactor_close_if_spare (LsockReactor *self)
{
  gboolean spare;

  G_LOCK (reactors);
  spare = g_slist_length (g_hash_table_lookup (reactors, self->context)) > 1;
  if (spare)
    reactor_forget (self);
  G_UNLOCK (reactors);

  if (spare && !g_source_is_destroyed (&self->source))
    g_source_destroy (&self->source);
}


gboolean
_lsock_watch_start (LsockWatch      *watch,
                    GMainContext    *context,
                    int              priority,
                    int              fd,
                    LsockReady       interest,
                    LsockWatchFunc   func,
                    gpointer         owner,
                    GError         **error)
{
  g_assert (watch->reactor == NULL);

  watch->reactor = reactor_get (context, priority, error);
  if (watch->reactor == NULL)
    return FALSE;

  watch->fd = fd;
  watch->func = func;
  watch->owner = owner;
  watch->interest = (guint8) interest;

  if (!watch_arm (watch, interest))
    {
      int saved = errno;

      g_set_error (error, LSOCK_SOCKET_ERROR, _lsock_transport_error_code (saved),
                   "The descriptor %d cannot be watched: %s", fd, g_strerror (saved));
      if (watch->reactor->all == NULL)
        reactor_close_if_spare (watch->reactor);
      memset (watch, 0, sizeof *watch);
      return FALSE;
    }

  watch->all_next = watch->reactor->all;
  if (watch->all_next != NULL)
    watch->all_next->all_prev = watch;
  watch->reactor->all = watch;
  return TRUE;
}

void
_lsock_watch_stop (LsockWatch *watch)
{
  LsockReactor *reactor = watch->reactor;

  if (reactor == NULL)
    return;

  _lsock_watch_unlist (watch);
  watch_arm (watch, LSOCK_READY_NONE);
  if (reactor->last == watch)
    reactor->last = NULL;
  if (reactor->current == watch)
    reactor->current = NULL;

  if (watch->all_prev != NULL)
    watch->all_prev->all_next = watch->all_next;
  else
    reactor->all = watch->all_next;
  if (watch->all_next != NULL)
    watch->all_next->all_prev = watch->all_prev;

  memset (watch, 0, sizeof *watch);
  if (reactor->all == NULL)
    reactor_close_if_spare (reactor);
}

void
_lsock_watch_set_interest (LsockWatch *watch,
                           LsockReady  interest)
{
  if (watch->reactor == NULL)
    return;

  watch->interest = (guint8) interest;
  if ((interest & ~watch->armed) != 0 && G_UNLIKELY (!watch_arm (watch, interest)))
    _lsock_watch_fail (watch, errno);
}

void
_lsock_watch_wake (LsockWatch *watch)
{
  if (watch->reactor == NULL)
    return;

  _lsock_watch_make_woken (watch, LSOCK_READY_WAKE);
}

void
_lsock_watch_forget (LsockWatch *watch,
                     LsockReady  ready)
{
  watch->ready &= ~ready;
  if (watch->list == LSOCK_WATCH_WOKEN && (ready & LSOCK_READY_WAKE) != 0)
    _lsock_watch_unlist (watch);
  if ((ready & LSOCK_READY_DATA) != 0 && watch->reactor != NULL && watch->reactor->hot == watch)
    watch->reactor->hot_poll.revents = 0;
}
