/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "object/lsock-object-context-private.h"
#include "object/lsock-object-core-private.h"

/* What the classes that derive from LsockObject use of it.
 * Storey: object */
