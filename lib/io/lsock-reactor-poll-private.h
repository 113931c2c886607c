/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-reactor-private.h"

G_BEGIN_DECLS

/* The reactor where there is no epoll: the main context polls each descriptor itself.
 * Storey: io */

static inline GIOCondition
_lsock_condition_of (LsockReady interest)
{
  return ((interest & LSOCK_READY_IN) != 0 ? G_IO_IN : 0) |
         ((interest & LSOCK_READY_OUT) != 0 ? G_IO_OUT : 0);
}

static inline LsockReady
_lsock_ready_of (GIOCondition condition)
{
  return ((condition & G_IO_IN) != 0 ? LSOCK_READY_IN : 0) |
         ((condition & G_IO_OUT) != 0 ? LSOCK_READY_OUT : 0) |
         ((condition & (G_IO_HUP | G_IO_ERR | G_IO_NVAL)) != 0 ? LSOCK_READY_HUP : 0);
}

/* @dispatch is called with @watch when its `ready` has something new. */
void _lsock_reactor_poll_arm (LsockWatch   *watch,
                              GMainContext *context,
                              int           priority,
                              LsockReady    interest,
                              GSourceFunc   dispatch);

/* Lets go of the source of @watch, which its context destroys: that is going. */
void _lsock_reactor_poll_release (LsockWatch   *watch);

G_END_DECLS
