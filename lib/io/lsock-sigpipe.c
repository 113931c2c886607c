/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Blocks SIGPIPE around a write, in the writing thread alone. */

#include "config.h"

#include "io/lsock-sigpipe-private.h"

#include <pthread.h>


static gboolean
is_pending (void)
{
  sigset_t pending;

  return sigpending (&pending) == 0 && sigismember (&pending, SIGPIPE) == 1;
}

static void
make_set (sigset_t *set)
{
  sigemptyset (set);
  sigaddset (set, SIGPIPE);
}

void
_lsock_sigpipe_block (LsockSigpipe *self)
{
  sigset_t set;

  self->was_pending = is_pending ();
  make_set (&set);
  pthread_sigmask (SIG_BLOCK, &set, &self->before);
}

/* The signal of a write is sent to the thread that writes, so that no other thread can take it. */
void
_lsock_sigpipe_restore (LsockSigpipe *self)
{
  sigset_t set;
  int number;

  if (!self->was_pending && is_pending ())
    {
      make_set (&set);
      sigwait (&set, &number);
    }

  pthread_sigmask (SIG_SETMASK, &self->before, NULL);
}
