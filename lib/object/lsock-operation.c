/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asynchronous calls: one a direction and object, cancelled at any moment, and never a result
 * lost. */

#include "config.h"

#include "object/lsock-operation-private.h"

typedef struct
{
  LsockOperation *operations[LSOCK_OPERATION_N_SLOTS];
} Slots;

static G_DEFINE_QUARK (lsock-operations, slots)


static Slots *
get_slots (LsockObject *self)
{
  Slots *slots = g_object_get_qdata (G_OBJECT (self), slots_quark ());

  if (slots == NULL)
    {
      slots = g_new0 (Slots, 1);
      g_object_set_qdata_full (G_OBJECT (self), slots_quark (), slots, g_free);
    }
  return slots;
}

static void
release_slot (LsockOperation *self)
{
  Slots *slots = get_slots (self->object);

  if (slots->operations[self->slot] != self)
    return;

  slots->operations[self->slot] = NULL;
  for (guint i = 0; i < LSOCK_OPERATION_N_SLOTS; i++)
    if (slots->operations[i] != NULL)
      return;

  _lsock_object_clear_flag (self->object, LSOCK_OBJECT_HAS_OPERATIONS);
  if (self->klass->update != NULL)
    self->klass->update (self->object, FALSE);
}

static void
operation_free (gpointer operation)
{
  LsockOperation *self = operation;

  self->klass->clear (self);
  release_slot (self);
  g_object_unref (self->object);
  g_free (self);
}

static void
stop_waiting (LsockOperation *self)
{
  if (self->cancelled == NULL)
    return;

  g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
}

/* The callback may run at once. */
static void
complete (LsockOperation *self,
          GError         *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  stop_waiting (self);
  if (task == NULL)
    {
      g_clear_error (&error);
      return;
    }

  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  /* It has given back what it had taken: the next call need not wait for the callback. */
  if (self->klass->fail != NULL)
    self->klass->fail (self);
  release_slot (self);
  g_task_return_error (task, error);
}

static LsockOperationState
look (LsockOperation  *self,
      GError         **error)
{
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), error) ||
      !_lsock_object_check_alive (self->object, "complete the operation", error))
    return LSOCK_OPERATION_FAILED;

  return self->klass->check (self, error);
}

/* A check reads and writes, and the handlers of what that emits may cause another one. */
static void
check (LsockOperation *self)
{
  g_autoptr (GTask) hold = NULL;
  LsockOperationState state;
  GError *error = NULL;

  if (self->task == NULL || !self->started)
    return;

  if (self->checking)
    {
      self->again = TRUE;
      return;
    }

  /* A handler may stop it. */
  hold = g_object_ref (self->task);
  self->checking = TRUE;
  do
    {
      self->again = FALSE;
      state = look (self, &error);
    }
  while (state == LSOCK_OPERATION_WAITS && self->again && self->task != NULL);
  self->checking = FALSE;

  if (state != LSOCK_OPERATION_WAITS)
    complete (self, error);
}

static gboolean
is_cancelled (LsockOperation *self)
{
  return self->task != NULL && g_cancellable_is_cancelled (g_task_get_cancellable (self->task));
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  check (data);
  return G_SOURCE_REMOVE;
}

gpointer
_lsock_operation_new (const LsockOperationClass *klass,
                      gpointer                   object,
                      LsockOperationSlot         slot,
                      gpointer                   tag,
                      int                        priority,
                      GCancellable              *cancellable,
                      GAsyncReadyCallback        callback,
                      gpointer                   data)
{
  g_autoptr (GTask) task = g_task_new (object, cancellable, callback, data);
  Slots *slots = get_slots (object);
  LsockOperation *self;
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  g_task_set_priority (task, priority);
  /* What was taken before the cancellation is handed out. */
  g_task_set_check_cancellable (task, FALSE);

  if (g_task_return_error_if_cancelled (task))
    return NULL;

  if (!_lsock_object_check_alive (object, "begin an operation", &error))
    {
      g_task_return_error (task, error);
      return NULL;
    }

  /* One that is cancelled, and has not heard of it yet, makes room. */
  if (slots->operations[slot] != NULL && is_cancelled (slots->operations[slot]))
    check (slots->operations[slot]);

  if (slots->operations[slot] != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               "The %s has an operation of this kind under way already",
                               G_OBJECT_TYPE_NAME (object));
      return NULL;
    }

  self = g_malloc0 (klass->size);
  self->klass = klass;
  self->object = g_object_ref (object);
  self->slot = slot;
  g_task_set_task_data (task, self, operation_free);
  self->task = g_steal_pointer (&task);

  slots->operations[slot] = self;
  if (!_lsock_object_set_flag (object, LSOCK_OBJECT_HAS_OPERATIONS) && klass->update != NULL)
    klass->update (object, TRUE);
  return self;
}

void
_lsock_operation_refuse (gpointer  operation,
                         GError   *error)
{
  LsockOperation *self = operation;
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_task_return_error (task, error);
}

void
_lsock_operation_stop (gpointer operation)
{
  release_slot (operation);
  complete (operation, NULL);
}

void
_lsock_operation_start (gpointer operation)
{
  LsockOperation *self = operation;
  g_autoptr (GTask) task = g_object_ref (self->task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->started = TRUE;
  check (self);
  if (self->task == NULL || cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled, "[lsock] cancelled operation");
  g_source_set_priority (self->cancelled, g_task_get_priority (task));
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (self->cancelled, _lsock_object_peek_context (self->object));
}

gpointer
_lsock_operation_finish (gpointer       object,
                         GAsyncResult  *result,
                         gpointer       tag,
                         GError       **error)
{
  LsockOperation *self;

  g_return_val_if_fail (g_task_is_valid (result, object), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);

  self = g_task_get_task_data (G_TASK (result));
  if (self != NULL)
    release_slot (self);

  return g_task_propagate_boolean (G_TASK (result), error) ? self : NULL;
}

gpointer
_lsock_object_get_operation (LsockObject        *self,
                             LsockOperationSlot  slot)
{
  LsockOperation *operation;

  if (!_lsock_object_has_operations (self))
    return NULL;

  operation = get_slots (self)->operations[slot];
  return operation != NULL && operation->task != NULL ? operation : NULL;
}

void
_lsock_object_count_written (LsockObject *self,
                             gsize        count)
{
  LsockOperation *operation = _lsock_object_get_operation (self, LSOCK_OPERATION_OUTPUT);

  if (operation != NULL)
    operation->written_after += count;
}

void
_lsock_object_check_operations (LsockObject *self)
{
  g_autoptr (LsockObject) hold = g_object_ref (self);

  for (guint i = 0; i < LSOCK_OPERATION_N_SLOTS; i++)
    {
      LsockOperation *operation = _lsock_object_get_operation (hold, (LsockOperationSlot) i);

      if (operation != NULL)
        check (operation);
    }
}
