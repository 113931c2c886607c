// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

namespace Lsock {
	[CCode (cheader_filename = "lsock.h", cname = "LsockSocketError", cprefix = "LSOCK_SOCKET_ERROR_", type_id = "lsock_socket_error_get_type ()")]
	[Version (since = "1.0")]
	public enum SocketErrorCode {
		CONNECTION_REFUSED,
		PEER_CLOSED,
		SERVER_NOT_FOUND,
		SOCKET_ACCESS,
		SOCKET_RESOURCE,
		SOCKET_TIMEOUT,
		DATAGRAM_TOO_LARGE,
		CONNECTION,
		ADDRESS_IN_USE,
		UNSUPPORTED_SOCKET_OPERATION,
		OPERATION,
		UNKNOWN
	}
}
