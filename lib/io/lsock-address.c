/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Server names and socket addresses: one becomes the other. */

#include "config.h"

#include "io/lsock-address-private.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lsock-error.h"

#define PATH_OFFSET offsetof (struct sockaddr_un, sun_path)


/* The directory of plain names.  Qt takes TMPDIR, resolves it and looks at it anew each time, so
 * g_get_tmp_dir(), which does neither, would miss a Qt program by the same name. */
static char *
get_temporary_directory (void)
{
  const char *directory = g_getenv ("TMPDIR");
  char resolved[PATH_MAX];

  if (directory == NULL || *directory == '\0')
    directory = "/tmp";

  if (realpath (directory, resolved) != NULL)
    return g_strdup (resolved);

  return g_canonicalize_filename (directory, NULL);
}

static gboolean
set_name (LsockAddress  *self,
          const char    *name,
          const char    *bytes,
          gsize          length,
          gboolean       abstract,
          GError       **error)
{
  /* The last byte is left for a NUL: readers of a path expect one, and so do other programs that
   * print an abstract name. */
  gsize room = sizeof self->sun.sun_path - 1;

  if (length > room)
    {
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,
                   "The name “%s” takes %" G_GSIZE_FORMAT " bytes as a socket address, and the "
                   "system allows %" G_GSIZE_FORMAT, _lsock_address_display_name (name, &storage),
                   length, room);
      return FALSE;
    }

  memset (&self->sun, 0, sizeof self->sun);
  self->sun.sun_family = AF_UNIX;
  memcpy (self->sun.sun_path + (abstract ? 1 : 0), bytes, length);
  self->length = PATH_OFFSET + length + 1;
  return TRUE;
}

gboolean
_lsock_address_init (LsockAddress        *self,
                     const char          *name,
                     LsockSocketOptions   options,
                     GError             **error)
{
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;

  if (name == NULL || *name == '\0')
    {
      g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,
                           "An empty name cannot be the name of a server");
      return FALSE;
    }

  if ((options & LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE) != 0)
    {
#ifdef __linux__
      return set_name (self, name, name, strlen (name), TRUE, error);
#else
      g_autofree char *storage = NULL;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The abstract name “%s” needs Linux",
                   _lsock_address_display_name (name, &storage));
      return FALSE;
#endif
    }

  if (*name == '/')
    return set_name (self, name, name, strlen (name), FALSE, error);

  directory = get_temporary_directory ();
  path = g_strconcat (directory, "/", name, NULL);
  return set_name (self, name, path, strlen (path), FALSE, error);
}

gboolean
_lsock_address_is_named (const LsockAddress *self)
{
  return self->length > PATH_OFFSET;
}

gboolean
_lsock_address_is_abstract (const LsockAddress *self)
{
  return self->length > PATH_OFFSET + 1 && self->sun.sun_path[0] == '\0';
}

const char *
_lsock_address_get_path (const LsockAddress *self)
{
  if (self->length <= PATH_OFFSET || self->sun.sun_path[0] == '\0')
    return NULL;

  return self->sun.sun_path;
}

void
_lsock_address_get_names (const LsockAddress  *self,
                          GRefString         **name,
                          GRefString         **full_name)
{
  const char *path = _lsock_address_get_path (self);

  if (path != NULL)
    {
      gsize length = strnlen (path, self->length - PATH_OFFSET);
      g_autofree char *base_name = NULL;

      *full_name = g_ref_string_new_len (path, (gssize) length);
      base_name = g_path_get_basename (*full_name);
      *name = g_ref_string_new (base_name);
    }
  else if (_lsock_address_is_abstract (self))
    {
      const char *bytes = self->sun.sun_path + 1;

      *full_name = g_ref_string_new_len (bytes, (gssize) strnlen (bytes, self->length - PATH_OFFSET - 1));
      *name = g_ref_string_acquire (*full_name);
    }
  else
    {
      *full_name = NULL;
      *name = NULL;
    }
}

const char *
_lsock_address_display_name (const char  *name,
                             char       **storage)
{
  if (g_utf8_validate (name, -1, NULL))
    return name;

  *storage = g_filename_display_name (name);
  return *storage;
}
