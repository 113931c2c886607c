/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "socket/lsock-socket-state-private.h"

G_BEGIN_DECLS

/* The properties of a socket.
 * Storey: socket */

#define LSOCK_SOCKET_DEFAULT_CONNECT_TIMEOUT_MS 30000

void _lsock_socket_install_properties (GObjectClass *object_class);
void _lsock_socket_get_property       (GObject      *object,
                                       guint         prop_id,
                                       GValue       *value,
                                       GParamSpec   *pspec);
void _lsock_socket_set_property       (GObject      *object,
                                       guint         prop_id,
                                       const GValue *value,
                                       GParamSpec   *pspec);

G_END_DECLS
