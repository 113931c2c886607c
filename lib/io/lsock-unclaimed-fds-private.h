/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors that an override of incoming_connection() was given and has not taken yet.  Each is
 * closed exactly once: by the object that claims it, or else here, when the server ends or has handed out
 * too many; one that the override closed itself is recognised and left alone.
 * Storey: io */

void  _lsock_unclaimed_fds_add        (gpointer owner,
                                   int      fd);
/* @fd has a new owner. */
void  _lsock_unclaimed_fds_claim         (int      fd);
/* Closes the oldest beyond @keep. */
void  _lsock_unclaimed_fds_close_excess         (gpointer owner,
                                   guint    keep);

G_END_DECLS
