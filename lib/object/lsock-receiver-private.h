/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "object/lsock-call-queue-private.h"

G_BEGIN_DECLS

/* Where the queued calls of an object go: the call queue that it lives in, and the members
 * (connections) that lead to it, which are cancelled when it is disposed.
 * Storey: object
 *
 * An object that has a context of its own has one receiver, which follows it from queue to queue;
 * any other object has one for each context that it was connected in; what has no object shares the
 * default receiver of its queue. */

typedef struct _LsockReceiver LsockReceiver;
typedef struct _LsockReceiverMember LsockReceiverMember;

typedef struct
{
  /* Adds a reference; with the lock of the receiver held. */
  void (*ref)    (LsockReceiverMember *self);
  /* The object was disposed: leaves the receiver, and drops that reference.  No lock held. */
  void (*cancel) (LsockReceiverMember *self);
} LsockReceiverMemberClass;

/* Embedded in what leads to the receiver; all of it under the receiver's lock. */
struct _LsockReceiverMember
{
  const LsockReceiverMemberClass *klass;
  GList                           link;
  gboolean                        listed;
  GQueue                          calls;      /* its own, under the lock of the receiver's queue */
};

struct _LsockReceiver
{
  gatomicrefcount  ref_count;
  gboolean         has_object;
  gboolean         follows;      /* the object has a context of its own */
  GWeakRef         object;

  GMutex           lock;         /* of all that follows, and of the state of the members; a call is
                                  * pushed with it held.  Before the lock of the queue. */
  LsockCallQueue  *queue;        /* NULL while the receiver has no user */
  guint            users;
  gboolean         closed;       /* the object is being ended: nothing is queued any more */
  GQueue           members;
  GQueue           calls;        /* those that belong to no member */

  LsockReceiver   *next;         /* of the same object; under the lock of all receivers */
  gboolean         watching;     /* likewise: the disposal of the object will be noticed */
};

/* Finds the call queue of an object that has a context of its own, as a new reference; or NULL.
 * Sets @closed if the object has ended. */
typedef LsockCallQueue *(*LsockResolveFunc) (GObject  *object,
                                             gboolean *closed);

LsockReceiver *_lsock_receiver_ref     (LsockReceiver       *self);
void           _lsock_receiver_unref   (LsockReceiver       *self);

/* A new reference on the receiver of @object, which may be NULL; it counts as a user until
 * _lsock_receiver_release(), which drops the reference too. */
LsockReceiver *_lsock_receiver_acquire (GObject             *object,
                                        gboolean             any_context,
                                        LsockResolveFunc     resolve);
void           _lsock_receiver_release (LsockReceiver       *self);

/* With the lock held; the second is harmless if @member has left. */
void           _lsock_receiver_join    (LsockReceiver       *self,
                                        LsockReceiverMember *member);
void           _lsock_receiver_leave   (LsockReceiver       *self,
                                        LsockReceiverMember *member);

/* A new reference on the queue; NULL if the receiver has no user. */
LsockCallQueue *_lsock_receiver_ref_queue (LsockReceiver    *self);

/* Pushes @call if the receiver takes calls, with the lock held.  If it returns FALSE the call is
 * still the caller's; @surplus as in _lsock_call_queue_push(). */
gboolean       _lsock_receiver_push    (LsockReceiver       *self,
                                        LsockCall           *call,
                                        GQueue              *group,
                                        GMainContext       **surplus);

/* What is queued for @object follows it to the queue where it is now. */
void           _lsock_receiver_move    (GObject             *object,
                                        LsockResolveFunc     resolve);

/* Drops what is queued for @object, which is being ended, and takes nothing more. */
void           _lsock_receiver_close   (GObject             *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockReceiver, _lsock_receiver_unref)

G_END_DECLS
