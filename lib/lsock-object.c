/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-object.h"

#include "lsock-children-private.h"
#include "lsock-connection-private.h"
#include "lsock-error.h"
#include "lsock-object-private.h"

/**
 * LsockObject:
 *
 * The base of the library's classes: an object that has an owner, a name and a main context.
 *
 * Any [class@GObject.Object] can own an `LsockObject`: a server, a device, a window.  The owner
 * is its [property@Lsock.Object:parent], which holds a reference; when the owner is disposed, its
 * children are ended and released, the last one first.  [method@Lsock.Object.delete_later] ends
 * an object at a moment at which nobody is busy with it.
 *
 * An object belongs to the thread-default main context of the thread that made it.  Its events
 * arrive there, and except where the documentation says otherwise its methods are called there.
 * The last reference may be dropped in any thread: the object is then ended where it belongs, by
 * its main context, unless the thread that ran this is gone.
 *
 * An object that is ended by [method@GObject.Object.run_dispose], by its parent or by
 * [method@Lsock.Object.delete_later] first says what is due, and then
 * [signal@Lsock.Object::destroyed].  One that merely lost its last reference says `destroyed`
 * alone.
 *
 * Mirrors `QObject`.
 *
 * Since: 1.0
 */

/* What few objects need: those with a name or with a parent. */
typedef struct
{
  GObject       *parent;   /* not a reference: its end is noticed */
  GSequenceIter *seat;     /* among the parent's children */
  char          *name;
} LsockObjectExtra;

typedef enum
{
  FLAG_BLOCKED = 1 << 0,   /* by the user */
  FLAG_ENDED   = 1 << 1,   /* dispose began */
  FLAG_ENDING  = 1 << 2,   /* it is still saying what is due */
  FLAG_SILENT  = 1 << 3,   /* it lost its last reference, and says nothing */
  FLAG_DOOMED  = 1 << 4,   /* delete_later() was called */
  FLAG_MOVING  = 1 << 5,   /* its old thread has not let go of it yet */
} LsockObjectFlags;

typedef struct
{
  LsockLoop        *loop;   /* changed in its own thread, with object_lock held */
  LsockObjectExtra *extra;  /* NULL: nothing in it */
  int               flags;  /* LsockObjectFlags, atomic */
} LsockObjectPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (LsockObject, lsock_object, G_TYPE_OBJECT)

/* Guards the loop of every object against its move, for those who ask in another thread. */
G_LOCK_DEFINE_STATIC (object_lock);

typedef enum
{
  PROP_PARENT = 1,
  PROP_CHILDREN,
  PROP_NAME,
  PROP_SIGNALS_BLOCKED,
  PROP_MAIN_CONTEXT,
} LsockObjectProperty;

enum
{
  SIGNAL_DESTROYED,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_MAIN_CONTEXT + 1];
static guint signals[N_SIGNALS];

#define PRIV(self) ((LsockObjectPrivate *) lsock_object_get_instance_private (self))


static gboolean
lsock_object_has_flag (LsockObject      *self,
                       LsockObjectFlags  flag)
{
  return (g_atomic_int_get (&PRIV (self)->flags) & (int) flag) != 0;
}

/* Answers whether the flag was set before. */
static gboolean
lsock_object_set_flag (LsockObject      *self,
                       LsockObjectFlags  flag)
{
  return (g_atomic_int_or ((guint *) &PRIV (self)->flags, flag) & flag) != 0;
}

static void
lsock_object_clear_flag (LsockObject      *self,
                         LsockObjectFlags  flag)
{
  g_atomic_int_and ((guint *) &PRIV (self)->flags, ~(guint) flag);
}

static LsockObjectExtra *
lsock_object_ensure_extra (LsockObject *self)
{
  LsockObjectPrivate *priv = PRIV (self);

  if (priv->extra == NULL)
    priv->extra = g_new0 (LsockObjectExtra, 1);

  return priv->extra;
}

gboolean
_lsock_object_is_muted (LsockObject *self)
{
  return lsock_object_has_flag (self, FLAG_BLOCKED | FLAG_SILENT);
}

gboolean
_lsock_object_is_ended (LsockObject *self)
{
  return lsock_object_has_flag (self, FLAG_ENDED);
}

gboolean
_lsock_object_check_alive (LsockObject  *self,
                           const char   *action,
                           GError      **error)
{
  if (G_LIKELY (!_lsock_object_is_ended (self)))
    return TRUE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "Cannot %s: this %s has ended", action, G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

void
_lsock_object_notify (LsockObject *self,
                      GParamSpec  *pspec)
{
  if (!lsock_object_has_flag (self, FLAG_SILENT))
    g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

LsockLoop *
_lsock_object_ref_loop (LsockObject *self)
{
  LsockLoop *loop;

  G_LOCK (object_lock);
  loop = _lsock_loop_ref (PRIV (self)->loop);
  G_UNLOCK (object_lock);

  return loop;
}

gboolean
_lsock_object_in_thread (LsockObject *self)
{
  g_autoptr (LsockLoop) loop = _lsock_object_ref_loop (self);

  return _lsock_loop_enter (loop);
}

typedef struct
{
  LsockItem    item;
  LsockObject *object;
  void       (*func) (LsockObject *self);
} LaterCall;

static void
later_call_drop (LsockItem *item)
{
  LaterCall *call = (LaterCall *) item;

  g_object_unref (call->object);
  g_free (call);
}

/* The object may have moved since, or be moving: the call goes after it. */
static void
later_call_run (LsockLoop *loop,
                LsockItem *item)
{
  LaterCall *call = (LaterCall *) item;

  if (_lsock_object_in_thread (call->object) &&
      !lsock_object_has_flag (call->object, FLAG_MOVING))
    call->func (call->object);
  else
    _lsock_object_call_later (call->object, call->func);

  later_call_drop (item);
}

static const LsockItemClass later_call_class = {
  .run  = later_call_run,
  .drop = later_call_drop,
};

static void
call_later (LsockObject *self,
            void       (*func) (LsockObject *self),
            int          depth)
{
  g_autoptr (LsockLoop) loop = _lsock_object_ref_loop (self);
  LaterCall *call = g_new0 (LaterCall, 1);

  call->item.klass = &later_call_class;
  call->item.depth = depth;
  call->object = g_object_ref (self);
  call->func = func;
  _lsock_loop_push (loop, &call->item, NULL);
}

void
_lsock_object_call_later (LsockObject *self,
                          void       (*func) (LsockObject *self))
{
  call_later (self, func, 0);
}


/* Ownership */

void
_lsock_object_leave_parent (LsockObject *self)
{
  LsockObjectExtra *extra = PRIV (self)->extra;
  LsockChildren *siblings;

  if (extra == NULL || extra->parent == NULL)
    return;

  siblings = _lsock_children_peek (extra->parent);
  extra->parent = NULL;
  g_object_unref (_lsock_children_steal (siblings, g_steal_pointer (&extra->seat)));
}

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
  LsockChildren *siblings;
  LsockObject *other;

  if (LSOCK_IS_OBJECT (parent))
    return PRIV (LSOCK_OBJECT (parent))->loop == PRIV (self)->loop;

  /* Any other GObject has no context; its children have one, and it is one. */
  siblings = _lsock_children_peek (parent);
  other = siblings != NULL ? _lsock_children_peek_first (siblings) : NULL;

  return other == NULL || PRIV (other)->loop == PRIV (self)->loop;
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

static void
lsock_object_end_now (LsockObject *self)
{
  g_object_run_dispose (G_OBJECT (self));
  _lsock_object_leave_parent (self);
}


/* The end */

static void
lsock_object_unref_later (LsockObject *self)
{
  /* The call itself had a reference, and drops it in the right thread. */
}

/* The last reference may go in any thread, in that of a collector for instance.  The descriptors
 * and sources of an object can be taken down only by the thread that uses them, or while it is
 * certain that there is none.  If this says TRUE, the object lives on until its turn comes. */
static gboolean
lsock_object_end_elsewhere (LsockObject   *self,
                            GMainContext **acquired)
{
  g_autoptr (LsockLoop) loop = _lsock_object_ref_loop (self);
  g_autoptr (LsockThread) thread = NULL;

  if (_lsock_loop_enter (loop))
    return FALSE;

  thread = _lsock_loop_ref_thread (loop);
  if ((thread == NULL || !_lsock_thread_is_alive (thread)) &&
      g_main_context_acquire (_lsock_loop_get_context (loop)))
    {
      *acquired = g_main_context_ref (_lsock_loop_get_context (loop));
      return FALSE;
    }

  _lsock_object_call_later (self, lsock_object_unref_later);
  return TRUE;
}

static void
lsock_object_real_shutdown (LsockObject *self)
{
}

static void
lsock_object_real_move_context (LsockObject  *self,
                                GMainContext *context)
{
}

static void
lsock_object_end (LsockObject *self)
{
  LsockChildren *children;

  lsock_object_set_flag (self, FLAG_ENDED | FLAG_ENDING);

  LSOCK_OBJECT_GET_CLASS (self)->shutdown (self);
  g_signal_emit (self, signals[SIGNAL_DESTROYED], 0);

  children = _lsock_children_peek (G_OBJECT (self));
  if (children != NULL)
    _lsock_children_end (children);

  _lsock_object_leave_parent (self);
  lsock_object_clear_flag (self, FLAG_ENDING);
}


/* GObject */

static void
lsock_object_dispose (GObject *object)
{
  LsockObject *self = LSOCK_OBJECT (object);
  gboolean last = _lsock_object_is_last_held (self);

  /* Disposed again by a handler of what is being said: the handlers stay until all is said. */
  if (lsock_object_has_flag (self, FLAG_ENDING))
    return;

  if (!_lsock_object_is_ended (self))
    {
      GMainContext *acquired = NULL;

      if (last && lsock_object_end_elsewhere (self, &acquired))
        return;

      if (last)
        lsock_object_set_flag (self, FLAG_SILENT);
      lsock_object_end (self);

      if (acquired != NULL)
        {
          g_main_context_release (acquired);
          g_main_context_unref (acquired);
        }
    }

  G_OBJECT_CLASS (lsock_object_parent_class)->dispose (object);
}

static void
lsock_object_finalize (GObject *object)
{
  LsockObjectPrivate *priv = PRIV (LSOCK_OBJECT (object));

  if (priv->extra != NULL)
    {
      g_free (priv->extra->name);
      g_free (priv->extra);
    }
  _lsock_loop_unref (priv->loop);

  G_OBJECT_CLASS (lsock_object_parent_class)->finalize (object);
}

static void
lsock_object_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  LsockObject *self = LSOCK_OBJECT (object);

  switch ((LsockObjectProperty) prop_id)
    {
    case PROP_PARENT:
      g_value_set_object (value, lsock_object_get_parent (self));
      break;

    case PROP_CHILDREN:
      g_value_set_object (value, lsock_object_get_children (self));
      break;

    case PROP_NAME:
      g_value_set_string (value, lsock_object_get_name (self));
      break;

    case PROP_SIGNALS_BLOCKED:
      g_value_set_boolean (value, lsock_object_get_signals_blocked (self));
      break;

    case PROP_MAIN_CONTEXT:
      g_value_set_boxed (value, lsock_object_get_main_context (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_object_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  LsockObject *self = LSOCK_OBJECT (object);

  switch ((LsockObjectProperty) prop_id)
    {
    case PROP_PARENT:
      lsock_object_set_parent (self, g_value_get_object (value));
      break;

    case PROP_NAME:
      lsock_object_set_name (self, g_value_get_string (value));
      break;

    case PROP_SIGNALS_BLOCKED:
      lsock_object_block_signals (self, g_value_get_boolean (value));
      break;

    case PROP_CHILDREN:
    case PROP_MAIN_CONTEXT:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_object_class_init (LsockObjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = lsock_object_dispose;
  object_class->finalize = lsock_object_finalize;
  object_class->get_property = lsock_object_get_property;
  object_class->set_property = lsock_object_set_property;

  klass->shutdown = lsock_object_real_shutdown;
  klass->move_context = lsock_object_real_move_context;

  /**
   * LsockObject:parent: (getter get_parent) (setter set_parent)
   *
   * The owner, which holds a reference and ends the object when it ends itself.
   *
   * Mirrors `QObject::parent`.
   *
   * Since: 1.0
   */
  properties[PROP_PARENT] =
    g_param_spec_object ("parent", NULL, NULL, G_TYPE_OBJECT,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * LsockObject:children: (getter get_children)
   *
   * The objects that this one owns, in order of adoption; the model follows what happens to them.
   *
   * Mirrors `QObject::children`.
   *
   * Since: 1.0
   */
  properties[PROP_CHILDREN] =
    g_param_spec_object ("children", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * LsockObject:name: (getter get_name) (setter set_name)
   *
   * A name to find the object by; two objects may have the same.
   *
   * Mirrors `QObject::objectName`.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * LsockObject:signals-blocked: (getter get_signals_blocked)
   *
   * Whether the object keeps its signals to itself; see [method@Lsock.Object.block_signals].
   *
   * Mirrors `QObject::signalsBlocked`.
   *
   * Since: 1.0
   */
  properties[PROP_SIGNALS_BLOCKED] =
    g_param_spec_boolean ("signals-blocked", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * LsockObject:main-context: (getter get_main_context)
   *
   * Where the object's events arrive: the thread-default main context of the thread that made it,
   * unless [method@Lsock.Object.move_to_context] gave it to another one.
   *
   * Mirrors `QObject::thread`.
   *
   * Since: 1.0
   */
  properties[PROP_MAIN_CONTEXT] =
    g_param_spec_boxed ("main-context", NULL, NULL, G_TYPE_MAIN_CONTEXT,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * LsockObject::destroyed:
   * @self: the object
   *
   * The object has ended.
   *
   * Emitted once, as the last signal, also while signals are blocked.  The children follow.
   *
   * Mirrors `QObject::destroyed`.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DESTROYED] =
    g_signal_new ("destroyed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockObjectClass, destroyed),
                  NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lsock_object_init (LsockObject *self)
{
  PRIV (self)->loop = _lsock_loop_get_default ();
}


/**
 * lsock_object_new: (constructor)
 *
 * Makes an object that does nothing but own others, or be owned.
 *
 * Returns: (transfer full): a new object, without a parent
 *
 * Since: 1.0
 */
LsockObject *
lsock_object_new (void)
{
  return g_object_new (LSOCK_TYPE_OBJECT, NULL);
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
  LsockObjectExtra *extra;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  extra = PRIV (self)->extra;
  return extra != NULL ? extra->parent : NULL;
}

/**
 * lsock_object_set_parent: (set-property parent)
 * @self: an object
 * @parent: (nullable): the new owner, or %NULL for none
 *
 * Gives the object to another owner.
 *
 * The parent takes a reference of its own; the caller keeps the one it has.  The former parent
 * drops its reference, so with %NULL an object that nobody else holds is gone.
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
  LsockObjectExtra *extra;

  g_return_if_fail (LSOCK_IS_OBJECT (self));
  g_return_if_fail (parent == NULL || G_IS_OBJECT (parent));

  if (lsock_object_get_parent (self) == parent)
    return;
  if (parent != NULL && !lsock_object_may_adopt (self, parent))
    return;

  g_object_ref (self);
  _lsock_object_leave_parent (self);

  /* Those who watch the former parent's children have been told, and may have acted. */
  if (parent != NULL && lsock_object_get_parent (self) == NULL &&
      !_lsock_object_is_ended (self))
    {
      LsockChildren *siblings = _lsock_children_of (parent);

      extra = lsock_object_ensure_extra (self);
      extra->parent = parent;
      _lsock_children_add (siblings, self, &extra->seat);
    }

  _lsock_object_notify (self, properties[PROP_PARENT]);
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

  return G_LIST_MODEL (_lsock_children_of (G_OBJECT (self)));
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

  return G_LIST_MODEL (_lsock_children_of (parent));
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
  LsockObjectExtra *extra;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  extra = PRIV (self)->extra;
  return extra != NULL ? extra->name : NULL;
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
  LsockObjectExtra *extra;
  char *copy;

  g_return_if_fail (LSOCK_IS_OBJECT (self));

  if (g_strcmp0 (lsock_object_get_name (self), name) == 0)
    return;

  extra = lsock_object_ensure_extra (self);
  copy = g_strdup (name);
  g_free (extra->name);
  extra->name = copy;
  _lsock_object_notify (self, properties[PROP_NAME]);
}

static gboolean
lsock_object_matches (LsockObject *self,
                      const char  *name,
                      GType        type)
{
  return (name == NULL || g_strcmp0 (lsock_object_get_name (self), name) == 0) &&
         (type == G_TYPE_INVALID || G_TYPE_CHECK_INSTANCE_TYPE (self, type));
}

/**
 * lsock_object_find_child:
 * @parent: any object
 * @name: (nullable): the name to look for, or %NULL for any
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
 * @name: (nullable): the name to look for, or %NULL for any
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

/**
 * lsock_object_get_main_context: (get-property main-context)
 * @self: an object
 *
 * Gets the main context where the object's events arrive.
 *
 * Mirrors `QObject::thread()`.
 *
 * Returns: (transfer none): the main context
 *
 * Since: 1.0
 */
GMainContext *
lsock_object_get_main_context (LsockObject *self)
{
  GMainContext *context;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  G_LOCK (object_lock);
  context = _lsock_loop_get_context (PRIV (self)->loop);
  G_UNLOCK (object_lock);

  return context;
}

/* The object first, then what descends from it. */
static GPtrArray *
lsock_object_get_family (LsockObject *self)
{
  GPtrArray *family = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (family, g_object_ref (self));
  collect_children (family, G_OBJECT (self), NULL, G_TYPE_INVALID);

  return family;
}

/**
 * lsock_object_move_to_context:
 * @self: an object without a parent
 * @context: (nullable): where it will belong, or %NULL for the global default main context
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Hands the object and all that descends from it over to another main context.
 *
 * Call it in the thread that runs the present context, and do not touch the objects there any
 * more once it has returned %TRUE: they belong to the thread that runs @context.  Slots that are
 * queued for them move along.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when @self has a parent, has ended, or belongs to
 * another thread.
 *
 * Mirrors `QObject::moveToThread()`.
 *
 * Returns: %TRUE if @self belongs to @context now
 *
 * Since: 1.0
 */
gboolean
lsock_object_move_to_context (LsockObject   *self,
                              GMainContext  *context,
                              GError       **error)
{
  g_autoptr (LsockLoop) from = NULL;
  g_autoptr (LsockLoop) to = NULL;
  g_autoptr (GPtrArray) family = NULL;
  const char *why = NULL;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_lsock_object_in_thread (self))
    why = "it belongs to another thread";
  else if (lsock_object_has_flag (self, FLAG_MOVING))
    why = "it is being moved";
  else if (_lsock_object_is_ended (self))
    why = "it has ended";
  else if (lsock_object_get_parent (self) != NULL)
    why = "it has a parent";

  if (why != NULL)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "A %s cannot be moved to another main context: %s",
                   G_OBJECT_TYPE_NAME (self), why);
      return FALSE;
    }

  from = _lsock_object_ref_loop (self);
  to = _lsock_loop_get (context);
  if (from == to)
    return TRUE;

  family = lsock_object_get_family (self);
  for (guint i = 0; i < family->len; i++)
    {
      LsockObjectPrivate *priv = PRIV (g_ptr_array_index (family, i));

      lsock_object_set_flag (g_ptr_array_index (family, i), FLAG_MOVING);
      G_LOCK (object_lock);
      priv->loop = _lsock_loop_ref (to);
      G_UNLOCK (object_lock);
      _lsock_loop_unref (from);
    }

  /* Each lets go of the old context before a slot can run in the new one. */
  for (guint i = 0; i < family->len; i++)
    {
      LsockObject *object = g_ptr_array_index (family, i);

      LSOCK_OBJECT_GET_CLASS (object)->move_context (object, _lsock_loop_get_context (to));
    }

  for (guint i = 0; i < family->len; i++)
    lsock_object_clear_flag (g_ptr_array_index (family, i), FLAG_MOVING);
  for (guint i = 0; i < family->len; i++)
    _lsock_inbox_move (g_ptr_array_index (family, i));

  return TRUE;
}

/**
 * lsock_object_delete_later:
 * @self: an object
 *
 * Ends the object, and releases it from its parent, at the next turn of its main context.
 *
 * It can be called in any thread, from inside the object's own signals, and more than once.  The
 * object says everything that is due, and then [signal@Lsock.Object::destroyed].
 *
 * Mirrors `QObject::deleteLater()`.
 *
 * Since: 1.0
 */
void
lsock_object_delete_later (LsockObject *self)
{
  g_return_if_fail (LSOCK_IS_OBJECT (self));

  if (_lsock_object_is_ended (self) || lsock_object_set_flag (self, FLAG_DOOMED))
    return;

  /* A loop that the asking handler runs must not end the object under it. */
  call_later (self, lsock_object_end_now, _lsock_object_in_thread (self) ? g_main_depth () : 0);
}

/**
 * lsock_object_block_signals:
 * @self: an object
 * @block: whether to block
 *
 * Keeps the object from emitting the signals of this library's classes, or lets it again.
 *
 * What would have been said meanwhile is not said later.  [signal@Lsock.Object::destroyed] and
 * [signal@GObject.Object::notify] are not blocked.
 *
 * Mirrors `QObject::blockSignals()`.
 *
 * Returns: whether signals were blocked before
 *
 * Since: 1.0
 */
gboolean
lsock_object_block_signals (LsockObject *self,
                            gboolean     block)
{
  gboolean before;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), FALSE);

  before = lsock_object_has_flag (self, FLAG_BLOCKED);
  if (block)
    lsock_object_set_flag (self, FLAG_BLOCKED);
  else
    lsock_object_clear_flag (self, FLAG_BLOCKED);

  if (before != !!block)
    _lsock_object_notify (self, properties[PROP_SIGNALS_BLOCKED]);

  return before;
}

/**
 * lsock_object_get_signals_blocked: (get-property signals-blocked)
 * @self: an object
 *
 * Tells whether the object keeps its signals to itself.
 *
 * Mirrors `QObject::signalsBlocked()`.
 *
 * Returns: %TRUE if signals are blocked
 *
 * Since: 1.0
 */
gboolean
lsock_object_get_signals_blocked (LsockObject *self)
{
  g_return_val_if_fail (LSOCK_IS_OBJECT (self), FALSE);

  return lsock_object_has_flag (self, FLAG_BLOCKED);
}
