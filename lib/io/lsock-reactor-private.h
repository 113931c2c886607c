/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How descriptors reach a main context: one source per context and priority, however many
 * descriptors there are.
 * Storey: io
 *
 * A watch is embedded in its owner; all its functions are called in the thread that owns the
 * context. */

typedef struct _LsockReactor LsockReactor;
typedef struct _LsockWatch LsockWatch;

typedef enum
{
  LSOCK_READY_NONE   = 0,
  LSOCK_READY_IN     = 1 << 0,   /* there is something to read, or an end to be found */
  LSOCK_READY_OUT    = 1 << 1,   /* there is room to write */
  LSOCK_READY_HUP    = 1 << 2,   /* the peer ended its writing, or all of it, or broke */
  LSOCK_READY_WAKE   = 1 << 3,   /* _lsock_watch_wake() was called */
  LSOCK_READY_DATA   = 1 << 4,   /* what there is to read is data and no end, as far as the kernel
                                  * knew a moment ago; never said where the two look alike */
  LSOCK_READY_FAILED = 1 << 5,   /* the kernel refused to watch the descriptor: `errnum` says why */
} LsockReady;

/* May do anything to the watch, freeing it included. */
typedef void (*LsockWatchFunc) (gpointer   owner,
                                LsockReady ready);

struct _LsockWatch
{
  LsockReactor   *reactor;       /* NULL while stopped */
  LsockWatchFunc  func;
  gpointer        owner;
  LsockWatch     *next;          /* in the reactor's list of ready watches */
  LsockWatch     *prev;
  LsockWatch     *all_next;      /* in the reactor's list of all watches */
  LsockWatch     *all_prev;
  gpointer        poll_source;   /* where there is no epoll */
  int             fd;
  int             errnum;        /* with LSOCK_READY_FAILED */
  guint8          interest;      /* LsockReady that the owner wants; a hang-up comes with any,
                                  * and alone with HUP */
  guint8          armed;         /* what the kernel was told */
  guint8          ready;         /* what is to be dispatched */
  guint8          list;          /* which list it is in, if any */
};

gboolean _lsock_watch_start        (LsockWatch      *watch,
                                    GMainContext    *context,
                                    int              priority,
                                    int              fd,
                                    LsockReady       interest,
                                    LsockWatchFunc   func,
                                    gpointer         owner,
                                    GError         **error);
void     _lsock_watch_stop         (LsockWatch      *watch);
void     _lsock_watch_set_interest (LsockWatch      *watch,
                                    LsockReady       interest);

/* Has @func called with LSOCK_READY_WAKE: later in the dispatch that is under way, or else in the
 * next turn of the loop. */
void     _lsock_watch_wake         (LsockWatch      *watch);

/* What was reported, or _lsock_watch_wake() was called for, has been dealt with already. */
void     _lsock_watch_forget       (LsockWatch      *watch,
                                    LsockReady       ready);

static inline gboolean
_lsock_watch_is_active (const LsockWatch *watch)
{
  return watch->reactor != NULL;
}

G_END_DECLS
