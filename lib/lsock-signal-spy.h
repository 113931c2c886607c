/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include <gio/gio.h>

#include "lsock-version-macros.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_SIGNAL_SPY (lsock_signal_spy_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (LsockSignalSpy, lsock_signal_spy, LSOCK, SIGNAL_SPY, GObject)

LSOCK_AVAILABLE_IN_1_0
LsockSignalSpy *lsock_signal_spy_new        (GObject        *object,
                                             const char     *detailed_signal,
                                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
const char     *lsock_signal_spy_get_signal (LsockSignalSpy *self);
LSOCK_AVAILABLE_IN_1_0
guint           lsock_signal_spy_get_count  (LsockSignalSpy *self);
LSOCK_AVAILABLE_IN_1_0
GPtrArray      *lsock_signal_spy_get_args   (LsockSignalSpy *self,
                                             guint           index) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint           lsock_signal_spy_get_n_args (LsockSignalSpy *self,
                                             guint           index);
LSOCK_AVAILABLE_IN_1_0
gboolean        lsock_signal_spy_get_arg    (LsockSignalSpy *self,
                                             guint           index,
                                             guint           position,
                                             GValue         *value,
                                             GError        **error);
LSOCK_AVAILABLE_IN_1_0
gboolean        lsock_signal_spy_wait       (LsockSignalSpy *self,
                                             int             msecs);
LSOCK_AVAILABLE_IN_1_0
void            lsock_signal_spy_clear      (LsockSignalSpy *self);

G_END_DECLS
