/**
 * What a user of JSONata writes to make a canonical order of the UBL order in mappings/ubl/samples/order-soap.xml, as fast-xml-parser reads it without prefixes:
 * the fields of that one document and no others. It makes floats of decimals on the way and has no lineage, no errors with places and no extensions.
 */
export const jsonataOrder = `(
  $schemes := { '0088': 'gln', '0160': 'gtin', 'USCC': 'uscc' };
  $decimal := function($text) { $string($number($text)) };
  $amount := function($a) { $a.{ 'value': $decimal(\`#text\`), 'currency': \`@_currencyID\` } };
  $quantity := function($q) { $q.{ 'value': $decimal(\`#text\`), 'unit': \`@_unitCode\` } };
  $texts := function($t) { $t.{ 'language': \`@_languageID\`, 'value': \`#text\` }[] };
  $tax := function($t) { $t.{ 'category': ID, 'rate': $decimal(Percent), 'scheme': TaxScheme.ID } };
  $identifier := function($id) { $type($id) = 'object' ? { 'scheme': $lookup($schemes, $id.\`@_schemeID\`), 'value': $id.\`#text\` } : { 'value': $id } };
  $party := function($role) { $role.Party.{
    'identifiers': [
      $role.SupplierAssignedAccountID.{ 'value': $, 'assigner': 'seller' },
      $role.CustomerAssignedAccountID.{ 'value': $, 'assigner': 'buyer' },
      EndpointID.{ 'scheme': $lookup($schemes, \`@_schemeID\`), 'value': \`#text\`, 'use': 'endpoint' },
      PartyIdentification.$identifier(ID),
      PartyTaxScheme.{ 'use': 'tax', 'value': CompanyID, 'scheme': TaxScheme.ID = 'VAT' ? 'vat' : TaxScheme.ID },
      PartyLegalEntity.CompanyID.{ 'scheme': $lookup($schemes, \`@_schemeID\`), 'value': \`#text\`, 'use': 'registration' }
    ],
    'names': $texts(PartyName.Name),
    'legalName': PartyLegalEntity.RegistrationName,
    'address': PostalAddress.{
      'street': StreetName, 'houseNumber': BuildingNumber, 'city': CityName, 'postcode': PostalZone, 'region': CountrySubentity, 'country': Country.IdentificationCode
    }
  } };
  Order.{
    'kind': 'order',
    'number': ID,
    'issuedOn': IssueDate,
    'currency': DocumentCurrencyCode,
    'function': 'original',
    'parties': { 'buyer': $party(BuyerCustomerParty), 'seller': $party(SellerSupplierParty) },
    'taxTotals': TaxTotal.{
      'amount': $amount(TaxAmount),
      'taxes': TaxSubtotal.$merge([{ 'taxable': $amount(TaxableAmount), 'amount': $amount(TaxAmount) }, $tax(TaxCategory)])[]
    }[],
    'totals': AnticipatedMonetaryTotal.{
      'lines': $amount(LineExtensionAmount), 'taxExclusive': $amount(TaxExclusiveAmount), 'taxInclusive': $amount(TaxInclusiveAmount), 'payable': $amount(PayableAmount)
    },
    'lines': OrderLine.LineItem.{
      'number': ID,
      'quantity': $quantity(Quantity),
      'amount': $amount(LineExtensionAmount),
      'price': Price.{ 'amount': $amount(PriceAmount), 'baseQuantity': $quantity(BaseQuantity) },
      'item': Item.{
        'descriptions': $texts(Description), 'names': $texts(Name), 'buyersNumber': BuyersItemIdentification.ID,
        'sellersNumber': SellersItemIdentification.ID, 'gtin': StandardItemIdentification.ID.\`#text\`
      },
      'taxes': Item.$tax(ClassifiedTaxCategory)[]
    }[]
  }
)`
