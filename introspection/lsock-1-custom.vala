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

	// The C types of the arguments are constant, which a delegate cannot say.
	[CCode (cheader_filename = "lsock.h")]
	[Version (since = "1.0")]
	public static Lsock.Connection connect_full (GLib.Object sender, string detailed_signal, Lsock.ConnectionType type, GLib.Object? receiver, [CCode (type = "LsockSlotFunc")] owned Lsock.SlotFunc slot) throws GLib.Error;
	[CCode (cheader_filename = "lsock.h", cname = "lsock_connect_full")]
	[Version (since = "1.0")]
	public static Lsock.Connection connect (GLib.Object sender, string detailed_signal, Lsock.ConnectionType type, GLib.Object? receiver, [CCode (type = "LsockSlotFunc")] owned Lsock.SlotFunc slot) throws GLib.Error;
}
