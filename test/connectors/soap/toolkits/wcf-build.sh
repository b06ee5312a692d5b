# Compiles wcf-client.exe in the working folder. The types are those of wsdl: mono's svcutil makes no usable contract.
set -e
wsdl -nologo -namespace:ChainhubProxy -out:chainhub.cs "$HUB_URL/soap/v1?wsdl"
mcs -nologo -out:wcf-client.exe -r:System.ServiceModel,System.Runtime.Serialization,System.Web.Services,System.Xml "$PROGRAMS/wcf-client.cs" "$PROGRAMS/tell-answer.cs" chainhub.cs
