#!/usr/bin/perl
# SOAP::Lite. The settings and the lines that it prints are those of run-toolkit.ts.
use strict;
use warnings;
use SOAP::Lite;

binmode STDOUT, ':encoding(UTF-8)';

sub client {
    my ($key) = @_;
    my $client = SOAP::Lite->soapversion($ENV{SOAP_VERSION})->service("$ENV{HUB_URL}/soap/v1?wsdl");
    $client->proxy("$ENV{HUB_URL}/soap/v1");
    $client->transport->http_request->header(Authorization => "Bearer $key") if $key;
    $client->transport->http_request->header(Accept => 'text/xml, application/soap+xml');
    return $client->want_som(1);
}

# A member is named with the WSDL's prefix; without a name SOAP::Lite makes one up.
sub member {
    my ($name, $value) = @_;
    return SOAP::Data->name("ch:$name")->value($value)->type('string');
}

# SOAP::Lite writes a value of the type xml as it is.
sub document {
    my ($file) = @_;
    my $xml = given($file) =~ s/^<\?xml.*?\?>//r;
    return SOAP::Data->name('ch:document')->value(\SOAP::Data->type(xml => $xml));
}

sub given {
    my ($name) = @_;
    open my $file, '<:encoding(UTF-8)', "$ENV{FOLDER}/$name" or die "$name: $!";
    local $/;
    return <$file>;
}

sub order { return (member(channel => 'demo-soap'), member(idempotencyKey => $ENV{ORDER_KEY}), member(wait => 'crm,warehouse'), member(timeoutMs => 20000), document('order.xml')) }

sub say_line {
    my ($operation, $case, $path, $value) = @_;
    $value =~ s/\\/\\\\/g;
    $value =~ s/\n/\\n/g;
    print join("\t", $operation, $case, $path, $value), "\n";
}

my %repeated = map { $_ => 1 } qw(documents parts errors threadIds);

# Walks by position: of elements that repeat, SOAP::Lite's hashes keep only the last.
sub tell_members {
    my ($operation, $case, $answer, $at, $path) = @_;
    my (%seen, $position);
    for my $data ($answer->dataof("$at/[>0]")) {
        my ($name, $value) = ($data->name, $data->value);
        my $place = $repeated{$name} ? "$name\[" . ($seen{$name}++ // 0) . ']' : $name;
        my $here = $path eq '' ? $place : "$path.$place";
        $position++;
        if (ref $value) { tell_members($operation, $case, $answer, "$at/[$position]", $here) }
        else { say_line($operation, $case, $here, $value) }
    }
}

sub tell_answer {
    my ($operation, $case, $answer) = @_;
    die $answer->faultstring if $answer->fault;
    tell_members($operation, $case, $answer, '/Envelope/Body/[1]', '');
}

sub tell_fault {
    my ($operation, $case, $answer) = @_;
    # faultcode, faultstring and faultdetail know the places of SOAP 1.1 only.
    my ($code, $text, $detail) = $ENV{SOAP_VERSION} eq '1.2' ? qw(Code/Value Reason/Text Detail) : qw(faultcode faultstring detail);
    my $fault = '/Envelope/Body/Fault';
    say_line($operation, $case, fault => $answer->valueof("$fault/$code"));
    say_line($operation, $case, text => $answer->valueof("$fault/$text"));
    say_line($operation, $case, $_ => $answer->valueof("$fault/$detail/fault/$_")) for qw(code at detail);
}

my $hub = client($ENV{HUB_KEY});
my $stranger = client();

tell_answer('Ping', 'answer', $hub->Ping(member(message => given('message.txt'))));
tell_fault('Ping', 'fault', $hub->Ping(member(message => 'x' x 10001)));

my $answer = $hub->SubmitDocument(order());
tell_answer('SubmitDocument', 'answer', $answer);
tell_answer('SubmitDocument', 'again', $hub->SubmitDocument(order()));
tell_answer('SubmitDocument', 'rejected', $hub->SubmitDocument(member(channel => 'demo-soap'), document('rejected.xml')));
tell_answer('SubmitDocument', 'text', $hub->SubmitDocument(member(channel => 'demo-soap'), member(document => given('order.json'))));
tell_fault('SubmitDocument', 'fault', $stranger->SubmitDocument(order()));

tell_answer('GetMessageStatus', 'answer', $hub->GetMessageStatus(member(messageId => $answer->valueof('//messageId'))));
tell_answer('GetMessageStatus', 'parts', $hub->GetMessageStatus(member(messageId => $ENV{BATCH})));
tell_fault('GetMessageStatus', 'fault', $hub->GetMessageStatus(member(messageId => 'none')));

my $header = SOAP::Header->name('t:Transaction')->attr({ 'xmlns:t' => 'urn:example:headers' })->value('5')->mustUnderstand(1);
tell_fault('Ping', 'must understand', $hub->Ping($header));

my $wrong = SOAP::Lite->proxy("$ENV{HUB_URL}/soap/v1")->default_ns('urn:wrong')->on_action(sub { '""' });
$wrong->transport->http_request->header(Authorization => "Bearer $ENV{HUB_KEY}");
$wrong->transport->http_request->header(Accept => 'text/xml, application/soap+xml');
tell_fault('Ping', 'wrong namespace', $wrong->call('Ping'));
