/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "signal/lsock-connection-private.h"

G_BEGIN_DECLS

/* From the emission to the slot.
 * Storey: signal */

/* Makes the emitter closure of @connection, and connects it to @sender. */
void _lsock_delivery_hook_up (LsockConnection *connection,
                              GObject         *sender);

G_END_DECLS
