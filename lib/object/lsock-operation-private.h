/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "object/lsock-object-core-private.h"

G_BEGIN_DECLS

/* An asynchronous call in GIO's manner that waits for its object to change.
 * Storey: object
 *
 * The object asks its operations each time that a step is complete; an operation looks whether it is
 * done.  It has the object's slot for its direction until its _finish() was called, or the result was
 * dropped: then it gives back what it has taken. */

typedef enum
{
  LSOCK_OPERATION_INPUT,
  LSOCK_OPERATION_OUTPUT,
  LSOCK_OPERATION_CONNECT,
  LSOCK_OPERATION_DISCONNECT,
  LSOCK_OPERATION_N_SLOTS
} LsockOperationSlot;

typedef enum
{
  LSOCK_OPERATION_WAITS,
  LSOCK_OPERATION_DONE,
  LSOCK_OPERATION_FAILED,   /* with an error */
} LsockOperationState;

typedef struct _LsockOperation LsockOperation;

typedef struct
{
  gsize                 size;        /* of the structure that begins with the LsockOperation */

  LsockOperationState (*check)      (LsockOperation  *self,
                                     GError         **error);
  /* The operation fails: takes back what it has begun.  Nullable. */
  void                (*fail)       (LsockOperation  *self);
  /* Gives back what was not handed out, and frees the members. */
  void                (*clear)      (LsockOperation  *self);
  /* The first operation of the object has begun, or the last one is gone.  Nullable. */
  void                (*update)     (LsockObject     *object,
                                     gboolean         has_operations);
} LsockOperationClass;

struct _LsockOperation
{
  const LsockOperationClass *klass;
  LsockObject               *object;      /* a reference */
  GTask                     *task;        /* a reference while it waits; NULL after that */
  GSource                   *cancelled;
  LsockOperationSlot         slot;
  gsize                      written_after;   /* bytes, by later calls; for OUTPUT */
  guint                      started : 1;
  guint                      checking : 1;
  guint                      again : 1;   /* something changed while it was being checked */
};

/* NULL when it has failed already: there is one in the slot (G_IO_ERROR_PENDING), the object has
 * ended, or @cancellable is cancelled.  The other arguments are those of the public call. */
gpointer _lsock_operation_new           (const LsockOperationClass *klass,
                                         gpointer                   object,
                                         LsockOperationSlot         slot,
                                         gpointer                   tag,
                                         int                        priority,
                                         GCancellable              *cancellable,
                                         GAsyncReadyCallback        callback,
                                         gpointer                   data) G_GNUC_WARN_UNUSED_RESULT;
/* Looks whether it is done already, and waits if it is not. */
void     _lsock_operation_start         (gpointer                   operation);
/* Fails instead of starting; takes @error. */
void     _lsock_operation_refuse        (gpointer                   operation,
                                         GError                    *error);
/* Ends one that has no callback, and that may be gone when this returns. */
void     _lsock_operation_stop          (gpointer                   operation);
/* The operation that @result belongs to, which stays until @result is dropped; NULL with @error. */
gpointer _lsock_operation_finish        (gpointer                   object,
                                         GAsyncResult              *result,
                                         gpointer                   tag,
                                         GError                   **error);

/* The operation in @slot that waits, or NULL. */
gpointer _lsock_object_get_operation    (LsockObject               *self,
                                         LsockOperationSlot         slot);
/* For the operation that waits until what was written before has left. */
void     _lsock_object_count_written    (LsockObject               *self,
                                         gsize                      count);
/* Something has changed.  Callbacks may run; the caller has a reference. */
void     _lsock_object_check_operations (LsockObject               *self);

static inline gboolean
_lsock_object_has_operations (LsockObject *self)
{
  return _lsock_object_has_flag (self, LSOCK_OBJECT_HAS_OPERATIONS);
}

G_END_DECLS
