// An ASMX client (System.Web.Services), with the proxy that asmx-build.sh makes. The settings and the lines that are printed are those of run-toolkit.ts.
using System;
using System.Net;
using System.Web.Services.Protocols;
using System.Xml;
using ChainhubProxy;

// The proxy writes no HTTP header of its own; the generated class is partial so that one can be added.
namespace ChainhubProxy {
    public partial class Chainhub {
        public string Key;

        protected override WebRequest GetWebRequest(Uri uri) {
            var request = base.GetWebRequest(uri);
            if (Key != null) request.Headers["Authorization"] = "Bearer " + Key;
            return request;
        }
    }
}

static class AsmxClient {
    static Chainhub Hub(string key) {
        return new Chainhub {
            Url = Tell.Setting("HUB_URL") + "/soap/v1",
            SoapVersion = Tell.Setting("SOAP_VERSION") == "1.2" ? SoapProtocolVersion.Soap12 : SoapProtocolVersion.Soap11,
            Key = key,
        };
    }

    static XmlNode Element(string name) {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(Tell.Given(name));
        return document.DocumentElement;
    }

    static void Submit(Chainhub hub, string step, string key, string wait, XmlNode document) {
        Outcome outcome; AnsweredDocument[] documents; PartCounts counts; AnsweredPart[] parts; long journalSeq; bool journalSeqSpecified; Passed passed; Issue[] errors;
        var messageId = hub.SubmitDocument("demo-soap", key, wait, 20000, wait != null, document, null, out outcome, out documents, out counts, out parts, out journalSeq, out journalSeqSpecified, out passed, out errors);
        Tell.Answer(step, messageId, outcome, documents, parts, journalSeqSpecified ? journalSeq : (long?)null, passed, errors);
        if (step == "SubmitDocument\tanswer") Status(hub, "GetMessageStatus\tanswer", messageId);
    }

    static void Status(Chainhub hub, string step, string messageId) {
        AnsweredDocument[] documents; PartCounts counts; AnsweredPart[] parts; long journalSeq; bool journalSeqSpecified; Passed passed; Issue[] errors;
        var outcome = hub.GetMessageStatus(ref messageId, out documents, out counts, out parts, out journalSeq, out journalSeqSpecified, out passed, out errors);
        Tell.Answer(step, messageId, outcome, documents, parts, journalSeqSpecified ? journalSeq : (long?)null, passed, errors);
    }

    static string Ping(Chainhub hub, string message) {
        hub.Ping(ref message);
        return message;
    }

    // ASMX generates no type for a fault: its detail is an XmlNode.
    static void Fault(string step, Action call) {
        try {
            call();
        } catch (SoapException exception) {
            var names = new XmlNamespaceManager(new NameTable());
            names.AddNamespace("ch", "urn:chainhub:v1");
            Tell.Value(step, "fault", exception.Code.Name);
            Tell.Value(step, "text", exception.Message);
            foreach (var name in new[] { "code", "at", "detail" }) Tell.Value(step, name, exception.Detail.SelectSingleNode("ch:fault/ch:" + name, names).InnerText);
        }
    }

    static void Main() {
        Chainhub hub = Hub(Tell.Setting("HUB_KEY")), stranger = Hub(null);
        Tell.Value("Ping\tanswer", "message", Ping(hub, Tell.Given("message.txt")));
        Fault("Ping\tfault", () => Ping(hub, new string('x', 10001)));

        Submit(hub, "SubmitDocument\tanswer", Tell.Setting("ORDER_KEY"), "crm,warehouse", Element("order.xml"));
        Submit(hub, "SubmitDocument\tagain", Tell.Setting("ORDER_KEY"), "crm,warehouse", Element("order.xml"));
        Submit(hub, "SubmitDocument\trejected", null, null, Element("rejected.xml"));
        Submit(hub, "SubmitDocument\ttext", null, null, new XmlDocument().CreateTextNode(Tell.Given("order.json")));
        Fault("SubmitDocument\tfault", () => Submit(stranger, "", Tell.Setting("ORDER_KEY"), "crm,warehouse", Element("order.xml")));

        Status(hub, "GetMessageStatus\tparts", Tell.Setting("BATCH"));
        Fault("GetMessageStatus\tfault", () => Status(hub, "", "none"));
    }
}
