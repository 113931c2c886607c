/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "object/lsock-thread-private.h"

G_BEGIN_DECLS

/* Calls posted to a main context, and the thread that is known to run it.
 * Storey: object
 *
 * There is one queue for each context that objects or connections of the library live in.  A
 * queue does not keep its context alive: calls that no loop will ever run would keep it for
 * good.  When the last reference on the context is dropped, the queue is orphaned: its calls are
 * dropped, in the thread that dropped the reference, and it takes no others. */

typedef struct _LsockCallQueue LsockCallQueue;
typedef struct _LsockCall LsockCall;

typedef struct
{
  /* Runs in the thread of the queue, with no lock held, and frees the call. */
  void (*run)  (LsockCall *call);
  /* The call will not run; frees it.  Any thread, no lock held. */
  void (*drop) (LsockCall *call);
} LsockCallClass;

/* Embedded in what is posted. */
struct _LsockCall
{
  const LsockCallClass *klass;
  LsockCallQueue       *queue;       /* a reference, from push to the end of run or drop */
  GList                 link;        /* in the queue */
  GList                 group_link;  /* among the calls that are dropped together */
  GQueue               *group;       /* NULL: none; under the lock of the queue, as the links */
  gconstpointer         owner;       /* calls with the same owner move together */
  int                   depth;       /* runs in no dispatch that is nested deeper; 0: in any */
};

/* Each returns a new reference.  The calling thread is remembered as the one that runs the
 * context if it owns it.  NULL is the global default context; get_default() resolves the context
 * of what the calling thread makes: the thread-default one, or else the global one, or else, when
 * another thread runs that, a context of the thread's own. */
LsockCallQueue *_lsock_call_queue_get                 (GMainContext    *context);
LsockCallQueue *_lsock_call_queue_get_default         (void);
GMainContext   *_lsock_call_queue_ref_default_context (void);

LsockCallQueue *_lsock_call_queue_ref                 (LsockCallQueue  *self);
void            _lsock_call_queue_unref               (LsockCallQueue  *self);

/* The context; of an orphaned queue, one that stands in for it, and that no thread runs.  Stays
 * valid as long as the caller sees to that: with hold_context(), or with a reference of its own. */
GMainContext   *_lsock_call_queue_get_context         (LsockCallQueue  *self);

/* A new reference on the context; NULL if the queue is orphaned. */
GMainContext   *_lsock_call_queue_hold_context        (LsockCallQueue  *self);

/* The thread that runs the context as far as is known, as a new reference; or NULL. */
LsockThread    *_lsock_call_queue_ref_thread          (LsockCallQueue  *self);

/* Whether the remembered thread is the calling one; the present owner of the context does not
 * count. */
gboolean        _lsock_call_queue_is_here             (LsockCallQueue  *self);

/* The same, or the calling thread owns the context at the moment, which then is remembered.  An
 * orphaned queue is entered by any thread: no other one can run it. */
gboolean        _lsock_call_queue_enter               (LsockCallQueue  *self);

/* Enters a queue that no living thread is known to run, if its context can be acquired.  @acquired
 * is a reference, to be released as an owner and then dropped; or NULL. */
gboolean        _lsock_call_queue_take_over           (LsockCallQueue  *self,
                                                       GMainContext   **acquired);

/* Whether no thread is going to run what is queued: the remembered thread has ended, or there never
 * was one since @since plus a time of grace, and the context has no owner. */
gboolean        _lsock_call_queue_is_abandoned        (LsockCallQueue  *self,
                                                       gint64           since);

/* Adds @call at the end of the queue; returns FALSE if the queue is orphaned, and leaves the call
 * to the caller.  @surplus is NULL, or a reference to be dropped without a lock; drop it with
 * _lsock_call_queue_drop_surplus(). */
gboolean        _lsock_call_queue_push                (LsockCallQueue  *self,
                                                       LsockCall       *call,
                                                       GQueue          *group,
                                                       GMainContext   **surplus);

static inline void
_lsock_call_queue_drop_surplus (GMainContext *surplus)
{
  if (G_UNLIKELY (surplus != NULL))
    g_main_context_unref (surplus);
}

/* Takes all of @group out of the queue, and adds it to @cut, for _lsock_calls_drop(). */
void            _lsock_call_queue_cut_group           (LsockCallQueue  *self,
                                                       GQueue          *group,
                                                       GQueue          *cut);

/* Takes @call out of the queue if it is still there; it is not looked at unless it is. */
gboolean        _lsock_call_queue_cut_call            (LsockCallQueue  *self,
                                                       GQueue          *group,
                                                       LsockCall       *call,
                                                       GQueue          *cut);

/* Moves the calls of @owner to the end of @to, in order; to @cut if @to is orphaned.  The caller
 * has a reference on both queues. */
void            _lsock_call_queue_move                (LsockCallQueue  *self,
                                                       LsockCallQueue  *to,
                                                       gconstpointer    owner,
                                                       GQueue          *cut,
                                                       GMainContext   **surplus);

/* Without a lock. */
void            _lsock_calls_drop                     (GQueue          *cut);

/* The default receiver: one object that the queue keeps for the connections that have no receiver;
 * made when first asked for, and freed with the queue. */
gpointer        _lsock_call_queue_get_default_receiver (LsockCallQueue *self,
                                                        gpointer      (*make) (void),
                                                        GDestroyNotify  destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockCallQueue, _lsock_call_queue_unref)

G_END_DECLS
