<?php
// php -S 127.0.0.1:PORT orders-server.php with FIXTURES and RECORD in the environment: serves the fixtures' description and is its service.
ini_set('soap.wsdl_cache_enabled', '0');
$fixtures = getenv('FIXTURES');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $file = $fixtures . '/' . basename($path);
    if (!preg_match('/\.(wsdl|xsd)$/', $file) || !file_exists($file)) { http_response_code(404); return true; }
    header('Content-Type: text/xml; charset=utf-8');
    echo str_replace('http://localhost:8081/orders', 'http://' . $_SERVER['HTTP_HOST'] . '/orders', file_get_contents($file));
    return true;
}

$request = file_get_contents('php://input');
file_put_contents(getenv('RECORD'), json_encode(['body' => $request, 'type' => $_SERVER['CONTENT_TYPE'] ?? '', 'action' => $_SERVER['HTTP_SOAPACTION'] ?? '', 'authorization' => $_SERVER['HTTP_AUTHORIZATION'] ?? '']));

class Orders {
    public function PlaceOrder($order) {
        if ($order->orderNumber === 'refuse') {
            throw new SoapFault('Client', 'Order refused: 拒绝', null, (object) ['code' => 'E-7', 'field' => 'orderNumber'], 'OrderFault');
        }
        if ($order->orderNumber === 'break') throw new SoapFault('Server', 'Out of order');
        return [
            'lines' => count($order->line),
            'customerName' => $order->customer->name,
            'amount' => ['_' => $order->amount->_, 'currency' => $order->amount->currency],
            'serial' => $order->serial,
            'orderNumber' => $order->orderNumber,
        ];
    }
    public function Notify($notice) {}
}

// PHP's own types round: whole numbers above 63 bits and decimals go through a double.
$text = fn (string $name) => ['type_ns' => 'http://www.w3.org/2001/XMLSchema', 'type_name' => $name, 'from_xml' => fn ($xml) => strip_tags($xml), 'to_xml' => fn ($value) => "<value>$value</value>"];
$server = new SoapServer("$fixtures/orders.wsdl", [
    'soap_version' => str_contains($_SERVER['CONTENT_TYPE'] ?? '', 'application/soap+xml') ? SOAP_1_2 : SOAP_1_1,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'typemap' => [$text('integer'), $text('decimal')],
]);
$server->setObject(new Orders());
$server->handle($request);
return true;
