/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What lsock knows of a main context: the thread that runs it, and the calls that wait for it.
 * There is one loop for each context that lsock objects or connections live in. */

typedef struct _LsockLoop LsockLoop;
typedef struct _LsockThread LsockThread;
typedef struct _LsockItem LsockItem;

/* A call that waits for its turn. */
typedef struct
{
  /* Runs in the loop's thread, with no lock held, and frees the item. */
  void (*run)  (LsockLoop *loop,
                LsockItem *item);
  /* The item will never run; frees it.  Any thread, no lock held. */
  void (*drop) (LsockItem *item);
} LsockItemClass;

typedef struct
{
  LsockItem *head;
  LsockItem *tail;
  guint      length;
} LsockItemList;

struct _LsockItem
{
  const LsockItemClass *klass;
  LsockItem            *next;         /* in the queue of the loop */
  LsockItem            *prev;
  LsockItem            *group_next;   /* in the list of those that are dropped together */
  LsockItem            *group_prev;
  LsockItemList        *group;        /* NULL: none; changed under the loop's lock, as the links */
  gconstpointer         inbox;        /* those that move together */
  int                   depth;        /* runs in no dispatch that is nested deeper; 0: in any */
  LsockLoop            *loop;         /* where it was cut out, with the reference that it had */
};

/* A thread as an identity that cannot be mistaken for a later one: the address of a GThread may be
 * used again. */
LsockThread  *_lsock_thread_self          (void);
LsockThread  *_lsock_thread_ref           (LsockThread    *self);
void          _lsock_thread_unref         (LsockThread    *self);
gboolean      _lsock_thread_is_alive      (LsockThread    *self);

/* A new reference; NULL is the global default context.  Notes the calling thread as the one that
 * runs @context if it is. */
LsockLoop    *_lsock_loop_get             (GMainContext   *context);
LsockLoop    *_lsock_loop_get_default     (void);
LsockLoop    *_lsock_loop_ref             (LsockLoop      *self);
void          _lsock_loop_unref           (LsockLoop      *self);

GMainContext *_lsock_loop_get_context     (LsockLoop      *self);

/* The thread that runs the loop as far as is known, as a new reference; or NULL. */
LsockThread  *_lsock_loop_ref_thread      (LsockLoop      *self);

/* Whether the remembered thread is the calling one; who owns the context now does not count. */
gboolean      _lsock_loop_is_here         (LsockLoop      *self);

/* As before, or the calling thread owns the context at the moment, which then is remembered. */
gboolean      _lsock_loop_enter           (LsockLoop      *self);

/* Adds @item at the end of the queue.  The caller has a reference on the loop, as everywhere. */
void          _lsock_loop_push            (LsockLoop      *self,
                                           LsockItem      *item,
                                           LsockItemList  *group);

/* Takes all of @group out of the queue; the answer goes to _lsock_items_drop(), which must be
 * called without a lock. */
LsockItem    *_lsock_loop_cut_group       (LsockLoop      *self,
                                           LsockItemList  *group);
/* Takes @item out of the queue if it is still there; it is not looked at unless it is. */
gboolean      _lsock_loop_cut_item        (LsockLoop      *self,
                                           LsockItemList  *group,
                                           LsockItem      *item);
void          _lsock_items_drop           (LsockItem      *items);

/* One object that the loop keeps for the connections that have no receiver; made when first asked
 * for, and freed with the loop. */
gpointer      _lsock_loop_get_home        (LsockLoop      *self,
                                           gpointer      (*make) (void),
                                           GDestroyNotify  destroy);

/* Two threads that wait for each other would wait for ever.  Notes that the calling one waits for
 * @target until _lsock_thread_stop_waiting(), unless that is so. */
gboolean      _lsock_thread_start_waiting (LsockThread    *target);
void          _lsock_thread_stop_waiting  (void);

/* Moves what waits for @inbox to the end of the queue of @to, in order. */
void          _lsock_loop_move            (LsockLoop      *self,
                                           LsockLoop      *to,
                                           gconstpointer   inbox);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockLoop, _lsock_loop_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockThread, _lsock_thread_unref)

G_END_DECLS
