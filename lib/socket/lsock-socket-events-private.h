/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "socket/lsock-socket-state-private.h"

G_BEGIN_DECLS

/* What happens when the link is ready: receive, send, emit.
 * Storey: socket */

typedef enum
{
  LSOCK_RECEIVED_NOTHING = 0,
  LSOCK_RECEIVED_DATA    = 1 << 0,   /* `ready-read` was emitted for data */
  LSOCK_RECEIVED_CHANGED = 1 << 1,   /* the connection is not what it was: look at everything again */
} LsockReceived;

/* The callback of the watch. */
void          _lsock_socket_on_watch       (gpointer     owner,
                                            LsockReady   ready);

/* Takes what the kernel has, within the read buffer and the share of one turn, and emits.  With
 * LSOCK_READY_HUP it goes on to the end. */
LsockReceived _lsock_socket_receive        (LsockSocket *self,
                                            LsockReady   ready);
/* Emits `bytes-written` for what has left, never from inside itself. */
void          _lsock_socket_report_written (LsockSocket *self);
/* Hands queued data to the kernel; emits nothing. */
void          _lsock_socket_send           (LsockSocket *self);
/* The peer of a socket that is half open is gone altogether. */
void          _lsock_socket_hang_up        (LsockSocket *self,
                                            LsockReady   ready);

G_END_DECLS
