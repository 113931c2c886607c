/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <signal.h>

G_BEGIN_DECLS

/* Writing to a stream whose reader has gone, without the signal that ends the process: send(2) has
 * a flag for it, write(2) has none.
 * Storey: io */

typedef struct
{
  sigset_t before;
  gboolean was_pending;   /* raised by other code while it was blocked */
} LsockSigpipe;

/* Blocks SIGPIPE in this thread. */
void _lsock_sigpipe_block   (LsockSigpipe *self);
/* Consumes the one that a write since then has raised, and restores the mask. */
void _lsock_sigpipe_restore (LsockSigpipe *self);

G_END_DECLS
