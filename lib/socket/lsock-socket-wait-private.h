/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-socket.h"

G_BEGIN_DECLS

/* The same without a loop.
 * Storey: socket */

gboolean _lsock_socket_wait_for_ready_read    (LsockIODevice *device,
                                               int            msecs);
gboolean _lsock_socket_wait_for_bytes_written (LsockIODevice *device,
                                               int            msecs);

G_END_DECLS
