/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-enums.h"
#include "lsock-error.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_CONNECTION (lsock_connection_get_type ())

typedef struct _LsockConnection LsockConnection;

/**
 * LsockSlotFunc:
 * @args: (array length=n_args): the arguments of the signal, the object that emitted it first
 * @n_args: how many there are
 * @user_data: what was given when connecting
 *
 * A slot that takes any signal.
 *
 * Since: 1.0
 */
typedef void (*LsockSlotFunc) (const GValue *args,
                               guint         n_args,
                               gpointer      user_data);

/**
 * LsockInvokeFunc:
 * @user_data: what was given with the function
 *
 * A function that is called in the context of a receiver.
 *
 * Since: 1.0
 */
typedef void (*LsockInvokeFunc) (gpointer user_data);

LSOCK_AVAILABLE_IN_1_0
GType            lsock_connection_get_type     (void) G_GNUC_CONST;

LSOCK_AVAILABLE_IN_1_0
LsockConnection *lsock_connect                 (gpointer              sender,
                                                const char           *detailed_signal,
                                                LsockConnectionType   type,
                                                gpointer              receiver,
                                                GCallback             slot,
                                                gpointer              user_data,
                                                GError              **error);
LSOCK_AVAILABLE_IN_1_0
LsockConnection *lsock_connect_closure         (GObject              *sender,
                                                const char           *detailed_signal,
                                                LsockConnectionType   type,
                                                GObject              *receiver,
                                                GClosure             *slot,
                                                GError              **error);
LSOCK_AVAILABLE_IN_1_0
LsockConnection *lsock_connect_full            (GObject              *sender,
                                                const char           *detailed_signal,
                                                LsockConnectionType   type,
                                                GObject              *receiver,
                                                LsockSlotFunc         slot,
                                                gpointer              user_data,
                                                GDestroyNotify        destroy,
                                                GError              **error);

LSOCK_AVAILABLE_IN_1_0
LsockConnection *lsock_connection_ref          (LsockConnection      *self);
LSOCK_AVAILABLE_IN_1_0
void             lsock_connection_unref        (LsockConnection      *self);
LSOCK_AVAILABLE_IN_1_0
void             lsock_connection_disconnect   (LsockConnection      *self);
LSOCK_AVAILABLE_IN_1_0
gboolean         lsock_connection_is_connected (LsockConnection      *self);
LSOCK_AVAILABLE_IN_1_0
GObject         *lsock_connection_get_sender   (LsockConnection      *self) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GObject         *lsock_connection_get_receiver (LsockConnection      *self) G_GNUC_WARN_UNUSED_RESULT;

LSOCK_AVAILABLE_IN_1_0
void             lsock_invoke_queued           (GObject              *receiver,
                                                GClosure             *closure);
LSOCK_AVAILABLE_IN_1_0
void             lsock_invoke_queued_full      (GObject              *receiver,
                                                LsockInvokeFunc       func,
                                                gpointer              user_data,
                                                GDestroyNotify        destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockConnection, lsock_connection_unref)

G_END_DECLS
