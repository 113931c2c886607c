/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-children-private.h"

#include "lsock-object-private.h"

/* A sequence, not an array: a server may have ten thousand sockets, and any of them may leave. */
struct _LsockChildren
{
  GObject    parent_instance;

  GObject   *owner;     /* not a reference; the owner has one on this.  NULL: it is gone */
  GSequence *items;     /* of references */
  gboolean   watching;  /* whether the end of a foreign owner will be noticed */
  gboolean   ending;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LsockChildren, _lsock_children, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GQuark
children_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("lsock-children"));

  return (GQuark) quark;
}


/* A server has children that come and go all the time, and most often nobody watches them. */
static void
children_say_changed (LsockChildren *self,
                      guint          position,
                      guint          removed,
                      guint          added)
{
  static gsize signal_id;

  if (g_once_init_enter (&signal_id))
    g_once_init_leave (&signal_id, g_signal_lookup ("items-changed", G_TYPE_LIST_MODEL));

  if (g_signal_has_handler_pending (self, (guint) signal_id, 0, FALSE))
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
owner_disposed (gpointer  data,
                GObject  *owner)
{
  LsockChildren *self = data;

  self->watching = FALSE;
  _lsock_children_end (self);
}

static void
owner_finalized (gpointer data)
{
  LsockChildren *self = data;

  self->owner = NULL;
  g_object_unref (self);
}


/* GListModel */

static GType
lsock_children_get_item_type (GListModel *model)
{
  return LSOCK_TYPE_OBJECT;
}

static guint
lsock_children_get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (LSOCK_CHILDREN (model)->items);
}

static gpointer
lsock_children_get_item (GListModel *model,
                         guint       position)
{
  LsockObject *child = _lsock_children_peek_nth (LSOCK_CHILDREN (model), position);

  return child != NULL ? g_object_ref (child) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = lsock_children_get_item_type;
  iface->get_n_items = lsock_children_get_n_items;
  iface->get_item = lsock_children_get_item;
}


/* GObject */

static void
lsock_children_finalize (GObject *object)
{
  g_sequence_free (LSOCK_CHILDREN (object)->items);

  G_OBJECT_CLASS (_lsock_children_parent_class)->finalize (object);
}

static void
_lsock_children_class_init (LsockChildrenClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lsock_children_finalize;
}

static void
_lsock_children_init (LsockChildren *self)
{
  self->items = g_sequence_new (g_object_unref);
}


LsockChildren *
_lsock_children_peek (GObject *parent)
{
  return g_object_get_qdata (parent, children_quark ());
}

LsockChildren *
_lsock_children_of (GObject *parent)
{
  LsockChildren *self = _lsock_children_peek (parent);

  if (self == NULL)
    {
      self = g_object_new (LSOCK_TYPE_CHILDREN, NULL);
      self->owner = parent;
      g_object_set_qdata_full (parent, children_quark (), self, owner_finalized);
    }

  return self;
}

void
_lsock_children_add (LsockChildren  *self,
                     LsockObject    *child,
                     GSequenceIter **seat)
{
  guint position = (guint) g_sequence_get_length (self->items);

  /* Set before anybody is told: whoever hears of it may take the child away again. */
  *seat = g_sequence_append (self->items, g_object_ref (child));

  /* Weak references fall when a GObject is disposed; after that a new one is needed. */
  if (!self->watching && !LSOCK_IS_OBJECT (self->owner))
    {
      self->watching = TRUE;
      g_object_weak_ref (self->owner, owner_disposed, self);
    }

  children_say_changed (self, position, 0, 1);
}

LsockObject *
_lsock_children_steal (LsockChildren *self,
                       GSequenceIter *seat)
{
  guint position = (guint) g_sequence_iter_get_position (seat);
  LsockObject *child = g_object_ref (g_sequence_get (seat));

  g_sequence_remove (seat);
  children_say_changed (self, position, 1, 0);

  return child;
}

LsockObject *
_lsock_children_peek_first (LsockChildren *self)
{
  return _lsock_children_peek_nth (self, 0);
}

LsockObject *
_lsock_children_peek_nth (LsockChildren *self,
                          guint          position)
{
  GSequenceIter *seat;

  if (position >= (guint) g_sequence_get_length (self->items))
    return NULL;

  seat = g_sequence_get_iter_at_pos (self->items, (int) position);
  return g_sequence_get (seat);
}

gboolean
_lsock_children_is_ending (LsockChildren *self)
{
  return self->ending;
}

void
_lsock_children_end (LsockChildren *self)
{
  int left;

  if (self->ending)
    return;

  g_object_ref (self);
  self->ending = TRUE;

  while ((left = g_sequence_get_length (self->items)) > 0)
    {
      g_autoptr (LsockObject) child =
        g_object_ref (_lsock_children_peek_nth (self, (guint) left - 1));

      /* A child leaves by itself when it ends. */
      g_object_run_dispose (G_OBJECT (child));
      _lsock_object_leave_parent (child);
    }

  self->ending = FALSE;
  g_object_unref (self);
}
