/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "server/lsock-server-state-private.h"

G_BEGIN_DECLS

/* The properties of a server.
 * Storey: server */

#define LSOCK_SERVER_DEFAULT_MAX_PENDING 30
#define LSOCK_SERVER_DEFAULT_BACKLOG     50

void _lsock_server_install_properties (GObjectClass *object_class);
void _lsock_server_get_property       (GObject      *object,
                                       guint         prop_id,
                                       GValue       *value,
                                       GParamSpec   *pspec);
void _lsock_server_set_property       (GObject      *object,
                                       guint         prop_id,
                                       const GValue *value,
                                       GParamSpec   *pspec);

G_END_DECLS
