/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_BUFFER (lsock_buffer_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockBuffer, lsock_buffer, LSOCK, BUFFER, LsockIODevice)

struct _LsockBufferClass
{
  LsockIODeviceClass parent_class;

  /*< private >*/
  gpointer padding[4];
};

LSOCK_AVAILABLE_IN_1_0
LsockBuffer *lsock_buffer_new            (void) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GBytes      *lsock_buffer_get_data       (LsockBuffer *self) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8      *lsock_buffer_get_data_array (LsockBuffer *self,
                                          gsize       *length) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void         lsock_buffer_set_data       (LsockBuffer *self,
                                          GBytes      *data);

G_END_DECLS
