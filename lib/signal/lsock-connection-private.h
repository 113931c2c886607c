/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-connection.h"
#include "object/lsock-receiver-private.h"
#include "object/lsock-weak-private.h"

G_BEGIN_DECLS

/* A connection: what leads from the signal of a sender to a slot.
 * Storey: signal */

typedef enum
{
  LSOCK_CONNECTION_CONNECTED,
  LSOCK_CONNECTION_FIRED,        /* the single shot has been: what is queued is delivered */
  LSOCK_CONNECTION_SENDER_GONE,  /* likewise, unless the connection is disconnected */
  LSOCK_CONNECTION_DISCONNECTED, /* nothing is delivered any more */
} LsockConnectionState;

struct _LsockConnection
{
  LsockReceiverMember  member;       /* first; its calls are the deliveries that are queued */
  gatomicrefcount      ref_count;

  LsockWeak           *sender;
  gconstpointer        sender_id;    /* to be compared, not to be looked at */
  guint                signal_id;
  GQuark               detail;
  GType                return_type;
  LsockConnectionType  delivery;     /* without the flags */
  gboolean             single_shot;
  gboolean             from_object;  /* the sender is an object of the library */
  gboolean             can_block;    /* likewise, and the signal is one of those that can be blocked */
  GClosure            *emitter;      /* what the sender calls; to be compared */
  gpointer             callback;     /* these two are compared by UNIQUE; NULL: cannot be */
  gpointer             data;

  LsockReceiver       *receiver;

  /* Under the lock of the receiver */
  LsockConnectionState state;
  guint                pending;      /* emissions between being made and having been delivered */
  GClosure            *slot;         /* NULL once disconnected */
};

/* A connection of @receiver, without an emitter closure yet; @slot is taken over. */
LsockConnection *_lsock_connection_new          (GObject          *sender,
                                                 GObject          *receiver,
                                                 GClosure         *slot);

/* Joins the receiver; FALSE if @unique and there is a connection of the same slot. */
gboolean         _lsock_connection_join         (LsockConnection  *self,
                                                 gboolean          unique);

/* A slot is released as soon as it cannot be called any more, and not only with the last
 * reference on the connection.  With the lock of the receiver held; the slot that is returned is
 * to be dropped without it. */
GClosure        *_lsock_connection_settle       (LsockConnection  *self) G_GNUC_WARN_UNUSED_RESULT;

/* An emission was delivered, or will not be. */
void             _lsock_connection_delivered    (LsockConnection  *self);

/* Disconnects the emitter closure from the sender. */
void             _lsock_connection_unhook       (LsockConnection  *self);

G_END_DECLS
