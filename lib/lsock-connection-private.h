/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-connection.h"
#include "lsock-loop-private.h"
#include "lsock-object.h"

G_BEGIN_DECLS

/* Where a receiver's queued calls go: the connections that lead to one receiver, and the loop that
 * it lives in.  An LsockObject has one inbox, which follows it from loop to loop; another GObject
 * has one for each context that it was connected in; what has no receiver shares one per loop. */

typedef struct _LsockInbox LsockInbox;

struct _LsockInbox
{
  gatomicrefcount  ref_count;
  gboolean         has_receiver;
  GWeakRef         receiver;

  GMutex           lock;         /* of all that follows, and of the state of the connections; an
                                  * item is queued with it held.  Before the loop's lock. */
  LsockLoop       *loop;         /* NULL while nobody uses the inbox */
  guint            users;
  LsockConnection *first;
  LsockConnection *last;
  LsockItemList    calls;        /* of lsock_invoke_queued() */

  LsockInbox      *next;         /* of the same receiver; under the lock of all inboxes */
  gboolean         watching;     /* likewise: whether the receiver's end will be noticed */
};

typedef enum
{
  CONNECTION_CONNECTED,
  CONNECTION_FIRED,        /* a single shot, or the sender is gone: what is queued is delivered */
  CONNECTION_DISCONNECTED, /* nothing is delivered any more */
} ConnectionState;

struct _LsockConnection
{
  gatomicrefcount      ref_count;

  GWeakRef             sender;
  gconstpointer        sender_id;    /* to be compared, not to be looked at */
  guint                signal_id;
  GQuark               detail;
  GType                return_type;
  LsockConnectionType  delivery;     /* without the flags */
  gboolean             single_shot;
  GClosure            *hook;         /* what the sender calls; to be compared */
  gpointer             callback;     /* these two are compared by UNIQUE; NULL: cannot be */
  gpointer             data;

  LsockInbox          *inbox;

  /* Under the lock of the inbox */
  LsockConnection     *next;
  LsockConnection     *prev;
  ConnectionState      state;
  guint                pending;      /* emissions between being made and having been delivered */
  GClosure            *slot;         /* NULL once disconnected */

  LsockItemList        items;        /* under the lock of the inbox's loop */
};

LsockInbox *_lsock_inbox_ref          (LsockInbox       *self);
void        _lsock_inbox_unref        (LsockInbox       *self);

/* A new reference on the inbox of @receiver, which may be NULL; it counts as used until
 * _lsock_inbox_release(), which drops the reference too. */
LsockInbox *_lsock_inbox_acquire      (GObject          *receiver,
                                       gboolean          any_context);
void        _lsock_inbox_release      (LsockInbox       *self);

/* What is queued for @receiver follows it to the loop where it is now. */
void        _lsock_inbox_move         (LsockObject      *receiver);

/* Closures that slots are called through. */
GClosure   *_lsock_slot_new_c         (GCallback         callback,
                                       gpointer          data,
                                       GSignalQuery     *query);
GClosure   *_lsock_slot_new_func      (LsockSlotFunc     func,
                                       gpointer          data,
                                       GDestroyNotify    destroy);
void        _lsock_slot_need_marshal  (GClosure         *closure,
                                       GSignalQuery     *query);
void        _lsock_slot_invoke_plain  (GClosure         *closure);

/* Fails if @sender has no such signal, or it does not take the detail. */
gboolean    _lsock_signal_find        (GObject          *sender,
                                       const char       *detailed_signal,
                                       GSignalQuery     *query,
                                       GQuark           *detail,
                                       GError          **error);

/* Emission and delivery: the closure that the sender calls. */
GClosure   *_lsock_hook_new           (LsockConnection  *connection);

/* To be called when an emission was delivered or will not be; the lock is held. */
GClosure   *_lsock_connection_settle  (LsockConnection  *self) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the handler away from the sender. */
void        _lsock_connection_unhook  (LsockConnection  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockInbox, _lsock_inbox_unref)

G_END_DECLS
