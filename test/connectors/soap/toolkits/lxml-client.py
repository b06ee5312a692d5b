"""No toolkit: envelopes built with lxml, each body held against the XSD both ways. The settings and the lines that it prints are those of run-toolkit.ts."""
import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from lxml import etree
from lxml.builder import ElementMaker

url = os.environ["HUB_URL"] + "/soap/v1"
key = os.environ["HUB_KEY"]
folder = Path(os.environ["FOLDER"])
is12 = os.environ["SOAP_VERSION"] == "1.2"
namespace = "http://www.w3.org/2003/05/soap-envelope" if is12 else "http://schemas.xmlsoap.org/soap/envelope/"
soap = ElementMaker(namespace=namespace, nsmap={"soap": namespace})
ch = ElementMaker(namespace="urn:chainhub:v1", nsmap={None: "urn:chainhub:v1"})
schema = etree.XMLSchema(etree.fromstring(urlopen(url + "?xsd=chainhub.xsd").read()))


def post(content, bearer=key, header=None):
    parts = [soap.Body(content)] if header is None else [soap.Header(header), soap.Body(content)]
    body = etree.tostring(soap.Envelope(*parts), xml_declaration=True, encoding="UTF-8")
    action = "urn:chainhub:v1:" + etree.QName(content).localname
    headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'} if is12 else {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    try:
        answer = urlopen(Request(url, body, headers))
    except HTTPError as error:
        answer = error
    expected = "application/soap+xml" if is12 else "text/xml"
    assert answer.headers.get_content_type() == expected, answer.headers["Content-Type"]
    return answer.status, etree.fromstring(answer.read()).find(f"{{{namespace}}}Body")[0]


def ask(content):
    schema.assertValid(content)
    status, answer = post(content)
    assert status == 200, etree.tostring(answer)
    schema.assertValid(answer)
    return answer


def tell(operation, case, path, text):
    print(operation, case, path, text.replace("\\", "\\\\").replace("\n", "\\n"), sep="\t")


def tell_members(operation, case, element, path=""):
    seen = {}
    for child in element:
        name = etree.QName(child).localname
        index = seen[name] = seen.get(name, -1) + 1
        place = f"{name}[{index}]" if name in ("documents", "parts", "errors", "threadIds") else name
        here = f"{path}.{place}" if path else place
        if len(child):
            tell_members(operation, case, child, here)
        else:
            tell(operation, case, here, child.text or "")


def tell_fault(operation, case, content, **given):
    status, fault = post(content, **given)
    assert status == 500, f"a fault comes with HTTP 500 (WS-I Basic Profile 1.1, R1126), this with {status}"
    detail = fault.find("{*}Detail" if is12 else "detail")[0]
    schema.assertValid(detail)
    tell(operation, case, "fault", fault.findtext("{*}Code/{*}Value" if is12 else "faultcode"))
    tell(operation, case, "text", fault.findtext("{*}Reason/{*}Text" if is12 else "faultstring"))
    tell_members(operation, case, detail)


def submit(document, *more):
    return ch.SubmitDocument(ch.channel("demo-soap"), *more, ch.document(document))


def document(name):
    return etree.parse(str(folder / name)).getroot()


more = [ch.idempotencyKey(os.environ["ORDER_KEY"]), ch.wait("crm,warehouse"), ch.timeoutMs("20000")]

tell_members("Ping", "answer", ask(ch.Ping(ch.message((folder / "message.txt").read_text(encoding="utf-8")))))
tell_fault("Ping", "fault", ch.Ping(ch.message("x" * 10001)))

answer = ask(submit(document("order.xml"), *more))
tell_members("SubmitDocument", "answer", answer)
tell_members("SubmitDocument", "again", ask(submit(document("order.xml"), *more)))
tell_members("SubmitDocument", "rejected", ask(submit(document("rejected.xml"))))
tell_members("SubmitDocument", "text", ask(submit((folder / "order.json").read_text(encoding="utf-8"))))
tell_fault("SubmitDocument", "fault", submit(document("order.xml"), *more), bearer=None)

tell_members("GetMessageStatus", "answer", ask(ch.GetMessageStatus(ch.messageId(answer.findtext("{*}messageId")))))
tell_members("GetMessageStatus", "parts", ask(ch.GetMessageStatus(ch.messageId(os.environ["BATCH"]))))
tell_fault("GetMessageStatus", "fault", ch.GetMessageStatus(ch.messageId("none")))

header = etree.Element("{urn:example:headers}Transaction")
header.set(f"{{{namespace}}}mustUnderstand", "1")
tell_fault("Ping", "must understand", ch.Ping(), header=header)
tell_fault("Ping", "wrong namespace", etree.Element("{urn:wrong}Ping"))
