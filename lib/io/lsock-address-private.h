/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lsock-enums.h"

G_BEGIN_DECLS

/* A server name as the system knows it.
 * Storey: io */
typedef struct
{
  struct sockaddr_un sun;
  socklen_t          length;
} LsockAddress;

/* Fails with SERVER_NOT_FOUND and a text that says what is wrong with @name. */
gboolean    _lsock_address_init          (LsockAddress        *self,
                                          const char          *name,
                                          LsockSocketOptions   options,
                                          GError             **error);

gboolean    _lsock_address_is_named      (const LsockAddress  *self);
gboolean    _lsock_address_is_abstract   (const LsockAddress  *self);
/* NULL when the address is unnamed or abstract. */
const char *_lsock_address_get_path      (const LsockAddress  *self);

/* The two names of an address: as it was given, and in full.  Both NULL when unnamed. */
void        _lsock_address_get_names     (const LsockAddress  *self,
                                          GRefString         **name,
                                          GRefString         **full_name);

/* @name as a text may hold it: itself when it is UTF-8, else a display form that @storage keeps. */
const char *_lsock_address_display_name  (const char          *name,
                                          char               **storage);

G_END_DECLS
