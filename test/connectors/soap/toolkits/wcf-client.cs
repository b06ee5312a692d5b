// A WCF client (System.ServiceModel). The contract is written by hand as .NET's svcutil writes it. The settings and the lines that are printed are those of run-toolkit.ts.
using System;
using System.Net;
using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Xml;
using System.Xml.Serialization;
using ChainhubProxy;

[ServiceContract(Name = "Chainhub", Namespace = "urn:chainhub:v1")]
interface IChainhub {
    [OperationContract(Action = "urn:chainhub:v1:SubmitDocument", ReplyAction = "*"), XmlSerializerFormat]
    [FaultContract(typeof(HubFault), Action = "*", Name = "fault", Namespace = "urn:chainhub:v1")]
    SubmitDocumentResponse SubmitDocument(SubmitDocument request);

    [OperationContract(Action = "urn:chainhub:v1:GetMessageStatus", ReplyAction = "*"), XmlSerializerFormat]
    [FaultContract(typeof(HubFault), Action = "*", Name = "fault", Namespace = "urn:chainhub:v1")]
    GetMessageStatusResponse GetMessageStatus(GetMessageStatus request);

    [OperationContract(Action = "urn:chainhub:v1:Ping", ReplyAction = "*"), XmlSerializerFormat]
    [FaultContract(typeof(HubFault), Action = "*", Name = "fault", Namespace = "urn:chainhub:v1")]
    PingResponse Ping(Ping request);
}

[DataContract(Name = "fault", Namespace = "urn:chainhub:v1")]
class HubFault {
    [DataMember(Order = 0)] public string code;
    [DataMember(Order = 1)] public string at;
    [DataMember(Order = 2)] public string detail;
}

[MessageContract(WrapperName = "SubmitDocument", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class SubmitDocument {
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 0)] public string channel;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 1)] public string idempotencyKey;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 2)] public string wait;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 3)] public XmlNode document;
}

class MessageAnswer {
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 0)] public string messageId;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 1)] public Outcome outcome;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 2), XmlElement("documents")] public AnsweredDocument[] documents;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 3), XmlElement("parts")] public AnsweredPart[] parts;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 4)] public long journalSeq;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 5)] public Passed passed;
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 6), XmlElement("errors")] public Issue[] errors;
}

[MessageContract(WrapperName = "SubmitDocumentResponse", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class SubmitDocumentResponse : MessageAnswer { }

[MessageContract(WrapperName = "GetMessageStatus", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class GetMessageStatus {
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 0)] public string messageId;
}

[MessageContract(WrapperName = "GetMessageStatusResponse", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class GetMessageStatusResponse : MessageAnswer { }

[MessageContract(WrapperName = "Ping", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class Ping {
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 0)] public string message;
}

[MessageContract(WrapperName = "PingResponse", WrapperNamespace = "urn:chainhub:v1", IsWrapped = true)]
class PingResponse {
    [MessageBodyMember(Namespace = "urn:chainhub:v1", Order = 0)] public string message;
}

static class WcfClient {
    static IChainhub Hub() {
        Binding binding = new BasicHttpBinding();
        if (Tell.Setting("SOAP_VERSION") == "1.2") binding = new CustomBinding(new TextMessageEncodingBindingElement(MessageVersion.Soap12, System.Text.Encoding.UTF8), new HttpTransportBindingElement());
        return new ChannelFactory<IChainhub>(binding, new EndpointAddress(Tell.Setting("HUB_URL") + "/soap/v1")).CreateChannel();
    }

    static void WithKey(IChainhub hub, string key, Action call) {
        using (new OperationContextScope((IContextChannel)hub)) {
            var http = new HttpRequestMessageProperty();
            http.Headers["Authorization"] = "Bearer " + key;
            OperationContext.Current.OutgoingMessageProperties[HttpRequestMessageProperty.Name] = http;
            call();
        }
    }

    static XmlNode Element(string name) {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(Tell.Given(name));
        return document.DocumentElement;
    }

    static void Answer(string step, MessageAnswer answer) {
        Tell.Answer(step, answer.messageId, answer.outcome, answer.documents, answer.parts, answer.journalSeq == 0 ? (long?)null : answer.journalSeq, answer.passed, answer.errors);
    }

    static void Fault(string step, Action call) {
        try {
            call();
        } catch (FaultException<HubFault> exception) {
            Tell.Value(step, "fault", exception.Code.Name);
            Tell.Value(step, "text", exception.Message);
            Tell.Value(step, "code", exception.Detail.code);
            Tell.Value(step, "at", exception.Detail.at);
            Tell.Value(step, "detail", exception.Detail.detail);
        }
    }

    static SubmitDocument Order() {
        return new SubmitDocument { channel = "demo-soap", idempotencyKey = Tell.Setting("ORDER_KEY"), wait = "crm,warehouse", document = Element("order.xml") };
    }

    static void Main() {
        var hub = Hub();
        Tell.Value("Ping\tanswer", "message", hub.Ping(new Ping { message = Tell.Given("message.txt") }).message);
        Fault("Ping\tfault", () => hub.Ping(new Ping { message = new string('x', 10001) }));
        Fault("SubmitDocument\tfault", () => hub.SubmitDocument(Order()));
        WithKey(hub, Tell.Setting("HUB_KEY"), () => {
            var answer = hub.SubmitDocument(Order());
            Answer("SubmitDocument\tanswer", answer);
            Answer("SubmitDocument\tagain", hub.SubmitDocument(Order()));
            Answer("SubmitDocument\trejected", hub.SubmitDocument(new SubmitDocument { channel = "demo-soap", document = Element("rejected.xml") }));
            Answer("SubmitDocument\ttext", hub.SubmitDocument(new SubmitDocument { channel = "demo-soap", document = new XmlDocument().CreateTextNode(Tell.Given("order.json")) }));
            Answer("GetMessageStatus\tanswer", hub.GetMessageStatus(new GetMessageStatus { messageId = answer.messageId }));
            Answer("GetMessageStatus\tparts", hub.GetMessageStatus(new GetMessageStatus { messageId = Tell.Setting("BATCH") }));
            Fault("GetMessageStatus\tfault", () => hub.GetMessageStatus(new GetMessageStatus { messageId = "none" }));

            OperationContext.Current.OutgoingMessageHeaders.Add(MessageHeader.CreateHeader("Transaction", "urn:example:headers", "5", true));
            Fault("Ping\tmust understand", () => hub.Ping(new Ping()));
        });
    }
}
