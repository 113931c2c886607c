/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-object.h"

G_BEGIN_DECLS

/* The children of one GObject, in order of adoption.  Used in the thread of their context only. */

#define LSOCK_TYPE_CHILDREN (_lsock_children_get_type ())

G_DECLARE_FINAL_TYPE (LsockChildren, _lsock_children, LSOCK, CHILDREN, GObject)

/* The children of @parent, made if there are none yet; or only looked up: then maybe NULL. */
LsockChildren *_lsock_children_of           (GObject       *parent);
LsockChildren *_lsock_children_peek         (GObject       *parent);

/* Takes a reference on @child.  @seat is its place, to be given back when it leaves. */
void           _lsock_children_add          (LsockChildren *self,
                                             LsockObject   *child,
                                             GSequenceIter **seat);
/* The reference goes to the caller. */
LsockObject   *_lsock_children_steal        (LsockChildren *self,
                                             GSequenceIter *seat);
LsockObject   *_lsock_children_peek_first   (LsockChildren *self);

/* The nth child, borrowed; or NULL. */
LsockObject   *_lsock_children_peek_nth     (LsockChildren *self,
                                             guint          position);

/* TRUE while the parent is being disposed: nobody can be adopted any more. */
gboolean       _lsock_children_is_ending    (LsockChildren *self);

/* Ends and releases all, the last one first. */
void           _lsock_children_end          (LsockChildren *self);

G_END_DECLS
