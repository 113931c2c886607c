/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-reactor-private.h"

G_BEGIN_DECLS

/* What the reactor and its two ways to ask the kernel share.
 * Storey: io */

enum
{
  LSOCK_WATCH_UNLISTED,
  LSOCK_WATCH_READY,
  LSOCK_WATCH_WOKEN,
};

typedef struct
{
  LsockWatch *head;
  LsockWatch *tail;
  guint       length;
} LsockWatchList;

struct _LsockReactor
{
  GSource         source;

  GMainContext   *context;     /* not a reference: the context owns the source */
  GPollFD         epoll;       /* fd -1: each watch is polled by the context itself */
  int             priority;

  LsockWatch     *all;
  int             forks;       /* how often the process had forked when the set was made */

  int             wakeup;      /* the context's own wake-up, when the set has it too; or -1 */

  LsockWatch     *hot;         /* polled by the context itself, and not in the epoll set */
  GPollFD         hot_poll;
  LsockWatch     *last;        /* the one that alone was ready, for so many turns */
  guint           turns;

  LsockWatch     *current;     /* whose function runs, unless a nested loop does */

  /* Both outlive a dispatch that a nested loop interrupts, which then goes on with them. */
  LsockWatchList  ready;
  LsockWatchList  woken;
};

static inline void
_lsock_watch_list_push (LsockWatchList *list,
                        LsockWatch     *watch,
                        guint8          which)
{
  g_assert (watch->list == LSOCK_WATCH_UNLISTED);

  watch->list = which;
  watch->next = NULL;
  watch->prev = list->tail;
  if (list->tail != NULL)
    list->tail->next = watch;
  else
    list->head = watch;
  list->tail = watch;
  list->length++;
}

static inline void
_lsock_watch_list_remove (LsockWatchList *list,
                          LsockWatch     *watch)
{
  if (watch->prev != NULL)
    watch->prev->next = watch->next;
  else
    list->head = watch->next;
  if (watch->next != NULL)
    watch->next->prev = watch->prev;
  else
    list->tail = watch->prev;
  watch->next = watch->prev = NULL;
  watch->list = LSOCK_WATCH_UNLISTED;
  list->length--;
}

static inline void
_lsock_watch_unlist (LsockWatch *watch)
{
  if (watch->list == LSOCK_WATCH_READY)
    _lsock_watch_list_remove (&watch->reactor->ready, watch);
  else if (watch->list == LSOCK_WATCH_WOKEN)
    _lsock_watch_list_remove (&watch->reactor->woken, watch);
}

/* Has @watch dispatched with @ready in this turn. */
static inline void
_lsock_watch_make_ready (LsockWatch *watch,
                         LsockReady  ready)
{
  watch->ready |= ready;
  if (watch->list == LSOCK_WATCH_WOKEN)
    _lsock_watch_unlist (watch);
  if (watch->list == LSOCK_WATCH_UNLISTED)
    _lsock_watch_list_push (&watch->reactor->ready, watch, LSOCK_WATCH_READY);
}

/* Has @watch dispatched later in this turn, or else in the next one. */
static inline void
_lsock_watch_make_woken (LsockWatch *watch,
                         LsockReady  ready)
{
  watch->ready |= ready;
  if (watch->list == LSOCK_WATCH_UNLISTED && watch != watch->reactor->current)
    _lsock_watch_list_push (&watch->reactor->woken, watch, LSOCK_WATCH_WOKEN);
}

/* The kernel refused to watch the descriptor as it should: its owner has to hear of it, or would
 * wait for events that never come. */
static inline void
_lsock_watch_fail (LsockWatch *watch,
                   int         errnum)
{
  watch->errnum = errnum;
  _lsock_watch_make_woken (watch, LSOCK_READY_FAILED);
}


/* epoll: found by Meson, which otherwise takes a file that opens no set. */

/* Opens the set of @self.  With no set and no error each watch is polled by the context. */
gboolean _lsock_reactor_epoll_open    (LsockReactor  *self,
                                       GError       **error);
void     _lsock_reactor_epoll_close   (LsockReactor  *self);
/* Asks the kernel for @interest.  FALSE, with errno, when it refuses. */
gboolean _lsock_reactor_epoll_arm     (LsockWatch    *watch,
                                       LsockReady     interest);
/* Before the context sleeps; the result is that of _unshare(). */
gboolean _lsock_reactor_epoll_prepare (LsockReactor  *self);
/* Puts the watches that are ready into the list. */
void     _lsock_reactor_epoll_collect (LsockReactor  *self);
/* Creates a set of its own for a child process.  FALSE: that failed, and the watches are polled. */
gboolean _lsock_reactor_epoll_unshare (LsockReactor  *self);

/* How often the process has forked; atomic. */
extern int _lsock_reactor_forks;

static inline gboolean
_lsock_reactor_is_shared (LsockReactor *self)
{
  return self->forks != g_atomic_int_get (&_lsock_reactor_forks);
}

G_END_DECLS
