<?php
// php -S 127.0.0.1:PORT s4-server.php with RECORD in the environment: a service that takes S/4's OrderRequest as it is. Fails once with a fault of its own.
ini_set('soap.wsdl_cache_enabled', '0');
$record = getenv('RECORD');
$wsdl = '<?xml version="1.0"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="http://sap.com/xi/EDI" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://sap.com/xi/EDI">
  <w:types><xs:schema targetNamespace="http://sap.com/xi/EDI">
    <xs:element name="OrderRequest"><xs:complexType><xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="OrderTaken"><xs:complexType><xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></w:types>
  <w:message name="In"><w:part name="p" element="t:OrderRequest"/></w:message><w:message name="Out"><w:part name="p" element="t:OrderTaken"/></w:message>
  <w:portType name="T"><w:operation name="OrderRequest_In"><w:input message="t:In"/><w:output message="t:Out"/></w:operation></w:portType>
  <w:binding name="B" type="t:T"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><w:operation name="OrderRequest_In"><s:operation soapAction="order"/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="http://' . $_SERVER['HTTP_HOST'] . '/orders"/></w:port></w:service>
</w:definitions>';
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/xml; charset=utf-8');
    echo $wsdl;
    return true;
}
$request = file_get_contents('php://input');
file_put_contents($record, json_encode(['body' => $request, 'id' => $_SERVER['HTTP_IDEMPOTENCY_KEY'] ?? '', 'sequence' => $_SERVER['HTTP_CHAINHUB_SEQUENCE'] ?? '']) . "\n", FILE_APPEND);

class Orders {
    public function OrderRequest_In($order) {
        $request = file_get_contents('php://input');
        if (str_contains($request, '>refuse<')) throw new SoapFault('Client', 'Not this one');
        if (count(file(getenv('RECORD'))) === 1) throw new SoapFault('Server', 'Out of order');
        return ['id' => preg_match('/<ID>(\w+)<\/ID>/', $request, $found) ? $found[1] : ''];
    }
}

$server = new SoapServer('data:text/xml;base64,' . base64_encode($wsdl), ['soap_version' => SOAP_1_1]);
$server->setObject(new Orders());
$server->handle($request);
return true;
