/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include "lsock-object.h"
#include "lsock-socket.h"

G_BEGIN_DECLS

#define LSOCK_TYPE_SERVER (lsock_server_get_type ())

LSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (LsockServer, lsock_server, LSOCK, SERVER, LsockObject)

/**
 * LsockServerClass:
 * @parent_class: the parent class
 * @incoming_connection: takes the descriptor of a new client, which belongs to the override
 * @new_connection: class handler of [signal@Lsock.Server::new-connection]
 * @accept_error: class handler of [signal@Lsock.Server::accept-error]
 *
 * The virtual functions of [class@Lsock.Server].
 *
 * Since: 1.0
 */
struct _LsockServerClass
{
  LsockObjectClass parent_class;

  void (*incoming_connection) (LsockServer  *self,
                               int           fd);

  void (*new_connection)      (LsockServer  *self);
  void (*accept_error)        (LsockServer  *self,
                               const GError *error);

  /*< private >*/
  gpointer padding[12];
};

/**
 * LsockServerClass::incoming_connection:
 * @self: a server
 * @fd: the descriptor of a connected socket, which belongs to the implementation
 *
 * Takes a new client. The default makes a [class@Lsock.Socket] of @fd and hands it to
 * [method@Lsock.Server.add_pending_connection].
 *
 * Since: 1.0
 */

/**
 * LsockServerClass::new_connection:
 * @self: a server
 *
 * The class handler of [signal@Lsock.Server::new-connection].
 *
 * Since: 1.0
 */

/**
 * LsockServerClass::accept_error:
 * @self: a server
 * @error: why no client could be accepted
 *
 * The class handler of [signal@Lsock.Server::accept-error].
 *
 * Since: 1.0
 */

LSOCK_AVAILABLE_IN_1_0
LsockServer        *lsock_server_new                         (void) G_GNUC_WARN_UNUSED_RESULT;

LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_listen                      (LsockServer         *self,
                                                              const char          *name,
                                                              GError             **error);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_listen_fd                   (LsockServer         *self,
                                                              int                  fd,
                                                              GError             **error);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_close                       (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_is_listening                (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_has_pending_connections     (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
LsockSocket        *lsock_server_next_pending_connection     (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_add_pending_connection      (LsockServer         *self,
                                                              LsockSocket         *socket);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_has_pending_devices         (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
LsockIODevice      *lsock_server_next_pending_device         (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_add_pending_device          (LsockServer         *self,
                                                              LsockIODevice       *device);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_wait_for_new_connection     (LsockServer         *self,
                                                              int                  msecs,
                                                              gboolean            *timed_out);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_wait_for_client             (LsockServer         *self,
                                                              int                  msecs);
LSOCK_AVAILABLE_IN_1_0
gboolean            lsock_server_remove_server               (const char          *name,
                                                              GError             **error);

LSOCK_AVAILABLE_IN_1_0
LsockSocketError    lsock_server_get_server_error            (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
const char         *lsock_server_get_error_string            (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
const char         *lsock_server_get_server_name             (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
const char         *lsock_server_get_full_server_name        (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_server_get_socket_descriptor       (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_server_get_max_pending_connections (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_set_max_pending_connections (LsockServer         *self,
                                                              int                  count);
LSOCK_AVAILABLE_IN_1_0
int                 lsock_server_get_listen_backlog_size     (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_set_listen_backlog_size     (LsockServer         *self,
                                                              int                  size);
LSOCK_AVAILABLE_IN_1_0
LsockSocketOptions  lsock_server_get_socket_options          (LsockServer         *self);
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_set_socket_options          (LsockServer         *self,
                                                              LsockSocketOptions   options);

LSOCK_AVAILABLE_IN_1_0
void                lsock_server_accept_async                (LsockServer         *self,
                                                              GCancellable        *cancellable,
                                                              GAsyncReadyCallback  callback,
                                                              gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
LsockSocket        *lsock_server_accept_finish               (LsockServer         *self,
                                                              GAsyncResult        *result,
                                                              GError             **error) G_GNUC_WARN_UNUSED_RESULT;
LSOCK_AVAILABLE_IN_1_0
void                lsock_server_accept_device_async         (LsockServer         *self,
                                                              GCancellable        *cancellable,
                                                              GAsyncReadyCallback  callback,
                                                              gpointer             user_data);
LSOCK_AVAILABLE_IN_1_0
LsockIODevice      *lsock_server_accept_device_finish        (LsockServer         *self,
                                                              GAsyncResult        *result,
                                                              GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
