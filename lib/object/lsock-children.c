/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Children of an object: an ordered list that follows adoption and release. */

#include "config.h"

#include "object/lsock-children-private.h"

/* A sequence, not an array: a server may have ten thousand sockets, and any of them may leave. */
struct _LsockChildren
{
  GObject                  parent_instance;

  const LsockChildrenInfo *info;
  GObject                 *owner;       /* borrowed; it has a reference on this.  NULL: gone */
  GSequence               *links;       /* of LsockChildLink, each of which is in its child */
  gboolean                 watching;    /* the disposal of the owner will be noticed */
  gboolean                 ending;

  gboolean                 unreported;  /* these three were not emitted yet */
  guint                    position;
  guint                    removed;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LsockChildren, _lsock_children, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static G_DEFINE_QUARK (lsock-children, children)


/* A server has children that come and go all the time, and most often there is no handler. */
static gboolean
children_has_handler (LsockChildren *self)
{
  static gsize signal_id;

  if (g_once_init_enter (&signal_id))
    g_once_init_leave (&signal_id, g_signal_lookup ("items-changed", G_TYPE_LIST_MODEL));

  return g_signal_has_handler_pending (self, (guint) signal_id, 0, FALSE);
}

/* One child came or left: @removed is 0 or 1. */
static void
children_changed (LsockChildren *self,
                  GSequenceIter *place,
                  guint          removed)
{
  g_assert (!self->unreported);

  if (!children_has_handler (self))
    return;

  self->unreported = TRUE;
  self->position = (guint) g_sequence_iter_get_position (place);
  self->removed = removed;
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
  return LSOCK_CHILDREN (model)->info->get_item_type ();
}

static guint
lsock_children_get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (LSOCK_CHILDREN (model)->links);
}

static gpointer
lsock_children_get_item (GListModel *model,
                         guint       position)
{
  GObject *child = _lsock_children_peek_nth (LSOCK_CHILDREN (model), position);

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
  g_sequence_free (LSOCK_CHILDREN (object)->links);

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
  self->links = g_sequence_new (NULL);
}


LsockChildren *
_lsock_children_peek (GObject *parent)
{
  return g_object_get_qdata (parent, children_quark ());
}

LsockChildren *
_lsock_children_ensure (GObject                 *parent,
                        const LsockChildrenInfo *info)
{
  LsockChildren *self = _lsock_children_peek (parent);

  if (self == NULL)
    {
      self = g_object_new (LSOCK_TYPE_CHILDREN, NULL);
      self->owner = parent;
      self->info = info;
      g_object_set_qdata_full (parent, children_quark (), self, owner_finalized);
    }

  return self;
}

void
_lsock_children_append (LsockChildren  *self,
                        LsockChildLink *link,
                        GObject        *child)
{
  g_assert (link->parent == NULL);

  link->parent = self->owner;
  link->child = child;
  link->place = g_sequence_append (self->links, link);

  /* Weak references fall when a GObject is disposed; after that a new one is needed. */
  if (self->info->watch_parent && !self->watching)
    {
      self->watching = TRUE;
      g_object_weak_ref (self->owner, owner_disposed, self);
    }

  children_changed (self, link->place, 0);
}

GObject *
_lsock_children_unlink (LsockChildLink *link)
{
  LsockChildren *self = _lsock_children_peek (link->parent);
  GObject *child = link->child;

  children_changed (self, link->place, 1);
  g_sequence_remove (link->place);
  *link = (LsockChildLink) { 0, };

  return child;
}

gboolean
_lsock_children_has_unreported (LsockChildren *self)
{
  return self->unreported;
}

gboolean
_lsock_children_report (LsockChildren *self)
{
  if (G_LIKELY (!self->unreported))
    return FALSE;

  self->unreported = FALSE;
  g_object_ref (self);
  g_list_model_items_changed (G_LIST_MODEL (self), self->position, self->removed,
                              1 - self->removed);
  g_object_unref (self);

  return TRUE;
}

void
_lsock_children_release (LsockChildLink *link)
{
  LsockChildren *self;
  GObject *child;

  /* A handler of what has to be reported first may release the child as well. */
  while (link->parent != NULL && _lsock_children_report (_lsock_children_peek (link->parent)))
    ;
  if (link->parent == NULL)
    return;

  self = _lsock_children_peek (link->parent);
  child = _lsock_children_unlink (link);
  _lsock_children_report (self);
  g_object_unref (child);
}

gpointer
_lsock_children_peek_nth (LsockChildren *self,
                          guint          position)
{
  GSequenceIter *place;

  if (position >= (guint) g_sequence_get_length (self->links))
    return NULL;

  place = g_sequence_get_iter_at_pos (self->links, (int) position);
  return ((LsockChildLink *) g_sequence_get (place))->child;
}

gboolean
_lsock_children_is_ending (LsockChildren *self)
{
  return self->ending;
}

void
_lsock_children_end (LsockChildren *self)
{
  int n;

  if (self->ending)
    return;

  g_object_ref (self);
  self->ending = TRUE;

  while ((n = g_sequence_get_length (self->links)) > 0)
    {
      GSequenceIter *place = g_sequence_get_iter_at_pos (self->links, n - 1);
      LsockChildLink *link = g_sequence_get (place);
      GObject *child = g_object_ref (link->child);

      /* Most often a child leaves by itself when it ends. */
      self->info->end_child (child);
      if (link->parent != NULL)
        _lsock_children_release (link);
      g_object_unref (child);
    }

  self->ending = FALSE;
  g_object_unref (self);
}
