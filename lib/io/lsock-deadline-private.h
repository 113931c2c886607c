/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Time limits of the waits.
 * Storey: io
 *
 * A deadline is a monotonic time in microseconds, or -1 for none.  A limit in milliseconds is -1 for
 * none; any other negative number counts as 0, as in Qt, so that the result of a subtraction can be
 * passed on. */

static inline gint64
_lsock_deadline_after (int msecs)
{
  if (msecs == -1)
    return -1;

  return g_get_monotonic_time () + (gint64) MAX (msecs, 0) * 1000;
}

/* The milliseconds until @deadline, rounded up: 0 once it has passed, -1 if there is none. */
static inline int
_lsock_deadline_remaining (gint64 deadline)
{
  gint64 remaining;

  if (deadline < 0)
    return -1;

  remaining = deadline - g_get_monotonic_time ();
  return remaining <= 0 ? 0 : (int) MIN ((remaining + 999) / 1000, G_MAXINT);
}

static inline gboolean
_lsock_deadline_has_passed (gint64 deadline)
{
  return deadline >= 0 && g_get_monotonic_time () >= deadline;
}

G_END_DECLS
