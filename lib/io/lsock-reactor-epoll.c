/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reactor with epoll(7): one descriptor stands for all others, and reports an end at once. */

#include "config.h"

#include "io/lsock-reactor-core-private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "io/lsock-reactor-poll-private.h"
#include "lsock-error.h"
#include "io/lsock-transport-private.h"

#ifndef POLLRDHUP
# define POLLRDHUP 0
#endif

/* How many descriptors one turn takes from the kernel.  What is left is reported again in the
 * next turn, after the other sources had theirs. */
#define MAX_EVENTS 64

/* A descriptor that alone was ready this many turns in a row is polled by the context itself,
 * which saves the look into the epoll set; and it goes back there when others were ready this many
 * turns in a row, and it was not. */
#define TURNS_TO_PROMOTE 16
#define TURNS_TO_DEMOTE 4

int _lsock_reactor_forks;

/* The reactor whose context prepares to sleep in this thread. */
static _Thread_local LsockReactor *prepared;


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
reactor_demote (LsockReactor *self)
{
  LsockWatch *watch = self->hot;

  /* The context may be going, and have destroyed its sources already. */
  if (!g_source_is_destroyed (&self->source))
    g_source_remove_poll (&self->source, &self->hot_poll);
  self->hot = NULL;
  self->hot_poll.revents = 0;
  self->turns = 0;
  watch->armed = LSOCK_READY_NONE;
}

/* With nothing wanted the descriptor leaves the set: a hang-up would be reported all the same, turn
 * after turn. */
gboolean
_lsock_reactor_epoll_arm (LsockWatch *watch,
                          LsockReady  interest)
{
  struct epoll_event event = { .events = epoll_events_of (interest), .data.ptr = watch };
  int operation;

  if (watch->armed == interest)
    return TRUE;

  if (watch == watch->reactor->hot)
    {
      reactor_demote (watch->reactor);
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
reactor_promote (LsockReactor *self,
              LsockWatch   *watch)
{
  LsockReady interest = watch->armed;

  if (self->hot != NULL || !_lsock_reactor_epoll_arm (watch, LSOCK_READY_NONE))
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
  g_atomic_int_inc (&_lsock_reactor_forks);
}

/* Has @watch watched anew, where it was; its owner hears if that fails. */
static void
watch_rearm (LsockWatch *watch,
             LsockReady  interest)
{
  watch->armed = LSOCK_READY_NONE;
  if (!_lsock_reactor_epoll_arm (watch, interest))
    _lsock_watch_fail (watch, errno);
}

/* A child process shares the epoll set of its parent: what it took out there would be gone for the
 * parent. */
gboolean
_lsock_reactor_epoll_unshare (LsockReactor *self)
{
  int fd;

  self->forks = g_atomic_int_get (&_lsock_reactor_forks);
  fd = epoll_create1 (EPOLL_CLOEXEC);
  self->wakeup = -1;
  if (self->hot != NULL)
    reactor_demote (self);
  g_source_remove_poll (&self->source, &self->epoll);
  _lsock_transport_close (self->epoll.fd);
  self->epoll.fd = fd;
  self->epoll.revents = 0;
  if (fd < 0)
    return FALSE;

  g_source_add_poll (&self->source, &self->epoll);
  for (LsockWatch *watch = self->all; watch != NULL; watch = watch->all_next)
    watch_rearm (watch, watch->interest);
  return TRUE;
}

/* After a look into the epoll set that found @n ready, the only one of which may be @watch. */
static void
reactor_adapt (LsockReactor *self,
               LsockWatch   *watch,
               int           n,
               gboolean      hot_was_ready)
{
  if (self->hot != NULL)
    {
      self->turns = n > 0 && !hot_was_ready ? self->turns + 1 : 0;
      if (self->turns >= TURNS_TO_DEMOTE)
        {
          LsockWatch *hot = self->hot;
          LsockReady interest = hot->armed;

          reactor_demote (self);
          watch_rearm (hot, interest);
        }
    }
  else if (n == 1 && watch == self->last)
    {
      if (++self->turns >= TURNS_TO_PROMOTE)
        reactor_promote (self, watch);
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

  _lsock_watch_make_ready (self->hot, ready);
  return TRUE;
}

/* Looks into the set.  Answers how many watches were found ready, and which one if it was one; or
 * -1.  @wakeup is told of the context's own wake-up, if that is there. */
static int
reactor_wait_for_events (LsockReactor  *self,
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
      _lsock_watch_make_ready (*only, add_certainty (ready));
    }

  return n_watches;
}

/* Waits in place of g_poll() where a context has nothing but one reactor and its own wake-up, as
 * that of a daemon: one system call then both waits and reports what is ready, and it does not look
 * at a set through a set.  Elsewhere the set is one descriptor among others. */
static int
reactor_poll (GPollFD *fds,
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
  return reactor_wait_for_events (self, timeout, &only, wakeup);
}

void
_lsock_reactor_epoll_collect (LsockReactor *self)
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

  n = reactor_wait_for_events (self, 0, &only, NULL);
  reactor_adapt (self, n == 1 ? only : NULL, n, hot_was_ready);
}

gboolean
_lsock_reactor_epoll_prepare (LsockReactor *self)
{
  prepared = self;
  return G_LIKELY (!_lsock_reactor_is_shared (self)) || _lsock_reactor_epoll_unshare (self);
}

gboolean
_lsock_reactor_epoll_open (LsockReactor  *self,
                           GError       **error)
{
  /* For tests: each way works where another one is the rule. */
  const char *mode = g_getenv ("LSOCK_REACTOR");
  static gsize registered;
  int saved;

  if (g_once_init_enter (&registered))
    {
      pthread_atfork (NULL, NULL, on_forked);
      g_once_init_leave (&registered, 1);
    }

  self->forks = g_atomic_int_get (&_lsock_reactor_forks);
  if (g_strcmp0 (mode, "poll") == 0)
    return TRUE;

  self->epoll.fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll.fd < 0)
    {
      saved = errno;
      g_set_error (error, LSOCK_SOCKET_ERROR, _lsock_transport_error_code (saved),
                   "The descriptor that watches all others cannot be made: %s",
                   g_strerror (saved));
      return FALSE;
    }

  self->epoll.events = G_IO_IN;
  g_source_add_poll (&self->source, &self->epoll);
  if (g_strcmp0 (mode, "epoll") != 0 && g_main_context_get_poll_func (self->context) == g_poll)
    g_main_context_set_poll_func (self->context, reactor_poll);
  return TRUE;
}

void
_lsock_reactor_epoll_close (LsockReactor *self)
{
  if (prepared == self)
    prepared = NULL;

  if (self->epoll.fd >= 0)
    _lsock_transport_close (g_steal_fd (&self->epoll.fd));
}
