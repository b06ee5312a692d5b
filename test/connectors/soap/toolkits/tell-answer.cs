// Prints what the C# clients read, in the form of run-toolkit.ts, from the types that mono's wsdl generates.
using System;
using System.IO;
using System.Text;
using ChainhubProxy;

static class Tell {
    static readonly TextWriter output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };

    public static string Given(string name) {
        return File.ReadAllText(Path.Combine(Setting("FOLDER"), name), Encoding.UTF8);
    }

    public static string Setting(string name) {
        return Environment.GetEnvironmentVariable(name);
    }

    public static void Value(string step, string path, object value) {
        output.WriteLine(step + "\t" + path + "\t" + value.ToString().Replace("\\", "\\\\").Replace("\n", "\\n"));
    }

    public static void Answer(string step, string messageId, Outcome outcome, AnsweredDocument[] documents, AnsweredPart[] parts, long? journalSeq, Passed passed, Issue[] errors) {
        Value(step, "messageId", messageId);
        Value(step, "outcome", outcome);
        Documents(step, "documents", documents);
        for (var i = 0; parts != null && i < parts.Length; i++) {
            var at = "parts[" + i + "].";
            Value(step, at + "part", parts[i].part);
            Value(step, at + "outcome", parts[i].outcome);
            Documents(step, at + "documents", parts[i].documents);
            Errors(step, at + "errors", parts[i].errors);
        }
        if (journalSeq != null) Value(step, "journalSeq", journalSeq);
        if (passed != null && passed.crmSpecified) Value(step, "passed.crm", passed.crm);
        if (passed != null && passed.warehouseSpecified) Value(step, "passed.warehouse", passed.warehouse);
        Errors(step, "errors", errors);
    }

    static void Documents(string step, string path, AnsweredDocument[] documents) {
        for (var i = 0; documents != null && i < documents.Length; i++) {
            var at = path + "[" + i + "].";
            Value(step, at + "kind", documents[i].kind);
            Value(step, at + "id", documents[i].id);
            Value(step, at + "number", documents[i].number);
            Value(step, at + "revision", documents[i].revision);
            for (var k = 0; documents[i].threadIds != null && k < documents[i].threadIds.Length; k++) Value(step, at + "threadIds[" + k + "]", documents[i].threadIds[k]);
            if (documents[i].duplicateSpecified) Value(step, at + "duplicate", documents[i].duplicate ? "true" : "false");
        }
    }

    static void Errors(string step, string path, Issue[] errors) {
        for (var i = 0; errors != null && i < errors.Length; i++) {
            var at = path + "[" + i + "].";
            Value(step, at + "code", errors[i].code);
            Value(step, at + "at", errors[i].at);
            Value(step, at + "detail", errors[i].detail);
            if (errors[i].severitySpecified) Value(step, at + "severity", errors[i].severity);
        }
    }
}
