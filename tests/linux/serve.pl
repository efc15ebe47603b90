#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# serve.pl DIRECTORY: a web server with the files of DIRECTORY, at a port of 127.0.0.1, which it prints. One
# request for each connection, one connection at a time.
use strict;
use warnings;
use IO::Socket::INET;

sub contents {
    my ($path) = @_;
    open(my $file, '<:raw', $path) or return;
    local $/;
    return scalar <$file>;
}

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "no port: $!\n";
$SIG{PIPE} = 'IGNORE'; # who asks may go
$| = 1;
print $server->sockport, "\n";
while (my $client = $server->accept) {
    my ($name) = (<$client> // '') =~ m{^GET /(?:\./)?(\w[\w.+-]*) HTTP/};
    while (my $line = <$client>) {
        last if $line =~ /^\r?$/;
    }
    my $body = defined $name ? contents("$ARGV[0]/$name") : undef;
    my $status = defined $body ? '200 OK' : '404 Not Found';
    $body //= '';
    print $client "HTTP/1.0 $status\r\nContent-Length: ", length $body, "\r\n\r\n", $body;
    close $client;
}
