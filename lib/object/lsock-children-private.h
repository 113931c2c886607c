/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The children of one GObject, in order of adoption, as a list model.  Used in the thread of the
 * children only.
 * Storey: object
 *
 * A change is made first and reported afterwards, so that a child can leave one list and join
 * another before a handler hears of either.  What was not reported yet is reported before the list
 * changes again: at each emission the list is what the emission says. */

#define LSOCK_TYPE_CHILDREN (_lsock_children_get_type ())

G_DECLARE_FINAL_TYPE (LsockChildren, _lsock_children, LSOCK, CHILDREN, GObject)

/* Embedded in a child.  All NULL: it has no parent. */
typedef struct
{
  GObject       *parent;   /* borrowed: its end is noticed */
  GObject       *child;    /* the list has a reference */
  GSequenceIter *place;
} LsockChildLink;

typedef struct
{
  GType    (*get_item_type) (void);
  void     (*end_child)     (GObject *child);
  gboolean watch_parent;    /* the parent does not end its children by itself */
} LsockChildrenInfo;

/* The list of @parent: NULL if there is none yet, and made if there is none yet. */
LsockChildren *_lsock_children_peek      (GObject                 *parent);
LsockChildren *_lsock_children_ensure    (GObject                 *parent,
                                          const LsockChildrenInfo *info);

/* Appends @child, and takes over a reference on it; what happened to the list before has to be
 * reported.  The change is to be reported. */
void           _lsock_children_append    (LsockChildren           *self,
                                          LsockChildLink          *link,
                                          GObject                 *child);

/* Takes the child out of the list that it is in, whose reference goes to the caller.  Both as
 * above. */
GObject       *_lsock_children_unlink    (LsockChildLink          *link);

gboolean       _lsock_children_has_unreported (LsockChildren      *self);

/* Reports the last change; returns whether a handler could have run. */
gboolean       _lsock_children_report    (LsockChildren           *self);

/* Unlinks the child, reports that, and drops the reference of the list; harmless without a list.
 * The caller has a reference on the child. */
void           _lsock_children_release   (LsockChildLink          *link);

/* The nth child, borrowed; or NULL. */
gpointer       _lsock_children_peek_nth  (LsockChildren           *self,
                                          guint                    position);

/* TRUE while the parent is being disposed: it adopts nothing any more. */
gboolean       _lsock_children_is_ending (LsockChildren           *self);

/* Ends and releases all, the last one first. */
void           _lsock_children_end       (LsockChildren           *self);

G_END_DECLS
