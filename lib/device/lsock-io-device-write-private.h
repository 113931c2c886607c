/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-state-private.h"

G_BEGIN_DECLS

/* Defaults of the virtual functions that write.
 * Storey: device */

gssize _lsock_io_device_real_write_buffer (LsockIODevice  *self,
                                           const void     *data,
                                           gsize           length,
                                           GError        **error);
gssize _lsock_io_device_real_write_data   (LsockIODevice  *self,
                                           GBytes         *bytes,
                                           GError        **error);

G_END_DECLS
