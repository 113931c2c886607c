/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Arrays of bytes that the caller frees with g_free().
 * Storey: device */

/* Makes an array of @bytes and drops the reference, without a copy if there is no other one.  NULL
 * stays NULL; what is empty becomes an array that is not NULL. */
guint8 *_lsock_bytes_to_array (GBytes *bytes,
                               gsize  *length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
