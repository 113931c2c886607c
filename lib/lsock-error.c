/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The error domain of sockets and servers. */

#include "config.h"

#include "lsock-error.h"

/**
 * lsock_socket_error_quark:
 *
 * Gets the domain of the errors that sockets, servers and devices report.
 *
 * Returns: the quark of [error@Lsock.SocketError]
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (lsock-socket-error-quark, lsock_socket_error)
