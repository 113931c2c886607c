/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "device/lsock-io-device-state-private.h"
#include "object/lsock-operation-private.h"

G_BEGIN_DECLS

/* What asynchronous calls ask a class of devices.
 * Storey: device */

struct _LsockIODeviceFlow
{
  /* Of the present connection or session.  The functions below are given the one in which the call
   * was made. */
  guint               (*get_serial)   (LsockIODevice  *self);
  /* For a class that looks at its own flag rather than at that of the object.  Nullable. */
  void                (*update)       (LsockIODevice  *self,
                                       gboolean        has_operations);
  /* Asked when there is nothing to read: WAITS if more may come, DONE at the end. */
  LsockOperationState (*check_input)  (LsockIODevice  *self,
                                       guint           serial,
                                       GError        **error);
  /* Asked first: WAITS while what was written may still leave, DONE if all of it has left by the end
   * of the connection. */
  LsockOperationState (*check_output) (LsockIODevice  *self,
                                       guint           serial,
                                       GError        **error);
};

/* For the classes of operations on devices. */
void                _lsock_io_device_update_operations (LsockObject    *object,
                                                        gboolean        has_operations);

/* Those of the base class. */
LsockOperationState _lsock_io_device_real_check_input  (LsockIODevice  *self,
                                                        guint           serial,
                                                        GError        **error);
LsockOperationState _lsock_io_device_real_check_output (LsockIODevice  *self,
                                                        guint           serial,
                                                        GError        **error);

extern const LsockIODeviceFlow _lsock_io_device_flow;

/* What was taken in @session becomes readable again, in front of what the device has; @queue is
 * empty then. */
void                _lsock_io_device_put_back          (LsockIODevice  *self,
                                                        guint           session,
                                                        LsockByteQueue *queue);

G_END_DECLS
