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
 * LsockOpenMode:
 * @LSOCK_OPEN_MODE_NOT_OPEN: closed
 * @LSOCK_OPEN_MODE_READ_ONLY: open for reading
 * @LSOCK_OPEN_MODE_WRITE_ONLY: open for writing
 * @LSOCK_OPEN_MODE_READ_WRITE: open for both
 * @LSOCK_OPEN_MODE_APPEND: each write goes to the end; random-access devices only
 * @LSOCK_OPEN_MODE_TRUNCATE: what the device holds is dropped when it opens
 * @LSOCK_OPEN_MODE_TEXT: a line end is read as `\n`, however the peer writes it
 * @LSOCK_OPEN_MODE_UNBUFFERED: the device reads no further ahead than it was asked to
 * @LSOCK_OPEN_MODE_NEW_ONLY: opening fails if what the device stands for exists already
 * @LSOCK_OPEN_MODE_EXISTING_ONLY: opening fails unless it exists
 *
 * How a device is open; the values are those of Qt's `QIODevice::OpenMode`.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  LSOCK_OPEN_MODE_NOT_OPEN      = 0,
  LSOCK_OPEN_MODE_READ_ONLY     = 1 << 0,
  LSOCK_OPEN_MODE_WRITE_ONLY    = 1 << 1,
  LSOCK_OPEN_MODE_READ_WRITE    = LSOCK_OPEN_MODE_READ_ONLY | LSOCK_OPEN_MODE_WRITE_ONLY,
  LSOCK_OPEN_MODE_APPEND        = 1 << 2,
  LSOCK_OPEN_MODE_TRUNCATE      = 1 << 3,
  LSOCK_OPEN_MODE_TEXT          = 1 << 4,
  LSOCK_OPEN_MODE_UNBUFFERED    = 1 << 5,
  LSOCK_OPEN_MODE_NEW_ONLY      = 1 << 6,
  LSOCK_OPEN_MODE_EXISTING_ONLY = 1 << 7,
} LsockOpenMode;

/**
 * LsockSocketState:
 * @LSOCK_SOCKET_STATE_UNCONNECTED: there is no connection
 * @LSOCK_SOCKET_STATE_CONNECTING: a connection is being made
 * @LSOCK_SOCKET_STATE_CONNECTED: both directions work
 * @LSOCK_SOCKET_STATE_CLOSING: the connection ends once all that was written has left
 *
 * The state of a [class@Lsock.Socket]; the values are those of Qt's
 * `QLocalSocket::LocalSocketState`.
 *
 * Since: 1.0
 */
typedef enum
{
  LSOCK_SOCKET_STATE_UNCONNECTED = 0,
  LSOCK_SOCKET_STATE_CONNECTING  = 2,
  LSOCK_SOCKET_STATE_CONNECTED   = 3,
  LSOCK_SOCKET_STATE_CLOSING     = 6,
} LsockSocketState;

/**
 * LsockSocketOptions:
 * @LSOCK_SOCKET_OPTIONS_NONE: a name in the file system, with the access that the umask leaves
 * @LSOCK_SOCKET_OPTIONS_USER_ACCESS: the user of the server may connect
 * @LSOCK_SOCKET_OPTIONS_GROUP_ACCESS: the members of the server's group may connect
 * @LSOCK_SOCKET_OPTIONS_OTHER_ACCESS: all others may connect
 * @LSOCK_SOCKET_OPTIONS_WORLD_ACCESS: all users may connect
 * @LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE: the name lives in the kernel's abstract namespace,
 *   not in the file system; Linux only
 *
 * Where a name lives and which users may connect; the values are those of Qt's
 * `QLocalServer::SocketOption`.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  LSOCK_SOCKET_OPTIONS_NONE               = 0,
  LSOCK_SOCKET_OPTIONS_USER_ACCESS        = 1 << 0,
  LSOCK_SOCKET_OPTIONS_GROUP_ACCESS       = 1 << 1,
  LSOCK_SOCKET_OPTIONS_OTHER_ACCESS       = 1 << 2,
  LSOCK_SOCKET_OPTIONS_WORLD_ACCESS       = 1 << 0 | 1 << 1 | 1 << 2,
  LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE = 1 << 3,
} LsockSocketOptions;

/**
 * LsockConnectionType:
 * @LSOCK_CONNECTION_TYPE_AUTO: direct when the signal is emitted in the thread that the
 *   receiver's context belongs to, else queued
 * @LSOCK_CONNECTION_TYPE_DIRECT: the slot runs at once, in the thread that emits
 * @LSOCK_CONNECTION_TYPE_QUEUED: the slot runs later, in the receiver's main context
 * @LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED: as queued, and the thread that emits waits for it
 * @LSOCK_CONNECTION_TYPE_UNIQUE: refuse to make the same connection twice; combined with
 *   one of the others
 * @LSOCK_CONNECTION_TYPE_SINGLE_SHOT: disconnect after the first emission; combined with
 *   one of the others
 *
 * How a signal reaches a slot; the values are those of Qt's `Qt::ConnectionType`.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  LSOCK_CONNECTION_TYPE_AUTO            = 0,
  LSOCK_CONNECTION_TYPE_DIRECT          = 1,
  LSOCK_CONNECTION_TYPE_QUEUED          = 2,
  LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED = 3,
  LSOCK_CONNECTION_TYPE_UNIQUE          = 0x80,
  LSOCK_CONNECTION_TYPE_SINGLE_SHOT     = 0x100,
} LsockConnectionType;

/**
 * LsockMessageFraming:
 * @LSOCK_MESSAGE_FRAMING_LINES: a message ends with `\n`; `\r\n` is accepted
 * @LSOCK_MESSAGE_FRAMING_NUL: a message ends with a zero byte, as in varlink
 * @LSOCK_MESSAGE_FRAMING_LENGTH16_BE: a length of 16 bits comes first, the high byte first
 * @LSOCK_MESSAGE_FRAMING_LENGTH32_BE: a length of 32 bits comes first, the high byte first, as in a
 *   `QByteArray` in a `QDataStream`; 0xffffffff is the null message
 * @LSOCK_MESSAGE_FRAMING_LENGTH32_LE: a length of 32 bits comes first, the low byte first
 * @LSOCK_MESSAGE_FRAMING_LENGTH32_HOST: a length of 32 bits comes first, in the byte order of the
 *   machine, as in the native messaging of browsers
 * @LSOCK_MESSAGE_FRAMING_NETSTRING: the length in decimal digits and a colon come first, a comma
 *   last
 * @LSOCK_MESSAGE_FRAMING_HEADERS: `Content-Length: n`, `\r\n` and an empty line come first, as in
 *   the protocols of language servers and debug adapters; other headers are ignored
 *
 * How [class@Lsock.MessageChannel] divides a stream of bytes into messages.
 *
 * Since: 1.0
 */
typedef enum
{
  LSOCK_MESSAGE_FRAMING_LINES,
  LSOCK_MESSAGE_FRAMING_NUL,
  LSOCK_MESSAGE_FRAMING_LENGTH16_BE,
  LSOCK_MESSAGE_FRAMING_LENGTH32_BE,
  LSOCK_MESSAGE_FRAMING_LENGTH32_LE,
  LSOCK_MESSAGE_FRAMING_LENGTH32_HOST,
  LSOCK_MESSAGE_FRAMING_NETSTRING,
  LSOCK_MESSAGE_FRAMING_HEADERS,
} LsockMessageFraming;

G_END_DECLS

/* In C++ the operators of integers do not give back the type of the flags.  Overloads cannot have C
 * linkage, also when the header is included within extern "C".  @mask holds every flag of the type:
 * the complement of a value must not have other bits, since an enumeration need not have room for
 * them. */
#ifndef __GI_SCANNER__
# ifdef __cplusplus
#  define LSOCK_DEFINE_FLAGS_OPERATORS(Type, mask) \
  inline constexpr Type operator| (Type a, Type b) \
  { return static_cast<Type> (static_cast<unsigned> (a) | static_cast<unsigned> (b)); } \
  inline constexpr Type operator& (Type a, Type b) \
  { return static_cast<Type> (static_cast<unsigned> (a) & static_cast<unsigned> (b)); } \
  inline constexpr Type operator^ (Type a, Type b) \
  { return static_cast<Type> (static_cast<unsigned> (a) ^ static_cast<unsigned> (b)); } \
  inline constexpr Type operator~ (Type a) \
  { return static_cast<Type> (~static_cast<unsigned> (a) & static_cast<unsigned> (mask)); } \
  inline Type &operator|= (Type &a, Type b) { return a = a | b; } \
  inline Type &operator&= (Type &a, Type b) { return a = a & b; } \
  inline Type &operator^= (Type &a, Type b) { return a = a ^ b; }

extern "C++"
{
LSOCK_DEFINE_FLAGS_OPERATORS (LsockOpenMode, 0xff)
LSOCK_DEFINE_FLAGS_OPERATORS (LsockSocketOptions, 0x0f)
LSOCK_DEFINE_FLAGS_OPERATORS (LsockConnectionType, 0x183)
}

#  undef LSOCK_DEFINE_FLAGS_OPERATORS
# endif
#endif
