export const wsdlNamespace = 'http://schemas.xmlsoap.org/wsdl/'
export const schemaNamespace = 'http://www.w3.org/2001/XMLSchema'
export const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance'
export const soap11Binding = 'http://schemas.xmlsoap.org/wsdl/soap/'
export const soap12Binding = 'http://schemas.xmlsoap.org/wsdl/soap12/'

/** Namespaces that descriptions import from addresses of their own, and of which nothing has to be loaded. */
export const neverLoaded: ReadonlySet<string> = new Set([
  schemaNamespace, instanceNamespace, wsdlNamespace, soap11Binding, soap12Binding,
  'http://www.w3.org/XML/1998/namespace', 'http://schemas.xmlsoap.org/soap/encoding/', 'http://schemas.xmlsoap.org/soap/envelope/',
  'http://www.w3.org/2003/05/soap-envelope', 'http://www.w3.org/2003/05/soap-encoding', 'http://www.w3.org/2005/05/xmlmime',
])
