/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_STREAM_DEVICE (lsock_stream_device_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockStreamDevice, lsock_stream_device, LSOCK, STREAM_DEVICE, LsockIODevice)

/**
 * LsockStreamDeviceClass:
 * @parent_class: the parent class
 * @error: class handler of [signal@Lsock.StreamDevice::error]
 *
 * The virtual functions of [class@Lsock.StreamDevice].
 *
 * Since: 1.0
 */
struct _LsockStreamDeviceClass
{
  LsockIODeviceClass parent_class;

  void (*error) (LsockStreamDevice *self,
                 const GError      *error);

  /*< private >*/
  gpointer padding[7];
};

/**
 * LsockStreamDeviceClass::error:
 * @self: a device
 * @error: why the stream failed
 *
 * The class handler of [signal@Lsock.StreamDevice::error].
 *
 * Since: 1.0
 */

LSOCK_AVAILABLE_IN_1_0
LsockStreamDevice *lsock_stream_device_new               (GInputStream      *input,
                                                          GOutputStream     *output) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
LsockStreamDevice *lsock_stream_device_new_for_io_stream (GIOStream         *stream) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
GInputStream      *lsock_stream_device_get_input_stream  (LsockStreamDevice *self);
LSOCK_AVAILABLE_IN_1_0
GOutputStream     *lsock_stream_device_get_output_stream (LsockStreamDevice *self);
LSOCK_AVAILABLE_IN_1_0
gboolean           lsock_stream_device_shutdown_write    (LsockStreamDevice *self,
                                                          GError           **error);

G_END_DECLS
