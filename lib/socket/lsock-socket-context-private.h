/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "socket/lsock-socket-state-private.h"

G_BEGIN_DECLS

/* A socket moves to another main context, or to another priority in its context.
 * Storey: socket */

/* Stops the sources in the old context, where this is called, and has them started in @context. */
void     _lsock_socket_move_context    (LsockSocket  *self);

/* On failure everything is as it was. */
gboolean _lsock_socket_change_priority (LsockSocket  *self,
                                        int           priority,
                                        GError      **error);

G_END_DECLS
