"""zeep. The settings and the lines that it prints are those of run-toolkit.ts."""
import os
from pathlib import Path

import requests
import zeep
from lxml import etree
from zeep.helpers import serialize_object
from zeep.transports import Transport

wsdl = os.environ["HUB_URL"] + "/soap/v1?wsdl"
port = "ChainhubSoap12" if os.environ["SOAP_VERSION"] == "1.2" else "ChainhubSoap11"
session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["HUB_KEY"]
hub = zeep.Client(wsdl, transport=Transport(session=session)).bind("Chainhub", port)
stranger = zeep.Client(wsdl).bind("Chainhub", port)
folder = Path(os.environ["FOLDER"])


def tell(operation, case, value, path=""):
    if isinstance(value, dict):
        for name, item in value.items():
            tell(operation, case, item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            tell(operation, case, item, f"{path}[{index}]")
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value).replace("\\", "\\\\").replace("\n", "\\n")
        print(operation, case, path, text, sep="\t")


def tell_fault(operation, case, call):
    try:
        call()
    except zeep.exceptions.Fault as fault:
        detail = fault.detail.find("{urn:chainhub:v1}fault")
        tell(operation, case, {"fault": fault.code, "text": fault.message})
        tell(operation, case, {etree.QName(child).localname: child.text for child in detail})


def document(name):
    return {"_value_1": etree.parse(str(folder / name)).getroot()}


# zeep gives a wrapper of one element as that element's value.
tell("Ping", "answer", {"message": hub.Ping(message=(folder / "message.txt").read_text(encoding="utf-8"))})
tell_fault("Ping", "fault", lambda: hub.Ping(message="x" * 10001))

order = {"channel": "demo-soap", "idempotencyKey": os.environ["ORDER_KEY"], "wait": "crm,warehouse", "timeoutMs": 20000}
answer = hub.SubmitDocument(**order, document=document("order.xml"))
tell("SubmitDocument", "answer", serialize_object(answer, dict))
tell("SubmitDocument", "again", serialize_object(hub.SubmitDocument(**order, document=document("order.xml")), dict))
tell("SubmitDocument", "rejected", serialize_object(hub.SubmitDocument(channel="demo-soap", document=document("rejected.xml")), dict))
tell_fault("SubmitDocument", "fault", lambda: stranger.SubmitDocument(**order, document=document("order.xml")))

tell("GetMessageStatus", "answer", serialize_object(hub.GetMessageStatus(messageId=answer.messageId), dict))
tell("GetMessageStatus", "parts", serialize_object(hub.GetMessageStatus(messageId=os.environ["BATCH"]), dict))
tell_fault("GetMessageStatus", "fault", lambda: hub.GetMessageStatus(messageId="none"))

header = etree.Element("{urn:example:headers}Transaction")
envelope = "http://www.w3.org/2003/05/soap-envelope" if port == "ChainhubSoap12" else "http://schemas.xmlsoap.org/soap/envelope/"
header.set("{%s}mustUnderstand" % envelope, "1")
tell_fault("Ping", "must understand", lambda: hub.Ping(_soapheaders=[header]))
