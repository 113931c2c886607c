/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Delivery: how an emission reaches the slot, at once or by way of the call queue. */

#include "config.h"

#include "signal/lsock-delivery-private.h"

#include "object/lsock-object-private.h"

/* How often an emitter that waits for a slot checks whether the other thread still lives. */
#define WAIT_STEP (50 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  GClosure         closure;
  LsockConnection *connection;
} EmitterClosure;

/* What a blocking emission waits for; shared by the two threads. */
typedef struct
{
  int             ref_count;  /* atomic */
  GMutex          lock;
  GCond           cond;
  gboolean        done;
  GValue          result;
  gpointer        delivery;   /* freed with this: its address must mean no other one meanwhile */
} Completion;

typedef struct
{
  LsockCall        call;
  LsockConnection *connection;
  Completion      *completion;   /* NULL: no emitter waits */
  LsockObject     *sender;       /* counted, not referenced; NULL: the first argument has it */
  guint            n_args;
  GValue           args[];
} Delivery;

static void delivery_run  (LsockCall *call);
static void delivery_drop (LsockCall *call);

static const LsockCallClass delivery_class = {
  .run  = delivery_run,
  .drop = delivery_drop,
};


/* Completion */

static Completion *
completion_new (void)
{
  Completion *self = g_new0 (Completion, 1);

  g_atomic_int_set (&self->ref_count, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  return self;
}

static Completion *
completion_ref (Completion *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
completion_unref (Completion *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (G_IS_VALUE (&self->result))
    g_value_unset (&self->result);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self->delivery);
  g_free (self);
}

static void
completion_finish (Completion *self)
{
  g_mutex_lock (&self->lock);
  self->done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  completion_unref (self);
}

/* Returns whether it is done; else some time has passed. */
static gboolean
completion_wait (Completion *self)
{
  gint64 until = g_get_monotonic_time () + WAIT_STEP;
  gboolean done;

  g_mutex_lock (&self->lock);
  while (!self->done && g_cond_wait_until (&self->cond, &self->lock, until))
    ;
  done = self->done;
  g_mutex_unlock (&self->lock);

  return done;
}


/* The connection */

/* Calls the slot in this thread; @slot is the caller's reference, and is dropped. */
static void
connection_call (LsockConnection *self,
                 GClosure        *slot,
                 GValue          *result,
                 guint            n_args,
                 const GValue    *args,
                 gpointer         hint)
{
  g_autoptr (GObject) receiver = NULL;
  GValue unused = G_VALUE_INIT;

  /* Marshallers of signals that answer something insist on a place for it. */
  if (result == NULL && self->return_type != G_TYPE_NONE)
    {
      g_value_init (&unused, self->return_type);
      result = &unused;
    }

  receiver = g_weak_ref_get (&self->receiver->object);
  if (receiver != NULL || !self->receiver->has_object)
    g_closure_invoke (slot, result, n_args, args, hint);

  if (G_IS_VALUE (&unused))
    g_value_unset (&unused);
  g_closure_unref (slot);
}


/* Delivery */

/* @own: the sender lives in the main context that the delivery is queued in. */
static Delivery *
delivery_new (LsockConnection *connection,
              gboolean         own,
              guint            n_args,
              const GValue    *args)
{
  Delivery *self = g_malloc0 (sizeof (Delivery) + n_args * sizeof (GValue));
  GObject *sender = g_value_get_object (&args[0]);

  self->call.klass = &delivery_class;
  self->connection = lsock_connection_ref (connection);
  self->n_args = n_args;
  if (own && !_lsock_object_is_ended (LSOCK_OBJECT (sender)))
    {
      self->sender = LSOCK_OBJECT (sender);
      _lsock_object_add_delivery (self->sender);
    }
  for (guint i = self->sender != NULL ? 1 : 0; i < n_args; i++)
    {
      g_value_init (&self->args[i], G_VALUE_TYPE (&args[i]));
      g_value_copy (&args[i], &self->args[i]);
    }

  return self;
}

/* What was queued has been delivered, or never will be. */
static void
delivery_drop (LsockCall *call)
{
  Delivery *self = (Delivery *) call;

  for (guint i = 0; i < self->n_args; i++)
    if (G_IS_VALUE (&self->args[i]))
      g_value_unset (&self->args[i]);

  _lsock_connection_delivered (self->connection);
  lsock_connection_unref (self->connection);
  if (self->sender != NULL)
    _lsock_object_end_delivery (self->sender);

  if (self->completion != NULL)
    completion_finish (self->completion);
  else
    g_free (self);
}

static void
delivery_run (LsockCall *call)
{
  Delivery *self = (Delivery *) call;
  LsockConnection *connection = self->connection;
  GClosure *slot = NULL;

  g_mutex_lock (&connection->receiver->lock);
  if (connection->slot != NULL)
    slot = g_closure_ref (connection->slot);
  g_mutex_unlock (&connection->receiver->lock);

  if (slot != NULL)
    {
      GValue *result = NULL;

      if (self->sender != NULL)
        {
          g_value_init (&self->args[0], G_OBJECT_TYPE (self->sender));
          g_value_set_object (&self->args[0], self->sender);
        }
      if (self->completion != NULL && connection->return_type != G_TYPE_NONE)
        {
          result = &self->completion->result;
          g_value_init (result, connection->return_type);
        }
      connection_call (connection, slot, result, self->n_args, self->args, NULL);
    }

  delivery_drop (call);
}

/* Returns whether @self was queued; if not, it was dropped. */
static gboolean
delivery_queue (Delivery *self)
{
  LsockConnection *connection = self->connection;
  GMainContext *surplus = NULL;
  gboolean queued;

  g_mutex_lock (&connection->receiver->lock);
  queued = connection->slot != NULL &&
           _lsock_receiver_push (connection->receiver, &self->call, &connection->member.calls,
                                 &surplus);
  g_mutex_unlock (&connection->receiver->lock);

  if (!queued)
    delivery_drop (&self->call);
  _lsock_call_queue_drop_surplus (surplus);

  return queued;
}


/* Waiting for a delivery */

/* Whether no thread will run what is queued. */
static gboolean
connection_is_abandoned (LsockConnection *self,
                         gint64           since)
{
  g_autoptr (LsockCallQueue) queue = _lsock_receiver_ref_queue (self->receiver);

  return queue != NULL && _lsock_call_queue_is_abandoned (queue, since);
}

/* The receiver may move while it is waited for, even to the thread that waits: so this is asked
 * again and again.  Returns FALSE if the two threads would wait for each other. */
static gboolean
connection_note_waiting (LsockConnection  *self,
                         LsockThread     **target)
{
  g_autoptr (LsockCallQueue) queue = _lsock_receiver_ref_queue (self->receiver);
  LsockThread *thread = queue != NULL ? _lsock_call_queue_ref_thread (queue) : NULL;
  gboolean possible = TRUE;

  if (thread == *target)
    {
      if (thread != NULL)
        _lsock_thread_unref (thread);
      return TRUE;
    }

  if (*target != NULL)
    {
      _lsock_thread_stop_waiting ();
      _lsock_thread_unref (*target);
    }
  if (thread != NULL)
    possible = _lsock_thread_start_waiting (thread);
  *target = thread;

  return possible;
}

static gboolean
connection_withdraw (LsockConnection *self,
                     LsockCall       *call)
{
  GQueue cut = G_QUEUE_INIT;
  gboolean found = FALSE;

  g_mutex_lock (&self->receiver->lock);
  if (self->receiver->queue != NULL)
    found = _lsock_call_queue_cut_call (self->receiver->queue, &self->member.calls, call, &cut);
  g_mutex_unlock (&self->receiver->lock);

  _lsock_calls_drop (&cut);
  return found;
}

static void
connection_call_blocking (LsockConnection *self,
                          GValue          *result,
                          guint            n_args,
                          const GValue    *args)
{
  /* A thread that waits for this one has to see that it waits itself, even if its context never
   * ran: to look up the queue of that context is to be noted there. */
  g_autoptr (LsockCallQueue) here G_GNUC_UNUSED = _lsock_call_queue_get_default ();
  Delivery *delivery = delivery_new (self, FALSE, n_args, args);
  Completion *completion = completion_new ();
  LsockThread *target = NULL;
  gint64 since = g_get_monotonic_time ();
  gboolean possible, circle = FALSE;

  delivery->completion = completion_ref (completion);
  completion->delivery = delivery;

  /* Once it is queued it belongs to others, and is not looked at any more. */
  possible = connection_note_waiting (self, &target);
  if (!delivery_queue (delivery))
    possible = TRUE;

  do
    {
      if (!possible)
        circle |= connection_withdraw (self, &delivery->call);
      else if (connection_is_abandoned (self, since))
        connection_withdraw (self, &delivery->call);
      if (completion_wait (completion))
        break;
      possible = possible && connection_note_waiting (self, &target);
    }
  while (TRUE);

  if (target != NULL)
    {
      _lsock_thread_stop_waiting ();
      _lsock_thread_unref (target);
    }
  if (circle)
    g_warning ("The slot of a blocking connection to “%s” is not called: "
               "its thread waits for this one", g_signal_name (self->signal_id));

  if (result != NULL && G_IS_VALUE (&completion->result))
    g_value_copy (&completion->result, result);
  completion_unref (completion);
}


/* Emission */

/* Whether @sender lives in the main context of the receiver, with the lock of that held. */
static gboolean
connection_stays_in_context (LsockConnection *self,
                             gpointer         sender)
{
  return self->from_object &&
         _lsock_object_get_private (sender)->queue == self->receiver->queue;
}

/* Whether a slot in another language must not be called now: an object that lost its last reference,
 * and ends its children, may have lost it to a collector, which runs no code while it sweeps. */
static gboolean
connection_has_to_wait (LsockConnection *self,
                        gpointer         sender)
{
  return self->from_object && self->callback == NULL && self->return_type == G_TYPE_NONE &&
         (_lsock_object_has_flag (sender, LSOCK_OBJECT_COLLECTED) ||
          (_lsock_object_is_ended (sender) && _lsock_object_is_last_held (sender)));
}

/* Decides how the emission goes on, and counts it.  @slot is set for a direct call. */
static gboolean
connection_begin (LsockConnection      *self,
                  gpointer              sender,
                  LsockConnectionType  *how,
                  gboolean             *fired,
                  gboolean             *own,
                  GClosure            **slot)
{
  gboolean here;

  g_mutex_lock (&self->receiver->lock);

  if (self->state != LSOCK_CONNECTION_CONNECTED)
    {
      g_mutex_unlock (&self->receiver->lock);
      return FALSE;
    }

  here = _lsock_call_queue_is_here (self->receiver->queue);
  *how = self->delivery;
  if (*how == LSOCK_CONNECTION_TYPE_AUTO)
    *how = here ? LSOCK_CONNECTION_TYPE_DIRECT : LSOCK_CONNECTION_TYPE_QUEUED;
  else if (*how == LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED && here)
    *how = LSOCK_CONNECTION_TYPE_DIRECT;
  if (*how == LSOCK_CONNECTION_TYPE_DIRECT && connection_has_to_wait (self, sender))
    *how = LSOCK_CONNECTION_TYPE_QUEUED;

  *own = connection_stays_in_context (self, sender);
  *fired = self->single_shot;
  if (*fired)
    self->state = LSOCK_CONNECTION_FIRED;
  self->pending++;
  if (*how == LSOCK_CONNECTION_TYPE_DIRECT)
    *slot = g_closure_ref (self->slot);

  g_mutex_unlock (&self->receiver->lock);

  return TRUE;
}

static void
emitter_marshal (GClosure     *closure,
                 GValue       *return_value,
                 guint         n_params,
                 const GValue *params,
                 gpointer      hint,
                 gpointer      marshal_data)
{
  LsockConnection *connection = ((EmitterClosure *) closure)->connection;
  gpointer sender = g_value_get_object (&params[0]);
  LsockConnectionType how;
  GClosure *slot = NULL;
  gboolean fired, own;

  if (connection->can_block && _lsock_object_is_muted (sender))
    return;
  if (!connection_begin (connection, sender, &how, &fired, &own, &slot))
    return;

  lsock_connection_ref (connection);
  if (fired)
    _lsock_connection_unhook (connection);

  switch ((int) how)
    {
    case LSOCK_CONNECTION_TYPE_DIRECT:
      connection_call (connection, slot, return_value, n_params, params, hint);
      _lsock_connection_delivered (connection);
      break;

    case LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED:
      connection_call_blocking (connection, return_value, n_params, params);
      break;

    default:
      delivery_queue (delivery_new (connection, own, n_params, params));
    }

  lsock_connection_unref (connection);
}

/* The sender is gone, or the handler was disconnected from it by other means. */
static void
emitter_finalized (gpointer  data,
                   GClosure *closure)
{
  LsockConnection *connection = data;
  GClosure *slot;

  g_mutex_lock (&connection->receiver->lock);
  if (connection->state == LSOCK_CONNECTION_CONNECTED)
    connection->state = LSOCK_CONNECTION_SENDER_GONE;
  slot = _lsock_connection_settle (connection);
  g_mutex_unlock (&connection->receiver->lock);

  if (slot != NULL)
    g_closure_unref (slot);
  lsock_connection_unref (connection);
}

void
_lsock_delivery_hook_up (LsockConnection *connection,
                         GObject         *sender)
{
  GClosure *closure = g_closure_new_simple (sizeof (EmitterClosure), connection);
  gboolean gone;

  ((EmitterClosure *) closure)->connection = lsock_connection_ref (connection);
  g_closure_set_marshal (closure, emitter_marshal);
  g_closure_add_finalize_notifier (closure, connection, emitter_finalized);
  connection->emitter = closure;
  g_signal_connect_closure_by_id (sender, connection->signal_id, connection->detail, closure,
                                  FALSE);

  /* The receiver may have gone in its own thread meanwhile, when there was nothing to unhook. */
  g_mutex_lock (&connection->receiver->lock);
  gone = connection->state == LSOCK_CONNECTION_DISCONNECTED;
  g_mutex_unlock (&connection->receiver->lock);
  if (gone)
    _lsock_connection_unhook (connection);
}
