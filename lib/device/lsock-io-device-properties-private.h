/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-state-private.h"

G_BEGIN_DECLS

/* The properties of a device.
 * Storey: device */

void _lsock_io_device_install_properties (GObjectClass *object_class);
void _lsock_io_device_get_property       (GObject      *object,
                                          guint         prop_id,
                                          GValue       *value,
                                          GParamSpec   *pspec);
void _lsock_io_device_set_property       (GObject      *object,
                                          guint         prop_id,
                                          const GValue *value,
                                          GParamSpec   *pspec);

G_END_DECLS
