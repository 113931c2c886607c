/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connecting: the forms of it, what each checks, and plain calls to a receiver. */

#include "config.h"

#include "lsock-connection.h"

#include "signal/lsock-connection-private.h"
#include "object/lsock-object-private.h"
#include "signal/lsock-closure-private.h"
#include "signal/lsock-delivery-private.h"

#define FLAGS (LSOCK_CONNECTION_TYPE_UNIQUE | LSOCK_CONNECTION_TYPE_SINGLE_SHOT)

typedef struct
{
  LsockCall      call;
  LsockReceiver *receiver;
  GClosure      *closure;
} PlainCall;


/* What can be connected */

static gboolean
type_can_be_copied (GType type)
{
  type &= ~G_SIGNAL_TYPE_STATIC_SCOPE;

  /* What a bare pointer leads to, and for how long, is unknown. */
  return type == G_TYPE_GTYPE ||
         (G_TYPE_FUNDAMENTAL (type) != G_TYPE_POINTER && g_type_value_table_peek (type) != NULL);
}

static gboolean
check_args (GSignalQuery  *query,
            GError       **error)
{
  for (guint i = 0; i < query->n_params; i++)
    {
      if (type_can_be_copied (query->param_types[i]))
        continue;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The signal “%s” of %s can only be connected directly: argument %u (%s) "
                   "cannot be copied",
                   query->signal_name, g_type_name (query->itype), i + 1,
                   g_type_name (query->param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE));
      return FALSE;
    }

  return TRUE;
}

/* A library object emits where it belongs, so that waiting there for itself would never end.  Other
 * senders may emit anywhere: if it is in the receiver's thread, the call is direct. */
static gboolean
waits_for_itself (GObject       *sender,
                  LsockReceiver *receiver)
{
  g_autoptr (LsockCallQueue) from = NULL;
  g_autoptr (LsockCallQueue) to = NULL;

  if (!LSOCK_IS_OBJECT (sender))
    return FALSE;

  from = _lsock_object_ref_queue (LSOCK_OBJECT (sender));
  to = _lsock_receiver_ref_queue (receiver);
  return from == to;
}

/* Whether lsock_object_block_signals() of the sender holds for the signal. */
static gboolean
can_block (GObject      *sender,
           GSignalQuery *query)
{
  if (!LSOCK_IS_OBJECT (sender) || query->itype == G_TYPE_OBJECT)
    return FALSE;

  return query->itype != LSOCK_TYPE_OBJECT || !g_str_equal (query->signal_name, "destroyed");
}

static gboolean
check_type (GSignalQuery         *query,
            LsockConnectionType   type,
            gboolean              comparable,
            GError              **error)
{
  if ((type & ~FLAGS) > LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The signal “%s” of %s cannot be connected: there is no connection type %#x",
                   query->signal_name, g_type_name (query->itype), type);
      return FALSE;
    }

  if ((type & LSOCK_CONNECTION_TYPE_UNIQUE) != 0 && !comparable)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The signal “%s” of %s cannot be connected uniquely: "
                   "closures cannot be compared",
                   query->signal_name, g_type_name (query->itype));
      return FALSE;
    }

  return (type & ~FLAGS) == LSOCK_CONNECTION_TYPE_DIRECT || check_args (query, error);
}

/* @slot goes to the connection.  @callback and @data tell it from others; NULL: nothing does. */
static LsockConnection *
connection_make (GObject              *sender,
                 GSignalQuery         *query,
                 GQuark                detail,
                 LsockConnectionType   type,
                 GObject              *receiver,
                 GClosure             *slot,
                 gpointer              callback,
                 gpointer              data,
                 GError              **error)
{
  g_autoptr (LsockConnection) self = _lsock_connection_new (sender, receiver, slot);

  self->signal_id = query->signal_id;
  self->detail = detail;
  self->return_type = query->return_type & ~G_SIGNAL_TYPE_STATIC_SCOPE;
  self->delivery = type & ~FLAGS;
  self->single_shot = (type & LSOCK_CONNECTION_TYPE_SINGLE_SHOT) != 0;
  self->from_object = LSOCK_IS_OBJECT (sender);
  self->can_block = can_block (sender, query);
  self->callback = callback;
  self->data = data;

  if (self->delivery == LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED &&
      waits_for_itself (sender, self->receiver))
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The signal “%s” of %s cannot wait for a slot in its own thread",
                   query->signal_name, G_OBJECT_TYPE_NAME (sender));
      return NULL;
    }

  if (!_lsock_connection_join (self, (type & LSOCK_CONNECTION_TYPE_UNIQUE) != 0))
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The signal “%s” of %s is connected to this slot already",
                   query->signal_name, g_type_name (query->itype));
      return NULL;
    }

  _lsock_delivery_hook_up (self, sender);
  return g_steal_pointer (&self);
}


/* A plain call */

static void
plain_call_drop (LsockCall *call)
{
  PlainCall *self = (PlainCall *) call;

  g_closure_unref (self->closure);
  _lsock_receiver_release (self->receiver);
  g_free (self);
}

static void
plain_call_run (LsockCall *call)
{
  PlainCall *self = (PlainCall *) call;
  g_autoptr (GObject) receiver = g_weak_ref_get (&self->receiver->object);

  if (receiver != NULL || !self->receiver->has_object)
    _lsock_closure_invoke_plain (self->closure);

  plain_call_drop (call);
}

static const LsockCallClass plain_call_class = {
  .run  = plain_call_run,
  .drop = plain_call_drop,
};


/**
 * lsock_connect: (skip)
 * @sender: (type GObject.Object): the object that emits
 * @detailed_signal: the signal, with a detail if it takes one: `"notify::state"`
 * @type: how the signal reaches the slot
 * @receiver: (type GObject.Object) (nullable): the object that the slot belongs to; or %NULL
 * @slot: what to call, with the sender, the arguments of the signal and @user_data
 * @user_data: the last argument of @slot
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Connects a signal to a function.
 *
 * With %LSOCK_CONNECTION_TYPE_UNIQUE, a connection of the same signal to the same receiver,
 * function and data is not made twice.  With %LSOCK_CONNECTION_TYPE_SINGLE_SHOT, it ends as the
 * signal is emitted for the first time.
 *
 * A direct or blocking slot of a signal that returns something gives the answer; a blocking one
 * that is never called, because it was disconnected or because its thread is gone, gives the
 * default of the type.  A blocking connection whose signal happens to be emitted in the
 * receiver's thread calls the slot directly, and one whose receiver's thread is itself waiting
 * for the emitting one is not called, with a warning.  A thread that lives but does not run its
 * context keeps the emitter waiting.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when there is no such signal or detail, when the
 * connection exists already and should be unique, and when a library object would wait for a slot
 * in its own context; and with %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when an argument
 * that might be queued cannot be copied.
 *
 * Mirrors `QObject::connect()`.
 *
 * Returns: (transfer full): the connection, which lasts without this reference; %NULL on error
 *
 * Since: 1.0
 */
LsockConnection *
lsock_connect (gpointer              sender,
               const char           *detailed_signal,
               LsockConnectionType   type,
               gpointer              receiver,
               GCallback             slot,
               gpointer              user_data,
               GError              **error)
{
  GSignalQuery query;
  GQuark detail;

  g_return_val_if_fail (G_IS_OBJECT (sender), NULL);
  g_return_val_if_fail (detailed_signal != NULL, NULL);
  g_return_val_if_fail (receiver == NULL || G_IS_OBJECT (receiver), NULL);
  g_return_val_if_fail (slot != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!_lsock_signal_find (sender, detailed_signal, &query, &detail, error) ||
      !check_type (&query, type, TRUE, error))
    return NULL;

  return connection_make (sender, &query, detail, type, receiver,
                          _lsock_closure_new_c (slot, user_data, &query),
                          (gpointer) slot, user_data, error);
}

/**
 * lsock_connect_closure: (rename-to lsock_connect)
 * @sender: the object that emits
 * @detailed_signal: the signal, with a detail if it takes one: `"notify::state"`
 * @type: how the signal reaches the slot
 * @receiver: (nullable): the object that the slot belongs to; or %NULL
 * @slot: what to call, with the sender and the arguments of the signal
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Connects a signal to a closure.
 *
 * See [struct@Lsock.Connection] for the context that the slot runs in, and
 * [flags@Lsock.ConnectionType] for the ways in which it is called.  The closure is released when
 * the connection ends, in the thread that ends it.
 *
 * A blocking slot that is never called, because it was disconnected or because its thread is gone,
 * gives the default of the signal's return type.
 *
 * For a closure, [signal@Lsock.Object::destroyed] of an object that lost its last reference is always
 * queued, and so are the signals of the children that it ends: the reference may have been dropped by
 * the collector of a language, which cannot call a slot while it runs.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when there is no such signal or detail, and when a
 * library object would wait for a slot in its own context; and with
 * %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when an argument that might be queued cannot be
 * copied, and with %LSOCK_CONNECTION_TYPE_UNIQUE, since closures cannot be compared.
 *
 * Mirrors `QObject::connect()`.
 *
 * Returns: (transfer full): the connection, which lasts without this reference; %NULL on error
 *
 * Since: 1.0
 */
LsockConnection *
lsock_connect_closure (GObject              *sender,
                       const char           *detailed_signal,
                       LsockConnectionType   type,
                       GObject              *receiver,
                       GClosure             *slot,
                       GError              **error)
{
  GSignalQuery query;
  GQuark detail;

  g_return_val_if_fail (G_IS_OBJECT (sender), NULL);
  g_return_val_if_fail (detailed_signal != NULL, NULL);
  g_return_val_if_fail (receiver == NULL || G_IS_OBJECT (receiver), NULL);
  g_return_val_if_fail (slot != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  g_closure_ref (slot);
  g_closure_sink (slot);

  if (!_lsock_signal_find (sender, detailed_signal, &query, &detail, error) ||
      !check_type (&query, type, FALSE, error))
    {
      g_closure_unref (slot);
      return NULL;
    }

  _lsock_closure_need_marshal (slot, &query);
  return connection_make (sender, &query, detail, type, receiver, slot, NULL, NULL, error);
}

/**
 * lsock_connect_full:
 * @sender: the object that emits
 * @detailed_signal: the signal, with a detail if it takes one: `"notify::state"`
 * @type: how the signal reaches the slot
 * @receiver: (nullable): the object that the slot belongs to; or %NULL
 * @slot: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: the last argument of @slot
 * @destroy: (nullable): frees @user_data when the connection ends, or could not be made
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Connects a signal to a function that takes the arguments of any signal as values.
 *
 * What such a slot returns is nothing: use a closure to answer a signal.  All else is as with
 * [func@Lsock.connect]; with %LSOCK_CONNECTION_TYPE_UNIQUE, @slot and @user_data are compared.
 *
 * Mirrors `QObject::connect()`.
 *
 * Returns: (transfer full): the connection, which lasts without this reference; %NULL on error
 *
 * Since: 1.0
 */
LsockConnection *
lsock_connect_full (GObject              *sender,
                    const char           *detailed_signal,
                    LsockConnectionType   type,
                    GObject              *receiver,
                    LsockSlotFunc         slot,
                    gpointer              user_data,
                    GDestroyNotify        destroy,
                    GError              **error)
{
  GSignalQuery query;
  GClosure *closure;
  GQuark detail;

  g_return_val_if_fail (G_IS_OBJECT (sender), NULL);
  g_return_val_if_fail (detailed_signal != NULL, NULL);
  g_return_val_if_fail (receiver == NULL || G_IS_OBJECT (receiver), NULL);
  g_return_val_if_fail (slot != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  closure = _lsock_closure_new_func (slot, user_data, destroy);
  if (!_lsock_signal_find (sender, detailed_signal, &query, &detail, error) ||
      !check_type (&query, type, TRUE, error))
    {
      g_closure_unref (closure);
      return NULL;
    }

  return connection_make (sender, &query, detail, type, receiver, closure,
                          (gpointer) slot, user_data, error);
}

/**
 * lsock_invoke_queued:
 * @receiver: (nullable): the object in whose context to call; or %NULL
 * @closure: what to call, without an argument
 *
 * Calls @closure in the main context of @receiver, after what is queued there.
 *
 * The context is an [class@Lsock.Object]'s own; for another object it is the one where slots of
 * this object are connected, and failing that, as without an object, the thread-default main
 * context of the caller.  If @receiver is disposed before its turn, @closure is not called.
 *
 * A C function without a marshaller is called with its data alone:
 * `g_cclosure_new (G_CALLBACK (func), data, NULL)`.
 *
 * Mirrors `QMetaObject::invokeMethod()`.
 *
 * Since: 1.0
 */
void
lsock_invoke_queued (GObject  *receiver,
                     GClosure *closure)
{
  LsockReceiver *target;
  PlainCall *call;
  GMainContext *surplus;
  gboolean queued;

  g_return_if_fail (receiver == NULL || G_IS_OBJECT (receiver));
  g_return_if_fail (closure != NULL);

  g_closure_ref (closure);
  g_closure_sink (closure);

  target = _lsock_receiver_acquire (receiver, TRUE, _lsock_object_resolve_queue);
  call = g_new0 (PlainCall, 1);
  call->call.klass = &plain_call_class;
  call->receiver = target;
  call->closure = closure;

  g_mutex_lock (&target->lock);
  queued = _lsock_receiver_push (target, &call->call, &target->calls, &surplus);
  g_mutex_unlock (&target->lock);

  if (!queued)
    plain_call_drop (&call->call);
  _lsock_call_queue_drop_surplus (surplus);
}

/**
 * lsock_invoke_queued_full:
 * @receiver: (nullable): the object in whose context to call; or %NULL
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: the argument of @func
 * @destroy: (nullable): frees @user_data once @func has returned, or will not be called
 *
 * Calls @func in the main context of @receiver, after what is queued there.
 *
 * All else is as with [func@Lsock.invoke_queued], which takes a closure.
 *
 * Mirrors `QMetaObject::invokeMethod()`.
 *
 * Since: 1.0
 */
void
lsock_invoke_queued_full (GObject         *receiver,
                          LsockInvokeFunc  func,
                          gpointer         user_data,
                          GDestroyNotify   destroy)
{
  g_return_if_fail (receiver == NULL || G_IS_OBJECT (receiver));
  g_return_if_fail (func != NULL);

  /* A closure passes itself to its notifier as a second argument. */
  lsock_invoke_queued (receiver, g_cclosure_new (G_CALLBACK (func), user_data,
                                                 (GClosureNotify) G_CALLBACK (destroy)));
}
