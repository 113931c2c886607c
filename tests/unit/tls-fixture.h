/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/* A self-signed certificate for tests of TLS; NULL: the test is to be skipped, and says why. */
GTlsCertificate *tls_certificate_new    (Fixture              *fixture);

/* A handler of `accept-certificate` that accepts @expected alone. */
gboolean         tls_accept_certificate (GTlsConnection       *connection,
                                         GTlsCertificate      *certificate,
                                         GTlsCertificateFlags  flags,
                                         GTlsCertificate      *expected);

G_END_DECLS
