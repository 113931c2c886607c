/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random operations on connected sockets, servers and their owners, from handlers as well, checked
 * against a model.
 *
 *   --seeds A..B         what to run; 1..200 without it
 *   --verbose            all that happens is printed
 *
 * The seeds run in processes of their own, some at a time, so that a crash or a hang costs the rest
 * nothing and is reported with its seed.  What a run finds may depend on those before it in the
 * same process, through the numbers of descriptors. */

#include "world.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS_A_PROCESS  20
#define OPERATIONS       220
#define BUDGET           400
/* Far beyond what a run takes on a busy machine, under a sanitizer. */
#define SECONDS_A_SEED   120

/* Shared with the processes that run the seeds. */
typedef struct
{
  guint seed;
  Log   log;
} Report;

static Report *report;
static char *range;
static guint first_seed = 1;
static guint last_seed = 200;

static const GOptionEntry entries[] = {
  { "seeds", 0, 0, G_OPTION_ARG_STRING, &range, "Run the seed A, or those from A to B", "A[..B]" },
  G_OPTION_ENTRY_NULL,
};


static guint
count_descriptors (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  if (directory == NULL)
    directory = g_dir_open ("/dev/fd", 0, NULL);
  g_assert_nonnull (directory);
  while (g_dir_read_name (directory) != NULL)
    n++;
  return n;
}

static void
run_seed (guint       seed,
          const char *directory)
{
  World *world = world_new (seed, directory);

  world->budget = BUDGET;
  for (guint i = 0; i < OPERATIONS; i++)
    operate (world, NULL);
  world_finish (world);
}

/* The set of descriptors of the default main context stays for the next socket. */
static void
warm_up (void)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) socket = lsock_socket_new ();

  g_assert_true (lsock_server_listen (server, "warm-up", NULL));
  lsock_socket_connect_to_server (socket, "warm-up", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (lsock_socket_wait_for_connected (socket, -1));
}

/* A full read buffer is told in a debug message, and frequent here. */
static void
ignore_message (const char     *domain,
                GLogLevelFlags  level,
                const char     *message,
                gpointer        data)
{
}

static void
run_seeds (guint first,
           guint last)
{
  g_autofree char *directory = g_dir_make_tmp ("lfXXXXXX", NULL);
  guint before;

  g_assert_nonnull (directory);
  g_setenv ("TMPDIR", directory, TRUE);
  g_log_set_handler ("Lsock", G_LOG_LEVEL_DEBUG, ignore_message, NULL);

  warm_up ();
  before = count_descriptors ();
  for (guint seed = first; seed <= last; seed++)
    {
      guint after;

      report->seed = seed;
      world_set_log (&report->log, g_test_verbose ());
      if (g_test_verbose ())
        g_printerr ("seed %u\n", seed);
      alarm (SECONDS_A_SEED);
      run_seed (seed, directory);

      after = count_descriptors ();
      if (after != before)
        g_error ("%u descriptors are open, %u were", after, before);
    }

  alarm (0);
  g_rmdir (directory);
}

static void
print_log (guint first)
{
  g_test_message ("seed %u; its last operations:", report->seed);
  for (guint i = 0; i < LOG_LINES; i++)
    {
      const char *line = report->log.lines[(report->log.next + i) % LOG_LINES];

      if (*line != '\0')
        g_test_message ("  %s", line);
    }
  g_test_message ("again: %s --seeds %u..%u --verbose", g_get_prgname (), first, report->seed);
}

static void
test_seeds (gconstpointer data)
{
  guint first = GPOINTER_TO_UINT (data);
  guint last = MIN (first + SEEDS_A_PROCESS - 1, last_seed);
  int status = 0;
  pid_t pid;

  memset (report, 0, sizeof *report);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      run_seeds (first, last);
      exit (EXIT_SUCCESS);
    }

  while (waitpid (pid, &status, 0) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    {
      print_log (first);
      g_test_fail_printf ("seed %u: %s", report->seed,
                          WIFSIGNALED (status) ? g_strsignal (WTERMSIG (status)) : "it failed");
    }
}

static gboolean
parse_range (void)
{
  char *end;

  if (range == NULL)
    return TRUE;

  first_seed = (guint) g_ascii_strtoull (range, &end, 10);
  last_seed = first_seed;
  if (g_str_has_prefix (end, ".."))
    last_seed = (guint) g_ascii_strtoull (end + 2, &end, 10);
  return end != range && *end == '\0' && first_seed <= last_seed;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || !parse_range ())
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--seeds takes A, or A..B");
      return 2;
    }

  report = mmap (NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (report != MAP_FAILED);

  for (guint seed = first_seed; seed <= last_seed; seed += SEEDS_A_PROCESS)
    {
      g_autofree char *path = g_strdup_printf ("/random/%u", seed);

      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_seeds);
    }

  return g_test_run ();
}
