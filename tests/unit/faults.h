/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* System calls that fail when a test says so.  The library makes these by way of the program that
 * this is linked with, and so does everything else in it: a fault is set for as short as can be. */

typedef enum
{
  FAULT_ACCEPT,
  FAULT_BIND,
  FAULT_CHMOD,
  FAULT_CONNECT,
  FAULT_FCHMOD,
  FAULT_FSTAT,
  FAULT_LINK,
  FAULT_LISTEN,
  FAULT_LSTAT,
  FAULT_OPEN,
  FAULT_POLL,
  FAULT_RECV,      /* and readv(2) */
  FAULT_SEND,      /* and sendmsg(2) */
  FAULT_SOCKET,
  FAULT_WATCH,     /* epoll_ctl(2), but for removing */
  N_FAULTS
} Fault;

/* For so many times: until it is cleared. */
#define FAULT_ALWAYS G_MAXUINT

/* The next @times calls fail with @errnum. */
void        fault_set         (Fault           fault,
                               int             errnum,
                               guint           times);
void        fault_clear       (Fault           fault);
/* How many calls have failed since the fault was set. */
guint       fault_count       (Fault           fault);

/* The next @times calls of accept(2) fail with @errnum, and the clients are gone: each has left
 * while it waited. */
void        fault_set_leaving (int             errnum,
                               guint           times);

/* Something that another process does right before the next call. */
typedef void (*FaultHook) (gpointer data);

void        fault_set_hook    (Fault           fault,
                               FaultHook       hook,
                               gpointer        data);

/* All calls there were, those that failed too. */
guint       fault_calls       (Fault           fault);
/* One call more than @calls fails the test, at once: what spins need not return. */
void        fault_limit_calls (Fault           fault,
                               guint           calls);
guint       fault_get_limit   (Fault           fault);

const char *fault_name        (Fault           fault);

G_END_DECLS
