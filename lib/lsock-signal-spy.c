/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Spies: they record the emissions of a signal, and wait for the next one. */

#include "config.h"

#include "lsock-signal-spy.h"

#include <glib-unix.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-interrupt-private.h"
#include "object/lsock-object-private.h"
#include "object/lsock-weak-private.h"
#include "signal/lsock-closure-private.h"

/**
 * LsockSignalSpy:
 *
 * Records how often, and with which arguments, an object emits a signal; for tests.
 *
 * Any signal of any [class@GObject.Object] can be spied on.  It may be emitted in any thread.  The
 * spy does not keep the object alive, and keeps what it has recorded when the object goes.
 *
 * Mirrors `QSignalSpy`.
 *
 * Since: 1.0
 */
struct _LsockSignalSpy
{
  GObject    parent_instance;

  LsockWeak *object;
  char      *signal;

  GMutex     lock;       /* of what follows: signals are emitted in any thread */
  GPtrArray *emissions;  /* of GPtrArray of GValue */
  guint      total;      /* also those that were cleared */
  GSList    *waiting;    /* of GMainContext, one for each wait; borrowed from it */
};

typedef struct
{
  GClosure   closure;
  LsockWeak *spy;
} SpyClosure;

enum
{
  PROP_OBJECT = 1,
  PROP_SIGNAL,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (LsockSignalSpy, lsock_signal_spy, G_TYPE_OBJECT)


static void
value_free (gpointer data)
{
  GValue *value = data;

  g_value_unset (value);
  g_free (value);
}

static GPtrArray *
copy_args (guint         n_args,
           const GValue *args)
{
  GPtrArray *copies = g_ptr_array_new_full (n_args, value_free);

  for (guint i = 0; i < n_args; i++)
    {
      GValue *copy = g_new0 (GValue, 1);

      g_value_init (copy, G_VALUE_TYPE (&args[i]));
      g_value_copy (&args[i], copy);
      g_ptr_array_add (copies, copy);
    }

  return copies;
}

static void
spy_marshal (GClosure     *closure,
             GValue       *return_value,
             guint         n_params,
             const GValue *params,
             gpointer      hint,
             gpointer      marshal_data)
{
  g_autoptr (LsockSignalSpy) self = _lsock_weak_ref_object (((SpyClosure *) closure)->spy);
  GPtrArray *args;

  if (self == NULL)
    return;

  /* The first is the object that emits. */
  args = copy_args (n_params - 1, params + 1);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->emissions, args);
  self->total++;
  for (GSList *l = self->waiting; l != NULL; l = l->next)
    g_main_context_wakeup (l->data);
  g_mutex_unlock (&self->lock);
}

static void
spy_closure_finalized (gpointer  data,
                       GClosure *closure)
{
  _lsock_weak_unref (((SpyClosure *) closure)->spy);
}

static guint
lsock_signal_spy_get_total (LsockSignalSpy *self)
{
  guint total;

  g_mutex_lock (&self->lock);
  total = self->total;
  g_mutex_unlock (&self->lock);

  return total;
}

static gboolean
on_limit (gpointer user_data)
{
  gboolean *passed = user_data;

  *passed = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (int           fd,
              GIOCondition  condition,
              gpointer      user_data)
{
  return on_limit (user_data);
}


static void
lsock_signal_spy_hook_up (LsockSignalSpy *self,
                          GObject        *object,
                          GSignalQuery   *query,
                          GQuark          detail)
{
  GClosure *closure = g_closure_new_simple (sizeof (SpyClosure), self);

  ((SpyClosure *) closure)->spy = _lsock_weak_get (G_OBJECT (self));
  g_closure_set_marshal (closure, spy_marshal);
  g_closure_add_finalize_notifier (closure, NULL, spy_closure_finalized);
  g_signal_connect_closure_by_id (object, query->signal_id, detail, closure, FALSE);
}


/* GObject */

static void
lsock_signal_spy_get_property (GObject    *object,
                               guint       property_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  LsockSignalSpy *self = LSOCK_SIGNAL_SPY (object);

  switch (property_id)
    {
    case PROP_OBJECT:
      if (self->object != NULL)
        g_value_take_object (value, _lsock_weak_ref_object (self->object));
      break;

    case PROP_SIGNAL:
      g_value_set_string (value, self->signal);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
lsock_signal_spy_set_property (GObject      *object,
                               guint         property_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  LsockSignalSpy *self = LSOCK_SIGNAL_SPY (object);

  switch (property_id)
    {
    case PROP_OBJECT:
      if (g_value_get_object (value) != NULL)
        self->object = _lsock_weak_get (g_value_get_object (value));
      break;

    case PROP_SIGNAL:
      self->signal = g_value_dup_string (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
lsock_signal_spy_constructed (GObject *object)
{
  LsockSignalSpy *self = LSOCK_SIGNAL_SPY (object);
  g_autoptr (GObject) spied = self->object != NULL ? _lsock_weak_ref_object (self->object) : NULL;
  g_autoptr (GError) error = NULL;
  GSignalQuery query;
  GQuark detail;

  G_OBJECT_CLASS (lsock_signal_spy_parent_class)->constructed (object);

  /* lsock_signal_spy_new() has checked both; g_object_new() has no error to return. */
  if (spied == NULL || self->signal == NULL)
    g_critical ("A signal spy needs an object and a signal");
  else if (!_lsock_signal_find (spied, self->signal, &query, &detail, &error))
    g_critical ("%s", error->message);
  else
    lsock_signal_spy_hook_up (self, spied, &query, detail);
}

static void
lsock_signal_spy_dispose (GObject *object)
{
  LsockSignalSpy *self = LSOCK_SIGNAL_SPY (object);
  g_autoptr (GObject) spied = self->object != NULL ? _lsock_weak_ref_object (self->object) : NULL;

  if (spied != NULL)
    g_signal_handlers_disconnect_matched (spied, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, self);

  G_OBJECT_CLASS (lsock_signal_spy_parent_class)->dispose (object);
}

static void
lsock_signal_spy_finalize (GObject *object)
{
  LsockSignalSpy *self = LSOCK_SIGNAL_SPY (object);

  g_assert (self->waiting == NULL);

  g_clear_pointer (&self->object, _lsock_weak_unref);
  g_ptr_array_unref (self->emissions);
  g_free (self->signal);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (lsock_signal_spy_parent_class)->finalize (object);
}

static void
lsock_signal_spy_class_init (LsockSignalSpyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = lsock_signal_spy_constructed;
  object_class->dispose = lsock_signal_spy_dispose;
  object_class->finalize = lsock_signal_spy_finalize;
  object_class->get_property = lsock_signal_spy_get_property;
  object_class->set_property = lsock_signal_spy_set_property;

  /**
   * LsockSignalSpy:object:
   *
   * The object to spy on, or %NULL when it is gone; it has to be given when the spy is made.
   *
   * Since: 1.0
   */
  properties[PROP_OBJECT] =
    g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * LsockSignalSpy:signal: (getter get_signal)
   *
   * The signal that is recorded, with its detail; it has to be given when the spy is made.
   *
   * Since: 1.0
   */
  properties[PROP_SIGNAL] =
    g_param_spec_string ("signal", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
lsock_signal_spy_init (LsockSignalSpy *self)
{
  g_mutex_init (&self->lock);
  self->emissions = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
}


/**
 * lsock_signal_spy_new: (constructor)
 * @object: the object to spy on
 * @detailed_signal: one of its signals, with a detail if it takes one: `"notify::state"`
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to record a signal.
 *
 * A spy that is made without this function, with properties that name no signal, records nothing, and
 * a critical warning says so.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when there is no such signal or detail.
 *
 * Mirrors `QSignalSpy::QSignalSpy()`.
 *
 * Returns: (transfer full): a new spy, or %NULL on error
 *
 * Since: 1.0
 */
LsockSignalSpy *
lsock_signal_spy_new (GObject     *object,
                      const char  *detailed_signal,
                      GError     **error)
{
  GSignalQuery query;
  GQuark detail;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (detailed_signal != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!_lsock_signal_find (object, detailed_signal, &query, &detail, error))
    return NULL;

  return g_object_new (LSOCK_TYPE_SIGNAL_SPY,
                       "object", object,
                       "signal", detailed_signal,
                       NULL);
}

/**
 * lsock_signal_spy_get_signal: (get-property signal)
 * @self: a spy
 *
 * Gets the signal that is recorded, with its detail.
 *
 * Mirrors `QSignalSpy::signal()`.
 *
 * Returns: (transfer none): the signal
 *
 * Since: 1.0
 */
const char *
lsock_signal_spy_get_signal (LsockSignalSpy *self)
{
  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), NULL);

  return self->signal;
}

/**
 * lsock_signal_spy_get_count:
 * @self: a spy
 *
 * Counts what has been recorded.
 *
 * Mirrors `QSignalSpy::count()`.
 *
 * Returns: how often the signal was emitted, since [method@Lsock.SignalSpy.clear] if that was
 *   called
 *
 * Since: 1.0
 */
guint
lsock_signal_spy_get_count (LsockSignalSpy *self)
{
  guint count;

  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), 0);

  g_mutex_lock (&self->lock);
  count = self->emissions->len;
  g_mutex_unlock (&self->lock);

  return count;
}

/**
 * lsock_signal_spy_get_args:
 * @self: a spy
 * @index: which emission, from 0 for the first
 *
 * Gets the arguments of an emission, without the object that emitted it.
 *
 * Mirrors `QSignalSpy::at()`.
 *
 * Returns: (transfer container) (element-type GObject.Value) (nullable): the arguments, which
 *   the array holds; %NULL if there were not so many emissions
 *
 * Since: 1.0
 */
GPtrArray *
lsock_signal_spy_get_args (LsockSignalSpy *self,
                           guint           index)
{
  GPtrArray *args = NULL;

  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), NULL);

  g_mutex_lock (&self->lock);
  if (index < self->emissions->len)
    args = g_ptr_array_ref (g_ptr_array_index (self->emissions, index));
  g_mutex_unlock (&self->lock);

  return args;
}

/**
 * lsock_signal_spy_get_n_args:
 * @self: a spy
 * @index: which emission, from 0 for the first
 *
 * Counts the arguments of an emission, without the object that emitted it.
 *
 * Returns: how many there are; 0 if there were not so many emissions
 *
 * Since: 1.0
 */
guint
lsock_signal_spy_get_n_args (LsockSignalSpy *self,
                             guint           index)
{
  g_autoptr (GPtrArray) args = NULL;

  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), 0);

  args = lsock_signal_spy_get_args (self, index);
  return args != NULL ? args->len : 0;
}

/**
 * lsock_signal_spy_get_arg:
 * @self: a spy
 * @index: which emission, from 0 for the first
 * @position: which argument, from 0 for the first after the object that emitted it
 * @value: (out caller-allocates): where the argument goes; not touched if there is none
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Gets one argument of an emission.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when there were not so many emissions, or the signal has
 * not so many arguments.
 *
 * Mirrors `QSignalSpy::at()`.
 *
 * Returns: %TRUE if @value was set
 *
 * Since: 1.0
 */
gboolean
lsock_signal_spy_get_arg (LsockSignalSpy *self,
                          guint           index,
                          guint           position,
                          GValue         *value,
                          GError        **error)
{
  g_autoptr (GPtrArray) args = NULL;
  const GValue *found;

  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  args = lsock_signal_spy_get_args (self, index);
  if (args == NULL)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "There is no emission %u of the signal “%s”: %u were recorded",
                   index, self->signal, lsock_signal_spy_get_count (self));
      return FALSE;
    }
  if (position >= args->len)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "There is no argument %u: the signal “%s” has %u",
                   position, self->signal, args->len);
      return FALSE;
    }

  found = g_ptr_array_index (args, position);
  g_value_init (value, G_VALUE_TYPE (found));
  g_value_copy (found, value);
  return TRUE;
}

/**
 * lsock_signal_spy_wait:
 * @self: a spy
 * @msecs: how long to wait, in milliseconds; -1 to wait without a limit, 0 or another negative
 *   number to run only what is ready
 *
 * Waits until the signal is emitted once more, in whichever thread.
 *
 * Meanwhile the main context runs that objects which this thread makes belong to: most often the
 * thread-default one.  What was recorded before does not count.
 *
 * Mirrors `QSignalSpy::wait()`.
 *
 * Returns: %TRUE if the signal was emitted, %FALSE if the time passed
 *
 * Since: 1.0
 */
gboolean
lsock_signal_spy_wait (LsockSignalSpy *self,
                       int             msecs)
{
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GSource) limit = NULL;
  g_autoptr (GSource) interrupt = NULL;
  gint64 deadline = _lsock_deadline_after (msecs);
  int fd = _lsock_interrupt_get_descriptor ();
  gboolean passed = FALSE, emitted;
  guint before;

  g_return_val_if_fail (LSOCK_IS_SIGNAL_SPY (self), FALSE);

  g_object_ref (self);
  context = _lsock_call_queue_ref_default_context ();
  if (deadline >= 0)
    {
      limit = g_timeout_source_new ((guint) _lsock_deadline_remaining (deadline));
      g_source_set_static_name (limit, "lsock spy limit");
      g_source_set_callback (limit, on_limit, &passed, NULL);
      g_source_attach (limit, context);
    }
  if (fd >= 0)
    {
      interrupt = g_unix_fd_source_new (fd, G_IO_IN);
      g_source_set_static_name (interrupt, "lsock spy interrupt");
      g_source_set_callback (interrupt, G_SOURCE_FUNC (on_interrupt), &passed, NULL);
      g_source_attach (interrupt, context);
    }

  g_mutex_lock (&self->lock);
  before = self->total;
  self->waiting = g_slist_prepend (self->waiting, context);
  g_mutex_unlock (&self->lock);

  while (!(emitted = lsock_signal_spy_get_total (self) != before) && !passed)
    g_main_context_iteration (context, TRUE);

  g_mutex_lock (&self->lock);
  self->waiting = g_slist_remove (self->waiting, context);
  g_mutex_unlock (&self->lock);

  if (limit != NULL)
    g_source_destroy (limit);
  if (interrupt != NULL)
    g_source_destroy (interrupt);
  g_object_unref (self);

  return emitted;
}

/**
 * lsock_signal_spy_clear:
 * @self: a spy
 *
 * Forgets what has been recorded.
 *
 * Mirrors `QSignalSpy::clear()`.
 *
 * Since: 1.0
 */
void
lsock_signal_spy_clear (LsockSignalSpy *self)
{
  GPtrArray *emissions;

  g_return_if_fail (LSOCK_IS_SIGNAL_SPY (self));

  g_mutex_lock (&self->lock);
  emissions = g_steal_pointer (&self->emissions);
  self->emissions = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_mutex_unlock (&self->lock);

  /* What was recorded may run foreign code as it goes. */
  g_ptr_array_unref (emissions);
}
