<?php
// PHP's SoapClient. The settings and the lines that it prints are those of run-toolkit.ts.
$options = [
    'soap_version' => getenv('SOAP_VERSION') === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5,
    'cache_wsdl' => WSDL_CACHE_NONE,
];
$wsdl = getenv('HUB_URL') . '/soap/v1?wsdl';
$key = getenv('HUB_KEY');
$client = new SoapClient($wsdl, $options + [
    'stream_context' => stream_context_create(['http' => ['header' => "Authorization: Bearer $key"]]),
]);
$stranger = new SoapClient($wsdl, $options);

function given(string $name): string
{
    return file_get_contents(getenv('FOLDER') . "/$name");
}

function tell(string $operation, string $case, mixed $value, string $path = ''): void
{
    if (is_array($value)) {
        foreach ($value as $index => $item) tell($operation, $case, $item, "{$path}[$index]");
    } elseif (is_object($value)) {
        foreach (get_object_vars($value) as $name => $item) tell($operation, $case, $item, $path === '' ? $name : "$path.$name");
    } elseif ($value !== null) {
        $text = is_bool($value) ? var_export($value, true) : str_replace(['\\', "\n"], ['\\\\', '\n'], (string) $value);
        echo "$operation\t$case\t$path\t$text\n";
    }
}

function tellFault(string $operation, string $case, callable $call): void
{
    try {
        $call();
    } catch (SoapFault $fault) {
        $typed = $fault->detail->fault;
        tell($operation, $case, (object) ['fault' => $fault->faultcode, 'text' => $fault->getMessage()]);
        tell($operation, $case, (object) ['code' => $typed->code, 'at' => $typed->at, 'detail' => $typed->detail]);
    }
}

// A document goes in as the XML of its root element, without the declaration.
function document(string $name): array
{
    return ['any' => preg_replace('/^<\?xml[^>]*\?>/', '', given($name))];
}

tell('Ping', 'answer', $client->Ping(['message' => given('message.txt')]));
tellFault('Ping', 'fault', fn() => $client->Ping(['message' => str_repeat('x', 10001)]));

$order = ['channel' => 'demo-soap', 'idempotencyKey' => getenv('ORDER_KEY'), 'wait' => 'crm,warehouse', 'timeoutMs' => 20000, 'document' => document('order.xml')];
$answer = $client->SubmitDocument($order);
tell('SubmitDocument', 'answer', $answer);
tell('SubmitDocument', 'again', $client->SubmitDocument($order));
tell('SubmitDocument', 'rejected', $client->SubmitDocument(['channel' => 'demo-soap', 'document' => document('rejected.xml')]));
tell('SubmitDocument', 'text', $client->SubmitDocument(['channel' => 'demo-soap', 'document' => ['any' => htmlspecialchars(given('order.json'), ENT_NOQUOTES)]]));
tellFault('SubmitDocument', 'fault', fn() => $stranger->SubmitDocument($order));

tell('GetMessageStatus', 'answer', $client->GetMessageStatus(['messageId' => $answer->messageId]));
tell('GetMessageStatus', 'parts', $client->GetMessageStatus(['messageId' => getenv('BATCH')]));
tellFault('GetMessageStatus', 'fault', fn() => $client->GetMessageStatus(['messageId' => 'none']));

$header = new SoapHeader('urn:example:headers', 'Transaction', '5', true);
tellFault('Ping', 'must understand', fn() => $client->__soapCall('Ping', [[]], null, $header));
$wrong = new SoapClient(null, [
    'location' => getenv('HUB_URL') . '/soap/v1',
    'uri' => 'urn:wrong',
    'stream_context' => stream_context_create(['http' => ['header' => "Authorization: Bearer $key"]]),
] + $options);
tellFault('Ping', 'wrong namespace', fn() => $wrong->__soapCall('Ping', [], ['soapaction' => '']));
