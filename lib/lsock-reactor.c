/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-reactor-private.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_EPOLL
# include <poll.h>
# include <sys/epoll.h>
#endif

#include "lsock-error.h"
#include "lsock-reactor-poll-private.h"
#include "lsock-transport-private.h"

#if defined (HAVE_EPOLL) && !defined (POLLRDHUP)
# define POLLRDHUP 0
#endif

/* How many descriptors one turn takes from the kernel.  What is left is reported again in the
 * next turn, after the other sources had theirs. */
#define MAX_EVENTS 64

/* A descriptor that alone was ready this many turns in a row is polled by the context itself,
 * which saves the look into the epoll set; and it goes back there when others were ready this many
 * turns in a row, and it was not. */
#define TURNS_TO_HEAT 16
#define TURNS_TO_COOL 4

enum
{
  LIST_NONE,
  LIST_READY,
  LIST_WOKEN,
};

typedef struct
{
  LsockWatch *head;
  LsockWatch *tail;
  guint       length;
} WatchList;

struct _LsockReactor
{
  GSource       source;

  GMainContext *context;      /* not a reference: the context owns the source */
  GPollFD       epoll;        /* fd -1: each watch is polled by the context itself */
  int           priority;

  LsockWatch   *all;
  int           forks;        /* how often the process had forked when the set was made */

  int           wakeup;       /* how the context is woken, when the set has it too; or -1 */

  LsockWatch   *hot;          /* polled by the context itself, and not in the epoll set */
  GPollFD       hot_poll;
  LsockWatch   *last;         /* the one that was the only ready one, for so many turns */
  guint         turns;

  LsockWatch   *current;      /* whose function runs, unless a nested loop does */

  /* Both outlive a dispatch that is interrupted by a nested loop, which then goes on with them. */
  WatchList     ready;
  WatchList     woken;
};

G_LOCK_DEFINE_STATIC (reactors);
static GHashTable *reactors;  /* GMainContext → GSList of LsockReactor */

#ifdef HAVE_EPOLL
static int forks;             /* atomic */
#endif


static void
list_push (WatchList  *list,
           LsockWatch *watch,
           guint8      which)
{
  g_assert (watch->list == LIST_NONE);

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

static void
list_remove (WatchList  *list,
             LsockWatch *watch)
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
  watch->list = LIST_NONE;
  list->length--;
}

static void
watch_unlist (LsockWatch *watch)
{
  if (watch->list == LIST_READY)
    list_remove (&watch->reactor->ready, watch);
  else if (watch->list == LIST_WOKEN)
    list_remove (&watch->reactor->woken, watch);
}


/* epoll, which tells of an end as soon as there is one */

#ifdef HAVE_EPOLL

static void
watch_make_ready (LsockWatch *watch,
                  LsockReady  ready)
{
  watch->ready |= ready;
  if (watch->list == LIST_WOKEN)
    watch_unlist (watch);
  if (watch->list == LIST_NONE)
    list_push (&watch->reactor->ready, watch, LIST_READY);
}

static LsockReady
add_certainty (LsockReady ready)
{
  return (ready & (LSOCK_READY_IN | LSOCK_READY_HUP)) == LSOCK_READY_IN ? ready | LSOCK_READY_DATA
                                                                        : ready;
}

static guint32
epoll_events_of (LsockReady interest)
{
  guint32 events = 0;

  if ((interest & LSOCK_READY_IN) != 0)
    events |= EPOLLIN | EPOLLRDHUP;
  if ((interest & LSOCK_READY_OUT) != 0)
    events |= EPOLLOUT;

  return events;
}

static int
hot_events_of (LsockReady interest)
{
  return (int) _lsock_condition_of (interest) | ((interest & LSOCK_READY_IN) != 0 ? POLLRDHUP : 0);
}

static LsockReady
ready_of_hot (int revents)
{
  LsockReady ready = _lsock_ready_of ((GIOCondition) revents);

  if ((revents & POLLRDHUP) != 0)
    ready |= LSOCK_READY_HUP;

  return POLLRDHUP != 0 ? add_certainty (ready) : ready;
}

static void
reactor_cool (LsockReactor *self)
{
  LsockWatch *watch = self->hot;

  g_source_remove_poll (&self->source, &self->hot_poll);
  self->hot = NULL;
  self->hot_poll.revents = 0;
  self->turns = 0;
  watch->armed = LSOCK_READY_NONE;
}

/* Tells the kernel what is wanted, if it does not know yet.  With nothing wanted the descriptor
 * leaves the set, since a hang-up would be reported all the same, turn after turn. */
static gboolean
watch_arm_epoll (LsockWatch *watch,
                 LsockReady  interest)
{
  struct epoll_event event = { .events = epoll_events_of (interest), .data.ptr = watch };
  int operation;

  if (watch->armed == interest)
    return TRUE;

  if (watch == watch->reactor->hot)
    {
      reactor_cool (watch->reactor);
      if (interest == LSOCK_READY_NONE)
        return TRUE;
    }

  if (interest == LSOCK_READY_NONE)
    operation = EPOLL_CTL_DEL;
  else if (watch->armed == LSOCK_READY_NONE)
    operation = EPOLL_CTL_ADD;
  else
    operation = EPOLL_CTL_MOD;

  if (epoll_ctl (watch->reactor->epoll.fd, operation, watch->fd, &event) < 0)
    return FALSE;

  watch->armed = (guint8) interest;
  return TRUE;
}

static void
reactor_heat (LsockReactor *self,
              LsockWatch   *watch)
{
  LsockReady interest = watch->armed;

  if (self->hot != NULL || !watch_arm_epoll (watch, LSOCK_READY_NONE))
    return;

  self->hot = watch;
  self->hot_poll = (GPollFD) { .fd = watch->fd, .events = (gushort) hot_events_of (interest) };
  g_source_add_poll (&self->source, &self->hot_poll);
  watch->armed = (guint8) interest;
  self->turns = 0;
}

static void
on_forked (void)
{
  g_atomic_int_inc (&forks);
}

/* A child process shares the epoll set of its parent: what it took out there would be gone for
 * the parent.  It gets one of its own before it does anything. */
static void
reactor_leave_parent (LsockReactor *self)
{
  int fd;

  if (G_LIKELY (self->forks == g_atomic_int_get (&forks)) || self->epoll.fd < 0)
    return;

  self->forks = g_atomic_int_get (&forks);
  fd = epoll_create1 (EPOLL_CLOEXEC);
  if (fd < 0)
    return;

  self->wakeup = -1;
  g_source_remove_poll (&self->source, &self->epoll);
  _lsock_transport_close (self->epoll.fd);
  self->epoll.fd = fd;
  g_source_add_poll (&self->source, &self->epoll);

  for (LsockWatch *watch = self->all; watch != NULL; watch = watch->all_next)
    if (watch != self->hot)
      {
        LsockReady interest = watch->armed;

        watch->armed = LSOCK_READY_NONE;
        watch_arm_epoll (watch, interest);
      }
}

/* After a look into the epoll set that found @n ready, the only one of which may be @watch. */
static void
reactor_learn (LsockReactor *self,
               LsockWatch   *watch,
               int           n,
               gboolean      hot_was_ready)
{
  if (self->hot != NULL)
    {
      self->turns = n > 0 && !hot_was_ready ? self->turns + 1 : 0;
      if (self->turns >= TURNS_TO_COOL)
        {
          LsockWatch *hot = self->hot;
          LsockReady interest = hot->armed;

          reactor_cool (self);
          watch_arm_epoll (hot, interest);
        }
    }
  else if (n == 1 && watch == self->last)
    {
      if (++self->turns >= TURNS_TO_HEAT)
        reactor_heat (self, watch);
    }
  else
    {
      self->last = n == 1 ? watch : NULL;
      self->turns = 0;
    }
}

static gboolean
reactor_collect_hot (LsockReactor *self)
{
  LsockReady ready;

  if (self->hot == NULL)
    return FALSE;

  ready = ready_of_hot (self->hot_poll.revents);
  if (ready == LSOCK_READY_NONE)
    return FALSE;

  watch_make_ready (self->hot, ready);
  return TRUE;
}

/* Looks into the set.  Answers how many watches were found ready, and which one if it was one; or
 * -1.  @wakeup is told of the context's own wake-up, if that is there. */
static int
reactor_look (LsockReactor  *self,
              int            timeout,
              LsockWatch   **only,
              GPollFD       *wakeup)
{
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_wait (self->epoll.fd, events, MAX_EVENTS, timeout);
  int n_watches = n;

  *only = NULL;
  for (int i = 0; i < n; i++)
    {
      LsockReady ready = LSOCK_READY_NONE;

      if (G_UNLIKELY (events[i].data.ptr == NULL))
        {
          if (wakeup != NULL)
            wakeup->revents = G_IO_IN;
          n_watches--;
          continue;
        }

      if ((events[i].events & EPOLLIN) != 0)
        ready |= LSOCK_READY_IN;
      if ((events[i].events & EPOLLOUT) != 0)
        ready |= LSOCK_READY_OUT;
      if ((events[i].events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) != 0)
        ready |= LSOCK_READY_HUP;

      *only = events[i].data.ptr;
      watch_make_ready (*only, add_certainty (ready));
    }

  return n_watches;
}

/* The reactor whose context prepares to sleep in this thread. */
static _Thread_local LsockReactor *prepared;

/* Waits in place of g_poll() where a context has nothing but one reactor and its own wake-up, as
 * that of a daemon: one system call then both waits and says who is ready, and it does not look at
 * a set through a set.  Elsewhere the set is one descriptor among others. */
static int
reactor_wait (GPollFD *fds,
              guint    n_fds,
              int      timeout)
{
  LsockReactor *self = g_steal_pointer (&prepared);
  GPollFD *wakeup;
  LsockWatch *only;

  /* With a time-out, no source was ready, so all were asked, and this is the one of this context. */
  if (timeout == 0 || n_fds != 2 || self == NULL ||
      (fds[0].fd != self->epoll.fd && fds[1].fd != self->epoll.fd))
    return g_poll (fds, n_fds, timeout);

  wakeup = fds[0].fd == self->epoll.fd ? &fds[1] : &fds[0];
  if (G_UNLIKELY (self->wakeup != wakeup->fd))
    {
      struct epoll_event event = { .events = EPOLLIN };

      if (epoll_ctl (self->epoll.fd, EPOLL_CTL_ADD, wakeup->fd, &event) < 0)
        return g_poll (fds, n_fds, timeout);
      self->wakeup = wakeup->fd;
    }

  fds[0].revents = fds[1].revents = 0;
  return reactor_look (self, timeout, &only, wakeup);
}

static void
reactor_collect (LsockReactor *self)
{
  gboolean hot_was_ready = reactor_collect_hot (self);
  LsockWatch *only;
  int n;

  if (self->epoll.revents == 0)
    {
      if (hot_was_ready)
        self->turns = 0;
      return;
    }

  n = reactor_look (self, 0, &only, NULL);
  reactor_learn (self, n == 1 ? only : NULL, n, hot_was_ready);
}

#endif /* HAVE_EPOLL */


/* The watch */

static gboolean
watch_arm (LsockWatch *watch,
           LsockReady  interest)
{
#ifdef HAVE_EPOLL
  if (watch->reactor->epoll.fd >= 0)
    {
      reactor_leave_parent (watch->reactor);
      return watch_arm_epoll (watch, interest);
    }
#endif

  _lsock_reactor_poll_arm (watch, watch->reactor->context, watch->reactor->priority, interest);
  return TRUE;
}

/* A watch that is woken while its function runs needs no list, most often: the function will see to
 * it before it returns. */
static void
reactor_end_current (LsockReactor *self)
{
  LsockWatch *watch = g_steal_pointer (&self->current);

  if (G_UNLIKELY ((watch->ready & LSOCK_READY_WAKE) != 0 && watch->list == LIST_NONE))
    list_push (&self->woken, watch, LIST_WOKEN);
}

void
_lsock_reactor_dispatch (LsockWatch *watch)
{
  LsockReady ready = watch->ready & (watch->interest | LSOCK_READY_HUP | LSOCK_READY_WAKE |
                                     ((watch->interest & LSOCK_READY_IN) != 0 ? LSOCK_READY_DATA : 0));

  /* What is reported and no longer wanted is taken back from the kernel only now: most often it
   * is wanted again before anything arrives. */
  if ((watch->armed & ~watch->interest) != 0 && (watch->ready & ~LSOCK_READY_WAKE) != 0)
    watch_arm (watch, watch->interest);

  watch_unlist (watch);
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


/* The source */

static gboolean
reactor_prepare (GSource *source,
                 int     *timeout)
{
  LsockReactor *self = (LsockReactor *) source;

#ifdef HAVE_EPOLL
  reactor_leave_parent (self);
  prepared = self;
#endif

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

#ifdef HAVE_EPOLL
  if (self->epoll.fd >= 0)
    reactor_collect (self);
#endif

  while (self->ready.head != NULL)
    _lsock_reactor_dispatch (self->ready.head);

  /* One round only: a handler that makes new work for itself each time must not keep the loop. */
  for (guint n = self->woken.length; n > 0 && self->woken.head != NULL; n--)
    _lsock_reactor_dispatch (self->woken.head);

  return G_SOURCE_CONTINUE;
}

/* The context is going, and its sources with it. */
static void
reactor_finalize (GSource *source)
{
  LsockReactor *self = (LsockReactor *) source;
  GSList *list;

  G_LOCK (reactors);
  list = g_slist_remove (g_hash_table_lookup (reactors, self->context), self);
  if (list != NULL)
    g_hash_table_insert (reactors, self->context, list);
  else
    g_hash_table_remove (reactors, self->context);
  G_UNLOCK (reactors);

  if (self->epoll.fd >= 0)
    _lsock_transport_close (self->epoll.fd);
}

static GSourceFuncs reactor_funcs = {
  .prepare  = reactor_prepare,
  .check    = reactor_check,
  .dispatch = reactor_dispatch,
  .finalize = reactor_finalize,
};

static gboolean
reactor_open (LsockReactor  *self,
              GError       **error)
{
#ifdef HAVE_EPOLL
  /* For tests: each way works where another one is the rule. */
  const char *mode = g_getenv ("LSOCK_REACTOR");
  int saved;

  if (g_strcmp0 (mode, "poll") == 0)
    return TRUE;

  self->epoll.fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll.fd >= 0)
    {
      self->epoll.events = G_IO_IN;
      g_source_add_poll (&self->source, &self->epoll);
      if (g_strcmp0 (mode, "epoll") != 0 && g_main_context_get_poll_func (self->context) == g_poll)
        g_main_context_set_poll_func (self->context, reactor_wait);
      return TRUE;
    }

  saved = errno;
  g_set_error (error, LSOCK_SOCKET_ERROR, _lsock_transport_error_code (saved),
               "The descriptor that watches all others cannot be made: %s", g_strerror (saved));
  return FALSE;
#else
  return TRUE;
#endif
}

static LsockReactor *
reactor_get (GMainContext  *context,
             int            priority,
             GError       **error)
{
  LsockReactor *self = NULL;
  GSList *list;

  G_LOCK (reactors);

  if (reactors == NULL)
    {
      reactors = g_hash_table_new (NULL, NULL);
#ifdef HAVE_EPOLL
      pthread_atfork (NULL, NULL, on_forked);
#endif
    }

  list = g_hash_table_lookup (reactors, context);
  for (GSList *l = list; l != NULL; l = l->next)
    if (((LsockReactor *) l->data)->priority == priority)
      self = l->data;

  if (self == NULL)
    {
      self = (LsockReactor *) g_source_new (&reactor_funcs, sizeof (LsockReactor));
      self->context = context;
      self->priority = priority;
      self->epoll.fd = -1;
      self->wakeup = -1;
#ifdef HAVE_EPOLL
      self->forks = g_atomic_int_get (&forks);
#endif
      g_hash_table_insert (reactors, context, g_slist_prepend (list, self));

      if (!reactor_open (self, error))
        {
          G_UNLOCK (reactors);
          g_source_unref (&self->source);
          return NULL;
        }

      g_source_set_static_name (&self->source, "lsock reactor");
      g_source_set_priority (&self->source, priority);
      /* Otherwise a nested loop would see no socket, and the context would take the descriptor
       * out of its poll set and put it back in each turn. */
      g_source_set_can_recurse (&self->source, TRUE);
      g_source_attach (&self->source, context);
      g_source_unref (&self->source);
    }

  G_UNLOCK (reactors);
  return self;
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
  if (watch->reactor == NULL)
    return;

  watch_unlist (watch);
  watch_arm (watch, LSOCK_READY_NONE);
  if (watch->reactor->last == watch)
    watch->reactor->last = NULL;
  if (watch->reactor->current == watch)
    watch->reactor->current = NULL;

  if (watch->all_prev != NULL)
    watch->all_prev->all_next = watch->all_next;
  else
    watch->reactor->all = watch->all_next;
  if (watch->all_next != NULL)
    watch->all_next->all_prev = watch->all_prev;

  memset (watch, 0, sizeof *watch);
}

void
_lsock_watch_set_interest (LsockWatch *watch,
                           LsockReady  interest)
{
  if (watch->reactor == NULL)
    return;

  watch->interest = (guint8) interest;
  if ((interest & ~watch->armed) != 0)
    watch_arm (watch, interest);
}

void
_lsock_watch_wake (LsockWatch *watch)
{
  if (watch->reactor == NULL)
    return;

  watch->ready |= LSOCK_READY_WAKE;
  if (watch->list == LIST_NONE && watch != watch->reactor->current)
    list_push (&watch->reactor->woken, watch, LIST_WOKEN);
}

void
_lsock_watch_forget (LsockWatch *watch,
                     LsockReady  ready)
{
  watch->ready &= ~ready;
  if (watch->list == LIST_WOKEN && (ready & LSOCK_READY_WAKE) != 0)
    watch_unlist (watch);
  if ((ready & LSOCK_READY_DATA) != 0 && watch->reactor != NULL && watch->reactor->hot == watch)
    watch->reactor->hot_poll.revents = 0;
}
