/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-connection-private.h"

/* How an emission reaches the slot: at once, or by way of the queue. */

/* How often one who waits for a slot in another thread looks whether that thread still lives. */
#define WAIT_STEP (50 * G_TIME_SPAN_MILLISECOND)

/* How long a context that no thread was ever seen to run is waited for. */
#define WAIT_UNKNOWN (5 * G_TIME_SPAN_SECOND)

typedef struct
{
  GClosure         closure;
  LsockConnection *connection;
} Hook;

/* What a blocking emission waits for; shared by the two threads. */
typedef struct
{
  int             ref_count;  /* atomic */
  GMutex          lock;
  GCond           cond;
  gboolean        done;
  GValue          result;
  gpointer        delivery;   /* freed with this: its address must mean no other one meanwhile */
} Rendezvous;

typedef struct
{
  LsockItem        item;
  LsockConnection *connection;
  Rendezvous      *rendezvous;   /* NULL: nobody waits */
  guint            n_args;
  GValue           args[];
} Delivery;

static void delivery_run  (LsockLoop *loop,
                           LsockItem *item);
static void delivery_drop (LsockItem *item);

static const LsockItemClass delivery_class = {
  .run  = delivery_run,
  .drop = delivery_drop,
};


/* Rendezvous */

static Rendezvous *
rendezvous_new (void)
{
  Rendezvous *self = g_new0 (Rendezvous, 1);

  g_atomic_int_set (&self->ref_count, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  return self;
}

static Rendezvous *
rendezvous_ref (Rendezvous *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
rendezvous_unref (Rendezvous *self)
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
rendezvous_finish (Rendezvous *self)
{
  g_mutex_lock (&self->lock);
  self->done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  rendezvous_unref (self);
}

/* Answers whether it is done; else some time has passed. */
static gboolean
rendezvous_wait (Rendezvous *self)
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

/* A slot is let go of as soon as it cannot be called any more, and not only when the last of those
 * who hold the connection forgets it. */
GClosure *
_lsock_connection_settle (LsockConnection *self)
{
  if (self->state == CONNECTION_CONNECTED || self->pending > 0)
    return NULL;

  self->state = CONNECTION_DISCONNECTED;
  return g_steal_pointer (&self->slot);
}

static void
connection_delivered (LsockConnection *self)
{
  GClosure *slot;

  g_mutex_lock (&self->inbox->lock);
  self->pending--;
  slot = _lsock_connection_settle (self);
  g_mutex_unlock (&self->inbox->lock);

  if (slot != NULL)
    g_closure_unref (slot);
}

void
_lsock_connection_unhook (LsockConnection *self)
{
  g_autoptr (GObject) sender = g_weak_ref_get (&self->sender);

  /* By the closure and not by its number: if the sender is being disposed of in another thread,
   * the handler may be gone already, which is no fault. */
  if (sender != NULL)
    g_signal_handlers_disconnect_matched (sender, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_CLOSURE,
                                          self->signal_id, 0, self->hook, NULL, NULL);
}

/* Calls the slot in this thread; @slot is the caller's reference, and is dropped. */
static void
connection_call (LsockConnection *self,
                 GClosure        *slot,
                 GValue          *result,
                 guint            n_args,
                 const GValue    *args,
                 gpointer         hint)
{
  GObject *receiver = NULL;
  GValue unused = G_VALUE_INIT;

  /* Marshallers of signals that answer something insist on a place for it. */
  if (result == NULL && self->return_type != G_TYPE_NONE)
    {
      g_value_init (&unused, self->return_type);
      result = &unused;
    }

  if (self->inbox->has_receiver)
    receiver = g_weak_ref_get (&self->inbox->receiver);

  if (receiver != NULL || !self->inbox->has_receiver)
    g_closure_invoke (slot, result, n_args, args, hint);

  if (G_IS_VALUE (&unused))
    g_value_unset (&unused);
  g_closure_unref (slot);
  if (receiver != NULL)
    g_object_unref (receiver);
}


/* Delivery */

static Delivery *
delivery_new (LsockConnection *connection,
              guint            n_args,
              const GValue    *args)
{
  Delivery *self = g_malloc0 (sizeof (Delivery) + n_args * sizeof (GValue));

  self->item.klass = &delivery_class;
  self->item.inbox = connection->inbox;
  self->connection = lsock_connection_ref (connection);
  self->n_args = n_args;
  for (guint i = 0; i < n_args; i++)
    {
      g_value_init (&self->args[i], G_VALUE_TYPE (&args[i]));
      g_value_copy (&args[i], &self->args[i]);
    }

  return self;
}

/* What was queued has been delivered, or never will be. */
static void
delivery_drop (LsockItem *item)
{
  Delivery *self = (Delivery *) item;

  for (guint i = 0; i < self->n_args; i++)
    g_value_unset (&self->args[i]);

  connection_delivered (self->connection);
  lsock_connection_unref (self->connection);

  if (self->rendezvous != NULL)
    rendezvous_finish (self->rendezvous);
  else
    g_free (self);
}

static void
delivery_run (LsockLoop *loop,
              LsockItem *item)
{
  Delivery *self = (Delivery *) item;
  LsockConnection *connection = self->connection;
  GClosure *slot = NULL;

  g_mutex_lock (&connection->inbox->lock);
  if (connection->slot != NULL)
    slot = g_closure_ref (connection->slot);
  g_mutex_unlock (&connection->inbox->lock);

  if (slot != NULL)
    {
      GValue *result = NULL;

      if (self->rendezvous != NULL && connection->return_type != G_TYPE_NONE)
        {
          result = &self->rendezvous->result;
          g_value_init (result, connection->return_type);
        }
      connection_call (connection, slot, result, self->n_args, self->args, NULL);
    }

  delivery_drop (item);
}

/* Answers whether @self was queued; if not, it was dropped. */
static gboolean
delivery_queue (Delivery *self)
{
  LsockConnection *connection = self->connection;
  gboolean queued;

  g_mutex_lock (&connection->inbox->lock);
  queued = connection->slot != NULL;
  if (queued)
    _lsock_loop_push (connection->inbox->loop, &self->item, &connection->items);
  g_mutex_unlock (&connection->inbox->lock);

  if (!queued)
    delivery_drop (&self->item);

  return queued;
}


/* Waiting for a delivery */

static LsockLoop *
connection_ref_loop (LsockConnection *self)
{
  LsockLoop *loop;

  g_mutex_lock (&self->inbox->lock);
  loop = self->inbox->loop != NULL ? _lsock_loop_ref (self->inbox->loop) : NULL;
  g_mutex_unlock (&self->inbox->lock);

  return loop;
}

/* Whether nobody will run what is queued: the thread that ran the context is gone, or none was ever
 * seen to run it, and none does now. */
static gboolean
connection_is_abandoned (LsockConnection *self,
                         gint64           since)
{
  g_autoptr (LsockLoop) loop = connection_ref_loop (self);
  g_autoptr (LsockThread) thread = NULL;

  if (loop == NULL)
    return FALSE;

  thread = _lsock_loop_ref_thread (loop);
  if (thread != NULL && _lsock_thread_is_alive (thread))
    return FALSE;
  if (thread == NULL && g_get_monotonic_time () - since < WAIT_UNKNOWN)
    return FALSE;

  if (!g_main_context_acquire (_lsock_loop_get_context (loop)))
    return FALSE;
  g_main_context_release (_lsock_loop_get_context (loop));

  return TRUE;
}

/* The receiver may move while it is waited for, even to the thread that waits: so this is asked
 * again and again.  Answers FALSE if the two threads would wait for each other. */
static gboolean
connection_note_waiting (LsockConnection  *self,
                         LsockThread     **target)
{
  g_autoptr (LsockLoop) loop = connection_ref_loop (self);
  LsockThread *thread = loop != NULL ? _lsock_loop_ref_thread (loop) : NULL;
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
                     LsockItem       *item)
{
  gboolean found = FALSE;

  g_mutex_lock (&self->inbox->lock);
  if (self->inbox->loop != NULL)
    found = _lsock_loop_cut_item (self->inbox->loop, &self->items, item);
  g_mutex_unlock (&self->inbox->lock);

  if (found)
    _lsock_items_drop (item);

  return found;
}

static void
connection_call_blocking (LsockConnection *self,
                          GValue          *result,
                          guint            n_args,
                          const GValue    *args)
{
  /* Who waits for this thread has to see that it waits itself, even if its context never ran: to
   * look at the loop of that context is to be noted there. */
  LsockLoop *here = _lsock_loop_get_default ();
  Delivery *delivery = delivery_new (self, n_args, args);
  Rendezvous *rendezvous = rendezvous_new ();
  LsockThread *target = NULL;
  gint64 since = g_get_monotonic_time ();
  gboolean possible, circle = FALSE;

  delivery->rendezvous = rendezvous_ref (rendezvous);
  rendezvous->delivery = delivery;

  /* Once it is queued it belongs to others, and is not looked at any more. */
  possible = connection_note_waiting (self, &target);
  if (!delivery_queue (delivery))
    possible = TRUE;

  do
    {
      if (!possible)
        circle |= connection_withdraw (self, &delivery->item);
      else if (connection_is_abandoned (self, since))
        connection_withdraw (self, &delivery->item);
      if (rendezvous_wait (rendezvous))
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

  if (result != NULL && G_IS_VALUE (&rendezvous->result))
    g_value_copy (&rendezvous->result, result);
  rendezvous_unref (rendezvous);
  _lsock_loop_unref (here);
}


/* Emission */

/* Decides how the emission goes on, and counts it.  @slot is set for a direct call. */
static gboolean
connection_begin (LsockConnection      *self,
                  LsockConnectionType  *how,
                  gboolean             *fired,
                  GClosure            **slot)
{
  gboolean here;

  g_mutex_lock (&self->inbox->lock);

  if (self->state != CONNECTION_CONNECTED)
    {
      g_mutex_unlock (&self->inbox->lock);
      return FALSE;
    }

  here = _lsock_loop_is_here (self->inbox->loop);
  *how = self->delivery;
  if (*how == LSOCK_CONNECTION_TYPE_AUTO)
    *how = here ? LSOCK_CONNECTION_TYPE_DIRECT : LSOCK_CONNECTION_TYPE_QUEUED;
  else if (*how == LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED && here)
    *how = LSOCK_CONNECTION_TYPE_DIRECT;

  *fired = self->single_shot;
  if (*fired)
    self->state = CONNECTION_FIRED;
  self->pending++;
  if (*how == LSOCK_CONNECTION_TYPE_DIRECT)
    *slot = g_closure_ref (self->slot);

  g_mutex_unlock (&self->inbox->lock);

  return TRUE;
}

static void
hook_marshal (GClosure     *closure,
              GValue       *return_value,
              guint         n_params,
              const GValue *params,
              gpointer      hint,
              gpointer      marshal_data)
{
  LsockConnection *connection = ((Hook *) closure)->connection;
  LsockConnectionType how;
  GClosure *slot = NULL;
  gboolean fired;

  if (!connection_begin (connection, &how, &fired, &slot))
    return;

  lsock_connection_ref (connection);
  if (fired)
    _lsock_connection_unhook (connection);

  switch ((int) how)
    {
    case LSOCK_CONNECTION_TYPE_DIRECT:
      connection_call (connection, slot, return_value, n_params, params, hint);
      connection_delivered (connection);
      break;

    case LSOCK_CONNECTION_TYPE_BLOCKING_QUEUED:
      connection_call_blocking (connection, return_value, n_params, params);
      break;

    default:
      delivery_queue (delivery_new (connection, n_params, params));
    }

  lsock_connection_unref (connection);
}

/* The sender is gone, or the handler was disconnected from it by other means. */
static void
hook_finalized (gpointer  data,
                GClosure *closure)
{
  LsockConnection *connection = data;
  GClosure *slot;

  g_mutex_lock (&connection->inbox->lock);
  if (connection->state == CONNECTION_CONNECTED)
    connection->state = CONNECTION_FIRED;
  slot = _lsock_connection_settle (connection);
  g_mutex_unlock (&connection->inbox->lock);

  if (slot != NULL)
    g_closure_unref (slot);
  lsock_connection_unref (connection);
}

GClosure *
_lsock_hook_new (LsockConnection *connection)
{
  GClosure *closure = g_closure_new_simple (sizeof (Hook), connection);

  ((Hook *) closure)->connection = lsock_connection_ref (connection);
  g_closure_set_marshal (closure, hook_marshal);
  g_closure_add_finalize_notifier (closure, connection, hook_finalized);
  g_closure_ref (closure);
  g_closure_sink (closure);

  return closure;
}
