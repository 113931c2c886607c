/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reactor on a system without epoll(7): no set is opened, so each watch is polled. */

#include "config.h"

#include "io/lsock-reactor-core-private.h"

int _lsock_reactor_forks;


gboolean
_lsock_reactor_epoll_open (LsockReactor  *self,
                           GError       **error)
{
  return TRUE;
}

void
_lsock_reactor_epoll_close (LsockReactor *self)
{
}

gboolean
_lsock_reactor_epoll_arm (LsockWatch *watch,
                          LsockReady  interest)
{
  return TRUE;
}

gboolean
_lsock_reactor_epoll_prepare (LsockReactor *self)
{
  return TRUE;
}

void
_lsock_reactor_epoll_collect (LsockReactor *self)
{
}

gboolean
_lsock_reactor_epoll_unshare (LsockReactor *self)
{
  return TRUE;
}
