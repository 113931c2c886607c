/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where it is set, the system's headers define some of these calls themselves. */
#undef _FORTIFY_SOURCE

#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __linux__
# include <sys/epoll.h>
#endif


/* The numbers are atomic: threads of GLib poll too. */
typedef struct
{
  const char *name;
  int         errnum;
  int         left;       /* calls that are still to fail */
  int         failed;
  int         calls;
  guint       limit;
  gboolean    leaving;
  FaultHook   hook;
  gpointer    hook_data;
} Entry;

static Entry entries[N_FAULTS] = {
  [FAULT_ACCEPT]  = { .name = "accept" },
  [FAULT_BIND]    = { .name = "bind" },
  [FAULT_CHMOD]   = { .name = "chmod" },
  [FAULT_CONNECT] = { .name = "connect" },
  [FAULT_FCHMOD]  = { .name = "fchmod" },
  [FAULT_FSTAT]   = { .name = "fstat" },
  [FAULT_LINK]    = { .name = "link" },
  [FAULT_LISTEN]  = { .name = "listen" },
  [FAULT_LSTAT]   = { .name = "lstat" },
  [FAULT_OPEN]    = { .name = "open" },
  [FAULT_POLL]    = { .name = "poll" },
  [FAULT_RECV]    = { .name = "recv" },
  [FAULT_SEND]    = { .name = "send" },
  [FAULT_SOCKET]  = { .name = "socket" },
  [FAULT_WATCH]   = { .name = "epoll_ctl" },
};

static void
set_fault (Fault    fault,
           int      errnum,
           guint    times,
           gboolean leaving)
{
  Entry *entry = &entries[fault];

  entry->errnum = errnum;
  entry->leaving = leaving;
  g_atomic_int_set (&entry->failed, 0);
  g_atomic_int_set (&entry->left, (int) MIN (times, G_MAXINT));
}

void
fault_set (Fault fault,
           int   errnum,
           guint times)
{
  set_fault (fault, errnum, times, FALSE);
}

void
fault_set_leaving (int   errnum,
                   guint times)
{
  set_fault (FAULT_ACCEPT, errnum, times, TRUE);
}

/* What has failed so far is still to be asked for. */
void
fault_clear (Fault fault)
{
  g_atomic_int_set (&entries[fault].left, 0);
}

guint
fault_count (Fault fault)
{
  return (guint) g_atomic_int_get (&entries[fault].failed);
}

void
fault_set_hook (Fault     fault,
                FaultHook hook,
                gpointer  data)
{
  entries[fault].hook = hook;
  entries[fault].hook_data = data;
}

guint
fault_calls (Fault fault)
{
  return (guint) g_atomic_int_get (&entries[fault].calls);
}

void
fault_limit_calls (Fault fault,
                   guint calls)
{
  entries[fault].limit = calls;
}

guint
fault_get_limit (Fault fault)
{
  return entries[fault].limit;
}

const char *
fault_name (Fault fault)
{
  return entries[fault].name;
}


/* The calls */

/* Whether this one fails; errno says how. */
static gboolean
fails (Fault fault)
{
  Entry *entry = &entries[fault];
  guint calls = (guint) g_atomic_int_add (&entry->calls, 1) + 1;
  FaultHook hook = entry->hook;

  if (entry->limit > 0 && calls > entry->limit)
    g_error ("%s: call %u of %u", entry->name, calls, entry->limit);

  if (hook != NULL)
    {
      entry->hook = NULL;
      hook (entry->hook_data);
    }

  if (g_atomic_int_get (&entry->left) == 0)
    return FALSE;

  g_atomic_int_add (&entry->left, -1);
  g_atomic_int_inc (&entry->failed);
  errno = entry->errnum;
  return TRUE;
}

static gpointer
find (const char *name)
{
  gpointer call = dlsym (RTLD_NEXT, name);

  if (call == NULL)
    g_error ("There is no %s", name);
  return call;
}

/* The system's own, which is looked for once. */
#define REAL(call) \
  ({ \
    static __typeof__ (&call) real_; \
    if (real_ == NULL) \
      real_ = (__typeof__ (&call)) find (#call); \
    real_; \
  })

/* Compiled for large files, these have another name in glibc. */
#if defined (__GLIBC__) && defined (_FILE_OFFSET_BITS) && _FILE_OFFSET_BITS == 64
# define REAL_LARGE(call) \
  ({ \
    static __typeof__ (&call) real_; \
    if (real_ == NULL) \
      real_ = (__typeof__ (&call)) find (#call "64"); \
    real_; \
  })
#else
# define REAL_LARGE(call) REAL (call)
#endif

int
accept4 (int              fd,
         struct sockaddr *address,
         socklen_t       *length,
         int              flags)
{
  Entry *entry = &entries[FAULT_ACCEPT];
  int client;

  if (!fails (FAULT_ACCEPT))
    return REAL (accept4) (fd, address, length, flags);

  if (entry->leaving)
    {
      client = REAL (accept4) (fd, NULL, NULL, SOCK_CLOEXEC);
      if (client < 0)
        {
          /* Nobody was there to leave. */
          g_atomic_int_inc (&entry->left);
          g_atomic_int_add (&entry->failed, -1);
          return -1;
        }
      close (client);
      errno = entry->errnum;
    }
  return -1;
}

int
bind (int                    fd,
      const struct sockaddr *address,
      socklen_t              length)
{
  return fails (FAULT_BIND) ? -1 : REAL (bind) (fd, address, length);
}

int
chmod (const char *path,
       mode_t      mode)
{
  return fails (FAULT_CHMOD) ? -1 : REAL (chmod) (path, mode);
}

int
connect (int                    fd,
         const struct sockaddr *address,
         socklen_t              length)
{
  return fails (FAULT_CONNECT) ? -1 : REAL (connect) (fd, address, length);
}

int
fchmod (int    fd,
        mode_t mode)
{
  return fails (FAULT_FCHMOD) ? -1 : REAL (fchmod) (fd, mode);
}

int
fstat (int          fd,
       struct stat *st)
{
  return fails (FAULT_FSTAT) ? -1 : REAL_LARGE (fstat) (fd, st);
}

int
link (const char *from,
      const char *to)
{
  return fails (FAULT_LINK) ? -1 : REAL (link) (from, to);
}

int
listen (int fd,
        int backlog)
{
  return fails (FAULT_LISTEN) ? -1 : REAL (listen) (fd, backlog);
}

int
lstat (const char  *path,
       struct stat *st)
{
  return fails (FAULT_LSTAT) ? -1 : REAL_LARGE (lstat) (path, st);
}

int
open (const char *path,
      int         flags,
      ...)
{
  mode_t mode = 0;
  va_list arguments;

  if (fails (FAULT_OPEN))
    return -1;

  if ((flags & (O_CREAT | __O_TMPFILE)) != 0)
    {
      va_start (arguments, flags);
      mode = va_arg (arguments, mode_t);
      va_end (arguments);
    }
  return REAL_LARGE (open) (path, flags, mode);
}

int
poll (struct pollfd *fds,
      nfds_t         n_fds,
      int            timeout)
{
  return fails (FAULT_POLL) ? -1 : REAL (poll) (fds, n_fds, timeout);
}

ssize_t
recv (int     fd,
      void   *buffer,
      size_t  length,
      int     flags)
{
  return fails (FAULT_RECV) ? -1 : REAL (recv) (fd, buffer, length, flags);
}

ssize_t
readv (int                 fd,
       const struct iovec *vectors,
       int                 n_vectors)
{
  return fails (FAULT_RECV) ? -1 : REAL (readv) (fd, vectors, n_vectors);
}

ssize_t
send (int         fd,
      const void *data,
      size_t      length,
      int         flags)
{
  return fails (FAULT_SEND) ? -1 : REAL (send) (fd, data, length, flags);
}

ssize_t
sendmsg (int                  fd,
         const struct msghdr *message,
         int                  flags)
{
  return fails (FAULT_SEND) ? -1 : REAL (sendmsg) (fd, message, flags);
}

int
socket (int domain,
        int type,
        int protocol)
{
  return fails (FAULT_SOCKET) ? -1 : REAL (socket) (domain, type, protocol);
}

#ifdef __linux__
int
epoll_ctl (int                 epfd,
           int                 operation,
           int                 fd,
           struct epoll_event *event)
{
  if (operation != EPOLL_CTL_DEL && fails (FAULT_WATCH))
    return -1;

  return REAL (epoll_ctl) (epfd, operation, fd, event);
}
#endif
