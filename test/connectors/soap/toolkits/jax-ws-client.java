// JAX-WS, with the classes that jax-ws-build.sh makes. The settings and the lines that are printed are those of run-toolkit.ts.
import chainhub.*;
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;
import javax.xml.ws.handler.MessageContext;

class JaxWsClient {
    static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    static Chainhub port(String key) throws Exception {
        Chainhub_Service service = new Chainhub_Service(new URL(System.getenv("HUB_URL") + "/soap/v1?wsdl"));
        Chainhub port = System.getenv("SOAP_VERSION").equals("1.2") ? service.getChainhubSoap12() : service.getChainhubSoap11();
        if (key != null) {
            Map<String, Object> context = ((BindingProvider) port).getRequestContext();
            context.put(MessageContext.HTTP_REQUEST_HEADERS, Map.of("Authorization", List.of("Bearer " + key)));
        }
        return port;
    }

    static byte[] given(String name) throws Exception {
        return Files.readAllBytes(Path.of(System.getenv("FOLDER"), name));
    }

    static Document document(Object content) {
        Document document = new Document();
        document.getContent().add(content);
        return document;
    }

    static Object element(String name) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(given(name))).getDocumentElement();
    }

    static void tell(String step, String path, Object value) {
        if (value != null) out.println(step + "\t" + path + "\t" + value.toString().replace("\\", "\\\\").replace("\n", "\\n"));
    }

    static void tellDocuments(String step, String path, List<AnsweredDocument> documents) {
        for (int i = 0; i < documents.size(); i++) {
            AnsweredDocument document = documents.get(i);
            String at = path + "[" + i + "].";
            tell(step, at + "kind", document.getKind());
            tell(step, at + "id", document.getId());
            tell(step, at + "number", document.getNumber());
            tell(step, at + "revision", document.getRevision());
            for (int k = 0; k < document.getThreadIds().size(); k++) tell(step, at + "threadIds[" + k + "]", document.getThreadIds().get(k));
            tell(step, at + "duplicate", document.isDuplicate());
        }
    }

    static void tellErrors(String step, String path, List<Issue> errors) {
        for (int i = 0; i < errors.size(); i++) {
            String at = path + "[" + i + "].";
            tell(step, at + "code", errors.get(i).getCode());
            tell(step, at + "at", errors.get(i).getAt());
            tell(step, at + "detail", errors.get(i).getDetail());
            tell(step, at + "severity", errors.get(i).getSeverity() == null ? null : errors.get(i).getSeverity().value());
        }
    }

    // wsimport unwraps request and answer into parameters: what is answered comes in holders.
    static class Answer {
        final Holder<String> messageId = new Holder<>();
        final Holder<Outcome> outcome = new Holder<>();
        final Holder<List<AnsweredDocument>> documents = new Holder<>();
        final Holder<PartCounts> partCounts = new Holder<>();
        final Holder<List<AnsweredPart>> parts = new Holder<>();
        final Holder<Long> journalSeq = new Holder<>();
        final Holder<Passed> passed = new Holder<>();
        final Holder<List<Issue>> errors = new Holder<>();

        Answer submit(Chainhub port, String key, String wait, Integer timeoutMs, Document document) throws ChainhubFault {
            port.submitDocument("demo-soap", key, wait, timeoutMs, document, null, messageId, outcome, documents, partCounts, parts, journalSeq, passed, errors);
            return this;
        }

        Answer status(Chainhub port, String id) throws ChainhubFault {
            messageId.value = id;
            port.getMessageStatus(messageId, outcome, documents, partCounts, parts, journalSeq, passed, errors);
            return this;
        }

        Answer tell(String step) {
            JaxWsClient.tell(step, "messageId", messageId.value);
            JaxWsClient.tell(step, "outcome", outcome.value.value());
            tellDocuments(step, "documents", documents.value);
            for (int i = 0; i < parts.value.size(); i++) {
                AnsweredPart part = parts.value.get(i);
                JaxWsClient.tell(step, "parts[" + i + "].part", part.getPart());
                JaxWsClient.tell(step, "parts[" + i + "].outcome", part.getOutcome().value());
                tellDocuments(step, "parts[" + i + "].documents", part.getDocuments());
                tellErrors(step, "parts[" + i + "].errors", part.getErrors());
            }
            JaxWsClient.tell(step, "journalSeq", journalSeq.value);
            if (passed.value != null) JaxWsClient.tell(step, "passed.crm", passed.value.getCrm());
            if (passed.value != null) JaxWsClient.tell(step, "passed.warehouse", passed.value.getWarehouse());
            tellErrors(step, "errors", errors.value);
            return this;
        }
    }

    interface Call { void run() throws Exception; }

    static void tellFault(String step, Call call) throws Exception {
        try {
            call.run();
        } catch (ChainhubFault exception) {
            Fault fault = exception.getFaultInfo();
            tell(step, "text", exception.getMessage());
            tell(step, "code", fault.getCode());
            tell(step, "at", fault.getAt());
            tell(step, "detail", fault.getDetail());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Chainhub hub = port(System.getenv("HUB_KEY")), stranger = port(null);

        Holder<String> message = new Holder<>(new String(given("message.txt"), StandardCharsets.UTF_8));
        hub.ping(message);
        tell("Ping\tanswer", "message", message.value);
        tellFault("Ping\tfault", () -> hub.ping(new Holder<>("x".repeat(10001))));

        String key = System.getenv("ORDER_KEY");
        Answer answer = new Answer().submit(hub, key, "crm,warehouse", 20000, document(element("order.xml"))).tell("SubmitDocument\tanswer");
        new Answer().submit(hub, key, "crm,warehouse", 20000, document(element("order.xml"))).tell("SubmitDocument\tagain");
        new Answer().submit(hub, null, null, null, document(element("rejected.xml"))).tell("SubmitDocument\trejected");
        new Answer().submit(hub, null, null, null, document(new String(given("order.json"), StandardCharsets.UTF_8))).tell("SubmitDocument\ttext");
        tellFault("SubmitDocument\tfault", () -> new Answer().submit(stranger, key, "crm,warehouse", 20000, document(element("order.xml"))));

        new Answer().status(hub, answer.messageId.value).tell("GetMessageStatus\tanswer");
        new Answer().status(hub, System.getenv("BATCH")).tell("GetMessageStatus\tparts");
        tellFault("GetMessageStatus\tfault", () -> new Answer().status(hub, "none"));
    }
}
