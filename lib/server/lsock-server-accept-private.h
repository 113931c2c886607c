/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "server/lsock-server-state-private.h"

G_BEGIN_DECLS

/* Letting clients in, and the queue of those that are pending.
 * Storey: server */

/* Lets clients in until there is no room, no client, or @limit is reached. */
void _lsock_server_accept_clients           (LsockServer *self,
                                             int          limit);
/* The callback of the watch. */
void _lsock_server_on_watch                 (gpointer     owner,
                                             LsockReady   ready);
/* The default of the virtual function. */
void _lsock_server_real_incoming_connection (LsockServer *self,
                                             int          fd);

G_END_DECLS
