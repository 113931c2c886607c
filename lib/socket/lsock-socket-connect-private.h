/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "socket/lsock-socket-state-private.h"

G_BEGIN_DECLS

/* How a connection begins.
 * Storey: socket */

void     _lsock_socket_begin_connect      (LsockSocket       *self,
                                           const char        *name,
                                           LsockOpenMode      mode);

/* Goes on with an attempt that waits. */
void     _lsock_socket_retry_connect      (LsockSocket       *self);
/* For an attempt that has begun and has not been answered, after the socket has moved. */
void     _lsock_socket_resume_connect     (LsockSocket       *self);

/* Takes @fd, which the caller has checked, as the connection of a socket without one.  On failure
 * it stays the caller's and @self is as it was. */
gboolean _lsock_socket_take_descriptor    (LsockSocket       *self,
                                           int                fd,
                                           LsockSocketState   state,
                                           LsockOpenMode      mode,
                                           GRefString        *name,
                                           GRefString        *full_name,
                                           GError           **error);
/* The same for a new socket and a descriptor that a server has accepted: nothing has to be asked
 * about either. */
gboolean _lsock_socket_take_client        (LsockSocket       *self,
                                           int                fd,
                                           GRefString        *name,
                                           GRefString        *full_name,
                                           GError           **error);

G_END_DECLS
