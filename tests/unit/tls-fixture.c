/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-fixture.h"

GTlsCertificate *
tls_certificate_new (Fixture *fixture)
{
  g_autofree char *path = fixture_path (fixture, "tls.pem");
  const char *command[] = {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-days", "2", "-subj", "/CN=lsock", "-keyout", path, "-out", path, NULL,
  };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_test_skip ("GIO has no TLS: glib-networking is not installed");
      return NULL;
    }

  process = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  if (process == NULL || !g_subprocess_wait_check (process, NULL, NULL))
    {
      g_test_skip ("openssl is not installed");
      return NULL;
    }

  certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  return certificate;
}

gboolean
tls_accept_certificate (GTlsConnection       *connection,
                        GTlsCertificate      *certificate,
                        GTlsCertificateFlags  flags,
                        GTlsCertificate      *expected)
{
  return g_tls_certificate_is_same (certificate, expected);
}
