/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_MESSAGE_CHANNEL (lsock_message_channel_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (LsockMessageChannel, lsock_message_channel, LSOCK, MESSAGE_CHANNEL, LsockObject)

LSOCK_AVAILABLE_IN_1_0
LsockMessageChannel *lsock_message_channel_new                  (LsockIODevice        *device,
                                                                 LsockMessageFraming   framing) G_GNUC_WARN_UNUSED_RESULT;

LSOCK_AVAILABLE_IN_1_0
LsockIODevice       *lsock_message_channel_get_device           (LsockMessageChannel  *self);
LSOCK_AVAILABLE_IN_1_0
LsockMessageFraming  lsock_message_channel_get_framing          (LsockMessageChannel  *self);
LSOCK_AVAILABLE_IN_1_0
gint64               lsock_message_channel_get_max_message_size (LsockMessageChannel  *self);
LSOCK_AVAILABLE_IN_1_0
void                 lsock_message_channel_set_max_message_size (LsockMessageChannel  *self,
                                                                 gint64                bytes);
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_is_closed            (LsockMessageChannel  *self);

LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_send                 (LsockMessageChannel  *self,
                                                                 GBytes               *message,
                                                                 GError              **error);
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_send_text            (LsockMessageChannel  *self,
                                                                 const char           *text,
                                                                 GError              **error);
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_send_variant         (LsockMessageChannel  *self,
                                                                 GVariant             *value,
                                                                 GError              **error);
LSOCK_AVAILABLE_IN_1_0
void                 lsock_message_channel_send_async           (LsockMessageChannel  *self,
                                                                 GBytes               *message,
                                                                 int                   io_priority,
                                                                 GCancellable         *cancellable,
                                                                 GAsyncReadyCallback   callback,
                                                                 gpointer              user_data);
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_send_finish          (LsockMessageChannel  *self,
                                                                 GAsyncResult         *result,
                                                                 GError              **error);

LSOCK_AVAILABLE_IN_1_0
GBytes              *lsock_message_channel_receive              (LsockMessageChannel  *self,
                                                                 int                   msecs,
                                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_wait_for_message     (LsockMessageChannel  *self,
                                                                 int                   msecs);
LSOCK_AVAILABLE_IN_1_0
guint8              *lsock_message_channel_receive_array        (LsockMessageChannel  *self,
                                                                 int                   msecs,
                                                                 gsize                *length,
                                                                 gboolean             *is_null,
                                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void                 lsock_message_channel_receive_async        (LsockMessageChannel  *self,
                                                                 int                   io_priority,
                                                                 GCancellable         *cancellable,
                                                                 GAsyncReadyCallback   callback,
                                                                 gpointer              user_data);
LSOCK_AVAILABLE_IN_1_0
GBytes              *lsock_message_channel_receive_finish       (LsockMessageChannel  *self,
                                                                 GAsyncResult         *result,
                                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
guint8              *lsock_message_channel_receive_finish_array (LsockMessageChannel  *self,
                                                                 GAsyncResult         *result,
                                                                 gsize                *length,
                                                                 gboolean             *is_null,
                                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

LSOCK_AVAILABLE_IN_1_0
GVariant            *lsock_message_channel_get_variant          (GBytes               *message,
                                                                 const GVariantType   *type,
                                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
gboolean             lsock_message_channel_is_null              (GBytes               *message);

G_END_DECLS
