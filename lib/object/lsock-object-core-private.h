/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-object.h"
#include "object/lsock-call-queue-private.h"
#include "object/lsock-children-private.h"

G_BEGIN_DECLS

/* What an object of the library consists of, and the questions that all classes ask it.
 * Storey: object */

typedef enum
{
  LSOCK_OBJECT_BLOCKED        = 1 << 0,   /* by the user */
  LSOCK_OBJECT_ENDED          = 1 << 1,   /* dispose began */
  LSOCK_OBJECT_ENDING         = 1 << 2,   /* it still emits what belongs to its end */
  LSOCK_OBJECT_SUPPRESSED     = 1 << 3,   /* it lost its last reference: emits `destroyed` alone */
  LSOCK_OBJECT_DELETE_PENDING = 1 << 4,   /* a call that ends it is queued */
  LSOCK_OBJECT_MOVING         = 1 << 5,   /* its old thread has not let go of it yet */
  LSOCK_OBJECT_HOLDS_CONTEXT  = 1 << 6,   /* it has a reference on its main context */
  LSOCK_OBJECT_PARENT_ENDED   = 1 << 7,   /* it is ended by its parent */
  LSOCK_OBJECT_HAS_RECEIVER   = 1 << 8,   /* there is or was a receiver, which has to be closed */
  LSOCK_OBJECT_IS_DELIVERED   = 1 << 9,   /* its deliveries have a reference on it */
  LSOCK_OBJECT_CLOSING        = 1 << 10,  /* in the middle of a close that has to go on here */
  LSOCK_OBJECT_HAS_OPERATIONS = 1 << 11,  /* asynchronous calls that are not finished */
  LSOCK_OBJECT_COLLECTED      = 1 << 12,  /* it is ended by a parent that lost its last reference */
} LsockObjectFlags;

typedef struct
{
  LsockCallQueue *queue;   /* changed in its own thread, with the lock of all objects held */
  LsockChildLink *link;    /* NULL: it never had a parent */
  int             flags;   /* LsockObjectFlags, atomic */
  int             n_deliveries;   /* that are queued in its own context; with that lock held */
} LsockObjectPrivate;

enum
{
  LSOCK_OBJECT_PROP_PARENT = 1,
  LSOCK_OBJECT_PROP_CHILDREN,
  LSOCK_OBJECT_PROP_NAME,
  LSOCK_OBJECT_PROP_SIGNALS_BLOCKED,
  LSOCK_OBJECT_PROP_MAIN_CONTEXT,
  LSOCK_OBJECT_N_PROPS,
};

/* Set by the class. */
/* The class handlers of signals, for derived classes to chain up to.
 *
 * A signal whose slot is NULL is emitted without a call for the class, which is a good part of what
 * an emission costs: so the classes of the library leave theirs empty, until a class of another
 * library or language derives from them. */
typedef struct _LsockClassSlots LsockClassSlots;

struct _LsockClassSlots
{
  GType                  type;                    /* of the library */
  const LsockClassSlots *parent;
  void                 (*fill) (gpointer klass);  /* those of this type that are NULL */
};

/* For class_init of a class of the library, whose @slots are static; @fill may be NULL. */
void _lsock_object_class_set_slots (gpointer         klass,
                                    LsockClassSlots *slots,
                                    void           (*fill) (gpointer klass));

/* For the first object of each class: one that is not of the library may chain up. */
void _lsock_object_class_fill_parents (gpointer klass);

/* Sets @slot of a class if it is NULL. */
#define LSOCK_FILL_SLOT(klass, slot, function) \
  G_STMT_START { \
    if ((klass)->slot == NULL) \
      (klass)->slot = (function); \
  } G_STMT_END

extern int         _lsock_object_private_offset;
extern GParamSpec *_lsock_object_properties[LSOCK_OBJECT_N_PROPS];

static inline LsockObjectPrivate *
_lsock_object_get_private (LsockObject *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_object_private_offset);
}

static inline gboolean
_lsock_object_has_flag (LsockObject *self,
                        int          flags)
{
  return (g_atomic_int_get (&_lsock_object_get_private (self)->flags) & flags) != 0;
}

/* Both return whether one of the flags was set before. */
static inline gboolean
_lsock_object_set_flag (LsockObject *self,
                        int          flags)
{
  guint *all = (guint *) &_lsock_object_get_private (self)->flags;

  return (g_atomic_int_or (all, (guint) flags) & (guint) flags) != 0;
}

static inline gboolean
_lsock_object_clear_flag (LsockObject *self,
                          int          flags)
{
  guint *all = (guint *) &_lsock_object_get_private (self)->flags;

  return (g_atomic_int_and (all, ~(guint) flags) & (guint) flags) != 0;
}

/* TRUE while the signals of @self must not be emitted: blocked by the user, or suppressed because
 * the last reference was dropped. */
static inline gboolean
_lsock_object_is_muted (LsockObject *self)
{
  return _lsock_object_has_flag (self, LSOCK_OBJECT_BLOCKED | LSOCK_OBJECT_SUPPRESSED);
}

/* TRUE while an emission concerns handlers alone: it is not muted, and no asynchronous call waits
 * for it. */
static inline gboolean
_lsock_object_is_plain (LsockObject *self)
{
  return !_lsock_object_has_flag (self, LSOCK_OBJECT_BLOCKED | LSOCK_OBJECT_SUPPRESSED |
                                        LSOCK_OBJECT_HAS_OPERATIONS);
}

/* TRUE from the moment that dispose began. */
static inline gboolean
_lsock_object_is_ended (LsockObject *self)
{
  return _lsock_object_has_flag (self, LSOCK_OBJECT_ENDED);
}

/* For a caller that has a reference of its own: there is no other one, but for that of a call that
 * ends the object because the last one was dropped in another thread. */
static inline gboolean
_lsock_object_is_last_held (LsockObject *self)
{
  return g_atomic_int_get ((int *) &G_OBJECT (self)->ref_count) == 1 ||
         _lsock_object_has_flag (self, LSOCK_OBJECT_SUPPRESSED);
}

/* Fails with OPERATION if @self has ended: an object that has is not brought back to life.  @action
 * completes the sentence "Cannot …". */
gboolean        _lsock_object_check_alive     (LsockObject    *self,
                                               const char     *action,
                                               GError        **error);

/* Like g_object_notify_by_pspec(), but not while the signals of @self are suppressed. */
void            _lsock_object_notify          (LsockObject    *self,
                                               GParamSpec     *pspec);

/* A new reference on the call queue of @self; any thread. */
LsockCallQueue *_lsock_object_ref_queue       (LsockObject    *self);

/* Puts @self into another queue, whose reference it takes over; returns the former one. */
LsockCallQueue *_lsock_object_swap_queue      (LsockObject    *self,
                                               LsockCallQueue *queue) G_GNUC_WARN_UNUSED_RESULT;

/* For receivers: the queue of an object of the library, or NULL. */
LsockCallQueue *_lsock_object_resolve_queue   (GObject        *object,
                                               gboolean       *closed);

/* Whether the calling thread is the one that runs the context of @self, as far as is known. */
gboolean        _lsock_object_in_thread       (LsockObject    *self);

/* Whether a call that was queued for @self may run now.  Otherwise the object has moved since, or
 * is moving, and the call has to follow it: one thread may run both contexts. */
gboolean        _lsock_object_takes_call      (LsockObject    *self,
                                               LsockCall      *call);

/* The root of a tree of objects keeps their main context alive, until a call that ends it is
 * queued: a context that holds such a call would otherwise keep itself.  Without a lock. */
void            _lsock_object_hold_context    (LsockObject    *self);
void            _lsock_object_release_context (LsockObject    *self,
                                               LsockCallQueue *queue);

/* Deliveries of the signals of @self that are queued in its own main context hold no reference
 * until the last other one is dropped: such an object would keep the context, and with it the
 * delivery. hold_delivered() returns whether they hold one from then on. */
void            _lsock_object_add_delivery    (LsockObject    *self);
void            _lsock_object_end_delivery    (LsockObject    *self);
gboolean        _lsock_object_hold_delivered  (LsockObject    *self);

/* What lsock_object_get_main_context() returns. */
GMainContext   *_lsock_object_peek_context    (LsockObject    *self);

/* Drops the parent's reference, if there is one, without a notify.  The caller has one of its
 * own. */
void            _lsock_object_leave_parent    (LsockObject    *self);

G_END_DECLS
