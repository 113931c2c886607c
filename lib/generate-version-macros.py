#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes lsock-version-macros.h: OUTPUT VERSION…, the oldest version first."""

import sys

HEAD = '''\
/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(LSOCK_INSIDE) && !defined(LSOCK_COMPILATION)
# error "Only <lsock.h> can be included directly."
#endif

#include <glib.h>

#ifndef _LSOCK_EXTERN
# define _LSOCK_EXTERN extern
#endif

'''

VERSION = '''\
/**
 * LSOCK_VERSION_{u}:
 *
 * The version {d}, for %LSOCK_VERSION_MIN_REQUIRED and %LSOCK_VERSION_MAX_ALLOWED.
 *
 * Since: {d}
 */
#define LSOCK_VERSION_{u} (G_ENCODE_VERSION ({c}))

'''

LIMITS = '''\
/**
 * LSOCK_VERSION_MIN_REQUIRED:
 *
 * The oldest version that a program wants to work with: what was deprecated by then warns. Defined
 * by the program before it includes `lsock.h`; the newest version by default.
 *
 * Since: 1.0
 */
#ifndef LSOCK_VERSION_MIN_REQUIRED
# define LSOCK_VERSION_MIN_REQUIRED (LSOCK_VERSION_{last})
#endif

/**
 * LSOCK_VERSION_MAX_ALLOWED:
 *
 * The newest version that a program wants to use: what came later warns. Defined by the program
 * before it includes `lsock.h`; the newest version by default.
 *
 * Since: 1.0
 */
#ifndef LSOCK_VERSION_MAX_ALLOWED
# define LSOCK_VERSION_MAX_ALLOWED (LSOCK_VERSION_{last})
#endif

#if LSOCK_VERSION_MAX_ALLOWED < LSOCK_VERSION_MIN_REQUIRED
# error "LSOCK_VERSION_MAX_ALLOWED must be at least LSOCK_VERSION_MIN_REQUIRED"
#endif

'''

# The scanner would list the macros with arguments as functions.
MACROS = '''\
#ifdef __GI_SCANNER__
# define LSOCK_AVAILABLE_IN_{u} _LSOCK_EXTERN
#else
#if LSOCK_VERSION_MIN_REQUIRED >= LSOCK_VERSION_{u}
# define LSOCK_DEPRECATED_IN_{u} G_DEPRECATED _LSOCK_EXTERN
# define LSOCK_DEPRECATED_IN_{u}_FOR(f) G_DEPRECATED_FOR (f) _LSOCK_EXTERN
#else
# define LSOCK_DEPRECATED_IN_{u} _LSOCK_EXTERN
# define LSOCK_DEPRECATED_IN_{u}_FOR(f) _LSOCK_EXTERN
#endif

#if LSOCK_VERSION_MAX_ALLOWED < LSOCK_VERSION_{u}
# define LSOCK_AVAILABLE_IN_{u} G_UNAVAILABLE ({c}) _LSOCK_EXTERN
#else
# define LSOCK_AVAILABLE_IN_{u} _LSOCK_EXTERN
#endif
#endif
'''


def main():
    output, *versions = sys.argv[1:]
    spelled = [{'d': v, 'u': v.replace('.', '_'), 'c': v.replace('.', ', ')} for v in versions]

    with open(output, 'w', encoding='utf-8') as file:
        file.write(HEAD)
        for version in spelled:
            file.write(VERSION.format(**version))
        file.write(LIMITS.format(last=spelled[-1]['u']))
        file.write('\n'.join(MACROS.format(**version) for version in spelled))


if __name__ == '__main__':
    main()
