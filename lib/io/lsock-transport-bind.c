/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of sockets in the file system: binding, permissions, and removal. */

#include "config.h"

#include "io/lsock-transport-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


/* The new file exists and stat fails: remove it, unless another file has taken its place. */
static gboolean
identify_or_remove (const char        *path,
                    LsockFileIdentity *identity)
{
  int saved;

  if (_lsock_bound_file_add (path, identity))
    return TRUE;

  saved = errno;
  if (saved != EADDRINUSE)
    unlink (path);
  errno = saved;
  return FALSE;
}

static gboolean
bind_to (int                 fd,
         const LsockAddress *address)
{
  return bind (fd, (const struct sockaddr *) &address->sun, address->length) == 0;
}

/* Otherwise another file has the name now. */
static gboolean
is_own_socket (const struct stat *st)
{
  if (S_ISSOCK (st->st_mode) && st->st_uid == geteuid ())
    return TRUE;

  errno = EADDRINUSE;
  return FALSE;
}

/* Restores the permissions that the umask has removed.  Through a descriptor: the name may be a
 * link to another file by now. */
static gboolean
widen (const char *path,
       int         mode)
{
  struct stat st;

#ifdef O_PATH
  {
    char link[32];
    gboolean done;
    int saved;
    int fd = open (path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
      return FALSE;

    if (fstat (fd, &st) < 0 || !is_own_socket (&st))
      {
        _lsock_transport_close (fd);
        return FALSE;
      }

    g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
    done = (int) (st.st_mode & 0777) == mode || chmod (link, (mode_t) mode) == 0;
    saved = errno;
    close (fd);
    errno = saved;
    if (done || errno != ENOENT)
      return done;
  }
#endif

  return lstat (path, &st) == 0 && is_own_socket (&st) && chmod (path, (mode_t) mode) == 0;
}

/* Where the permissions of a socket cannot be set before it has a name: it gets one in a folder
 * that no other user can enter, and moves when it is as it should be.  link() rather than rename(),
 * which would take the name of a live server. */
static gboolean
bind_in_folder (int                 fd,
                const LsockAddress *address,
                const char         *path,
                int                 mode)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *folder = g_build_filename (directory, ".lsXXXXXX", NULL);
  g_autofree char *inner = NULL;
  LsockAddress inner_address = *address;
  gboolean done;
  int saved;

  if (g_mkdtemp_full (folder, 0700) == NULL)
    return FALSE;

  inner = g_build_filename (folder, "s", NULL);
  if (strlen (inner) >= sizeof inner_address.sun.sun_path)
    {
      rmdir (folder);
      errno = ENAMETOOLONG;
      return FALSE;
    }

  g_strlcpy (inner_address.sun.sun_path, inner, sizeof inner_address.sun.sun_path);
  inner_address.length =
    (socklen_t) (G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + strlen (inner) + 1);

  done = bind_to (fd, &inner_address) && chmod (inner, (mode_t) mode) == 0 &&
         link (inner, path) == 0;
  saved = errno == EEXIST ? EADDRINUSE : errno;
  unlink (inner);
  rmdir (folder);
  errno = saved;
  return done;
}

gboolean
_lsock_transport_bind (int                 fd,
                       const LsockAddress *address,
                       int                 mode,
                       LsockFileIdentity  *identity)
{
  const char *path = _lsock_address_get_path (address);

  memset (identity, 0, sizeof *identity);

  if (path == NULL)
    return bind_to (fd, address);

  if (mode < 0)
    return bind_to (fd, address) && identify_or_remove (path, identity);

  /* On Linux the mode of the socket becomes that of the file, less the umask. */
  if (fchmod (fd, (mode_t) mode) < 0)
    return bind_in_folder (fd, address, path, mode) && identify_or_remove (path, identity);

  if (!bind_to (fd, address) || !identify_or_remove (path, identity))
    return FALSE;

  if (!widen (path, mode))
    {
      int saved = errno;

      _lsock_transport_unbind (address, identity);
      errno = saved;
      return FALSE;
    }

  return TRUE;
}

gboolean
_lsock_transport_unbind (const LsockAddress      *address,
                         const LsockFileIdentity *identity)
{
  const char *path = _lsock_address_get_path (address);

  return path == NULL || _lsock_bound_file_remove (path, identity);
}

gboolean
_lsock_transport_remove (const LsockAddress  *address,
                         GError             **error)
{
  const char *path = _lsock_address_get_path (address);
  g_autofree char *storage = NULL;
  struct stat st;
  int saved;

  if (lstat (path, &st) == 0)
    {
      if (!S_ISSOCK (st.st_mode))
        {
          g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                       "Cannot remove “%s”: it is no socket",
                       _lsock_address_display_name (path, &storage));
          return FALSE;
        }

      if (unlink (path) == 0)
        return TRUE;
    }

  saved = errno;
  if (saved == ENOENT)
    return TRUE;

  g_set_error (error, LSOCK_SOCKET_ERROR, _lsock_transport_error_code (saved),
               "Cannot remove “%s”: %s", _lsock_address_display_name (path, &storage),
               g_strerror (saved));
  return FALSE;
}
