/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include <gio/gio.h>

#include "lsock-version-macros.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_OBJECT (lsock_object_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockObject, lsock_object, LSOCK, OBJECT, GObject)

/**
 * LsockObjectClass:
 * @parent_class: the parent class
 * @shutdown: shuts down what the object stands for, and emits the signals that belong to it; runs
 *   once, before `destroyed`; an implementation chains up last
 * @destroyed: class handler of [signal@Lsock.Object::destroyed]
 *
 * The virtual functions of [class@Lsock.Object].
 *
 * Since: 1.0
 */
struct _LsockObjectClass
{
  GObjectClass parent_class;

  void (*shutdown)     (LsockObject  *self);
  void (*move_context) (LsockObject  *self,
                        GMainContext *context);

  void (*destroyed)    (LsockObject  *self);

  /*< private >*/
  gpointer slots;
  gpointer padding[7];
};

/**
 * LsockObjectClass::shutdown:
 * @self: an object
 *
 * Shuts down what the object stands for, and emits the signals that belong to it. Runs once,
 * before [signal@Lsock.Object::destroyed]; an implementation chains up last.
 *
 * Since: 1.0
 */

/**
 * LsockObjectClass::move_context:
 * @self: an object
 * @context: the main context that @self belongs to from now on
 *
 * Moves the event sources of the object to another main context; part of
 * [method@Lsock.Object.move_to_context]. An implementation chains up.
 *
 * Since: 1.0
 */

/**
 * LsockObjectClass::destroyed:
 * @self: an object
 *
 * The class handler of [signal@Lsock.Object::destroyed].
 *
 * Since: 1.0
 */

LSOCK_AVAILABLE_IN_1_0
LsockObject  *lsock_object_new                 (void) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GObject      *lsock_object_get_parent          (LsockObject  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_object_set_parent          (LsockObject  *self,
                                                GObject      *parent);
LSOCK_AVAILABLE_IN_1_0
LsockObject  *lsock_object_take                (LsockObject  *self) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GListModel   *lsock_object_get_children        (LsockObject  *self);
LSOCK_AVAILABLE_IN_1_0
GListModel   *lsock_object_children_of         (GObject      *parent);
LSOCK_AVAILABLE_IN_1_0
const char   *lsock_object_get_name            (LsockObject  *self);
LSOCK_AVAILABLE_IN_1_0
void          lsock_object_set_name            (LsockObject  *self,
                                                const char   *name);
LSOCK_AVAILABLE_IN_1_0
LsockObject  *lsock_object_find_child          (GObject      *parent,
                                                const char   *name,
                                                GType         type);
LSOCK_AVAILABLE_IN_1_0
GPtrArray    *lsock_object_find_children       (GObject      *parent,
                                                const char   *name,
                                                GType         type);
LSOCK_AVAILABLE_IN_1_0
GMainContext *lsock_object_get_main_context    (LsockObject  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_object_move_to_context     (LsockObject  *self,
                                                GMainContext *context,
                                                GError      **error);
LSOCK_AVAILABLE_IN_1_0
void          lsock_object_delete_later        (LsockObject  *self);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_object_block_signals       (LsockObject  *self,
                                                gboolean      block);
LSOCK_AVAILABLE_IN_1_0
gboolean      lsock_object_get_signals_blocked (LsockObject  *self);

G_END_DECLS
