/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The main context of an object: where it is, calls that are queued there, and the move to
 * another. */

#include "config.h"

#include "object/lsock-object-context-private.h"

#include "lsock-error.h"
#include "object/lsock-receiver-private.h"
#include "object/lsock-weak-private.h"


/* Calls */

/* Without a reference on the object: it has one on its context, which has the call. */
typedef struct
{
  LsockCall    call;
  LsockWeak   *object;
  void       (*func) (LsockObject *self);
} LaterCall;

static void
later_call_free (LaterCall *self)
{
  _lsock_weak_unref (self->object);
  g_free (self);
}

static void
later_call_run (LsockCall *call)
{
  LaterCall *self = (LaterCall *) call;
  g_autoptr (LsockObject) object = _lsock_weak_ref_object (self->object);

  if (object == NULL)
    ;
  else if (_lsock_object_takes_call (object, call))
    self->func (object);
  else
    _lsock_object_call_later (object, self->func);

  later_call_free (self);
}

static void
later_call_drop (LsockCall *call)
{
  LaterCall *self = (LaterCall *) call;
  g_autoptr (LsockObject) object = _lsock_weak_ref_object (self->object);
  g_autoptr (LsockCallQueue) queue = object != NULL ? _lsock_object_ref_queue (object) : NULL;

  if (queue != NULL && queue != call->queue)
    _lsock_object_call_later (object, self->func);

  later_call_free (self);
}

static const LsockCallClass later_call_class = {
  .run  = later_call_run,
  .drop = later_call_drop,
};

void
_lsock_object_call_later (LsockObject *self,
                          void       (*func) (LsockObject *self))
{
  g_autoptr (LsockCallQueue) queue = _lsock_object_ref_queue (self);
  LaterCall *call = g_new0 (LaterCall, 1);
  GMainContext *surplus;

  call->call.klass = &later_call_class;
  call->object = _lsock_weak_get (G_OBJECT (self));
  call->func = func;
  if (!_lsock_call_queue_push (queue, &call->call, NULL, &surplus))
    later_call_free (call);
  _lsock_call_queue_drop_surplus (surplus);
}


/* The move */

static void
lsock_object_notify_main_context (LsockObject *self)
{
  _lsock_object_notify (self, _lsock_object_properties[LSOCK_OBJECT_PROP_MAIN_CONTEXT]);
}

/* What the classes have queued to go on in the new context may have been put off while the object
 * was moving; by now it is in the queue, and runs before what is queued here. */
static void
lsock_object_moved (LsockObject *self)
{
  _lsock_object_call_later (self, lsock_object_notify_main_context);
}

static void
collect_descendants (GPtrArray *family,
                     GObject   *parent)
{
  LsockChildren *children = _lsock_children_peek (parent);
  LsockObject *child;

  if (children == NULL)
    return;

  for (guint i = 0; (child = _lsock_children_peek_nth (children, i)) != NULL; i++)
    {
      g_ptr_array_add (family, g_object_ref (child));
      collect_descendants (family, G_OBJECT (child));
    }
}

/* The object first, then what descends from it. */
static GPtrArray *
lsock_object_get_family (LsockObject *self)
{
  GPtrArray *family = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (family, g_object_ref (self));
  collect_descendants (family, G_OBJECT (self));

  return family;
}

/* A handler may be called from inside the end of a child, or from inside a close, which go on here.
 * Returns the reason why @family has to stay, or NULL. */
static const char *
family_check_may_move (GPtrArray *family)
{
  for (guint i = 0; i < family->len; i++)
    {
      LsockObject *object = g_ptr_array_index (family, i);

      if (_lsock_object_is_ended (object))
        return "one of its children is ending";
      if (_lsock_object_has_flag (object, LSOCK_OBJECT_CLOSING))
        return i == 0 ? "it is being closed" : "one of its children is being closed";
      /* The callback has to run where the call was made. */
      if (_lsock_object_has_flag (object, LSOCK_OBJECT_HAS_OPERATIONS))
        return i == 0 ? "it has an asynchronous operation under way"
                      : "one of its children has an asynchronous operation under way";
    }

  return NULL;
}

static gboolean
lsock_object_check_may_move (LsockObject  *self,
                             GPtrArray   **family,
                             GError      **error)
{
  const char *why = NULL;

  if (!_lsock_object_in_thread (self))
    why = "it belongs to another thread";
  else if (_lsock_object_has_flag (self, LSOCK_OBJECT_MOVING))
    why = "it is being moved";
  else if (_lsock_object_is_ended (self))
    why = "it has ended";
  else if (lsock_object_get_parent (self) != NULL)
    why = "it has a parent";
  else
    why = family_check_may_move (*family = lsock_object_get_family (self));

  if (why == NULL)
    return TRUE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "A %s cannot be moved to another main context: %s", G_OBJECT_TYPE_NAME (self), why);
  return FALSE;
}

/* All of @family changes queues before a class or a handler hears of it. */
static void
family_swap_queue (GPtrArray      *family,
                   LsockCallQueue *to)
{
  for (guint i = 0; i < family->len; i++)
    {
      LsockObject *object = g_ptr_array_index (family, i);

      _lsock_object_set_flag (object, LSOCK_OBJECT_MOVING);
      _lsock_call_queue_unref (_lsock_object_swap_queue (object, _lsock_call_queue_ref (to)));
    }

  /* Each lets go of the old context before a slot can run in the new one. */
  for (guint i = 0; i < family->len; i++)
    {
      LsockObject *object = g_ptr_array_index (family, i);

      LSOCK_OBJECT_GET_CLASS (object)->move_context (object, _lsock_call_queue_get_context (to));
    }

  for (guint i = 0; i < family->len; i++)
    _lsock_object_clear_flag (g_ptr_array_index (family, i), LSOCK_OBJECT_MOVING);
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
  g_return_val_if_fail (LSOCK_IS_OBJECT (self), NULL);

  return _lsock_object_peek_context (self);
}

/**
 * lsock_object_move_to_context:
 * @self: an object without a parent
 * @context: (nullable): where it will belong, or %NULL for the global default main context
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Moves the object and all that descends from it to another main context.
 *
 * Call it in the thread that runs the present context, and do not touch the objects there any
 * more once it has returned %TRUE: they belong to the thread that runs @context.  Slots that are
 * queued for them move along, and [property@Lsock.Object:main-context] is notified there.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when @self has a parent, has ended, or belongs to
 * another thread, inside the end of one of its children, inside
 * [signal@Lsock.IODevice::about-to-close] of a device that is not a socket, and while an
 * asynchronous call of the family is not finished.
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
  g_autoptr (LsockCallQueue) from = NULL;
  g_autoptr (LsockCallQueue) to = NULL;
  g_autoptr (GPtrArray) family = NULL;
  GMainContext *left = NULL;

  g_return_val_if_fail (LSOCK_IS_OBJECT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!lsock_object_check_may_move (self, &family, error))
    return FALSE;

  from = _lsock_object_ref_queue (self);
  to = _lsock_call_queue_get (context);
  if (from == to)
    return TRUE;

  /* As the root of its tree the object has the reference on the old context, unless a call that
   * ends it is queued there: that call goes to the new one too. */
  if (_lsock_object_has_flag (self, LSOCK_OBJECT_HOLDS_CONTEXT))
    left = _lsock_call_queue_get_context (from);
  _lsock_call_queue_hold_context (to);
  _lsock_object_set_flag (self, LSOCK_OBJECT_HOLDS_CONTEXT);
  family_swap_queue (family, to);

  for (guint i = 0; i < family->len; i++)
    {
      _lsock_object_call_later (g_ptr_array_index (family, i), lsock_object_moved);
      _lsock_receiver_move (g_ptr_array_index (family, i), _lsock_object_resolve_queue);
    }

  if (left != NULL)
    g_main_context_unref (left);
  return TRUE;
}
