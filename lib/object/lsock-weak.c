/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Weak references that can be dropped while another thread disposes the object. */

#include "config.h"

#include "object/lsock-weak-private.h"

struct _LsockWeak
{
  gatomicrefcount ref_count;
  GWeakRef        object;
};

G_LOCK_DEFINE_STATIC (weaks);

static G_DEFINE_QUARK (lsock-weak, weak)

LsockWeak *
_lsock_weak_ref (LsockWeak *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_lsock_weak_unref (LsockWeak *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_weak_ref_clear (&self->object);
  g_free (self);
}

LsockWeak *
_lsock_weak_get (GObject *object)
{
  LsockWeak *self;

  G_LOCK (weaks);
  self = g_object_get_qdata (object, weak_quark ());
  if (self == NULL)
    {
      self = g_new0 (LsockWeak, 1);
      g_atomic_ref_count_init (&self->ref_count);
      g_weak_ref_init (&self->object, NULL);
      g_object_set_qdata_full (object, weak_quark (), self, (GDestroyNotify) _lsock_weak_unref);
    }
  _lsock_weak_ref (self);
  G_UNLOCK (weaks);

  /* Again each time: a weak reference falls when a GObject is disposed, which may go on living. */
  g_weak_ref_set (&self->object, object);
  return self;
}

gpointer
_lsock_weak_ref_object (LsockWeak *self)
{
  return g_weak_ref_get (&self->object);
}
