/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-async-private.h"

G_BEGIN_DECLS

/* What asynchronous reads and writes ask a socket.
 * Storey: socket */

extern const LsockIODeviceFlow _lsock_socket_flow;

G_END_DECLS
