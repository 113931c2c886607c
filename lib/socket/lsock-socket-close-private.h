/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "socket/lsock-socket-state-private.h"

G_BEGIN_DECLS

/* How a connection ends.
 * Storey: socket
 *
 * A connection that ends twice is found ended the second time: each function asks the state first. */

/* Gives up the descriptor, the sources and unsent data; emits nothing.  Part of every step that
 * ends a connection or an attempt. */
void _lsock_socket_release            (LsockSocket *self);
void _lsock_socket_detach_retry       (LsockSocket *self);

/* Goes to UNCONNECTED at once: the one end of whatever was a connection. */
void _lsock_socket_finish             (LsockSocket *self);
/* The same once a socket that is CLOSING has nothing to send any more. */
void _lsock_socket_finish_if_done     (LsockSocket *self);

/* Ends the connection after what was written; an attempt to connect at once. */
void _lsock_socket_disconnect         (LsockSocket *self);
/* Ends the connection now and closes the device. */
void _lsock_socket_abort              (LsockSocket *self);
/* Closes the device, and ends the connection after what was written. */
void _lsock_socket_close              (LsockSocket *self);
/* Emits `about-to-close` if the device is open.  FALSE when the handler has begun another
 * connection or moved the socket. */
gboolean
     _lsock_socket_announce_close     (LsockSocket *self);
void _lsock_socket_resume_close       (LsockSocket       *self,
                                       LsockClosePending  pending);

/* The peer has ended the connection, or it broke.  May be called again until the socket is
 * UNCONNECTED, also from inside its own emissions: goes on where it stopped. */
void _lsock_socket_advance_end        (LsockSocket *self);

G_END_DECLS
