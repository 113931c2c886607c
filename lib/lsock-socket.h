/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-io-device.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_SOCKET (lsock_socket_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockSocket, lsock_socket, LSOCK, SOCKET, LsockIODevice)

/**
 * LsockSocketClass:
 * @parent_class: the parent class
 * @connected: class handler of [signal@Lsock.Socket::connected]
 * @disconnected: class handler of [signal@Lsock.Socket::disconnected]
 * @error: class handler of [signal@Lsock.Socket::error]
 * @state_changed: class handler of [signal@Lsock.Socket::state-changed]
 *
 * The virtual functions of [class@Lsock.Socket].
 *
 * Since: 1.0
 */
struct _LsockSocketClass
{
  LsockIODeviceClass parent_class;

  void (*connected)     (LsockSocket      *self);
  void (*disconnected)  (LsockSocket      *self);
  void (*error)         (LsockSocket      *self,
                         LsockSocketError  error);
  void (*state_changed) (LsockSocket      *self,
                         LsockSocketState  state);

  /*< private >*/
  gpointer padding[12];
};

/**
 * LsockSocketClass::connected:
 * @self: a socket
 *
 * The class handler of [signal@Lsock.Socket::connected].
 *
 * Since: 1.0
 */

/**
 * LsockSocketClass::disconnected:
 * @self: a socket
 *
 * The class handler of [signal@Lsock.Socket::disconnected].
 *
 * Since: 1.0
 */

/**
 * LsockSocketClass::error:
 * @self: a socket
 * @error: what went wrong
 *
 * The class handler of [signal@Lsock.Socket::error].
 *
 * Since: 1.0
 */

/**
 * LsockSocketClass::state_changed:
 * @self: a socket
 * @state: the new state
 *
 * The class handler of [signal@Lsock.Socket::state-changed].
 *
 * Since: 1.0
 */

LSOCK_AVAILABLE_IN_1_0
LsockSocket        *lsock_socket_new                    (void) G_GNUC_WARN_UNUSED_RESULT;

LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_connect_to_server      (LsockSocket        *self,
                                                         const char         *name,
                                                         LsockOpenMode       mode);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_disconnect_from_server (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_abort                  (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_flush                  (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_is_valid               (LsockSocket        *self);

LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_set_socket_descriptor  (LsockSocket        *self,
                                                         int                 fd,
                                                         LsockSocketState    state,
                                                         LsockOpenMode       mode,
                                                         GError            **error);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_socket_get_socket_descriptor  (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_socket_steal_socket_descriptor
                                                        (LsockSocket        *self,
                                                         GError            **error);

LSOCK_AVAILABLE_IN_1_0
LsockSocketState    lsock_socket_get_state              (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
LsockSocketError    lsock_socket_get_error              (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
const char         *lsock_socket_get_server_name        (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_server_name        (LsockSocket        *self,
                                                         const char         *name);
LSOCK_AVAILABLE_IN_1_0
const char         *lsock_socket_get_full_server_name   (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
gint64              lsock_socket_get_read_buffer_size   (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_read_buffer_size   (LsockSocket        *self,
                                                         gint64              size);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_get_read_blocked       (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
LsockSocketOptions  lsock_socket_get_socket_options     (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_socket_options     (LsockSocket        *self,
                                                         LsockSocketOptions  options);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_socket_get_priority           (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_priority           (LsockSocket        *self,
                                                         int                 priority);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_socket_get_connect_timeout    (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_connect_timeout    (LsockSocket        *self,
                                                         int                 msecs);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_get_allow_half_open    (LsockSocket        *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_socket_set_allow_half_open    (LsockSocket        *self,
                                                         gboolean            allow);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_shutdown_write         (LsockSocket        *self,
                                                         GError            **error);

LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_wait_for_connected     (LsockSocket        *self,
                                                         int                 msecs);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_socket_wait_for_disconnected  (LsockSocket        *self,
                                                         int                 msecs);

LSOCK_AVAILABLE_IN_1_0
void               lsock_socket_connect_to_server_async       (LsockSocket         *self,
                                                               const char          *name,
                                                               LsockOpenMode        mode,
                                                               GCancellable        *cancellable,
                                                               GAsyncReadyCallback  callback,
                                                               gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
gboolean           lsock_socket_connect_to_server_finish      (LsockSocket         *self,
                                                               GAsyncResult        *result,
                                                               GError             **error);
LSOCK_AVAILABLE_IN_1_0
void               lsock_socket_disconnect_from_server_async  (LsockSocket         *self,
                                                               int                  io_priority,
                                                               GCancellable        *cancellable,
                                                               GAsyncReadyCallback  callback,
                                                               gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
gboolean           lsock_socket_disconnect_from_server_finish (LsockSocket         *self,
                                                               GAsyncResult        *result,
                                                               GError             **error);

G_END_DECLS
