/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The descriptor that ends the waits of the calling thread.
 * Storey: io */

/* One more than the descriptor, so that 0 stands for none in a thread that has set nothing. */
extern _Thread_local int _lsock_interrupt;

/* -1 when there is none.  Inline: every wait asks. */
static inline int
_lsock_interrupt_get_descriptor (void)
{
  return _lsock_interrupt - 1;
}

/* Whether the calling thread is to leave its wait. */
gboolean _lsock_interrupt_is_pending (void);

G_END_DECLS
