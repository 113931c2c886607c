/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#define LSOCK_INSIDE
#include "lsock-version.h"
#include "lsock-version-macros.h"
#include "lsock-enums.h"
#include "lsock-enum-types.h"
#include "lsock-error.h"
#include "lsock-interrupt.h"
#include "lsock-object.h"
#include "lsock-connection.h"
#include "lsock-signal-spy.h"
#include "lsock-io-device.h"
#include "lsock-line-iterator.h"
#include "lsock-buffer.h"
#include "lsock-stream-device.h"
#include "lsock-io-stream.h"
#include "lsock-message-channel.h"
#include "lsock-socket.h"
#include "lsock-server.h"
#undef LSOCK_INSIDE
