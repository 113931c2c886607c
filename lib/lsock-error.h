/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include <glib-object.h>

#include "lsock-version-macros.h"

G_BEGIN_DECLS

/**
 * LSOCK_SOCKET_ERROR:
 *
 * The domain of the errors that sockets, servers and devices report; its codes are
 * [error@Lsock.SocketError].
 *
 * Since: 1.0
 */
#define LSOCK_SOCKET_ERROR (lsock_socket_error_quark ())

/**
 * LsockSocketError:
 * @LSOCK_SOCKET_ERROR_CONNECTION_REFUSED: no server listens under the name
 * @LSOCK_SOCKET_ERROR_PEER_CLOSED: the peer ended the connection
 * @LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND: the name does not exist, or cannot be one
 * @LSOCK_SOCKET_ERROR_SOCKET_ACCESS: permission is missing
 * @LSOCK_SOCKET_ERROR_SOCKET_RESOURCE: the system ran out of descriptors or memory
 * @LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT: the time limit passed
 * @LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE: a message exceeds what the system allows
 * @LSOCK_SOCKET_ERROR_CONNECTION: the connection broke
 * @LSOCK_SOCKET_ERROR_ADDRESS_IN_USE: the name is taken; servers only
 * @LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION: the system or the descriptor cannot do it
 * @LSOCK_SOCKET_ERROR_OPERATION: the call does not fit the state of the object
 * @LSOCK_SOCKET_ERROR_UNKNOWN: no error yet, or one that has no code
 *
 * What can go wrong with a device, a socket or a server; the values are those of Qt's
 * `QLocalSocket::LocalSocketError`.
 *
 * Since: 1.0
 */
typedef enum
{
  LSOCK_SOCKET_ERROR_CONNECTION_REFUSED           = 0,
  LSOCK_SOCKET_ERROR_PEER_CLOSED                  = 1,
  LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND             = 2,
  LSOCK_SOCKET_ERROR_SOCKET_ACCESS                = 3,
  LSOCK_SOCKET_ERROR_SOCKET_RESOURCE              = 4,
  LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT               = 5,
  LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE           = 6,
  LSOCK_SOCKET_ERROR_CONNECTION                   = 7,
  LSOCK_SOCKET_ERROR_ADDRESS_IN_USE               = 8,
  LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION = 10,
  LSOCK_SOCKET_ERROR_OPERATION                    = 19,
  LSOCK_SOCKET_ERROR_UNKNOWN                      = -1,
} LsockSocketError;

LSOCK_AVAILABLE_IN_1_0
GQuark lsock_socket_error_quark (void);

G_END_DECLS
