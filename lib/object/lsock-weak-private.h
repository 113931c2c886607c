/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Weak references to objects that are disposed in one thread while another one drops the reference.
 * Storey: object
 *
 * A GWeakRef must not be freed then: before GLib 2.80, dispose takes the list of them out of the
 * object first, and writes to each afterwards.  So an object has one, which lives as long as the
 * object does, and as long as it is in use. */

typedef struct _LsockWeak LsockWeak;

/* A new reference on that of @object. */
LsockWeak *_lsock_weak_get        (GObject   *object);
LsockWeak *_lsock_weak_ref        (LsockWeak *self);
void       _lsock_weak_unref      (LsockWeak *self);

/* The object as a new reference; NULL once it has been disposed. */
gpointer   _lsock_weak_ref_object (LsockWeak *self);

G_END_DECLS
