"""Calls every operation with zeep in both SOAP versions; prints what it read as JSON, one line a version."""
import json
import sys

import requests
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.helpers import serialize_object
from zeep.plugins import HistoryPlugin
from zeep.transports import Transport

url = sys.argv[1]
session = requests.Session()
session.headers["Authorization"] = "Bearer secret"
schema = etree.XMLSchema(etree.fromstring(session.get(url + "?xsd=chainhub.xsd").content))
order = etree.fromstring('<Order xmlns="urn:example:order"><ID>000045</ID></Order>')

for port in ("ChainhubSoap11", "ChainhubSoap12"):
    history = HistoryPlugin()
    service = Client(url + "?wsdl", transport=Transport(session=session), plugins=[history]).bind("Chainhub", port)
    ping = service.Ping(message="hé 订")
    answer = service.SubmitDocument(channel="demo-soap", idempotencyKey=port, wait="crm", timeoutMs=100, document={"_value_1": order})
    body = history.last_received["envelope"].find("{*}Body")
    schema.assertValid(etree.fromstring(etree.tostring(body[0])))
    status = service.GetMessageStatus(messageId=answer.messageId)
    try:
        service.GetMessageStatus(messageId="none")
        fault = None
    except Fault as found:
        detail = found.detail.find("{urn:chainhub:v1}fault")
        schema.assertValid(etree.fromstring(etree.tostring(detail)))
        fault = [found.code, found.message] + [child.text for child in detail]
    print(json.dumps({"ping": ping, "answer": serialize_object(answer, dict), "same": status == answer, "fault": fault}))
