/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connection: its life, from being made to being disconnected by either side. */

#include "config.h"

#include "lsock-connection.h"

#include "signal/lsock-connection-private.h"
#include "object/lsock-object-private.h"

/**
 * LsockConnection:
 *
 * A signal that is connected to a slot, perhaps in another thread.
 *
 * [func@Lsock.connect] makes one for any signal of any [class@GObject.Object].  The connection
 * lasts until [method@Lsock.Connection.disconnect] is called, or the sender or the receiver is
 * disposed; the `LsockConnection` need not be kept for that.
 *
 * What a slot is given depends on [flags@Lsock.ConnectionType]: in a direct call the arguments of
 * the emission, else copies of them.  Queued slots run in the receiver's main context, in the
 * order of the emissions.  This context is
 *
 * - an [class@Lsock.Object]'s own, for a receiver of this type; when the object moves, what is
 *   queued for it moves along;
 * - for any other receiver, and for none, the context that an [class@Lsock.Object] made by the
 *   thread that connected would belong to: most often its thread-default one.
 *
 * `AUTO` calls the slot directly when the emitting thread is the one that the context belongs to:
 * the thread that was the last to run a queued slot there, or before that the one that made the
 * object or the connection while it owned the context.  The global default main context belongs
 * to the thread of `main()` until another one is seen to run it.  `AUTO` never calls a slot in
 * another thread than this one.
 *
 * What is queued for a receiver is dropped when that is disposed.  A sender that is disposed does
 * not take back what it emitted: the queue holds a reference on it until that is delivered.  When a
 * main context is finalized, what is queued there is dropped.
 *
 * Mirrors `QMetaObject::Connection`.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (LsockConnection, lsock_connection,
                     lsock_connection_ref, lsock_connection_unref)

static void connection_ref_member    (LsockReceiverMember *member);
static void connection_cancel_member (LsockReceiverMember *member);

static const LsockReceiverMemberClass member_class = {
  .ref    = connection_ref_member,
  .cancel = connection_cancel_member,
};


LsockConnection *
_lsock_connection_new (GObject  *sender,
                       GObject  *receiver,
                       GClosure *slot)
{
  LsockConnection *self = g_new0 (LsockConnection, 1);

  self->member.klass = &member_class;
  g_atomic_ref_count_init (&self->ref_count);
  self->sender = _lsock_weak_get (sender);
  self->sender_id = sender;
  self->slot = slot;
  self->receiver = _lsock_receiver_acquire (receiver, FALSE, _lsock_object_resolve_queue);

  return self;
}

static void
connection_free (LsockConnection *self)
{
  g_mutex_lock (&self->receiver->lock);
  _lsock_receiver_leave (self->receiver, &self->member);
  g_mutex_unlock (&self->receiver->lock);

  g_clear_pointer (&self->slot, g_closure_unref);
  _lsock_weak_unref (self->sender);
  _lsock_receiver_release (self->receiver);
  g_free (self);
}

/* Whether there is a connection of the same slot, with the lock of the receiver held. */
static gboolean
connection_is_duplicate (LsockConnection *self)
{
  for (GList *l = self->receiver->members.head; l != NULL; l = l->next)
    {
      LsockConnection *other = l->data;

      if (other->state == LSOCK_CONNECTION_CONNECTED &&
          other->callback == self->callback && other->data == self->data &&
          other->sender_id == self->sender_id && other->signal_id == self->signal_id &&
          other->detail == self->detail)
        return TRUE;
    }

  return FALSE;
}

gboolean
_lsock_connection_join (LsockConnection *self,
                        gboolean         unique)
{
  gboolean joined;

  g_mutex_lock (&self->receiver->lock);
  joined = !unique || !connection_is_duplicate (self);
  if (joined)
    _lsock_receiver_join (self->receiver, &self->member);
  g_mutex_unlock (&self->receiver->lock);

  return joined;
}

GClosure *
_lsock_connection_settle (LsockConnection *self)
{
  if (self->state == LSOCK_CONNECTION_CONNECTED || self->pending > 0)
    return NULL;

  self->state = LSOCK_CONNECTION_DISCONNECTED;
  return g_steal_pointer (&self->slot);
}

void
_lsock_connection_delivered (LsockConnection *self)
{
  GClosure *slot;

  g_mutex_lock (&self->receiver->lock);
  self->pending--;
  slot = _lsock_connection_settle (self);
  g_mutex_unlock (&self->receiver->lock);

  if (slot != NULL)
    g_closure_unref (slot);
}

void
_lsock_connection_unhook (LsockConnection *self)
{
  g_autoptr (GObject) sender = _lsock_weak_ref_object (self->sender);

  /* By the closure and not by its number: if the sender is being disposed of in another thread,
   * the handler may be gone already, which is no fault. */
  if (sender != NULL)
    g_signal_handlers_disconnect_matched (sender, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_CLOSURE,
                                          self->signal_id, 0, self->emitter, NULL, NULL);
}

/* @cancel: what is queued is dropped even after a single shot. */
static void
connection_disconnect (LsockConnection *self,
                       gboolean         cancel)
{
  GClosure *slot;
  GQueue cut = G_QUEUE_INIT;
  gboolean hooked;

  /* What is dropped may hold the last reference. */
  lsock_connection_ref (self);

  g_mutex_lock (&self->receiver->lock);
  if (self->state == LSOCK_CONNECTION_FIRED && !cancel)
    {
      g_mutex_unlock (&self->receiver->lock);
      lsock_connection_unref (self);
      return;
    }
  hooked = self->state == LSOCK_CONNECTION_CONNECTED;
  self->state = LSOCK_CONNECTION_DISCONNECTED;
  _lsock_receiver_leave (self->receiver, &self->member);
  slot = g_steal_pointer (&self->slot);
  if (self->receiver->queue != NULL)
    _lsock_call_queue_cut_group (self->receiver->queue, &self->member.calls, &cut);
  g_mutex_unlock (&self->receiver->lock);

  if (hooked)
    _lsock_connection_unhook (self);
  _lsock_calls_drop (&cut);
  if (slot != NULL)
    g_closure_unref (slot);

  lsock_connection_unref (self);
}

static void
connection_ref_member (LsockReceiverMember *member)
{
  lsock_connection_ref ((LsockConnection *) member);
}

static void
connection_cancel_member (LsockReceiverMember *member)
{
  LsockConnection *self = (LsockConnection *) member;

  connection_disconnect (self, TRUE);
  lsock_connection_unref (self);
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
 * Calling it more than once is harmless.
 *
 * A connection with %LSOCK_CONNECTION_TYPE_SINGLE_SHOT ends by itself as the signal is emitted:
 * after that there is nothing to disconnect, and the call that is queued is delivered, as in Qt.
 *
 * Mirrors `QObject::disconnect()`.
 *
 * Since: 1.0
 */
void
lsock_connection_disconnect (LsockConnection *self)
{
  g_return_if_fail (self != NULL);

  connection_disconnect (self, FALSE);
}

/**
 * lsock_connection_is_connected:
 * @self: a connection
 *
 * Returns whether the next emission reaches the slot.
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

  g_mutex_lock (&self->receiver->lock);
  connected = self->state == LSOCK_CONNECTION_CONNECTED;
  g_mutex_unlock (&self->receiver->lock);

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

  return _lsock_weak_ref_object (self->sender);
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

  return g_weak_ref_get (&self->receiver->object);
}
