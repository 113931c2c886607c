/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-connection.h"

#include "lsock-connection-private.h"
#include "lsock-object-private.h"

/**
 * LsockConnection:
 *
 * A signal that is connected to a slot, perhaps in another thread.
 *
 * [func@Lsock.connect] makes one for any signal of any [class@GObject.Object].  The connection
 * lasts until [method@Lsock.Connection.disconnect] is called, or the sender or the receiver is
 * disposed; nobody needs to keep the `LsockConnection` for that.
 *
 * What a slot is given depends on [flags@Lsock.ConnectionType]: in a direct call the arguments of
 * the emission, else copies of them.  Queued slots run in the receiver's main context, in the
 * order of the emissions.  This context is
 *
 * - an [class@Lsock.Object]'s own, for a receiver of this type; when the object moves, what is
 *   queued for it moves along;
 * - for any other receiver, and for none, the thread-default main context of the thread that
 *   connected.
 *
 * `AUTO` calls the slot directly when the emitting thread is the one that the context belongs to:
 * the thread that was the last to run a queued slot there, or before that the one that made the
 * object or the connection while it owned the context.  The global default main context belongs
 * to the thread of `main()` until another one is seen to run it.  `AUTO` never calls a slot in
 * another thread than this one.
 *
 * A receiver that is disposed drops what is queued for it.  A sender that is disposed does not:
 * what it had said is still delivered, and the queue holds a reference on it.
 *
 * Mirrors `QMetaObject::Connection`.
 *
 * Since: 1.0
 */

#define FLAGS (LSOCK_CONNECTION_TYPE_UNIQUE | LSOCK_CONNECTION_TYPE_SINGLE_SHOT)

G_DEFINE_BOXED_TYPE (LsockConnection, lsock_connection,
                     lsock_connection_ref, lsock_connection_unref)

typedef struct
{
  LsockItem   item;
  LsockInbox *inbox;
  GClosure   *closure;
} PlainCall;


/* What can be connected */

static gboolean
type_can_be_copied (GType type)
{
  type &= ~G_SIGNAL_TYPE_STATIC_SCOPE;

  /* Nobody knows what a bare pointer leads to, or for how long. */
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

/* A library object emits where it belongs, so to wait there for itself would be to wait for ever.
 * Of other senders nobody knows: if they emit in the receiver's thread, the call is direct. */
static gboolean
waits_for_itself (GObject    *sender,
                  LsockInbox *inbox)
{
  g_autoptr (LsockLoop) loop = NULL;
  gboolean same;

  if (!LSOCK_IS_OBJECT (sender))
    return FALSE;

  loop = _lsock_object_ref_loop (LSOCK_OBJECT (sender));
  g_mutex_lock (&inbox->lock);
  same = loop == inbox->loop;
  g_mutex_unlock (&inbox->lock);

  return same;
}


/* The connection */

static void
connection_join (LsockConnection *self)
{
  LsockInbox *inbox = self->inbox;

  self->prev = inbox->last;
  if (inbox->last != NULL)
    inbox->last->next = self;
  else
    inbox->first = self;
  inbox->last = self;
}

static gboolean
connection_is_listed (LsockConnection *self)
{
  return self->prev != NULL || self->inbox->first == self;
}

static void
connection_leave (LsockConnection *self)
{
  LsockInbox *inbox = self->inbox;

  if (!connection_is_listed (self))
    return;

  if (self->prev != NULL)
    self->prev->next = self->next;
  else
    inbox->first = self->next;
  if (self->next != NULL)
    self->next->prev = self->prev;
  else
    inbox->last = self->prev;
  self->next = self->prev = NULL;
}

/* Connections of the same slot, under the lock of the inbox. */
static gboolean
connection_has_twin (LsockConnection *self)
{
  for (LsockConnection *other = self->inbox->first; other != NULL; other = other->next)
    if (other->state == CONNECTION_CONNECTED &&
        other->callback == self->callback && other->data == self->data &&
        other->sender_id == self->sender_id && other->signal_id == self->signal_id &&
        other->detail == self->detail)
      return TRUE;

  return FALSE;
}

static void
connection_free (LsockConnection *self)
{
  g_mutex_lock (&self->inbox->lock);
  connection_leave (self);
  g_mutex_unlock (&self->inbox->lock);

  g_clear_pointer (&self->slot, g_closure_unref);
  g_weak_ref_clear (&self->sender);
  _lsock_inbox_release (self->inbox);
  g_free (self);
}

static gboolean
connection_try_join (LsockConnection  *self,
                     gboolean          unique,
                     GSignalQuery     *query,
                     GError          **error)
{
  gboolean joined;

  g_mutex_lock (&self->inbox->lock);
  joined = !unique || !connection_has_twin (self);
  if (joined)
    connection_join (self);
  g_mutex_unlock (&self->inbox->lock);

  if (!joined)
    g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                 "The signal “%s” of %s is connected to this slot already",
                 query->signal_name, g_type_name (query->itype));

  return joined;
}

static void
connection_hook_up (LsockConnection *self,
                    GObject         *sender)
{
  gboolean gone;

  self->hook = _lsock_hook_new (self);
  g_signal_connect_closure_by_id (sender, self->signal_id, self->detail, self->hook, FALSE);
  g_closure_unref (self->hook);

  /* The receiver may have gone in its own thread meanwhile, when there was nothing to unhook. */
  g_mutex_lock (&self->inbox->lock);
  gone = self->state == CONNECTION_DISCONNECTED;
  g_mutex_unlock (&self->inbox->lock);
  if (gone)
    _lsock_connection_unhook (self);
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
connection_new (GObject              *sender,
                GSignalQuery         *query,
                GQuark                detail,
                LsockConnectionType   type,
                GObject              *receiver,
                GClosure             *slot,
                gpointer              callback,
                gpointer              data,
                GError              **error)
{
  g_autoptr (LsockConnection) self = g_new0 (LsockConnection, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->sender, sender);
  self->sender_id = sender;
  self->signal_id = query->signal_id;
  self->detail = detail;
  self->return_type = query->return_type & ~G_SIGNAL_TYPE_STATIC_SCOPE;
  self->delivery = type & ~FLAGS;
  self->single_shot = (type & LSOCK_CONNECTION_TYPE_SINGLE_SHOT) != 0;
  self->callback = callback;
  self->data = data;
  self->slot = slot;
  self->inbox = _lsock_inbox_acquire (receiver, FALSE);

  if (self->delivery == LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED &&
      waits_for_itself (sender, self->inbox))
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The signal “%s” of %s cannot wait for a slot in its own thread",
                   query->signal_name, G_OBJECT_TYPE_NAME (sender));
      return NULL;
    }

  if (!connection_try_join (self, (type & LSOCK_CONNECTION_TYPE_UNIQUE) != 0, query, error))
    return NULL;

  connection_hook_up (self, sender);
  return g_steal_pointer (&self);
}


/* A plain call */

static void
plain_call_drop (LsockItem *item)
{
  PlainCall *self = (PlainCall *) item;

  g_closure_unref (self->closure);
  _lsock_inbox_release (self->inbox);
  g_free (self);
}

static void
plain_call_run (LsockLoop *loop,
                LsockItem *item)
{
  PlainCall *self = (PlainCall *) item;
  GObject *receiver = NULL;

  if (self->inbox->has_receiver)
    receiver = g_weak_ref_get (&self->inbox->receiver);

  if (receiver != NULL || !self->inbox->has_receiver)
    _lsock_slot_invoke_plain (self->closure);

  plain_call_drop (item);
  if (receiver != NULL)
    g_object_unref (receiver);
}

static const LsockItemClass plain_call_class = {
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

  return connection_new (sender, &query, detail, type, receiver,
                         _lsock_slot_new_c (slot, user_data, &query),
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
 * See [struct@Lsock.Connection] for the context that the slot runs in, and [flags@Lsock.ConnectionType]
 * for the ways in which it is called.  The closure is released when the connection ends, in the
 * thread that ends it.
 *
 * A blocking slot that is never called, because it was disconnected or because its thread is gone,
 * gives the default of the signal's return type.
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

  _lsock_slot_need_marshal (slot, &query);
  return connection_new (sender, &query, detail, type, receiver, slot, NULL, NULL, error);
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

  closure = _lsock_slot_new_func (slot, user_data, destroy);
  if (!_lsock_signal_find (sender, detailed_signal, &query, &detail, error) ||
      !check_type (&query, type, TRUE, error))
    {
      g_closure_unref (closure);
      return NULL;
    }

  return connection_new (sender, &query, detail, type, receiver, closure,
                         (gpointer) slot, user_data, error);
}

/**
 * lsock_connection_ref:
 * @self: a connection
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
LsockConnection *
lsock_connection_ref (LsockConnection *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * lsock_connection_unref:
 * @self: (transfer full): a connection
 *
 * Drops a reference; the connection itself lasts all the same.
 *
 * Since: 1.0
 */
void
lsock_connection_unref (LsockConnection *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_ref_count_dec (&self->ref_count))
    connection_free (self);
}

/**
 * lsock_connection_disconnect:
 * @self: a connection
 *
 * Ends the connection, and drops what is queued for its slot.
 *
 * Once this has returned in the receiver's thread, the slot is not called any more.  In another
 * thread, it may be in the middle of a last call.  Emitters that wait for the slot are released.
 * More than once is harmless.
 *
 * Mirrors `QObject::disconnect()`.
 *
 * Since: 1.0
 */
void
lsock_connection_disconnect (LsockConnection *self)
{
  GClosure *slot;
  LsockItem *items = NULL;
  gboolean hooked;

  g_return_if_fail (self != NULL);

  /* What is dropped may hold the last reference. */
  lsock_connection_ref (self);

  g_mutex_lock (&self->inbox->lock);
  hooked = self->state == CONNECTION_CONNECTED;
  self->state = CONNECTION_DISCONNECTED;
  connection_leave (self);
  slot = g_steal_pointer (&self->slot);
  if (self->inbox->loop != NULL)
    items = _lsock_loop_cut_group (self->inbox->loop, &self->items);
  g_mutex_unlock (&self->inbox->lock);

  if (hooked)
    _lsock_connection_unhook (self);
  _lsock_items_drop (items);
  if (slot != NULL)
    g_closure_unref (slot);

  lsock_connection_unref (self);
}

/**
 * lsock_connection_is_connected:
 * @self: a connection
 *
 * Tells whether the slot hears of the next emission.
 *
 * Mirrors `QMetaObject::Connection::operator bool()`.
 *
 * Returns: %FALSE once the connection was disconnected, its single shot was fired, or its sender
 *   or receiver is gone
 *
 * Since: 1.0
 */
gboolean
lsock_connection_is_connected (LsockConnection *self)
{
  gboolean connected;

  g_return_val_if_fail (self != NULL, FALSE);

  g_mutex_lock (&self->inbox->lock);
  connected = self->state == CONNECTION_CONNECTED;
  g_mutex_unlock (&self->inbox->lock);

  return connected;
}

/**
 * lsock_connection_get_sender:
 * @self: a connection
 *
 * Gets the object whose signal is connected.
 *
 * Returns: (transfer full) (nullable): the sender, or %NULL when it is gone
 *
 * Since: 1.0
 */
GObject *
lsock_connection_get_sender (LsockConnection *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_weak_ref_get (&self->sender);
}

/**
 * lsock_connection_get_receiver:
 * @self: a connection
 *
 * Gets the object in whose context the slot runs.
 *
 * Returns: (transfer full) (nullable): the receiver, or %NULL when it is gone or there was none
 *
 * Since: 1.0
 */
GObject *
lsock_connection_get_receiver (LsockConnection *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_weak_ref_get (&self->inbox->receiver);
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
  PlainCall *call;
  LsockInbox *inbox;

  g_return_if_fail (receiver == NULL || G_IS_OBJECT (receiver));
  g_return_if_fail (closure != NULL);

  g_closure_ref (closure);
  g_closure_sink (closure);

  inbox = _lsock_inbox_acquire (receiver, TRUE);
  call = g_new0 (PlainCall, 1);
  call->item.klass = &plain_call_class;
  call->item.inbox = inbox;
  call->inbox = inbox;
  call->closure = closure;

  g_mutex_lock (&inbox->lock);
  _lsock_loop_push (inbox->loop, &call->item, &inbox->calls);
  g_mutex_unlock (&inbox->lock);
}
