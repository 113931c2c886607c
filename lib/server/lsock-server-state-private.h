/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-address-private.h"
#include "io/lsock-reactor-private.h"
#include "io/lsock-transport-private.h"
#include "lsock-server.h"
#include "object/lsock-object-private.h"

G_BEGIN_DECLS

/* The state of a server: what listening consists of, the error, and the emissions.
 * Storey: server
 *
 * The functions whose names begin with store change fields and emit nothing; the caller notifies when
 * the step is complete. */

typedef struct
{
  LsockWatch          watch;
  GQueue              pending;        /* of owned LsockSocket */
  LsockAddress        address;        /* while listening */
  LsockFileIdentity   identity;       /* of the file that we made */
  char               *server_name;
  GRefString         *base_name;      /* the server's name as its sockets see it */
  GRefString         *full_server_name;
  char               *error_string;
  GSource            *resume_source;  /* while the table of descriptors is full */
  int                 fd;             /* owned; -1 when none */
  int                 max_pending;
  int                 backlog;
  LsockSocketError    error;
  LsockSocketOptions  options;
  guint               generation;     /* changes when listening begins or ends */
  guint               n_accepted;     /* changes with each client that was let in */
  guint               alone;          /* clients to be let in without a look for another */
  guint               exhausted : 1;  /* said once, until a client gets in again */
} LsockServerPrivate;

typedef enum
{
  LSOCK_SERVER_PROP_SERVER_NAME = 1,
  LSOCK_SERVER_PROP_FULL_SERVER_NAME,
  LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS,
  LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE,
  LSOCK_SERVER_PROP_SOCKET_OPTIONS,
  LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR,
  LSOCK_SERVER_PROP_LAST_ERROR,
  LSOCK_SERVER_PROP_ERROR_STRING,
  LSOCK_SERVER_N_PROPS
} LsockServerProperty;

extern GParamSpec *_lsock_server_pspecs[];
extern int         _lsock_server_private_offset;

static inline LsockServerPrivate *
_lsock_server_get_private (LsockServer *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_server_private_offset);
}

/* Keeps what @error says for the getters. */
void     _lsock_server_store_error         (LsockServer        *self,
                                            const GError       *error);
void     _lsock_server_notify_error        (LsockServer        *self);
/* Both at once. */
void     _lsock_server_set_error_from      (LsockServer        *self,
                                            const GError       *error);
void     _lsock_server_store_names         (LsockServer        *self,
                                            const char         *name,
                                            const LsockAddress *address);
void     _lsock_server_notify_names        (LsockServer        *self);

/* Whether a client may be let in, the pause after a full table of descriptors aside. */
gboolean _lsock_server_can_accept          (LsockServer        *self);
gboolean _lsock_server_has_room            (LsockServer        *self);
void     _lsock_server_update_interest     (LsockServer        *self);
void     _lsock_server_forget_resume       (LsockServer        *self);

void     _lsock_server_emit_new_connection (LsockServer        *self);
void     _lsock_server_emit_accept_error   (LsockServer        *self,
                                            const GError       *error);
void     _lsock_server_install_signals     (GType               type);

G_END_DECLS
