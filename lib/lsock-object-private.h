/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-loop-private.h"
#include "lsock-object.h"

G_BEGIN_DECLS

/* TRUE while the signals of @self must not be emitted: blocked by the user, or being
 * finalized in silence because the last reference went. */
gboolean   _lsock_object_is_muted     (LsockObject *self);

/* TRUE from the moment that dispose began. */
gboolean   _lsock_object_is_ended     (LsockObject *self);

/* Fails with OPERATION if @self has ended: an object that has is not brought back to life.  @action
 * completes the sentence "Cannot …". */
gboolean   _lsock_object_check_alive  (LsockObject *self,
                                       const char  *action,
                                       GError     **error);

/* Like g_object_notify_by_pspec(), but silent while @self is muted by its last reference. */
void       _lsock_object_notify       (LsockObject *self,
                                       GParamSpec  *pspec);

/* Whether the calling thread is the one that runs the context of @self, as far as is known. */
gboolean   _lsock_object_in_thread    (LsockObject *self);

/* A new reference on the loop of @self; any thread. */
LsockLoop *_lsock_object_ref_loop     (LsockObject *self);

/* Calls @func in the next turn of the context of @self, and holds a reference until then.  Any
 * thread.  An implementation of move_context() hands over with it: it stops its sources at once,
 * in the old thread, and has them started again by @func in the new one. */
/* For one who holds a reference: nobody else has any. */
static inline gboolean
_lsock_object_is_last_held (LsockObject *self)
{
  return g_atomic_int_get ((int *) &G_OBJECT (self)->ref_count) == 1;
}

void       _lsock_object_call_later   (LsockObject *self,
                                       void       (*func) (LsockObject *self));

/* Drops the parent's reference, if there is one. */
void       _lsock_object_leave_parent (LsockObject *self);

G_END_DECLS
