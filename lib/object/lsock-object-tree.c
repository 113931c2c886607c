/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tree of objects: parents, children, and the names that they are found by. */

#include "config.h"

#include "object/lsock-object-core-private.h"

/* Few objects have a name. */
static G_DEFINE_QUARK (lsock-object-name, name)

static void
object_end_child (GObject *child)
{
  LsockObject *self = LSOCK_OBJECT (child);
  GObject *parent = _lsock_object_get_private (self)->link->parent;

  _lsock_object_set_flag (self, LSOCK_OBJECT_PARENT_ENDED);
  if (LSOCK_IS_OBJECT (parent) &&
      _lsock_object_has_flag (LSOCK_OBJECT (parent), LSOCK_OBJECT_SUPPRESSED | LSOCK_OBJECT_COLLECTED))
    _lsock_object_set_flag (self, LSOCK_OBJECT_COLLECTED);
  g_object_run_dispose (child);
}

/* An LsockObject ends its children itself; for a parent of any other class, a weak reference
 * reports its disposal. */
static LsockChildren *
ensure_children (GObject *parent)
{
  static const LsockChildrenInfo own = { lsock_object_get_type, object_end_child, FALSE };
  static const LsockChildrenInfo foreign = { lsock_object_get_type, object_end_child, TRUE };

  return _lsock_children_ensure (parent, LSOCK_IS_OBJECT (parent) ? &own : &foreign);
}

static LsockChildLink *
lsock_object_ensure_link (LsockObject *self)
{
  LsockObjectPrivate *priv = _lsock_object_get_private (self);

  if (priv->link == NULL)
    priv->link = g_new0 (LsockChildLink, 1);

  return priv->link;
}


/* Ownership */

static gboolean
lsock_object_is_ancestor (LsockObject *self,
                          GObject     *of)
{
  while (of != NULL)
    {
      if (of == G_OBJECT (self))
        return TRUE;
      of = LSOCK_IS_OBJECT (of) ? lsock_object_get_parent (LSOCK_OBJECT (of)) : NULL;
    }

  return FALSE;
}

static gboolean
lsock_object_shares_context (LsockObject *self,
                             GObject     *parent)
{
  LsockCallQueue *queue = _lsock_object_get_private (self)->queue;
  LsockChildren *siblings;
  LsockObject *other;

  if (LSOCK_IS_OBJECT (parent))
    return _lsock_object_get_private (LSOCK_OBJECT (parent))->queue == queue;

  /* A parent of another class has no main context of its own: its children must share one. */
  siblings = _lsock_children_peek (parent);
  other = siblings != NULL ? _lsock_children_peek_nth (siblings, 0) : NULL;

  return other == NULL || _lsock_object_get_private (other)->queue == queue;
}

static gboolean
lsock_object_may_adopt (LsockObject *self,
                        GObject     *parent)
{
  LsockChildren *siblings = _lsock_children_peek (parent);

  if (lsock_object_is_ancestor (self, parent))
    {
      g_critical ("A %s cannot become its own ancestor", G_OBJECT_TYPE_NAME (self));
      return FALSE;
    }

  if (!lsock_object_shares_context (self, parent))
    {
      g_critical ("A %s cannot become a child of a %s that belongs to another main context",
                  G_OBJECT_TYPE_NAME (self), G_OBJECT_TYPE_NAME (parent));
      return FALSE;
    }

  if (_lsock_object_is_ended (self) ||
      (LSOCK_IS_OBJECT (parent) && _lsock_object_is_ended (LSOCK_OBJECT (parent))) ||
      (siblings != NULL && _lsock_children_is_ending (siblings)))
    {
      g_critical ("A %s cannot become a child of a %s: one of them has ended",
                  G_OBJECT_TYPE_NAME (self), G_OBJECT_TYPE_NAME (parent));
      return FALSE;
    }

  return TRUE;
}

/* Only the root of a tree holds a reference on the main context. */
static void
lsock_object_update_context_hold (LsockObject *self)
{
  GObject *parent = lsock_object_get_parent (self);

  if (parent != NULL && LSOCK_IS_OBJECT (parent))
    _lsock_object_release_context (self, _lsock_object_get_private (self)->queue);
  else if (!_lsock_object_has_flag (self, LSOCK_OBJECT_ENDED | LSOCK_OBJECT_DELETE_PENDING))
    _lsock_object_hold_context (self);
}

/* Changes both lists, without a handler being run.  Returns the reference of a list that was left
 * for none. */
static GObject *
lsock_object_change_parent (LsockObject   *self,
                            LsockChildren *from,
                            LsockChildren *to)
{
  GObject *child = from != NULL ? _lsock_children_unlink (_lsock_object_get_private (self)->link)
                                : g_object_ref (G_OBJECT (self));

  if (to != NULL)
    _lsock_children_append (to, lsock_object_ensure_link (self), g_steal_pointer (&child));
  lsock_object_update_context_hold (self);

  return child;
}

static gboolean
has_unreported (LsockChildren *children)
{
  return children != NULL && _lsock_children_has_unreported (children);
}

/* Emits the changes of both lists that have not been emitted yet.  Returns whether a handler may
 * have run. */
static gboolean
report_both (LsockChildren *from,
             LsockChildren *to)
{
  if (G_LIKELY (!has_unreported (from) && !has_unreported (to)))
    return FALSE;

  if (from != NULL)
    g_object_ref (from);
  if (to != NULL)
    g_object_ref (to);
  if (from != NULL)
    _lsock_children_report (from);
  if (to != NULL)
    _lsock_children_report (to);
  g_clear_object (&from);
  g_clear_object (&to);

  return TRUE;
}


/**
 * lsock_object_get_parent: (get-property parent)
 * @self: an object
 *
 * Gets the owner.
 *
 * Mirrors `QObject::parent()`.
 *
 * Returns: (transfer none) (nullable): the parent, or %NULL if there is none
 *
 * Since: 1.0
 */
GObject *
lsock_object_get_parent (LsockObject *self)
{
  LsockChildLink *link;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  link = _lsock_object_get_private (self)->link;
  return link != NULL ? link->parent : NULL;
}

/* Finds the lists that are going to change.  Returns FALSE if there is nothing to do, or @parent is
 * refused. */
static gboolean
lsock_object_find_lists (LsockObject    *self,
                         GObject        *parent,
                         LsockChildren **from,
                         LsockChildren **to)
{
  GObject *former;

  /* Checked again after handlers have run: they may have set another parent, or ended either
   * object. */
  do
    {
      former = lsock_object_get_parent (self);
      if (former == parent || (parent != NULL && !lsock_object_may_adopt (self, parent)))
        return FALSE;

      *from = former != NULL ? _lsock_children_peek (former) : NULL;
      *to = parent != NULL ? ensure_children (parent) : NULL;
    }
  while (report_both (*from, *to));

  return TRUE;
}

/**
 * lsock_object_set_parent: (set-property parent)
 * @self: an object
 * @parent: (nullable): the new owner, or %NULL for none
 *
 * Moves the object to another owner.
 *
 * The parent takes a reference of its own; the caller keeps the one it has.  The former parent
 * drops its reference: with %NULL, an object without any other reference is finalized before this
 * returns, as by a last g_object_unref(), and emits [signal@Lsock.Object::destroyed] alone.  Use
 * [method@Lsock.Object.take] to keep it.
 *
 * Both lists of children and this property have changed before the first handler hears of it.
 *
 * A parent that is the object itself or descends from it, one that belongs to another main
 * context, and one that has ended are refused with a critical warning.
 *
 * Mirrors `QObject::setParent()`.
 *
 * Since: 1.0
 */
void
lsock_object_set_parent (LsockObject *self,
                         GObject     *parent)
{
  LsockChildren *from, *to;

  g_return_if_fail (LSOCK_IS_OBJECT (self));
  g_return_if_fail (parent == NULL || G_IS_OBJECT (parent));

  g_object_ref (self);
  if (parent != NULL)
    g_object_ref (parent);

  if (lsock_object_find_lists (self, parent, &from, &to))
    {
      g_autoptr (GObject) released G_GNUC_UNUSED = lsock_object_change_parent (self, from, to);

      report_both (from, to);
      _lsock_object_notify (self, _lsock_object_properties[LSOCK_OBJECT_PROP_PARENT]);
    }

  if (parent != NULL)
    g_object_unref (parent);
  g_object_unref (self);
}

/**
 * lsock_object_take:
 * @self: an object
 *
 * Takes the object from its parent, whose reference goes to the caller.
 *
 * An object that has no parent is simply referenced once more, so what this returns is the
 * caller's to release in any case.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
LsockObject *
lsock_object_take (LsockObject *self)
{
  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  g_object_ref (self);
  lsock_object_set_parent (self, NULL);

  return self;
}

/**
 * lsock_object_get_children: (get-property children)
 * @self: an object
 *
 * Gets what the object owns, in order of adoption.
 *
 * The model is live: it emits [signal@Gio.ListModel::items-changed] as children come and go.
 *
 * Mirrors `QObject::children()`.
 *
 * Returns: (transfer none): the children, of type [class@Lsock.Object]
 *
 * Since: 1.0
 */
GListModel *
lsock_object_get_children (LsockObject *self)
{
  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  return G_LIST_MODEL (ensure_children (G_OBJECT (self)));
}

/**
 * lsock_object_children_of:
 * @parent: any object
 *
 * Gets what @parent owns, in order of adoption; it need not be one of this library's objects.
 *
 * The model is live: it emits [signal@Gio.ListModel::items-changed] as children come and go.
 *
 * Mirrors `QObject::children()`.
 *
 * Returns: (transfer none): the children, of type [class@Lsock.Object]
 *
 * Since: 1.0
 */
GListModel *
lsock_object_children_of (GObject *parent)
{
  g_return_val_if_fail (G_IS_OBJECT (parent), NULL);

  return G_LIST_MODEL (ensure_children (parent));
}

/**
 * lsock_object_get_name: (get-property name)
 * @self: an object
 *
 * Gets the name that the object can be found by.
 *
 * Mirrors `QObject::objectName()`.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it has none
 *
 * Since: 1.0
 */
const char *
lsock_object_get_name (LsockObject *self)
{
  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  return g_object_get_qdata (G_OBJECT (self), name_quark ());
}

/**
 * lsock_object_set_name: (set-property name)
 * @self: an object
 * @name: (nullable): a name, or %NULL for none
 *
 * Sets the name that the object can be found by.
 *
 * Mirrors `QObject::setObjectName()`.
 *
 * Since: 1.0
 */
void
lsock_object_set_name (LsockObject *self,
                       const char  *name)
{
  g_return_if_fail (LSOCK_IS_OBJECT (self));

  if (g_strcmp0 (lsock_object_get_name (self), name) == 0)
    return;

  g_object_set_qdata_full (G_OBJECT (self), name_quark (), g_strdup (name), g_free);
  _lsock_object_notify (self, _lsock_object_properties[LSOCK_OBJECT_PROP_NAME]);
}

/* An object without a name has an empty one. */
static gboolean
lsock_object_has_name (LsockObject *self,
                       const char  *name)
{
  const char *own = lsock_object_get_name (self);

  return g_str_equal (own != NULL ? own : "", name);
}

static gboolean
lsock_object_matches (LsockObject *self,
                      const char  *name,
                      GType        type)
{
  return (name == NULL || lsock_object_has_name (self, name)) &&
         (type == G_TYPE_INVALID || G_TYPE_CHECK_INSTANCE_TYPE (self, type));
}

/**
 * lsock_object_find_child:
 * @parent: any object
 * @name: (nullable): the name to look for, an empty string for objects without a name, or %NULL for
 *   any
 * @type: the type to look for, or %G_TYPE_INVALID for any
 *
 * Finds one of the objects that descend from @parent.
 *
 * A child is found before a child's child; among children, the first to be adopted is.
 *
 * Mirrors `QObject::findChild()`.
 *
 * Returns: (transfer none) (nullable): the object, or %NULL if there is none
 *
 * Since: 1.0
 */
LsockObject *
lsock_object_find_child (GObject    *parent,
                         const char *name,
                         GType       type)
{
  LsockChildren *children;
  LsockObject *child;

  g_return_val_if_fail (G_IS_OBJECT (parent), NULL);

  children = _lsock_children_peek (parent);
  if (children == NULL)
    return NULL;

  for (guint i = 0; (child = _lsock_children_peek_nth (children, i)) != NULL; i++)
    if (lsock_object_matches (child, name, type))
      return child;

  for (guint i = 0; (child = _lsock_children_peek_nth (children, i)) != NULL; i++)
    {
      LsockObject *found = lsock_object_find_child (G_OBJECT (child), name, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
collect_children (GPtrArray  *found,
                  GObject    *parent,
                  const char *name,
                  GType       type)
{
  LsockChildren *children = _lsock_children_peek (parent);
  LsockObject *child;

  if (children == NULL)
    return;

  for (guint i = 0; (child = _lsock_children_peek_nth (children, i)) != NULL; i++)
    {
      if (lsock_object_matches (child, name, type))
        g_ptr_array_add (found, g_object_ref (child));
      collect_children (found, G_OBJECT (child), name, type);
    }
}

/**
 * lsock_object_find_children:
 * @parent: any object
 * @name: (nullable): the name to look for, an empty string for objects without a name, or %NULL for
 *   any
 * @type: the type to look for, or %G_TYPE_INVALID for any
 *
 * Finds all objects that descend from @parent and fit.
 *
 * Each child comes before its own children, and these before the next child.
 *
 * Mirrors `QObject::findChildren()`.
 *
 * Returns: (transfer container) (element-type LsockObject): the objects; the array holds a
 *   reference on each until it is freed
 *
 * Since: 1.0
 */
GPtrArray *
lsock_object_find_children (GObject    *parent,
                            const char *name,
                            GType       type)
{
  GPtrArray *found;

  g_return_val_if_fail (G_IS_OBJECT (parent), NULL);

  found = g_ptr_array_new_with_free_func (g_object_unref);
  collect_children (found, parent, name, type);

  return found;
}

