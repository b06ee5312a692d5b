"""suds. The settings and the lines that it prints are those of run-toolkit.ts."""
import os
import re
from pathlib import Path

from suds import WebFault
from suds.client import Client
from suds.sax.element import Element
from suds.sax.text import Raw
from suds.sudsobject import Object

wsdl = os.environ["HUB_URL"] + "/soap/v1?wsdl"
authorization = {"Authorization": "Bearer " + os.environ["HUB_KEY"]}
hub = Client(wsdl, port="ChainhubSoap11", headers=authorization, cache=None)
stranger = Client(wsdl, port="ChainhubSoap11", cache=None)
folder = Path(os.environ["FOLDER"])


def given(name):
    return (folder / name).read_text(encoding="utf-8")


def tell(operation, case, value, path=""):
    if isinstance(value, Object):
        for name, item in value:
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
    except WebFault as error:
        tell(operation, case, str(error.fault.faultcode), "fault")
        tell(operation, case, str(error.fault.faultstring), "text")
        tell(operation, case, error.fault.detail.fault)


# Raw is written as it is; suds' own elements lose a default namespace on the way out.
def document(name):
    return Raw(re.sub(r"^<\?xml.*?\?>", "", given(name)))


tell("Ping", "answer", str(hub.service.Ping(message=given("message.txt"))), "message")
tell_fault("Ping", "fault", lambda: hub.service.Ping(message="x" * 10001))

order = {"channel": "demo-soap", "idempotencyKey": os.environ["ORDER_KEY"], "wait": "crm,warehouse", "timeoutMs": 20000}
answer = hub.service.SubmitDocument(**order, document=document("order.xml"))
tell("SubmitDocument", "answer", answer)
tell("SubmitDocument", "again", hub.service.SubmitDocument(**order, document=document("order.xml")))
tell("SubmitDocument", "rejected", hub.service.SubmitDocument(channel="demo-soap", document=document("rejected.xml")))
tell("SubmitDocument", "text", hub.service.SubmitDocument(channel="demo-soap", document=given("order.json")))
tell_fault("SubmitDocument", "fault", lambda: stranger.service.SubmitDocument(**order, document=document("order.xml")))

tell("GetMessageStatus", "answer", hub.service.GetMessageStatus(messageId=answer.messageId))
tell("GetMessageStatus", "parts", hub.service.GetMessageStatus(messageId=os.environ["BATCH"]))
tell_fault("GetMessageStatus", "fault", lambda: hub.service.GetMessageStatus(messageId="none"))

header = Element("t:Transaction").addPrefix("t", "urn:example:headers").setText("5")
header.set("SOAP-ENV:mustUnderstand", "1")
hub.set_options(soapheaders=header)
tell_fault("Ping", "must understand", lambda: hub.service.Ping())
