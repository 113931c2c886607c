/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_LINE_ITERATOR (lsock_line_iterator_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (LsockLineIterator, lsock_line_iterator, LSOCK, LINE_ITERATOR, GObject)

LSOCK_AVAILABLE_IN_1_0
LsockLineIterator *lsock_io_device_iterate_lines  (LsockIODevice      *self) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GBytes            *lsock_line_iterator_next       (LsockLineIterator  *self,
                                                   GError            **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8            *lsock_line_iterator_next_array (LsockLineIterator  *self,
                                                   gsize              *length,
                                                   GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
