/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-connection.h"

G_BEGIN_DECLS

/* Closures that slots are called through, and the look-up of signals.
 * Storey: signal */

GClosure *_lsock_closure_new_c        (GCallback        callback,
                                       gpointer         data,
                                       GSignalQuery    *query);
GClosure *_lsock_closure_new_func     (LsockSlotFunc    func,
                                       gpointer         data,
                                       GDestroyNotify   destroy);
void      _lsock_closure_need_marshal (GClosure        *closure,
                                       GSignalQuery    *query);
void      _lsock_closure_invoke_plain (GClosure        *closure);

/* Fails if @sender has no such signal, or it does not take the detail. */
gboolean  _lsock_signal_find          (GObject         *sender,
                                       const char      *detailed_signal,
                                       GSignalQuery    *query,
                                       GQuark          *detail,
                                       GError         **error);

G_END_DECLS
