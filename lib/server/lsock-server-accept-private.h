/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "server/lsock-server-state-private.h"

G_BEGIN_DECLS

/* Accepting clients, and the queue of those that are pending.
 * Storey: server */

/* Starts a watch on @fd that asks for nothing yet: _lsock_server_update_interest() follows. */
gboolean _lsock_server_start_watch     (LsockServer      *self,
                                        int               fd,
                                        GError          **error);

/* Watches for clients if there is room for one and accepting does not pause. */
void     _lsock_server_update_interest (LsockServer      *self);

/* Takes the sources out of the main context. */
void     _lsock_server_detach          (LsockServer      *self);

/* Accepts one client without a loop, or waits until @deadline.  Returns whether the time ran out.
 * Emits: the caller asks whether the server is the same. */
gboolean _lsock_server_wait_for_client (LsockServer      *self,
                                        gint64            deadline);

/* The client that has been pending longest, of any kind or a socket, taken out of the queue. */
gpointer _lsock_server_next_pending    (LsockServer      *self,
                                        gboolean          any);

/* Moves what is pending to @pending, so that it can be ended when the step is complete. */
void     _lsock_server_steal_pending   (LsockServer      *self,
                                        GQueue           *pending);
/* Emits @step, then ends the clients in @pending. */
void     _lsock_server_end_pending     (LsockServer      *self,
                                        GQueue           *pending,
                                        LsockServerStep  *step);

/* The default of incoming_connection(). */
void     _lsock_server_real_incoming_connection
                                       (LsockServer      *self,
                                        int               fd);

G_END_DECLS
