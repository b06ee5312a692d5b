"""Calls SubmitDocument with zeep's WS-Security; prints the outcomes and faults as JSON."""
import json
import sys
from datetime import datetime, timedelta, timezone

import xmlsec
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.wsse import utils
from zeep.wsse.compose import Compose
from zeep.wsse.signature import BinarySignature, Signature
from zeep.wsse.username import UsernameToken

url, password, key, certificate, order = sys.argv[1:]
document = etree.parse(order).getroot()
RSA, SHA = xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256


class Timestamp:
    """Puts a wsu:Timestamp into the Security header, before what signs it."""

    def apply(self, envelope, headers):
        now = datetime.now(timezone.utc)
        stamp = utils.WSU.Timestamp()
        stamp.append(utils.WSU.Created(now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")))
        stamp.append(utils.WSU.Expires((now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")))
        utils.get_security_header(envelope).append(stamp)
        return envelope, headers

    def verify(self, envelope):
        return envelope


def outcome(wsse, channel, key_of_message):
    # What zeep verifies of an answer is the hub's signature, and the hub signs no answers.
    for one in wsse.wsse_objects if isinstance(wsse, Compose) else [wsse]:
        one.verify = lambda envelope: envelope
    service = Client(url + "?wsdl", wsse=wsse).bind("Chainhub", "ChainhubSoap11")
    try:
        return service.SubmitDocument(channel=channel, idempotencyKey=key_of_message, document={"_value_1": document}).outcome
    except Fault as fault:
        return [fault.code, fault.detail.find("{urn:chainhub:v1}fault").find("{urn:chainhub:v1}code").text]


def changed(number):
    document.find("{*}ID").text = number


changed("ZEEP-1")
result = {
    "token": outcome(UsernameToken("buyer", password, use_digest=True), "tokens", "z1"),
    "wrong": outcome(UsernameToken("buyer", "guess", use_digest=True), "tokens", "z2"),
}
changed("ZEEP-2")
result["signature"] = outcome(Compose([Timestamp(), Signature(key, certificate, None, RSA, SHA)]), "signed", "z3")
changed("ZEEP-3")
result["binary"] = outcome(Compose([Timestamp(), BinarySignature(key, certificate, None, RSA, SHA)]), "signed", "z4")
result["noTimestamp"] = outcome(Signature(key, certificate, None, RSA, SHA), "signed", "z5")
result["sha1"] = outcome(Compose([Timestamp(), Signature(key, certificate)]), "signed", "z6")
print(json.dumps(result))
