# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# An echo conversation through Glib::Object::Introspection, in TAP.

use strict;
use warnings;
use utf8;

use File::Temp;
use Glib;
use Glib::Object::Introspection;
use Test::More;

Glib::Object::Introspection->setup(basename => 'Lsock', version => '1', package => 'Lsock');

use constant LIMIT_MS => 10_000;

sub await {
  my ($condition) = @_;
  my $expired = 0;
  my $source = Glib::Timeout->add(LIMIT_MS, sub { $expired = 1 });
  while (!$condition->()) {
    Glib::MainContext->default->iteration(1);
    BAIL_OUT('what the test waits for did not happen') if $expired;
  }
  Glib::Source->remove($source);
}

my $folder = File::Temp->newdir('lsXXXXXX', TMPDIR => 1);
my $name = "$folder/s";
my $server = Lsock::Server->new;
my $client = Lsock::Socket->new;

$server->signal_connect('new-connection' => sub {
  my $peer = $server->next_pending_connection;
  $peer->signal_connect('ready-read' => sub { $peer->write_bytes($peer->read_all) });
});

ok($server->listen($name), 'the server listens');
my @states;
$client->signal_connect('state-changed' => sub { push @states, $_[1] });
$client->connect_to_server($name, ['read-only', 'write-only']);

my $text = "gr\xc3\xbc\xc3\x9fe\0\n";
is($client->write([unpack 'C*', $text]), length $text, 'an array of bytes is written');
await(sub { $client->can_read_line });
is($client->read_line(0)->get_data, $text, 'the same bytes come back');

my $calls = 0;
Lsock::invoke_queued_full($client, sub { $calls++ });
await(sub { $calls });
is($calls, 1, 'a queued call is made');

$client->disconnect_from_server;
await(sub { $client->get_state eq 'unconnected' });
is("@states", 'connecting connected closing unconnected', 'states are nicks');

eval { Lsock::Server->new->listen('') };
isa_ok($@, 'Lsock::SocketError', 'the error');
is($@->value, 'server-not-found', 'a GError has the nick of its code');

$server->close;
done_testing();
