/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the waits of a thread are ended from outside: by a descriptor that becomes readable. */

#include "config.h"

#include "lsock-interrupt.h"

#include <poll.h>

#include "io/lsock-interrupt-private.h"

_Thread_local int _lsock_interrupt;

gboolean
_lsock_interrupt_is_pending (void)
{
  struct pollfd pollfd = { .fd = _lsock_interrupt_get_descriptor (), .events = POLLIN };

  return _lsock_interrupt != 0 && poll (&pollfd, 1, 0) > 0;
}

/**
 * lsock_set_interrupt_descriptor:
 * @fd: a descriptor, or -1 for none
 *
 * Makes every wait of the calling thread end early once @fd is readable.
 *
 * Such a wait returns as if its time had run out, but it neither emits a signal nor changes an
 * error: the caller looks at @fd, takes what is in it, and decides whether to wait for the rest of
 * the time. It serves a program whose signal handlers only leave a mark and write to a descriptor:
 * without it a wait that has no limit would outlast Ctrl-C.
 *
 * It holds for the functions of the library that are called `wait…`, also while @fd is readable from
 * the start; sockets and servers still find what is there already. @fd stays the caller's, and has to
 * stay open until another one is set.
 *
 * Returns: the descriptor that was set before, or -1
 *
 * Since: 1.0
 */
int
lsock_set_interrupt_descriptor (int fd)
{
  int previous = _lsock_interrupt_get_descriptor ();

  _lsock_interrupt = fd < 0 ? 0 : fd + 1;
  return previous;
}
