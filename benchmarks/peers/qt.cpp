// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Qt's QLocalSocket and QLocalServer.  The loop is GLib's, where Qt was built for it, unless the
// environment has QT_NO_GLIB.

#include "bench.h"

#include <QCoreApplication>
#include <QLocalServer>
#include <QLocalSocket>
#include <QObject>
#include <algorithm>
#include <vector>

static BenchOptions options;
static char buffer[BENCH_BUFFER];
static long received;
static long left;

static bool
workIs (const char *work)
{
  return bench_work_is (&options, work);
}

static void
serveSocket (QLocalSocket *socket)
{
  QObject::connect (socket, &QLocalSocket::readyRead, socket, [socket] {
    qint64 n;
    do
      {
        n = socket->read (buffer, sizeof buffer);
        if (n <= 0)
          break;
        if (!workIs ("sink"))
          socket->write (buffer, n);
        else if ((received += n) >= options.total)
          {
            received = 0;
            socket->write (buffer, 1);
          }
      }
    while (n == sizeof buffer);
  });
  QObject::connect (socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
}

static void
addIdle ()
{
  for (long i = 0; i < options.idle; i++)
    {
      auto *socket = new QLocalSocket;

      if (!socket->setSocketDescriptor (bench_idle_descriptor ()))
        qFatal ("no idle connection");
      serveSocket (socket);
    }
}

static int
serve (QCoreApplication &application)
{
  QLocalServer server;

  server.setListenBacklogSize (BENCH_BACKLOG);
  QObject::connect (&server, &QLocalServer::newConnection, &server, [&server] {
    while (QLocalSocket *socket = server.nextPendingConnection ())
      serveSocket (socket);
  });
  if (!server.listen (QString::fromLocal8Bit (options.name)))
    qFatal ("%s", qPrintable (server.errorString ()));
  addIdle ();
  bench_say_ready ();
  return application.exec ();
}

template <typename Handler>
static QLocalSocket *
openConnection (Handler onReadyRead)
{
  auto *socket = new QLocalSocket;

  QObject::connect (socket, &QLocalSocket::readyRead, socket,
                    [socket, onReadyRead] () mutable { onReadyRead (socket); });
  socket->connectToServer (QString::fromLocal8Bit (options.name));
  if (!socket->waitForConnected (-1))
    qFatal ("%s", qPrintable (socket->errorString ()));
  return socket;
}

static qint64
take (QLocalSocket *socket)
{
  qint64 total = 0;
  qint64 n;

  do
    {
      n = socket->read (buffer, sizeof buffer);
      total += std::max<qint64> (n, 0);
    }
  while (n == sizeof buffer);
  return total;
}

static int
runTrips (QCoreApplication &application)
{
  std::vector<QLocalSocket *> clients;

  addIdle ();
  for (long i = 0; i < options.clients; i++)
    clients.push_back (openConnection ([got = 0L, &application] (QLocalSocket *socket) mutable {
      got += take (socket);
      if (got < options.size)
        return;
      got = 0;
      if (!bench_trip_is_over ())
        {
          socket->write (buffer, options.size);
          return;
        }
      bench_report_trips ();
      application.quit ();
    }));

  bench_begin (&options);
  for (QLocalSocket *socket : clients)
    socket->write (buffer, options.size);
  return application.exec ();
}

static void
greet ()
{
  openConnection ([] (QLocalSocket *socket) {
    take (socket);
    socket->close ();
    socket->deleteLater ();
    if (!bench_trip_is_over ())
      {
        greet ();
        return;
      }
    bench_report_trips ();
    QCoreApplication::quit ();
  })->write (buffer, 1);
}

static int
runConnect (QCoreApplication &application)
{
  bench_begin (&options);
  greet ();
  return application.exec ();
}

static void
sendPieces (QLocalSocket *socket)
{
  while (left > 0 && socket->bytesToWrite () < BENCH_MAX_QUEUED)
    {
      long length = std::min (left, options.chunk);

      left -= length;
      socket->write (buffer, length);
    }
}

static int
runStream (QCoreApplication &application)
{
  QLocalSocket *socket = openConnection ([&application] (QLocalSocket *) {
    bench_report_stream ();
    application.quit ();
  });

  QObject::connect (socket, &QLocalSocket::bytesWritten, socket,
                    [socket] { sendPieces (socket); });
  left = options.total;
  bench_begin (&options);
  sendPieces (socket);
  return application.exec ();
}

static int
runHold (QCoreApplication &application)
{
  for (long i = 0; i < options.clients; i++)
    {
      QLocalSocket *socket = openConnection ([] (QLocalSocket *self) { take (self); });

      if (options.exchange == 0)
        continue;
      socket->write (buffer, 1);
      socket->waitForReadyRead (-1);
    }
  bench_say_ready ();
  return application.exec ();
}

int
main (int   argc,
      char *argv[])
{
  QCoreApplication application (argc, argv);

  bench_options_parse (&options, argc, argv);
  if (options.serves)
    return serve (application);
  if (workIs ("connect"))
    return runConnect (application);
  if (workIs ("stream"))
    return runStream (application);
  if (workIs ("hold"))
    return runHold (application);
  return runTrips (application);
}
