/** Where a name stands: in the head of a document, in one of its lines, or in a party. */
export type Scope = 'head' | 'line' | 'party'

export interface KnownField {
  /** The canonical path below the scope, where `.currency` follows by itself for amounts. */
  readonly target: string
  readonly as: 'text' | 'lines' | 'date' | 'decimal' | 'amount' | 'currency' | 'country'
}

const head: Readonly<Record<string, readonly string[]>> = {
  'number text': ['ordernumber', 'orderno', 'orderid', 'ordernr', 'ponumber', 'pono', 'purchaseordernumber', 'invoicenumber', 'invoiceno', 'invoiceid', 'documentnumber', 'documentno', 'documentid', 'deliverynumber', 'despatchnumber', 'number', 'no', 'id', 'nr', 'bestellnummer', 'bestellnr', 'auftragsnummer', 'belegnummer', 'rechnungsnummer', 'lieferscheinnummer', '订单号', '订单编号', '采购订单号', '发票号', '发票号码', '单据号', '单号', '送货单号'],
  'issuedOn date': ['orderdate', 'issuedate', 'documentdate', 'invoicedate', 'date', 'created', 'createdon', 'bestelldatum', 'belegdatum', 'rechnungsdatum', 'auftragsdatum', 'datum', '订单日期', '下单日期', '开票日期', '日期', '单据日期'],
  'currency currency': ['currency', 'currencycode', 'orderCurrency', 'documentcurrency', 'documentcurrencycode', 'waehrung', 'währung', '币种', '货币', '币别'],
  'notes[0].value lines': ['note', 'notes', 'comment', 'comments', 'remark', 'remarks', 'text', 'message', 'bemerkung', 'notiz', 'hinweis', 'kommentar', '备注', '说明', '附注'],
  'delivery.requested.to date': ['requesteddeliverydate', 'requesteddelivery', 'deliverydate', 'requireddate', 'duedelivery', 'wunschtermin', 'lieferdatum', 'liefertermin', 'wunschlieferdatum', '交货日期', '要求交货日期', '交期', '到货日期'],
  'dueOn date': ['duedate', 'paymentduedate', 'faelligkeit', 'fälligkeit', 'fälligkeitsdatum', '到期日', '付款到期日'],
  'references[kind=contract].number text': ['contractnumber', 'contractno', 'vertragsnummer', '合同号', '合同编号'],
  'references[kind=quotation].number text': ['quotationnumber', 'quotenumber', 'angebotsnummer', '报价单号'],
  'references[kind=order].number text': ['buyersordernumber', 'orderreference', 'yourorder', 'bestellreferenz', '客户订单号'],
  'totals.lines.value amount': ['subtotal', 'nettotal', 'linestotal', 'zwischensumme', 'nettosumme', '小计'],
  'totals.taxExclusive.value amount': ['totalwithouttax', 'totalnet', 'netamount', 'nettobetrag', '不含税金额', '不含税总额'],
  'totals.tax.value amount': ['taxtotal', 'totaltax', 'vattotal', 'taxamount', 'vatamount', 'steuerbetrag', 'mwst', 'mehrwertsteuer', '税额', '税额合计'],
  'totals.payable.value amount': ['total', 'totalamount', 'grandtotal', 'grosstotal', 'amountdue', 'payable', 'payableamount', 'ordertotal', 'gesamtbetrag', 'gesamtsumme', 'bruttobetrag', 'summe', 'endbetrag', '总额', '总金额', '合计', '应付金额', '价税合计', '订单金额'],
  'paymentTerms[0].texts[0].value lines': ['paymentterms', 'terms', 'zahlungsbedingungen', 'zahlungsbedingung', '付款条件', '付款方式'],
  'delivery.terms[0].code text': ['incoterms', 'incoterm', 'deliveryterms', 'lieferbedingung', '贸易条款', '交货条款'],
}

const line: Readonly<Record<string, readonly string[]>> = {
  'number text': ['linenumber', 'lineno', 'lineid', 'line', 'position', 'pos', 'posnr', 'positionsnummer', 'positionnumber', 'itemnumber', 'number', 'no', 'id', 'nr', '行号', '序号', '项次', '行项目'],
  'item.sellersNumber text': ['sku', 'articlenumber', 'articleno', 'article', 'itemid', 'itemno', 'itemcode', 'productnumber', 'productid', 'productcode', 'product', 'partnumber', 'partno', 'material', 'materialnumber', 'sellersitem', 'sellersnumber', 'artikelnummer', 'artikelnr', 'artikel', 'materialnummer', '物料号', '物料编码', '商品编码', '货号', '产品编号', '料号'],
  'item.buyersNumber text': ['buyersitem', 'buyersnumber', 'customerarticle', 'customeritem', 'customerpartnumber', 'kundenartikelnummer', '客户料号', '客户物料号'],
  'item.gtin text': ['gtin', 'ean', 'ean13', 'upc', 'barcode', '条码', '条形码'],
  'item.names[0].value text': ['description', 'name', 'itemname', 'title', 'itemdescription', 'productname', 'bezeichnung', 'artikelbezeichnung', 'beschreibung', '品名', '商品名称', '名称', '物料描述', '产品名称'],
  'quantity.value decimal': ['quantity', 'qty', 'orderquantity', 'orderedquantity', 'menge', 'anzahl', 'bestellmenge', '数量', '订购数量'],
  'quantity.unit text': ['unit', 'uom', 'unitofmeasure', 'unitcode', 'quantityunit', 'einheit', 'mengeneinheit', '单位', '计量单位'],
  'price.amount.value amount': ['price', 'unitprice', 'netprice', 'preis', 'einzelpreis', 'stueckpreis', 'stückpreis', '单价', '价格'],
  'amount.value amount': ['amount', 'lineamount', 'linetotal', 'total', 'netamount', 'linenet', 'betrag', 'gesamtpreis', 'positionsbetrag', '金额', '行金额'],
  'schedule[0].requested.to date': ['requesteddeliverydate', 'deliverydate', 'liefertermin', 'lieferdatum', '交货日期', '交期'],
  'notes[0].value lines': ['note', 'comment', 'remark', 'bemerkung', '备注'],
  'references[kind=order].number text': ['ordernumber', 'orderno', 'ponumber', 'bestellnummer', '订单号'],
}

const party: Readonly<Record<string, readonly string[]>> = {
  'names[0].value text': ['name', 'companyname', 'company', 'partyname', 'firma', 'firmenname', 'name1', '名称', '公司名称', '单位名称'],
  'identifiers[!scheme].value text': ['number', 'no', 'id', 'code', 'partyid', 'customernumber', 'customerno', 'customerid', 'suppliernumber', 'supplierid', 'vendornumber', 'vendorid', 'kundennummer', 'kundennr', 'lieferantennummer', '编号', '客户编号', '客户号', '供应商编号', '供应商代码'],
  'identifiers[scheme=gln].value text': ['gln', 'iln', 'locationnumber'],
  'identifiers[scheme=vat][use=tax].value text': ['vat', 'vatnumber', 'vatid', 'taxnumber', 'taxid', 'ustid', 'ustidnr', 'umsatzsteuerid', '税号', '纳税人识别号'],
  'contacts[0].name text': ['contact', 'contactname', 'contactperson', 'ansprechpartner', '联系人'],
  'contacts[0].email text': ['email', 'mail', 'contactemail', '邮箱', '电子邮件'],
  'contacts[0].phone text': ['phone', 'telephone', 'tel', 'contactphone', 'telefon', '电话', '联系电话'],
  'address.street text': ['street', 'streetname', 'address', 'address1', 'strasse', 'straße', '地址', '街道'],
  'address.houseNumber text': ['housenumber', 'hausnummer', '门牌号'],
  'address.postcode text': ['postcode', 'zip', 'zipcode', 'postalcode', 'plz', 'postleitzahl', '邮编', '邮政编码'],
  'address.city text': ['city', 'town', 'ort', 'stadt', '城市', '市'],
  'address.region text': ['state', 'region', 'province', 'bundesland', '省', '省份'],
  'address.country country': ['country', 'countrycode', 'land', 'laendercode', '国家', '国家代码'],
}

/** Party roles by what their element, or the start of a flat name (`BuyerName`), is called. */
const roles: Readonly<Record<string, readonly string[]>> = {
  buyer: ['buyer', 'customer', 'soldto', 'orderer', 'purchaser', 'client', 'kunde', 'käufer', 'kaeufer', 'besteller', 'auftraggeber', '买方', '客户', '采购方', '购货方'],
  seller: ['seller', 'supplier', 'vendor', 'shop', 'lieferant', 'verkäufer', 'verkaeufer', '卖方', '供应商', '销售方', '销货方'],
  shipTo: ['shipto', 'deliveryaddress', 'deliverto', 'delivery', 'shippingaddress', 'consignee', 'lieferadresse', 'warenempfänger', 'warenempfaenger', '收货方', '收货人', '收货地址', '送货地址'],
  billTo: ['billto', 'billingaddress', 'invoiceto', 'invoiceaddress', 'rechnungsadresse', 'rechnungsempfänger', '开票方', '收票方', '发票地址'],
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  'credit-note': ['creditnote', 'creditmemo', 'gutschrift', '贷项通知', '红字发票'],
  'invoice': ['invoice', 'rechnung', '发票'],
  'despatch': ['despatch', 'dispatch', 'shipnotice', 'asn', 'deliverynote', 'lieferschein', 'lieferavis', '发货通知', '送货单'],
  'receipt': ['receipt', 'wareneingang', '收货'],
  'order-response': ['orderresponse', 'orderconfirmation', 'auftragsbestätigung', 'auftragsbestaetigung', '订单确认'],
  'order-change': ['orderchange', 'bestelländerung', '订单变更'],
  'order': ['order', 'purchaseorder', 'bestellung', 'auftrag', '订单', '采购订单'],
}

/** Letters and digits of any script, in lower case. */
export const plainName = (name: string): string => name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()

const fieldsOf = (table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, KnownField> => new Map(Object.entries(table).flatMap(([field, names]) => {
  const [target = '', as = 'text'] = field.split(' ')
  return names.map((name) => [plainName(name), { target, as: as as KnownField['as'] }] as const)
}))

const tables: Readonly<Record<Scope, ReadonlyMap<string, KnownField>>> = { head: fieldsOf(head), line: fieldsOf(line), party: fieldsOf(party) }

/** What a leaf of this name most likely is. */
export const knownField = (scope: Scope, name: string): KnownField | undefined => tables[scope].get(plainName(name))

/** The role of a party whose element is called so. */
export const knownRole = (name: string): string | undefined => {
  const plain = plainName(name).replace(/party$|partner$|info$|data$/, '')
  return Object.keys(roles).find((role) => roles[role]?.includes(plain))
}

/** A flat name such as `BuyerName` or `客户名称`: the role that it starts with, and the field of a party that the rest says. */
export const knownPartyField = (name: string): { readonly role: string, readonly field: KnownField } | undefined => {
  const plain = plainName(name)
  for (const [role, starts] of Object.entries(roles)) {
    for (const start of starts) {
      const field = plain.startsWith(start) ? knownField('party', plain.slice(start.length)) : undefined
      if (field !== undefined) return { role, field }
    }
  }
  const whole = knownField('party', name)
  // Whose number or tax number a flat name means is told by names such as customerNumber alone.
  return whole === undefined || !/^(customer|kunden|客户)/.test(plain) ? undefined : { role: 'buyer', field: whole }
}

/** The kind of document that a root element or a type of this name most likely is. */
export const knownKind = (name: string): string | undefined => {
  const plain = plainName(name)
  return Object.keys(kinds).find((kind) => kinds[kind]?.some((one) => plain.includes(one)))
}
