/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_IO_STREAM (lsock_io_stream_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (LsockIOStream, lsock_io_stream, LSOCK, IO_STREAM, GIOStream)

LSOCK_AVAILABLE_IN_1_0
LsockIOStream *lsock_io_stream_new        (LsockIODevice *device) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
LsockIODevice *lsock_io_stream_get_device (LsockIOStream *self);

G_END_DECLS
