<?php
// Calls every operation with PHP's SoapClient in both SOAP versions; prints what it read as JSON, one line a version.
foreach ([SOAP_1_1, SOAP_1_2] as $version) {
    $client = new SoapClient($argv[1] . '?wsdl', [
        'soap_version' => $version,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5,
        'stream_context' => stream_context_create(['http' => ['header' => 'Authorization: Bearer secret']]),
    ]);
    $ping = $client->Ping(['message' => 'hé 订'])->message;
    $order = ['any' => '<Order xmlns="urn:example:order"><ID>000045</ID></Order>'];
    $answer = $client->SubmitDocument(['channel' => 'demo-soap', 'idempotencyKey' => 'php', 'wait' => 'crm', 'timeoutMs' => 100, 'document' => $order]);
    $status = $client->GetMessageStatus(['messageId' => $answer->messageId]);
    $fault = null;
    try {
        $client->GetMessageStatus(['messageId' => 'none']);
    } catch (SoapFault $found) {
        $fault = [$found->faultcode, $found->getMessage(), $found->detail->fault->code, $found->detail->fault->at, $found->detail->fault->detail];
    }
    echo json_encode(['ping' => $ping, 'answer' => $answer, 'same' => $status == $answer, 'fault' => $fault]), "\n";
}
