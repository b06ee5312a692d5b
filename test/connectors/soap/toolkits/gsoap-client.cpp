// gSOAP, with the proxy that gsoap-build.sh makes. The settings and the lines that are printed are those of run-toolkit.ts.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include "soapChainhubSoap11Proxy.h"
#include "ChainhubSoap11.nsmap"

static const bool is12 = std::strcmp(std::getenv("SOAP_VERSION"), "1.2") == 0;

// gSOAP forgets the token after each call, so it is set before each.
static ChainhubSoap11Proxy &with_key(ChainhubSoap11Proxy &hub) {
  hub.soap->bearer = std::getenv("HUB_KEY");
  return hub;
}

static std::string given(const std::string &name) {
  std::ifstream file(std::string(std::getenv("FOLDER")) + "/" + name);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// A document goes in as the XML of its root element, without the declaration.
static ns1__Document *document(soap *context, const std::string &name) {
  const std::string text = given(name);
  ns1__Document *value = soap_new_ns1__Document(context);
  value->__any = soap_strdup(context, text.substr(text.find("?>") + 2).c_str());
  return value;
}

static void tell(const std::string &step, const std::string &path, const std::string &value) {
  std::cout << step << '\t' << path << '\t';
  for (char c : value) {
    if (c == '\n') std::cout << "\\n";
    else if (c == '\\') std::cout << "\\\\";
    else std::cout << c;
  }
  std::cout << '\n';
}

static std::string at(const std::string &path, size_t index) { return path + "[" + std::to_string(index) + "]"; }

static void tell_documents(soap *context, const std::string &step, const std::string &path, const std::vector<ns1__AnsweredDocument *> &documents) {
  for (size_t i = 0; i < documents.size(); i++) {
    const ns1__AnsweredDocument &document = *documents[i];
    const std::string here = at(path, i);
    tell(step, here + ".kind", document.kind);
    tell(step, here + ".id", document.id);
    tell(step, here + ".number", document.number);
    tell(step, here + ".revision", std::to_string(document.revision));
    for (size_t k = 0; k < document.threadIds.size(); k++) tell(step, at(here + ".threadIds", k), document.threadIds[k]);
    if (document.duplicate) tell(step, here + ".duplicate", *document.duplicate ? "true" : "false");
  }
}

static void tell_errors(soap *context, const std::string &step, const std::string &path, const std::vector<ns1__Issue *> &errors) {
  for (size_t i = 0; i < errors.size(); i++) {
    tell(step, at(path, i) + ".code", errors[i]->code);
    tell(step, at(path, i) + ".at", errors[i]->at);
    tell(step, at(path, i) + ".detail", errors[i]->detail);
    if (errors[i]->severity) tell(step, at(path, i) + ".severity", soap_ns1__Severity2s(context, *errors[i]->severity));
  }
}

static void tell_answer(soap *context, const std::string &step, int status, const ns1__MessageAnswer &answer) {
  if (status != SOAP_OK) {
    soap_print_fault(context, stderr);
    return;
  }
  tell(step, "messageId", answer.messageId);
  tell(step, "outcome", soap_ns1__Outcome2s(context, answer.outcome));
  tell_documents(context, step, "documents", answer.documents);
  for (size_t i = 0; i < answer.parts.size(); i++) {
    const ns1__AnsweredPart &part = *answer.parts[i];
    tell(step, at("parts", i) + ".part", std::to_string(part.part));
    tell(step, at("parts", i) + ".outcome", soap_ns1__Outcome2s(context, part.outcome));
    tell_documents(context, step, at("parts", i) + ".documents", part.documents);
    tell_errors(context, step, at("parts", i) + ".errors", part.errors);
  }
  if (answer.journalSeq) tell(step, "journalSeq", std::to_string(*answer.journalSeq));
  if (answer.passed && answer.passed->crm) tell(step, "passed.crm", std::to_string(*answer.passed->crm));
  if (answer.passed && answer.passed->warehouse) tell(step, "passed.warehouse", std::to_string(*answer.passed->warehouse));
  tell_errors(context, step, "errors", answer.errors);
}

static void tell_fault(soap *context, const std::string &step, int status) {
  if (status == SOAP_OK || context->fault == nullptr) return;
  tell(step, "fault", *soap_faultcode(context));
  tell(step, "text", *soap_faultstring(context));
  const SOAP_ENV__Detail *detail = is12 ? context->fault->SOAP_ENV__Detail : context->fault->detail;
  if (detail == nullptr || detail->ns1__fault == nullptr) return;
  tell(step, "code", detail->ns1__fault->code);
  tell(step, "at", detail->ns1__fault->at);
  tell(step, "detail", detail->ns1__fault->detail);
}

static _ns1__SubmitDocument *order(soap *context) {
  std::string *key = soap_new_std__string(context), *wait = soap_new_std__string(context);
  *key = std::getenv("ORDER_KEY");
  *wait = "crm,warehouse";
  int *timeout = soap_new_int(context);
  *timeout = 20000;
  return soap_new_set__ns1__SubmitDocument(context, "demo-soap", key, wait, timeout, document(context, "order.xml"), {});
}

int main() {
  soap *context = soap_new1(SOAP_C_UTFSTRING);
  const std::string url = std::string(std::getenv("HUB_URL")) + "/soap/v1";
  ChainhubSoap11Proxy hub(context, url.c_str());

  std::string message = given("message.txt"), long_message(10001, 'x');
  _ns1__PingResponse pong;
  if (hub.Ping(soap_new_set__ns1__Ping(context, &message), pong) == SOAP_OK) tell("Ping\tanswer", "message", *pong.message);
  tell_fault(context, "Ping\tfault", hub.Ping(soap_new_set__ns1__Ping(context, &long_message), pong));

  ns1__MessageAnswer answer, again, rejected, text, status, parts;
  tell_answer(context, "SubmitDocument\tanswer", with_key(hub).SubmitDocument(order(context), answer), answer);
  tell_answer(context, "SubmitDocument\tagain", with_key(hub).SubmitDocument(order(context), again), again);
  tell_answer(context, "SubmitDocument\trejected", with_key(hub).SubmitDocument(soap_new_req__ns1__SubmitDocument(context, "demo-soap", document(context, "rejected.xml")), rejected), rejected);
  ns1__Document *json = soap_new_ns1__Document(context);
  json->__mixed = soap_strdup(context, ("<![CDATA[" + given("order.json") + "]]>").c_str());
  tell_answer(context, "SubmitDocument\ttext", with_key(hub).SubmitDocument(soap_new_req__ns1__SubmitDocument(context, "demo-soap", json), text), text);
  tell_fault(context, "SubmitDocument\tfault", hub.SubmitDocument(order(context), rejected));

  tell_answer(context, "GetMessageStatus\tanswer", with_key(hub).GetMessageStatus(soap_new_set__ns1__GetMessageStatus(context, answer.messageId), status), status);
  tell_answer(context, "GetMessageStatus\tparts", with_key(hub).GetMessageStatus(soap_new_set__ns1__GetMessageStatus(context, std::getenv("BATCH")), parts), parts);
  tell_fault(context, "GetMessageStatus\tfault", with_key(hub).GetMessageStatus(soap_new_set__ns1__GetMessageStatus(context, "none"), status));

  soap_destroy(context);
  soap_end(context);
  soap_free(context);
}
