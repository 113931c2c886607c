/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class: how an object ends, in whichever thread its last reference is dropped. */

#include "config.h"

#include "lsock-object.h"

#include "object/lsock-object-private.h"
#include "object/lsock-operation-private.h"
#include "object/lsock-receiver-private.h"

/**
 * LsockObject:
 *
 * The base of the library's classes: an object that has an owner, a name and a main context.
 *
 * Any [class@GObject.Object] can own an `LsockObject`: a server, a device, a window.  The owner
 * is its [property@Lsock.Object:parent], which holds a reference; when the owner is disposed, its
 * children are ended and released, the last one first.  [method@Lsock.Object.delete_later] ends
 * an object at a moment at which none of its handlers is running.
 *
 * An object belongs to the thread-default main context of the thread that made it.  In a thread
 * that has none it belongs to the global default context, or, when another thread runs that, to a
 * context that is made for the thread.  Its events arrive there, and except where the documentation
 * says otherwise its methods are called there.  The last reference may be dropped in any thread:
 * the object is then ended where it belongs, by its main context, unless the thread that ran this
 * is gone.
 *
 * An object that is ended by [method@GObject.Object.run_dispose], by its parent or by
 * [method@Lsock.Object.delete_later] first emits what belongs to its end, and then
 * [signal@Lsock.Object::destroyed].  One that lost its last reference, or was disposed in another
 * thread, emits `destroyed` alone.
 *
 * Mirrors `QObject`.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (LsockObject, lsock_object, G_TYPE_OBJECT)

enum
{
  SIGNAL_DESTROYED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* A call that ends the object.  It holds a reference: the object may have lost all others. */
typedef struct
{
  LsockCall    call;
  LsockObject *object;
} EndCall;

static void lsock_object_queue_end (LsockObject *self,
                                    int          depth);


/* The end */

/* An orphaned queue, which drops its calls, is entered by any thread. */
static void
end_call_run (LsockCall *call)
{
  EndCall *self = (EndCall *) call;

  if (_lsock_object_takes_call (self->object, call))
    {
      g_object_run_dispose (G_OBJECT (self->object));
      _lsock_object_leave_parent (self->object);
    }
  else
    {
      lsock_object_queue_end (self->object, 0);
    }

  g_object_unref (self->object);
  g_free (self);
}

static const LsockCallClass end_call_class = {
  .run  = end_call_run,
  .drop = end_call_run,
};

/* Whether a thread other than the calling one may be using what lives in @queue. */
static gboolean
queue_is_used_elsewhere (LsockCallQueue *queue)
{
  g_autoptr (LsockThread) thread = NULL;

  if (_lsock_call_queue_is_here (queue))
    return FALSE;

  thread = _lsock_call_queue_ref_thread (queue);
  return thread != NULL && _lsock_thread_is_alive (thread);
}

/* From now on the main context is kept alive by its user alone: if it is given up, the call is
 * dropped, and the object ended in the thread that did it.  Not if another thread asks while the
 * one of the object lives: that may be using it without a loop. */
static void
lsock_object_queue_end (LsockObject *self,
                        int          depth)
{
  g_autoptr (LsockCallQueue) queue = _lsock_object_ref_queue (self);
  EndCall *call = g_new0 (EndCall, 1);
  GMainContext *surplus;

  call->call.klass = &end_call_class;
  call->call.depth = depth;
  call->object = g_object_ref (self);
  if (!_lsock_call_queue_push (queue, &call->call, NULL, &surplus))
    end_call_run (&call->call);
  _lsock_call_queue_drop_surplus (surplus);

  if (_lsock_object_has_flag (self, LSOCK_OBJECT_SUPPRESSED) || !queue_is_used_elsewhere (queue))
    _lsock_object_release_context (self, queue);
}

/* A reference that is dropped in the calling thread, later. */
typedef struct
{
  LsockCall  call;
  GObject   *object;
} ReleaseCall;

static void
release_call_run (LsockCall *call)
{
  ReleaseCall *self = (ReleaseCall *) call;

  g_object_unref (self->object);
  g_free (self);
}

static const LsockCallClass release_call_class = {
  .run  = release_call_run,
  .drop = release_call_run,
};

/* Another thread may get the last reference when dispose brings an object back, and drop it.  But
 * g_object_unref() of GLib before 2.80 looks at such an object once more after it has given up
 * its own claim: the memory might be gone.  So there is one more reference, which the calling
 * thread drops when it has left g_object_unref() for certain: in the next turn of its loop if it
 * is running one, and else a few objects later, or as it ends. */
static void
lsock_object_linger (LsockObject *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (LsockCallQueue) queue = NULL;
  ReleaseCall *call;
  GMainContext *surplus;

  if (!g_main_context_is_owner (context))
    {
      _lsock_thread_keep_object (G_OBJECT (self));
      return;
    }

  queue = _lsock_call_queue_get (context);
  call = g_new0 (ReleaseCall, 1);
  call->call.klass = &release_call_class;
  call->object = g_object_ref (G_OBJECT (self));
  if (!_lsock_call_queue_push (queue, &call->call, NULL, &surplus))
    release_call_run (&call->call);
  _lsock_call_queue_drop_surplus (surplus);
}

/* The last reference may be dropped in any thread, in that of a collector for instance.  The
 * descriptors and sources of an object can be taken down only by the thread that uses them, or
 * while it is certain that there is none.  Returns FALSE if the object is ended later, in its own
 * thread.
 *
 * The reference count does not tell whether this is the last one: the own thread, which has not
 * noticed yet, takes temporary references as it dispatches events.  So whatever is disposed in
 * another thread is ended in silence, unless its parent ends it. */
static gboolean
lsock_object_may_end_here (LsockObject   *self,
                           GMainContext **acquired)
{
  g_autoptr (LsockCallQueue) queue = _lsock_object_ref_queue (self);

  *acquired = NULL;
  if (_lsock_call_queue_enter (queue) || _lsock_call_queue_take_over (queue, acquired))
    return TRUE;

  if (!_lsock_object_set_flag (self, LSOCK_OBJECT_DELETE_PENDING))
    {
      if (!_lsock_object_has_flag (self, LSOCK_OBJECT_PARENT_ENDED))
        _lsock_object_set_flag (self, LSOCK_OBJECT_SUPPRESSED);
      lsock_object_linger (self);
      lsock_object_queue_end (self, 0);
    }
  return FALSE;
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
lsock_object_real_destroyed (LsockObject *self)
{
}

static void
lsock_object_end (LsockObject *self)
{
  LsockChildren *children;

  _lsock_object_set_flag (self, LSOCK_OBJECT_ENDED | LSOCK_OBJECT_ENDING);

  /* A loop that a handler runs must not bring queued calls to what is half gone. */
  if (_lsock_object_has_flag (self, LSOCK_OBJECT_HAS_RECEIVER))
    _lsock_receiver_close (G_OBJECT (self));

  LSOCK_OBJECT_GET_CLASS (self)->shutdown (self);
  g_signal_emit (self, signals[SIGNAL_DESTROYED], 0);
  if (_lsock_object_has_operations (self))
    _lsock_object_check_operations (self);

  children = _lsock_children_peek (G_OBJECT (self));
  if (children != NULL)
    _lsock_children_end (children);

  _lsock_object_leave_parent (self);
  _lsock_object_clear_flag (self, LSOCK_OBJECT_ENDING);
}


/* Class handlers */

void
_lsock_object_class_set_slots (gpointer         klass,
                               LsockClassSlots *slots,
                               void           (*fill) (gpointer klass))
{
  LsockObjectClass *self = LSOCK_OBJECT_CLASS (klass);

  slots->type = G_TYPE_FROM_CLASS (klass);
  slots->parent = self->slots;
  slots->fill = fill;
  self->slots = slots;
  self->destroyed = NULL;
}

static void
lsock_object_fill_slots (gpointer klass)
{
  LSOCK_FILL_SLOT (LSOCK_OBJECT_CLASS (klass), destroyed, lsock_object_real_destroyed);
}

void
_lsock_object_class_fill_parents (gpointer klass)
{
  static GMutex lock;
  const LsockClassSlots *own = LSOCK_OBJECT_CLASS (klass)->slots;
  gpointer parent;

  if (own->type == G_TYPE_FROM_CLASS (klass))
    return;

  g_mutex_lock (&lock);
  for (parent = g_type_class_peek_parent (klass); LSOCK_IS_OBJECT_CLASS (parent);
       parent = g_type_class_peek_parent (parent))
    for (const LsockClassSlots *slots = own; slots != NULL; slots = slots->parent)
      if (slots->fill != NULL && g_type_is_a (G_TYPE_FROM_CLASS (parent), slots->type))
        slots->fill (parent);
  g_mutex_unlock (&lock);
}


/* GObject */

static void
lsock_object_dispose (GObject *object)
{
  LsockObject *self = LSOCK_OBJECT (object);
  gboolean unref = g_atomic_int_get ((int *) &object->ref_count) == 1;

  /* Re-entrant dispose from a handler: handlers stay connected until the end has finished. */
  if (_lsock_object_has_flag (self, LSOCK_OBJECT_ENDING))
    return;

  /* It ends after what it has emitted was delivered. */
  if (unref && G_UNLIKELY (_lsock_object_hold_delivered (self)))
    {
      lsock_object_linger (self);
      if (!_lsock_object_is_ended (self) &&
          !_lsock_object_set_flag (self, LSOCK_OBJECT_DELETE_PENDING))
        {
          _lsock_object_set_flag (self, LSOCK_OBJECT_SUPPRESSED);
          lsock_object_queue_end (self, 0);
        }
      return;
    }

  if (!_lsock_object_is_ended (self))
    {
      GMainContext *acquired;

      if (!lsock_object_may_end_here (self, &acquired))
        return;

      if (unref)
        _lsock_object_set_flag (self, LSOCK_OBJECT_SUPPRESSED);
      lsock_object_end (self);
      if (unref && g_atomic_int_get ((int *) &object->ref_count) > 1)
        lsock_object_linger (self);

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
  LsockObject *self = LSOCK_OBJECT (object);
  LsockObjectPrivate *priv = _lsock_object_get_private (self);

  g_free (priv->link);
  _lsock_object_release_context (self, priv->queue);
  _lsock_call_queue_unref (priv->queue);

  G_OBJECT_CLASS (lsock_object_parent_class)->finalize (object);
}

static void
lsock_object_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  LsockObject *self = LSOCK_OBJECT (object);

  switch (prop_id)
    {
    case LSOCK_OBJECT_PROP_PARENT:
      g_value_set_object (value, lsock_object_get_parent (self));
      break;

    case LSOCK_OBJECT_PROP_CHILDREN:
      g_value_set_object (value, lsock_object_get_children (self));
      break;

    case LSOCK_OBJECT_PROP_NAME:
      g_value_set_string (value, lsock_object_get_name (self));
      break;

    case LSOCK_OBJECT_PROP_SIGNALS_BLOCKED:
      g_value_set_boolean (value, lsock_object_get_signals_blocked (self));
      break;

    case LSOCK_OBJECT_PROP_MAIN_CONTEXT:
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

  switch (prop_id)
    {
    case LSOCK_OBJECT_PROP_PARENT:
      lsock_object_set_parent (self, g_value_get_object (value));
      break;

    case LSOCK_OBJECT_PROP_NAME:
      lsock_object_set_name (self, g_value_get_string (value));
      break;

    case LSOCK_OBJECT_PROP_SIGNALS_BLOCKED:
      lsock_object_block_signals (self, g_value_get_boolean (value));
      break;

    case LSOCK_OBJECT_PROP_CHILDREN:
    case LSOCK_OBJECT_PROP_MAIN_CONTEXT:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_object_class_init (LsockObjectClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  _lsock_object_private_offset = LsockObject_private_offset;
  _lsock_object_class_set_slots (klass, &slots, lsock_object_fill_slots);
  object_class->dispose = lsock_object_dispose;
  object_class->finalize = lsock_object_finalize;
  object_class->get_property = lsock_object_get_property;
  object_class->set_property = lsock_object_set_property;

  klass->shutdown = lsock_object_real_shutdown;
  klass->move_context = lsock_object_real_move_context;
  klass->destroyed = lsock_object_real_destroyed;

  /**
   * LsockObject:parent: (getter get_parent) (setter set_parent)
   *
   * The owner, which holds a reference and ends the object when it ends itself.
   *
   * Mirrors `QObject::parent`.
   *
   * Since: 1.0
   */
  _lsock_object_properties[LSOCK_OBJECT_PROP_PARENT] =
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
  _lsock_object_properties[LSOCK_OBJECT_PROP_CHILDREN] =
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
  _lsock_object_properties[LSOCK_OBJECT_PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * LsockObject:signals-blocked: (getter get_signals_blocked)
   *
   * Whether the signals of the object are blocked; see [method@Lsock.Object.block_signals].
   *
   * Mirrors `QObject::signalsBlocked`.
   *
   * Since: 1.0
   */
  _lsock_object_properties[LSOCK_OBJECT_PROP_SIGNALS_BLOCKED] =
    g_param_spec_boolean ("signals-blocked", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * LsockObject:main-context: (getter get_main_context)
   *
   * Where the object's events arrive: the thread-default main context of the thread that made it,
   * unless [method@Lsock.Object.move_to_context] moved it to another one.
   *
   * After a move, the notify is emitted in the new context.
   *
   * Mirrors `QObject::thread`.
   *
   * Since: 1.0
   */
  _lsock_object_properties[LSOCK_OBJECT_PROP_MAIN_CONTEXT] =
    g_param_spec_boxed ("main-context", NULL, NULL, G_TYPE_MAIN_CONTEXT,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, LSOCK_OBJECT_N_PROPS,
                                     _lsock_object_properties);

  /**
   * LsockObject::destroyed:
   * @self: the object
   *
   * The object has ended.
   *
   * Emitted once, as the last signal, also while signals are blocked.  The children are ended
   * afterwards.  The object cannot be brought back to life, and no queued call reaches it any more.
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
  LsockObjectPrivate *priv = _lsock_object_get_private (self);

  priv->queue = _lsock_call_queue_get_default ();
  g_main_context_ref (_lsock_call_queue_get_context (priv->queue));
  priv->flags = LSOCK_OBJECT_HOLDS_CONTEXT;
}


/**
 * lsock_object_new: (constructor)
 *
 * Creates an object that does nothing but own others, or be owned.
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
 * lsock_object_delete_later:
 * @self: an object
 *
 * Ends the object, and releases it from its parent, at the next turn of its main context.
 *
 * It can be called in any thread, from inside the object's own signals, and more than once.  The
 * object emits what belongs to its end, and then [signal@Lsock.Object::destroyed].
 *
 * When the last reference on the main context is dropped first, the object is ended in the thread
 * that drops it.
 *
 * Mirrors `QObject::deleteLater()`.
 *
 * Since: 1.0
 */
void
lsock_object_delete_later (LsockObject *self)
{
  g_return_if_fail (LSOCK_IS_OBJECT (self));

  if (_lsock_object_is_ended (self) || _lsock_object_set_flag (self, LSOCK_OBJECT_DELETE_PENDING))
    return;

  /* A loop that the asking handler runs must not end the object under it. */
  lsock_object_queue_end (self, _lsock_object_in_thread (self) ? g_main_depth () : 0);
}

/**
 * lsock_object_block_signals:
 * @self: an object
 * @block: whether to block
 *
 * Keeps the object from emitting the signals of this library's classes, or lets it again.
 *
 * What would have been emitted meanwhile is not emitted later.  [signal@Lsock.Object::destroyed]
 * and [signal@GObject.Object::notify] are not blocked.  The signals of a subclass of one's own are
 * blocked for slots that were connected with [func@Lsock.connect].
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

  before = _lsock_object_has_flag (self, LSOCK_OBJECT_BLOCKED);
  if (block)
    _lsock_object_set_flag (self, LSOCK_OBJECT_BLOCKED);
  else
    _lsock_object_clear_flag (self, LSOCK_OBJECT_BLOCKED);

  if (before != !!block)
    _lsock_object_notify (self, _lsock_object_properties[LSOCK_OBJECT_PROP_SIGNALS_BLOCKED]);

  return before;
}

/**
 * lsock_object_get_signals_blocked: (get-property signals-blocked)
 * @self: an object
 *
 * Returns whether the signals of the object are blocked.
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

  return _lsock_object_has_flag (self, LSOCK_OBJECT_BLOCKED);
}
