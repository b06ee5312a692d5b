interface WsdlSize {
  readonly types: number
  readonly operations: number
  /** How many XSD files the types stand in, each importing all others. */
  readonly files: number
  readonly seed: number
}

/** A generator of numbers from 0 to below 1 that a seed decides (mulberry32). */
const makeRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const simpleTypes = ['string', 'decimal', 'date', 'long', 'boolean', 'dateTime', 'token']

/**
 * A description of the size and make of those of large marketplaces and CRM services: types that refer to each other in
 * circles, extensions, enumerations, documentation. By file name; the WSDL is `service.wsdl`. The operation Op0 takes
 * `id`, `amount` and any number of `item`.
 */
export const realSizeWsdl = ({ types, operations, files, seed }: WsdlSize): ReadonlyMap<string, string> => {
  const random = makeRandom(seed)
  const perFile = Math.ceil(types / files)
  const pick = (most: number): number => Math.floor(random() * most)
  const prefixes = Array.from({ length: files }, (_, file) => `xmlns:n${file}="urn:real:${file}"`).join(' ')
  const fields = (count: number): string => Array.from({ length: count }, (_, at) => (random() < 0.3
    ? `<xs:element name="child${at}" type="n${pick(files)}:T${pick(perFile)}" minOccurs="0" maxOccurs="unbounded"/>`
    : `<xs:element name="field${at}" type="xs:${simpleTypes[pick(simpleTypes.length)] ?? 'string'}" minOccurs="0"><xs:annotation><xs:documentation>What field ${at} says, at some length, as such descriptions do.</xs:documentation></xs:annotation></xs:element>`)).join('')
  const typeAt = (file: number, at: number): string => {
    const content = `<xs:sequence>${fields(4 + pick(12))}</xs:sequence><xs:attribute name="version" type="n${file}:Status"/>`
    return at > 0 && at % 7 === 0
      ? `<xs:complexType name="T${at}"><xs:complexContent><xs:extension base="n${file}:T${at - 1}">${content}</xs:extension></xs:complexContent></xs:complexType>`
      : `<xs:complexType name="T${at}">${content}</xs:complexType>`
  }
  const schema = (file: number): string => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ${prefixes} targetNamespace="urn:real:${file}" elementFormDefault="qualified">${
    Array.from({ length: files }, (_, other) => (other === file ? '' : `<xs:import namespace="urn:real:${other}" schemaLocation="types${other}.xsd"/>`)).join('')
  }<xs:simpleType name="Status"><xs:restriction base="xs:string"><xs:enumeration value="Open"/><xs:enumeration value="Closed"/></xs:restriction></xs:simpleType>${
    Array.from({ length: perFile }, (_, at) => typeAt(file, at)).join('')}</xs:schema>`
  const each = (write: (at: number) => string): string => Array.from({ length: operations }, (_, at) => write(at)).join('')
  const wsdl = `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:real" ${prefixes} targetNamespace="urn:real"><w:types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:real" elementFormDefault="qualified"><xs:import namespace="urn:real:0" schemaLocation="types0.xsd"/>${
    each((at) => `<xs:element name="Op${at}"><xs:complexType><xs:sequence><xs:element name="id" type="xs:string"/><xs:element name="amount" type="xs:decimal"/><xs:element name="item" type="n0:T${at % perFile}" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element><xs:element name="Op${at}Response"><xs:complexType><xs:sequence><xs:element name="item" type="n0:T${at % perFile}" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>`)
  }</xs:schema></w:types>${each((at) => `<w:message name="Op${at}In"><w:part name="p" element="t:Op${at}"/></w:message><w:message name="Op${at}Out"><w:part name="p" element="t:Op${at}Response"/></w:message>`)
  }<w:portType name="PT">${each((at) => `<w:operation name="Op${at}"><w:input message="t:Op${at}In"/><w:output message="t:Op${at}Out"/></w:operation>`)
  }</w:portType><w:binding name="B" type="t:PT"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>${
    each((at) => `<w:operation name="Op${at}"><s:operation soapAction="urn:real#Op${at}"/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation>`)
  }</w:binding><w:service name="Real"><w:port name="RealPort" binding="t:B"><s:address location="ENDPOINT"/></w:port></w:service></w:definitions>`
  return new Map([['service.wsdl', wsdl], ...Array.from({ length: files }, (_, file) => [`types${file}.xsd`, schema(file)] as const)])
}
